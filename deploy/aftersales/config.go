package main

import (
	"os"

	"github.com/alecthomas/kong"

	"github.com/aftersales-suite/aftersales/platform/config"
)

type configCmd struct {
	Reference bool `help:"输出全部键的 Markdown 表 / Print the table of all keys as Markdown."`
}

// Run prints the configuration in force, secrets hidden.
func (c configCmd) Run(model *kong.Application) error {
	if c.Reference {
		return config.Reference(os.Stdout, model)
	}
	return config.Effective(os.Stdout, model)
}
