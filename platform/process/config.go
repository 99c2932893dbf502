// Package process is what every process of the suite has in common: one set of configuration keys, and the log, keys,
// databases, connections and servers that are built from it. The all-in-one builds four services on it, each of the four
// programs builds one; nothing but configuration differs.
package process

import (
	"path/filepath"
	"strings"
)

// Config are the keys that every process knows. The zero value with defaults runs on SQLite and loopback.
type Config struct {
	DataDir     string `help:"数据目录:SQLite 文件与密钥 / Data folder: SQLite files and keys." default:"data" placeholder:"DIR"`
	DatabaseURL string `help:"PostgreSQL 地址;空则用数据目录中的 SQLite / PostgreSQL URL; empty: SQLite in the data folder." secret:"" placeholder:"URL"`
	RedisURL    string `help:"Redis 地址;空则用进程内部件 / Redis URL; empty: the parts inside the process." secret:"" placeholder:"URL"`
	KeysDir     string `help:"密钥目录,默认为数据目录下的 keys / Key folder; default: keys in the data folder." placeholder:"DIR"`

	HTTPAddr     string `help:"网关 HTTP 监听地址 / HTTP address of the gateway." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	GRPCAddr     string `help:"gRPC 监听地址;单进程时空则不开 / gRPC address; empty in the all-in-one: off." placeholder:"HOST:PORT"`
	AdminAddr    string `help:"管理地址(/metrics、pprof);空则不开 / Admin address (/metrics, pprof); empty: off." placeholder:"HOST:PORT"`
	IntakeAddr   string `help:"intake-svc 的 gRPC 地址(分布式) / gRPC address of intake-svc (split)." placeholder:"HOST:PORT"`
	DispatchAddr string `help:"dispatch-svc 的 gRPC 地址(分布式) / gRPC address of dispatch-svc (split)." placeholder:"HOST:PORT"`
	SurveyAddr   string `help:"survey-svc 的 gRPC 地址(分布式) / gRPC address of survey-svc (split)." placeholder:"HOST:PORT"`
	GatewayAddr  string `help:"gateway 的 gRPC 地址(分布式) / gRPC address of the gateway (split)." placeholder:"HOST:PORT"`

	MutualTLS  bool `help:"服务间使用双向 TLS(分布式且非本机时必须) / Mutual TLS between services; needed beyond loopback." name:"mutual-tls"`
	Reflection bool `help:"gRPC 反射 / gRPC reflection."`
	Pprof      bool `help:"在管理地址上开放 pprof / pprof on the admin address."`
	Demo       bool `help:"演示模式:示例数据、回显验收码 / Demo: sample data, codes shown."`

	TimeZone     string  `help:"安装所在时区(编号日期) / Time zone of the installation (dates in case numbers)." default:"Asia/Shanghai"`
	LogLevel     string  `help:"日志级别 / Log level." default:"info" enum:"debug,info,warn,error"`
	LogFormat    string  `help:"日志格式 / Log format." default:"text" enum:"text,json"`
	OTLPEndpoint string  `help:"OpenTelemetry 收集器(OTLP/gRPC);空则不导出 / OTLP collector; empty: no export." name:"otlp-endpoint" placeholder:"HOST:PORT"`
	TraceRatio   float64 `help:"跟踪采样比例 / Share of traces kept." default:"0.1"`
}

// Services of the suite.
const (
	Intake   = "intake"
	Dispatch = "dispatch"
	Survey   = "survey"
	Gateway  = "gateway"
)

// Names lists the services.
var Names = []string{Intake, Dispatch, Survey, Gateway}

// Address is where a service listens in the split form; empty when it is not configured.
func (c Config) Address(service string) string {
	switch service {
	case Intake:
		return c.IntakeAddr
	case Dispatch:
		return c.DispatchAddr
	case Survey:
		return c.SurveyAddr
	case Gateway:
		return c.GatewayAddr
	}
	return ""
}

// Keys is the folder of the installation's keys.
func (c Config) Keys() string {
	if c.KeysDir != "" {
		return c.KeysDir
	}
	return filepath.Join(c.DataDir, "keys")
}

// Postgres says that the databases are on a server.
func (c Config) Postgres() bool { return c.DatabaseURL != "" }

// SQLiteFile is the database file of a service.
func (c Config) SQLiteFile(service string) string { return filepath.Join(c.DataDir, service+".db") }

// Foreign are the configuration sections of the services other than the given one.
func Foreign(service string) []string {
	var others []string
	for _, name := range Names {
		if !strings.EqualFold(name, service) {
			others = append(others, name)
		}
	}
	return others
}
