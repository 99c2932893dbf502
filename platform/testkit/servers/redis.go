package servers

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// startRedis starts a server that keeps nothing: what the suite has in Redis can be rebuilt.
func (s *Set) startRedis(ctx context.Context, opts Options) error {
	path, err := redisServer(ctx, opts)
	if err != nil {
		return err
	}
	owner, err := unprivileged("redis", "nobody")
	if err != nil {
		return err
	}
	data, err := s.folder("redis", owner)
	if err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	server, err := s.run("redis", owner, syscall.SIGKILL, path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--dir", data, "--save", "", "--appendonly", "no", "--databases", "256")
	if err != nil {
		return err
	}
	s.RedisURL = fmt.Sprintf("redis://127.0.0.1:%d/0", port)
	return server.ready(ctx, s.askRedis)
}

func (s *Set) askRedis(ctx context.Context) error {
	options, err := redis.ParseURL(s.RedisURL)
	if err != nil {
		return err
	}
	options.MaxRetries = -1 // ready asks again itself
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	return client.Ping(ctx).Err()
}

func redisServer(ctx context.Context, opts Options) (string, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		return path, nil
	}
	if err := install(ctx, opts.Progress, "redis-server"); err != nil {
		return "", err
	}
	return exec.LookPath("redis-server")
}
