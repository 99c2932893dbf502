// Package blob keeps files (evidence, reports) in a local folder or any bucket
// that gocloud.dev knows, each under a key that is written once.
//
// What a client says about a file is not believed: the size is limited while it
// is read, the type is found in the bytes, and the SHA-256 that is answered goes
// into the row that owns the file. A file in a local folder is on the disk before
// Put answers.
//
// Big files do not pass through gRPC: a service gives out a Ticket, a signed URL
// for one method, key, size and time, and Handler honours it. Buckets' own signed
// URLs are not used: they are of different strength (S3 cannot bind a type to a
// PUT, fileblob leaves the method to its caller and reads the wall clock).
package blob
