// Package events carries facts from one service to another: an outbox row per subscriber in the transaction of the fact, a
// relay per subscriber, an inbox at the receiver. Delivery is at-least-once, the effect exactly-once.
//
// Rows are deleted when they are delivered, there is no cursor: a transaction that commits late is only found later, never
// skipped. Within a key the order is that of the commits: Append numbers a key's events by a row that stays locked until
// the commit, so that the next transaction on the key gets its numbers, and its positions, after this one's.
package events
