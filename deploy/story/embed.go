package story

import "embed"

//go:embed cases/*.yaml
var files embed.FS

// All reads every story that comes with the project.
func All() ([]Case, error) { return Load(files, "cases") }

// Named reads one of them by the name of its file.
func Named(name string) (Case, error) { return loadFile(files, "cases/"+name+".yaml") }
