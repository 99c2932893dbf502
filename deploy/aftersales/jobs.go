package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/process"
)

type jobsCmd struct {
	List  jobsListCmd  `cmd:"" help:"列出作业 / List jobs."`
	Retry jobsRetryCmd `cmd:"" help:"立即重试一个作业 / Try a job again now."`
}

type jobsListCmd struct {
	Service string   `help:"只看一个服务 / One service only." enum:"intake,dispatch,survey,gateway,all" default:"all"`
	State   []string `help:"状态,如 retryable、discarded / States, e.g. retryable, discarded."`
	Limit   int      `help:"每个服务最多几个 / At most so many a service." default:"50"`
	JSON    bool     `help:"每行一个 JSON 对象 / One JSON object a line."`
}

// Run prints the newest jobs of each service's queue, beside a running server.
func (l jobsListCmd) Run(cfg *suiteConfig) error {
	ctx := context.Background()
	names := process.Names
	if l.Service != "all" {
		names = []string{l.Service}
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	if !l.JSON {
		fmt.Fprintln(table, "SERVICE\tID\tKIND\tSTATE\tATTEMPT\tSCHEDULED\tLAST ERROR")
	}
	for _, name := range names {
		err := withJobs(ctx, cfg, name, func(client *jobs.Client) error {
			return l.print(ctx, table, name, client)
		})
		if err != nil {
			return err
		}
	}
	return table.Flush()
}

func (l jobsListCmd) print(ctx context.Context, table *tabwriter.Writer, name string, client *jobs.Client) error {
	page, _, err := client.List(ctx, jobs.Filter{States: l.State, Limit: l.Limit})
	if err != nil {
		return err
	}
	for _, job := range page {
		if l.JSON {
			if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"service": name, "job": job}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%d/%d\t%s\t%s\n", name, job.ID, job.Kind, job.State, job.Attempt, job.MaxAttempts,
			job.Scheduled.Format(time.RFC3339), clip(job.LastError))
	}
	return nil
}

type jobsRetryCmd struct {
	Service string `arg:"" help:"服务 / Service." enum:"intake,dispatch,survey,gateway"`
	ID      int64  `arg:"" help:"作业编号 / Id of the job."`
}

// Run makes a job due now, also one that was given up.
func (r jobsRetryCmd) Run(cfg *suiteConfig) error {
	ctx := context.Background()
	return withJobs(ctx, cfg, r.Service, func(client *jobs.Client) error { return client.Retry(ctx, r.ID) })
}

// withJobs opens a service's queue without taking the data folder from a running server.
func withJobs(ctx context.Context, cfg *suiteConfig, service string, fn func(*jobs.Client) error) (failed error) {
	db, err := cfg.OpenShared(ctx, service)
	if err != nil {
		return fmt.Errorf("%s: %w", service, err)
	}
	defer func() { failed = errors.Join(failed, db.Close()) }()
	client, err := jobs.New(db, jobs.Config{})
	if err != nil {
		return err
	}
	return fn(client)
}

// clip keeps a line short.
func clip(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
