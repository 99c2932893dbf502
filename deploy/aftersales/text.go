package main

import "github.com/aftersales-suite/aftersales/platform/zhtext/textcmd"

// textCmd is the subcommand `text`: Chinese text from the command line.
type textCmd = textcmd.Cmd
