// Package backup copies an installation into one file while it serves, and puts it back into an empty place.
//
// The file is a gzipped tar: manifest.json, the key folder, and either one file per SQLite database or one text per
// PostgreSQL table. All databases are copied as of one moment, so that no event is lost or doubled between two
// services: on SQLite every writer waits while the files are copied, on PostgreSQL one repeatable-read snapshot reads all schemas.
// The keys come along: without them personal data could not be read. Guard the file as you guard the installation.
package backup
