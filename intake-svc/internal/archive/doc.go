// Package archive makes and verifies the file of an archived case (R181-R183): a zip with everything written about it.
//
//	manifest.json     every other member with its digest, the head of the timeline, the digest of the archive before
//	manifest.sig      64 bytes: Ed25519 over manifest.json
//	case.json         registration, classification, investigation, solutions, closing
//	timeline.jsonl    the chain of entries, one a line, with the exact bytes that are hashed
//	…                 contacts, evidence, what dispatch and survey gave
//
// Since the manifest is signed, recomputing the chain and all digests does not help a forger. Members are stored without
// compression and in a fixed form, so that the file has exactly one form: a change of any byte is found, also between the
// members. Verification needs no database, and no key but a public one.
package archive
