package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Place is an installation to copy from or to.
type Place struct {
	// Dir is the data folder with SQLite files and keys.
	Dir string
	// Database is a PostgreSQL URL; empty means the SQLite files in Dir.
	Database string
	// Schemas are the services' schemas, or the names of the SQLite files without their ending.
	Schemas []string
	// Migrate brings empty schemas to the state of this binary; needed to restore into PostgreSQL.
	Migrate func(ctx context.Context) error
}

// folders inside the data folder that belong to an installation besides its databases.
var folders = []string{"keys"}

// manifest describes a backup file.
type manifest struct {
	Format  int       `json:"format"`
	Engine  string    `json:"engine"` // "sqlite" or "postgres"
	Created time.Time `json:"created"`
	Schemas []string  `json:"schemas"`
}

const format = 1

// Refusals that a caller may want to tell apart.
var (
	ErrNotEmpty = errors.New("backup: the place to restore into is not empty")
	ErrFormat   = errors.New("backup: not a backup file of this program")
	ErrEngine   = errors.New("backup: the file is of the other database engine")
)

func (p Place) engine() string {
	if p.Database != "" {
		return "postgres"
	}
	return "sqlite"
}

// Write copies the place into w. progress is told of each member.
func Write(ctx context.Context, p Place, w io.Writer, now time.Time, progress func(string)) (failed error) {
	scratch, err := os.MkdirTemp("", "aftersales-backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := p.dump(ctx, scratch, progress); err != nil {
		return err
	}
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	defer func() { failed = errors.Join(failed, out.Close(), zip.Close()) }()
	if err := addManifest(out, manifest{Format: format, Engine: p.engine(), Created: now, Schemas: p.Schemas}); err != nil {
		return err
	}
	if err := addFolder(out, scratch, "database", progress); err != nil {
		return err
	}
	for _, folder := range folders {
		if err := addFolder(out, filepath.Join(p.Dir, folder), folder, progress); err != nil {
			return err
		}
	}
	return nil
}

func (p Place) dump(ctx context.Context, dir string, progress func(string)) error {
	if p.Database != "" {
		return dumpPostgres(ctx, p.Database, p.Schemas, dir, progress)
	}
	return dumpSQLite(ctx, p.Dir, p.Schemas, dir, progress)
}

func addManifest(out *tar.Writer, m manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Name: "manifest.json", Mode: 0o600, Size: int64(len(data)), ModTime: m.Created}); err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}

// addFolder adds every regular file below dir under prefix; a folder that does not exist adds nothing.
func addFolder(out *tar.Writer, dir, prefix string, progress func(string)) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == dir:
			return nil
		case err != nil:
			return err
		case !entry.Type().IsRegular():
			return nil
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := prefix + "/" + filepath.ToSlash(relative)
		progress(name)
		return addFile(out, path, name)
	})
}

func addFile(out *tar.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.CopyN(out, file, info.Size())
	return err
}

// Restore puts a backup into an empty place of the same engine.
func Restore(ctx context.Context, r io.Reader, p Place, progress func(string)) error {
	if err := p.checkEmpty(ctx); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "aftersales-restore-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := unpack(r, scratch, progress); err != nil {
		return err
	}
	m, err := readManifest(scratch)
	if err != nil {
		return err
	}
	if m.Engine != p.engine() {
		return fmt.Errorf("%w: it is of %s, the configuration says %s", ErrEngine, m.Engine, p.engine())
	}
	for _, folder := range folders {
		if err := copyFolder(filepath.Join(scratch, folder), filepath.Join(p.Dir, folder)); err != nil {
			return err
		}
	}
	if p.Database == "" {
		return copyFolder(filepath.Join(scratch, "database"), p.Dir)
	}
	if err := p.Migrate(ctx); err != nil {
		return err
	}
	return loadPostgres(ctx, p.Database, filepath.Join(scratch, "database"), m.Schemas, progress)
}

func (p Place) checkEmpty(ctx context.Context) error {
	for _, name := range append([]string{"keys"}, p.sqliteFiles()...) {
		if _, err := os.Stat(filepath.Join(p.Dir, name)); err == nil {
			return fmt.Errorf("%w: %s exists", ErrNotEmpty, filepath.Join(p.Dir, name))
		}
	}
	if p.Database != "" {
		return checkEmptyPostgres(ctx, p.Database, p.Schemas)
	}
	return nil
}

func (p Place) sqliteFiles() []string {
	if p.Database != "" {
		return nil
	}
	names := make([]string, len(p.Schemas))
	for i, schema := range p.Schemas {
		names[i] = schema + ".db"
	}
	return names
}

func readManifest(dir string) (manifest, error) {
	var m manifest
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return m, ErrFormat
	}
	if err := json.Unmarshal(data, &m); err != nil || m.Format != format {
		return m, ErrFormat
	}
	return m, nil
}

// unpack writes the members below dir and refuses names that lead out of it.
func unpack(r io.Reader, dir string, progress func(string)) error {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	in := tar.NewReader(zip)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		if !filepath.IsLocal(header.Name) || strings.Contains(header.Name, `\`) || header.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: member %q", ErrFormat, header.Name)
		}
		progress(header.Name)
		if err := writeFile(filepath.Join(dir, header.Name), in); err != nil {
			return err
		}
	}
}

func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == from:
			return nil
		case err != nil:
			return err
		case entry.IsDir():
			return nil
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		return writeFile(filepath.Join(to, relative), file)
	})
}

// writeFile writes the whole of r durably, readable by its owner only.
func writeFile(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	return errors.Join(err, file.Sync(), file.Close())
}
