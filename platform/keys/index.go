package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
)

// indexKeyBytes is the length of an index key; digestBytes of the digest kept:
// 128 bits, so that two values of one installation never meet by chance.
const (
	indexKeyBytes = 32
	digestBytes   = 16
)

func (r *Ring) loadIndex() (err error) {
	r.index, err = load(r.dir, "index", ".key", func(content []byte) ([]byte, error) {
		if len(content) != indexKeyBytes {
			return nil, fmt.Errorf("%d bytes, not %d", len(content), indexKeyBytes)
		}
		return content, nil
	})
	return err
}

// BlindIndex digests with the newest index key: "<version>.<base64url>".
func (r *Ring) BlindIndex(field, value string) string {
	version, key := r.index.newest()
	return digest(version, key, field, value)
}

// BlindIndexes digests with every index key, newest first: a search while rows
// are being indexed anew after a rotation asks for all of them.
func (r *Ring) BlindIndexes(field, value string) []string {
	all := make([]string, 0, len(r.index))
	for _, version := range slices.Backward(r.index.ascending()) {
		all = append(all, digest(version, r.index[version], field, value))
	}
	return all
}

func digest(version int, key []byte, field, value string) string {
	mac := hmac.New(sha256.New, key)
	// The field's length keeps ("ab","c") and ("a","bc") apart.
	mac.Write([]byte(strconv.Itoa(len(field)) + ":" + field + ":" + value))
	return strconv.Itoa(version) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:digestBytes])
}
