// Command aftersales is the all-in-one binary of the suite and its tool box.
package main

import (
	"github.com/alecthomas/kong"
)

// cli lists the subcommands; each lives in a file of its own.
type cli struct {
	Version versionCmd `cmd:"" help:"打印版本 / Print the version."`
}

func main() {
	ctx := kong.Parse(&cli{}, kong.Name("aftersales"),
		kong.Description("售后服务套件 / The after-sales service suite."), kong.UsageOnError())
	ctx.FatalIfErrorf(ctx.Run())
}
