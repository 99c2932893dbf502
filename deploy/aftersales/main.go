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

	Serve   serveCmd   `cmd:"" help:"在一个进程中运行全套服务 / Serve everything from one process."`
	Walk    demoCmd    `cmd:"" name:"demo" help:"通过 HTTP 走完一个闭环 / Walk the closed loop through HTTP."`
	Migrate migrateCmd `cmd:"" help:"建表或升级 / Bring the databases to the state of this binary."`
	Seed    seedCmd    `cmd:"" help:"写入演示数据 / Write the demo data."`
	Verify  verifyCmd  `cmd:"" help:"离线验证归档文件 / Verify an archive offline."`
	Backup  backupCmd  `cmd:"" help:"在线备份到一个文件 / Copy everything into one file, while serving."`
	Restore restoreCmd `cmd:"" help:"恢复到空的位置 / Put a backup into an empty place."`
	Keys    keysCmd    `cmd:"" help:"安装的密钥 / The installation's keys."`
	Jobs    jobsCmd    `cmd:"" help:"作业队列 / Job queues."`
	Config  configCmd  `cmd:"" help:"打印生效的配置 / Print the configuration in force."`
	Doctor  doctorCmd  `cmd:"" help:"检查环境并给出建议 / Check the installation and say what to do."`
	Text    textCmd    `cmd:"" help:"中文文本：情感、分类、抽取、训练 / Chinese text: sentiment, classes, findings, training."`
	Plan    planCmd    `cmd:"" help:"上门排程优化 / Plan technicians' tours: solve, bench, check, assign-bench."`
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
