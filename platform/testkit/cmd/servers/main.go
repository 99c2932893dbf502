// Command servers runs a command beside a private PostgreSQL and a private Redis:
//
//	go run ./platform/testkit/cmd/servers [--postgres] [--redis] [--durable] -- go test ./...
//
// It sets AFTERSALES_TEST_POSTGRES and AFTERSALES_TEST_REDIS, hands signals on, and ends with the command's exit code.
// Without --postgres and --redis both are started.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/aftersales-suite/aftersales/platform/testkit"
	"github.com/aftersales-suite/aftersales/platform/testkit/servers"
)

func main() {
	var opts servers.Options
	flag.BoolVar(&opts.Postgres, "postgres", false, "start PostgreSQL")
	flag.BoolVar(&opts.Redis, "redis", false, "start Redis")
	flag.BoolVar(&opts.Durable, "durable", false, "let PostgreSQL wait for the disk, for benchmarks")
	flag.Parse()
	if !opts.Postgres && !opts.Redis {
		opts.Postgres, opts.Redis = true, true
	}
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: servers [--postgres] [--redis] [--durable] -- command …")
		os.Exit(2)
	}
	code, err := servers.Run(opts, environment, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
	}
	os.Exit(max(code, exitCode(err)))
}

func environment(set *servers.Set) []string {
	var env []string
	if set.PostgresURL != "" {
		env = append(env, testkit.EnvPostgres+"="+set.PostgresURL)
	}
	if set.RedisURL != "" {
		env = append(env, testkit.EnvRedis+"="+set.RedisURL)
	}
	return env
}

func exitCode(err error) int {
	if err != nil {
		return 1
	}
	return 0
}
