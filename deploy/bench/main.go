package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// settings of a run.
type settings struct {
	bin      string
	rounds   int
	duration time.Duration
	postgres string
	redis    string
	form     string
}

func main() {
	s := settings{postgres: os.Getenv(testkit.EnvPostgres), redis: os.Getenv(testkit.EnvRedis)}
	flag.StringVar(&s.bin, "bin", "bin", "folder with the binaries")
	flag.IntVar(&s.rounds, "rounds", 3, "interleaved rounds; medians are printed")
	flag.DurationVar(&s.duration, "duration", 5*time.Second, "of each sample")
	flag.StringVar(&s.form, "form", "", "measure only this form, all-in-one or split")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, s, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
