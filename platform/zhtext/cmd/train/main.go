// Command train makes the shipped sentiment model again: what `make train-text` runs, from the project's folder.
package main

import (
	"github.com/alecthomas/kong"

	"github.com/aftersales-suite/aftersales/platform/zhtext/textcmd"
)

func main() {
	var c textcmd.ShipCmd
	ctx := kong.Parse(&c, kong.Name("train"), kong.Description("重制内置中文情感模型 / Make the shipped Chinese sentiment model."))
	ctx.FatalIfErrorf(ctx.Run())
}
