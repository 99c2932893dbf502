//go:build !testhooks

package crashpoint

// Hit does nothing: only binaries built with the tag testhooks have crash points.
func Hit(string) {}
