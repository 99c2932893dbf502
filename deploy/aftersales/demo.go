package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

type demoCmd struct {
	URL     string        `help:"运行中的服务地址;空则临时启动一个 / A running server; empty: a temporary one." placeholder:"URL"`
	Lang    string        `help:"语言 / Language." enum:"zh,en" default:"zh"`
	Timeout time.Duration `help:"总时限 / Time limit." default:"2m"`
}

// Run walks the closed loop through HTTP and prints each step with what it answered.
func (d demoCmd) Run(cfg *suiteConfig) error {
	ctx, cancel := context.WithTimeout(context.Background(), d.Timeout)
	defer cancel()
	dir := cfg.DataDir
	if d.URL == "" {
		temporary, stop, err := temporaryServer(ctx, *cfg)
		if err != nil {
			return err
		}
		defer stop()
		d.URL, dir = temporary.url, temporary.dir
	}
	credentials, err := story.ReadCredentials(filepath.Join(dir, credentialsFile))
	if err != nil {
		return fmt.Errorf("%w: the demo needs the credentials that `serve --demo` writes into its data folder (--data-dir)", err)
	}
	return d.walk(ctx, os.Stdout, dir, credentials)
}

func (d demoCmd) walk(ctx context.Context, w io.Writer, dir string, credentials story.Credentials) error {
	loop, err := story.Named("loop")
	if err != nil {
		return err
	}
	caller := &story.JSON{BaseURL: strings.TrimSuffix(d.URL, "/"), Credentials: credentials, Client: http.DefaultClient, Now: time.Now}
	archive := filepath.Join(dir, "demo-archive-"+uuid.NewString()[:8]+".zip")
	number, failed := 0, error(nil)
	player := &story.Player{Caller: caller, Seen: func(step story.Step, request story.Request, body []byte) {
		number++
		d.print(w, number, step, request, body)
		if strings.HasSuffix(request.Target, "/archive") && request.Method == http.MethodGet {
			failed = os.WriteFile(archive, body, 0o600)
		}
	}}
	if err := player.Play(ctx, loop); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	d.printEnd(w, archive)
	return nil
}

// shown are the values of an answer that tell a reader most.
var shown = []string{"caseNumber", "state", "stateLabel", "closeBasis", "stateDeadline", "name", "acceptanceCode",
	"suggestions.0.engineer", "suggestions.0.reasons.0", "suggestions.0.earliestArrival", "customer.displayName", "customer.phone",
	"workOrders.0.state", "events.#", "nextCursor"}

func (d demoCmd) print(w io.Writer, number int, step story.Step, request story.Request, body []byte) {
	title := step.Name
	if d.Lang == "zh" {
		title = step.Zh
	}
	fmt.Fprintf(w, "%2d. %s\n    %s: %s %s\n", number, title, step.As, request.Method, request.Target)
	if !json.Valid(body) {
		fmt.Fprintf(w, "    → %d bytes\n", len(body))
		return
	}
	var facts []string
	for _, path := range shown {
		if value := gjson.GetBytes(body, path); value.Exists() && value.String() != "" && value.String() != "0" && !strings.HasSuffix(value.String(), "_UNSPECIFIED") {
			facts = append(facts, path+"="+clip(value.String()))
		}
	}
	fmt.Fprintf(w, "    → %s\n", strings.Join(facts, "  "))
}

func (d demoCmd) printEnd(w io.Writer, archive string) {
	if d.Lang == "zh" {
		fmt.Fprintf(w, "\n闭环完成。归档文件 %s，可离线验证：\n    aftersales verify %s\n", archive, archive)
		return
	}
	fmt.Fprintf(w, "\nThe loop is closed. The archive is %s; verify it offline:\n    aftersales verify %s\n", archive, archive)
}
