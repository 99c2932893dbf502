// Package store is the gateway's rows: one SQL text for both engines. Functions take a sqldb.Queryer, which is the
// transaction inside InTx and the database outside. Rows carry resource names ("users/<id>") as their keys. What a caller may
// see is a condition of the statements here, not of the handlers.
package store
