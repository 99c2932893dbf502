package main

import (
	"errors"

	"github.com/aftersales-suite/aftersales/platform/process"
)

// suiteConfig is the configuration of the all-in-one: the common keys and every service's own.
type suiteConfig struct {
	process.Config `embed:""`
}

// coded is an error that ends the program with an exit code of its own.
type coded struct {
	error
	code int
}

func exitCode(err error) int {
	var c coded
	if errors.As(err, &c) {
		return c.code
	}
	return 1
}
