// Package store keeps invitations, responses and call-backs, in one SQL text for PostgreSQL and SQLite.
//
// Promises
//   - Every read for a person goes through the visibility filter of that person; what is not visible is not there.
//   - Personal content (contact, comment, new claim, questions, notes, the words findings rest on, the token) is sealed
//     with the row's id as associated data; no column shows it.
//   - A save names the version it was read at; a row changed meanwhile is ErrChanged, and nothing is written.
//   - Revisions of answers and attempts are only ever added.
package store
