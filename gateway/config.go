package gateway

import (
	"net/netip"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
)

// Config is the gateway's configuration; its zero value is usable.
type Config struct {
	RedisURL        string        `kong:"-"` // the common key redis-url, handed on by the program
	BodyLimit       int64         `help:"请求体上限(字节) / Largest request body in bytes." default:"1048576"`
	RequestTimeout  time.Duration `help:"单个请求的最长时间 / Longest unary call." default:"30s"`
	RatePerSecond   float64       `help:"每个调用者每秒请求数 / Requests a second per caller." default:"50"`
	RateBurst       int           `help:"每个调用者的突发请求数 / Requests at once per caller." default:"200"`
	SessionTTL      time.Duration `name:"session-ttl" help:"员工令牌有效期 / Life of a staff token." default:"8h"`
	PartnerTokenTTL time.Duration `name:"partner-token-ttl" help:"合作方令牌有效期 / Life of a partner's access token." default:"7200s"`
	TrustedProxies  []string      `help:"可信代理地址(X-Forwarded-For) / Proxies whose X-Forwarded-For counts, as addresses or prefixes." placeholder:"PREFIX"`
	WebhookPrivate  bool          `help:"允许回调内网和 http 地址,仅限开发 / Let web-hooks reach private and plain http addresses; development only."`
}

func (c Config) withDefaults() Config {
	setDefault(&c.BodyLimit, 1<<20)
	setDefault(&c.RequestTimeout, 30*time.Second)
	setDefault(&c.RatePerSecond, 50)
	setDefault(&c.RateBurst, 200)
	setDefault(&c.SessionTTL, 8*time.Hour)
	setDefault(&c.PartnerTokenTTL, 7200*time.Second)
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

func (c Config) proxies() ([]netip.Prefix, error) { return identity.ParseAddresses(c.TrustedProxies) }
