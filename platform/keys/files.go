package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Names are the kinds of keys, as Rotate takes them.
var Names = []string{"aead", "index", "archive", "token", "ca"}

// fileMode of secrets; public halves have it too, for they lie in the same folder.
const fileMode = 0o600

// create makes the first version of a kind of key unless there is one.
func create(dir, name string) error {
	if name == "aead" {
		return createSealer(dir)
	}
	found, err := list(dir, name, ".key")
	if err != nil || len(found) > 0 {
		return err
	}
	return generate(dir, name, 1)
}

// Rotate adds a version of one kind of key (see Names). Running processes use it
// after a restart; what older versions sealed or signed stays readable.
func Rotate(dir, name string) error {
	if name == "aead" {
		return rotateSealer(dir)
	}
	found, err := list(dir, name, ".key")
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("keys: nothing to rotate for %q: %w", name, ErrNoKeys)
	}
	last := 0
	for v := range found {
		last = max(last, v)
	}
	return generate(dir, name, last+1)
}

// generate writes version v of a kind of key.
func generate(dir, name string, v int) error {
	switch name {
	case "index":
		secret := make([]byte, indexKeyBytes)
		_, _ = rand.Read(secret) // never fails (crypto/rand)
		return write(keyPath(dir, name, v, ".key"), secret)
	case "archive", "token":
		return generateEd25519(dir, name, v)
	case "ca":
		return generateCA(dir, v)
	}
	return fmt.Errorf("keys: no kind of key is called %q", name)
}

func keyPath(dir, name string, version int, suffix string) string {
	return filepath.Join(dir, fmt.Sprintf("%s-v%d%s", name, version, suffix))
}

// list reads all versions of a kind of key.
func list(dir, name, suffix string) (map[int][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(dir, name+"-v*"+suffix))
	if err != nil {
		return nil, err
	}
	found := make(map[int][]byte, len(paths))
	for _, path := range paths {
		number := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), name+"-v"), suffix)
		v, err := strconv.Atoi(number)
		if err != nil || v < 1 {
			return nil, fmt.Errorf("keys: %s has no version in its name", path)
		}
		if found[v], err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
	}
	return found, nil
}

// load reads and parses all versions; it is an error when there is none.
func load[T any](dir, name, suffix string, parse func([]byte) (T, error)) (versions[T], error) {
	found, err := list(dir, name, suffix)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrNoKeys)
	}
	parsed := make(versions[T], len(found))
	for v, content := range found {
		if parsed[v], err = parse(content); err != nil {
			return nil, fmt.Errorf("keys: %s: %w", keyPath(dir, name, v, suffix), err)
		}
	}
	return parsed, nil
}

// write puts a file in place whole or not at all, and durably: a key that was
// used and then lost would be data lost.
func write(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // of no effect after the rename
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(fileMode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkModes refuses a folder of secrets that anybody on the machine can read.
// The group's bit is left to the operator (mounted secrets have it).
func checkModes(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keys: folder %s: %w", dir, ErrNoKeys)
	}
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	var errs []error
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o007 != 0 {
			err = fmt.Errorf("keys: %s is open to everybody (mode %04o): chmod 600",
				filepath.Join(dir, e.Name()), info.Mode().Perm())
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
