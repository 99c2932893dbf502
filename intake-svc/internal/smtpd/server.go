// Package smtpd is the door for the mail relay (R22): it takes letters for the configured addresses and answers 250 only
// when a letter is on disk; while that cannot be, it answers 4xx and the relay tries again, so that nothing is lost. It
// relays nothing itself, and should be reached by the relay only.
package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
	"golang.org/x/time/rate"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/mail"
)

// Limits of the door.
const (
	// MaxMessage bounds a letter with its attachments.
	MaxMessage     = 25 << 20
	maxRecipients  = 50
	maxConnections = 32
	patience       = 60 * time.Second // of one command
	writeLimit     = 20 * time.Second // until a letter is on disk
)

// Deliver takes a letter that was sent to an address. It must be harmless when repeated. An error means: not on disk, try again.
type Deliver func(ctx context.Context, address string, m *mail.Message) error

// Config of the door.
type Config struct {
	Addr      string                    // host:port; without a host 127.0.0.1
	Known     func(address string) bool // addresses that letters are taken for, in small letters
	Deliver   Deliver
	PerMinute int // letters a minute, 0 means 600; above it the relay is asked to wait
	Log       *slog.Logger
}

// Server is the door. It is a part of the service: Start and Stop.
type Server struct {
	cfg    Config
	limit  *rate.Limiter
	smtp   *smtp.Server
	served sync.WaitGroup
	addr   net.Addr
}

// New makes a server that does not listen yet.
func New(cfg Config) *Server {
	if cfg.PerMinute <= 0 {
		cfg.PerMinute = 600
	}
	s := &Server{cfg: cfg, limit: rate.NewLimiter(rate.Limit(float64(cfg.PerMinute)/60), cfg.PerMinute)}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	s.smtp.Domain = "aftersales"
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = MaxMessage, maxRecipients
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = patience, patience
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)
	return s
}

// Start listens and serves until Stop.
func (s *Server) Start(ctx context.Context) error {
	host, port, err := net.SplitHostPort(s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("smtpd: address %q: %w", s.cfg.Addr, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return fmt.Errorf("smtpd: %w", err)
	}
	s.addr = listener.Addr()
	s.served.Go(func() {
		if err := s.smtp.Serve(netutil.LimitListener(listener, maxConnections)); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			s.cfg.Log.Error("mail door closed", "error", err)
		}
	})
	s.cfg.Log.Info("mail door open", "address", s.addr.String())
	return nil
}

// Addr is where it listens, after Start.
func (s *Server) Addr() string { return s.addr.String() }

// Stop lets conversations end until ctx does.
func (s *Server) Stop(ctx context.Context) error {
	err := s.smtp.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.smtp.Close())
	}
	s.served.Wait()
	return err
}

// session is one conversation.
type session struct {
	server *Server
	to     []string
}

var (
	errUnknown = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	errBusy    = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "too many letters, try again later"}
	errRetry   = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not stored, try again later"}
	errForm    = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the letter cannot be read"}
)

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	to = strings.ToLower(strings.TrimSpace(to))
	if !s.server.cfg.Known(to) {
		return errUnknown
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session. Every recipient's write is idempotent by the letter's id: when the second fails and the relay
// sends all again, the first changes nothing.
func (s *session) Data(r io.Reader) error {
	if !s.server.limit.Allow() {
		return errBusy
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // too large, or the line broke: go-smtp knows the answer
	}
	letter, err := mail.Read(raw)
	if err != nil {
		s.server.cfg.Log.Warn("letter refused", "error", err)
		return errForm
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	for _, to := range s.to {
		if err := s.server.cfg.Deliver(ctx, to, letter); err != nil {
			s.server.cfg.Log.Error("letter not stored, the relay tries again", "error", err)
			return errRetry
		}
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
