package main

import (
	"fmt"
	"runtime/debug"
)

// version is set by the Makefile through -ldflags; builds without it fall back to the module's build information.
var version = ""

type versionCmd struct{}

// Run prints the version and the Go release it was built with.
func (versionCmd) Run() error {
	v, goVersion := version, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
		if v == "" {
			v = info.Main.Version
		}
	}
	_, err := fmt.Printf("aftersales %s %s\n", v, goVersion)
	return err
}
