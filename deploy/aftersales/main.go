// Command aftersales is the all-in-one binary of the suite and its tool box.
package main

import (
	"fmt"
	"os"

	"github.com/aftersales-suite/aftersales/platform/config"
)

// cli is the configuration and the subcommands; each lives in a file of its own.
type cli struct {
	suiteConfig `embed:""`

	Keys    keysCmd    `cmd:"" help:"安装的密钥 / The installation's keys."`
	Jobs    jobsCmd    `cmd:"" help:"作业队列 / Job queues."`
	Config  configCmd  `cmd:"" help:"打印生效的配置 / Print the configuration in force."`
	Doctor  doctorCmd  `cmd:"" help:"检查环境并给出建议 / Check the installation and say what to do."`
	Text    textCmd    `cmd:"" help:"中文文本：情感、分类、抽取、训练 / Chinese text: sentiment, classes, findings, training."`
	Version versionCmd `cmd:"" help:"打印版本 / Print the version."`
}

func main() {
	var c cli
	ctx, err := config.Load(&c, config.Sources{
		Args: os.Args[1:], Name: "aftersales", Description: "售后服务套件 / The after-sales service suite.",
	})
	if err == nil {
		err = ctx.Run(&c.suiteConfig, ctx.Model)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "aftersales:", err)
		os.Exit(exitCode(err))
	}
}
