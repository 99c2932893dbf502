package intake

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/api"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/hotline"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/smtpd"
)

// importLimit bounds one turn of an import; the next one goes on where it stopped.
const importLimit = 40 * time.Second

// ChannelConfig is the part of the configuration that channels read. Mail, and the public form, are off unless configured.
type ChannelConfig struct {
	MailAddr      string            `help:"邮件入口（SMTP）监听地址，空为关闭，省略主机则只听本机 / SMTP intake address; empty is off, without a host loopback." placeholder:"HOST:PORT"`
	Mailboxes     map[string]string `help:"收件地址与所属组织及案件类型 / Addresses with organisation and kind, e.g. help@brand.cn=organisations/brand:COMPLAINT." placeholder:"ADDRESS=ORG[:KIND]"`
	MailPerMinute int               `help:"每分钟最多收信数，0 为 600 / Letters a minute; 0 is 600."`
	WebForms      []string          `help:"开放公开表单的组织 / Organisations with a public web form." placeholder:"organisations/…"`
	FormPerMinute int               `help:"每分钟最多公开提交数，0 为 120 / Public filings a minute; 0 is 120."`
	HotlineLimit  time.Duration     `help:"热线应答时限，0 为 30 秒 / Limit of a wait on the hotline; 0 is 30 s."`
	HotlineFrom   string            `help:"热线计时起点，空为 CONNECTED / Where the wait begins: RINGING or CONNECTED."`
	HotlineTo     string            `help:"热线计时终点，空为 AGENT_ANSWERED / Where the wait ends."`
}

// ForDemo sets what the demo needs, in one process and in four: the form of its brand, where none is configured, and consent codes that
// are answered to who has them sent.
func (c *Config) ForDemo(demo bool) {
	c.DemoShowsCode = c.DemoShowsCode || demo
	if demo && len(c.WebForms) == 0 {
		c.WebForms = []string{"organisations/demo-brand"}
	}
}

func (c ChannelConfig) channels() (api.Channels, error) {
	if _, err := c.hotline(); err != nil {
		return api.Channels{}, err
	}
	boxes := map[string]api.Mailbox{}
	for address, owner := range c.Mailboxes {
		org, kind, _ := strings.Cut(owner, ":")
		box := api.Mailbox{Org: org, Kind: casefile.Kind(kind)}
		if kind == "" {
			box.Kind = casefile.Complaint
		}
		if !strings.HasPrefix(org, "organisations/") || !slices.Contains(casefile.Kinds, box.Kind) {
			return api.Channels{}, fmt.Errorf("intake: mailbox %s=%s: want organisations/…[:KIND]", address, owner)
		}
		boxes[strings.ToLower(address)] = box
	}
	if c.MailAddr != "" && len(boxes) == 0 {
		return api.Channels{}, fmt.Errorf("intake: mail address %s without a mailbox", c.MailAddr)
	}
	return api.Channels{WebForms: c.WebForms, FormPerMinute: c.FormPerMinute, Mailboxes: boxes}, nil
}

// hotline is what the configuration says of the shipped policy of promise HOTLINE_ANSWER; organisations may have their own.
func (c ChannelConfig) hotline() (promise.Hotline, error) {
	p := hotline.DefaultPolicy
	from, to := cmp.Or(c.HotlineFrom, string(p.From)), cmp.Or(c.HotlineTo, string(p.To))
	if _, ok := hotline.PolicyOf(from, to, c.HotlineLimit); !ok {
		return promise.Hotline{}, fmt.Errorf("intake: a wait on the hotline cannot run from %s to %s", from, to)
	}
	return promise.Hotline{Limit: c.HotlineLimit, From: c.HotlineFrom, To: c.HotlineTo}, nil
}

// mailDoor is the SMTP intake; nil when it is off.
func (c ChannelConfig) mailDoor(s *api.Server, log *slog.Logger) *smtpd.Server {
	if c.MailAddr == "" {
		return nil
	}
	return smtpd.New(smtpd.Config{Addr: c.MailAddr, Known: s.KnowsMailbox, Deliver: s.ReceiveMail, PerMinute: c.MailPerMinute, Log: log})
}
