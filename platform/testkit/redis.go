package testkit

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// redisDatabases is how many numbered databases the server has that testkit/cmd/servers starts.
const redisDatabases = 256

// Redis is a numbered database of its own on the server of EnvRedis, emptied before the test. pub/sub
// channels are common to all databases: their names should carry the test's.
func Redis(t testing.TB) *redis.Options {
	t.Helper()
	options, err := redis.ParseURL(server(t, EnvRedis, "Redis"))
	require.NoError(t, err)
	options.DB = redisDatabase(t, options)
	client := redis.NewClient(options)
	require.NoError(t, client.FlushDB(t.Context()).Err())
	t.Cleanup(func() { _ = client.Close() })
	return options
}

// redisDatabase takes the next number from the server itself, so that test binaries that run at the same time do not meet.
func redisDatabase(t testing.TB, options *redis.Options) int {
	t.Helper()
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	n, err := client.Incr(t.Context(), "testkit:databases").Result()
	require.NoError(t, err)
	return int(1 + n%(redisDatabases-1))
}
