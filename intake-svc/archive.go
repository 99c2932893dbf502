package intake

import (
	"crypto/ed25519"
	"io"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
)

// ErrNoArchiveKey says that none of the given keys is the one that an archive was signed with.
var ErrNoArchiveKey = archive.ErrNoKey

// AnyArchiveKey is the id under which a key is given that is to be tried whatever id an archive names.
const AnyArchiveKey = archive.AnyKey

// ArchiveReport is what the verification of an archive found: OK, Problems (each with a place and a text), Manifest.
type ArchiveReport = archive.Report

// VerifyArchive verifies an archive file offline, with the installation's public archive keys by id. It finds and names every
// changed, removed, reordered or added entry and file. The error is ErrNoArchiveKey or that of reading; what was altered is in
// the report.
func VerifyArchive(r io.ReaderAt, size int64, publicKeys map[string]ed25519.PublicKey) (ArchiveReport, error) {
	return archive.Verify(r, size, publicKeys)
}
