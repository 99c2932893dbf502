package sqldb

import (
	"context"
	"log/slog"
)

// quietJobs lets River's warnings and errors through; its notes about itself are debug matters here.
func quietJobs(log *slog.Logger) *slog.Logger { return slog.New(QuietJobs{log.Handler()}) }

// QuietJobs is a slog handler that drops everything below warning.
type QuietJobs struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h QuietJobs) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h QuietJobs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return QuietJobs{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h QuietJobs) WithGroup(name string) slog.Handler { return QuietJobs{h.Handler.WithGroup(name)} }
