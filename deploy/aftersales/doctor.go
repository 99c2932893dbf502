package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

type doctorCmd struct{}

// check is one look at the installation: what is looked at, and what to do when it is not well.
type check struct {
	name   string
	run    func(ctx context.Context) (fact string, err error)
	advice string
	// optional findings are warnings: the suite runs without.
	optional bool
}

const doctorTimeout = 5 * time.Second

var errUnwell = errors.New("有项目未通过 / something is not well; see above")

// Run looks at everything and says what to do; it exits with an error when something needed is not well.
func (doctorCmd) Run(cfg *suiteConfig) error {
	failed := false
	for _, c := range checks(*cfg) {
		if !report(os.Stdout, c) && !c.optional {
			failed = true
		}
	}
	if failed {
		return errUnwell
	}
	return nil
}

func report(w io.Writer, c check) (well bool) {
	ctx, cancel := context.WithTimeout(context.Background(), doctorTimeout)
	defer cancel()
	fact, err := c.run(ctx)
	switch {
	case err == nil:
		fmt.Fprintf(w, "ok    %-22s %s\n", c.name, fact)
	case c.optional:
		fmt.Fprintf(w, "warn  %-22s %v\n      → %s\n", c.name, err, c.advice)
	default:
		fmt.Fprintf(w, "FAIL  %-22s %v\n      → %s\n", c.name, err, c.advice)
	}
	return err == nil
}

func checks(cfg suiteConfig) []check {
	list := []check{
		{name: "数据目录 data folder", run: cfg.checkFolder, advice: "选择可写目录 / choose a folder you may write to: --data-dir"},
		{name: "密钥 keys", run: cfg.checkKeys, advice: "aftersales keys init"},
		{name: "时钟 clock", run: checkClock, advice: "启用 NTP / enable NTP; signatures are refused beyond 300 s"},
		{name: "时区 time zone", run: cfg.checkZone, advice: "安装 tzdata 或修改 --time-zone / install tzdata or set --time-zone"},
		{name: "HTTP 端口 port", run: listens(cfg.HTTPAddr), advice: "端口被占用(可能服务正在运行) / taken, perhaps by the running server; set --http-addr", optional: true},
		{name: "中文字体 CJK font", run: checkFont, advice: "apt-get install fonts-wqy-microhei(打印 PDF 需要 / needed for PDF)", optional: true},
	}
	for _, service := range process.Names {
		list = append(list, check{name: "数据库 database " + service, run: cfg.checkDatabase(service), advice: "aftersales migrate;核对 / check --database-url"})
	}
	if cfg.RedisURL != "" {
		list = append(list, check{name: "Redis", run: cfg.checkRedis, advice: "启动 Redis 或清空 --redis-url / start it or unset --redis-url; writes go on meanwhile", optional: true})
	}
	return list
}

func (c suiteConfig) checkFolder(context.Context) (string, error) {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(c.DataDir, "doctor-*")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString("x")
	err = errors.Join(err, file.Sync(), file.Close(), os.Remove(file.Name()))
	path, _ := filepath.Abs(c.DataDir)
	return path, err
}

func (c suiteConfig) checkKeys(context.Context) (string, error) {
	_, err := keys.Load(c.Keys())
	return c.Keys(), err
}

// checkClock asks the kernel's own view: a clock before this program was written is certainly wrong.
func checkClock(context.Context) (string, error) {
	now := time.Now()
	if now.Year() < 2026 {
		return "", fmt.Errorf("%s", now.Format(time.RFC3339))
	}
	return now.Format(time.RFC3339), nil
}

func (c suiteConfig) checkZone(context.Context) (string, error) {
	_, err := time.LoadLocation(c.TimeZone)
	return c.TimeZone, err
}

func listens(address string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			return "", err
		}
		return address, l.Close()
	}
}

// fonts are the files that Debian's Chinese fonts come in.
var fonts = []string{"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"}

func checkFont(context.Context) (string, error) {
	for _, font := range fonts {
		if _, err := os.Stat(font); err == nil {
			return font, nil
		}
	}
	return "", errors.New("未找到 / none found")
}

func (c suiteConfig) checkDatabase(service string) func(context.Context) (string, error) {
	return func(ctx context.Context) (where string, failed error) {
		if !c.Postgres() {
			if _, err := os.Stat(c.SQLiteFile(service)); err != nil {
				return "", err
			}
		}
		db, err := c.OpenShared(ctx, service)
		if err != nil {
			return "", err
		}
		defer func() { failed = errors.Join(failed, db.Close()) }()
		var tables int
		query := "SELECT count(*) FROM outbox"
		if err := db.Row(ctx, query).Scan(&tables); err != nil {
			return "", err
		}
		if db.Engine() == sqldb.Postgres {
			return "PostgreSQL schema " + service, nil
		}
		return c.SQLiteFile(service), nil
	}
}

func (c suiteConfig) checkRedis(ctx context.Context) (string, error) {
	options, err := redis.ParseURL(c.RedisURL)
	if err != nil {
		return "", err
	}
	client := redis.NewClient(options)
	info, err := client.Info(ctx, "server").Result()
	err = errors.Join(err, client.Close())
	for _, line := range strings.Split(info, "\r\n") {
		if version, ok := strings.CutPrefix(line, "redis_version:"); ok {
			return version, err
		}
	}
	return "", err
}
