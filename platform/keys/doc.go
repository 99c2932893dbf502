// Package keys keeps the secrets of an installation in one folder, each kind of
// key in versions of its own:
//
//	aead.json            Tink keyset: field and answer encryption (Sealer)
//	index-v<n>.key       blind index of personal data (Indexer)
//	archive-v<n>.key     Ed25519, signs archives; archive-v<n>.pub stays for ever
//	token-v<n>.key       Ed25519, signs principals' tokens
//	ca-v<n>.key, .crt    the installation's own CA for mutual TLS
//
// Rotate adds a version: what an old version sealed or signed still opens and
// verifies, new things use the new one. Files are written whole (temporary file,
// fsync, rename) with mode 0600. Backups take the folder along: without it
// personal data is lost.
package keys
