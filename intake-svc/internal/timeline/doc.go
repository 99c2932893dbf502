// Package timeline is the written record of a case (R184-R186): entries with time, place, person, event, points and
// measures, in a hash chain.
//
// What is hashed is the header: its exact bytes are kept and never encoded again. Points and measures may be personal, so
// that they enter the header as a salted digest only; erasing them leaves the chain whole.
//
//	hash(n) = SHA-256(hash(n-1) || header(n)),   hash(0) = 32 zero bytes
//	header.content = hex SHA-256(salt || content)
//
// The package is pure: the store keeps the rows, and appends under a lock on the case's chain.
package timeline
