// Package store keeps work orders, engineers and parts on PostgreSQL and SQLite, with one SQL text for both.
//
// Promises, which package storetest shows on both engines:
//   - Reads of work orders take a Viewer and give nothing that the viewer may not see: the owner's staff see by owner_org, a
//     provider's what is released to it, engineers what is assigned to them, a partner what it filed (R1).
//   - Save must be given the order as it was loaded in the same transaction and changed by one step; it refuses an order that changed
//     meanwhile. It writes the order, its assignment row, the step, the engineers' feeds and the event in that transaction.
//   - An order has at most one live assignment; steps of a case are numbered from 1 without gaps in commit order; the number of open
//     orders in an event is exact at that step.
//   - Stock never goes below zero.
//   - Contacts are sealed as a whole, bound to their order.
package store
