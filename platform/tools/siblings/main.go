// Command siblings ties the modules of go.work together: it writes into each go.mod a `require` and a `replace ../x` line
// for every sibling module that its packages import, directly or through another sibling, and drops the others.
//
//	siblings ROOT
package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// unpublished is the version of a module that only ever comes from the folder beside.
const unpublished = "v0.0.0"

// module is one folder of go.work.
type module struct {
	dir    string
	file   *modfile.File
	direct map[string]bool // module paths of siblings that its packages import
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: siblings ROOT")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(root string) error {
	modules, err := load(root)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if err := m.scan(modules); err != nil {
			return err
		}
	}
	for _, m := range modules {
		if err := m.write(modules); err != nil {
			return err
		}
	}
	return nil
}

// load reads go.work and the go.mod of every module it uses, by module path.
func load(root string) (map[string]*module, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return nil, err
	}
	modules := map[string]*module{}
	for _, use := range work.Use {
		dir := filepath.Join(root, use.Path)
		name := filepath.Join(dir, "go.mod")
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := modfile.Parse(name, data, nil)
		if err != nil {
			return nil, err
		}
		modules[file.Module.Mod.Path] = &module{dir: dir, file: file, direct: map[string]bool{}}
	}
	return modules, nil
}

// scan notes which siblings the module's Go files import.
func (m *module) scan(modules map[string]*module) error {
	return filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != m.dir && ownModule(path):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		return m.scanFile(path, modules)
	})
}

func ownModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func (m *module) scanFile(path string, modules map[string]*module) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		for other := range modules {
			if other != m.file.Module.Mod.Path && (imported == other || strings.HasPrefix(imported, other+"/")) {
				m.direct[other] = true
			}
		}
	}
	return nil
}

// closure is every sibling the module needs, the direct ones and theirs.
func (m *module) closure(modules map[string]*module) []string {
	var needed []string
	var visit func(*module)
	visit = func(from *module) {
		for path := range from.direct {
			if path != m.file.Module.Mod.Path && !slices.Contains(needed, path) {
				needed = append(needed, path)
				visit(modules[path])
			}
		}
	}
	visit(m)
	slices.Sort(needed)
	return needed
}

// write makes the sibling lines of the go.mod exactly those needed.
func (m *module) write(modules map[string]*module) error {
	needed := m.closure(modules)
	for path := range modules {
		if slices.Contains(needed, path) {
			continue
		}
		if err := m.drop(path); err != nil {
			return err
		}
	}
	for _, path := range needed {
		relative, err := filepath.Rel(m.dir, modules[path].dir)
		if err != nil {
			return err
		}
		if err := m.file.AddRequire(path, unpublished); err != nil {
			return fmt.Errorf("%s: %w", m.dir, err)
		}
		if err := m.file.AddReplace(path, "", filepath.ToSlash(relative), ""); err != nil {
			return fmt.Errorf("%s: %w", m.dir, err)
		}
	}
	m.file.Cleanup()
	data, err := m.file.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.dir, "go.mod"), data, 0o644)
}

func (m *module) drop(path string) error {
	if err := m.file.DropRequire(path); err != nil {
		return err
	}
	return m.file.DropReplace(path, "")
}
