package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type section struct {
	Zone string `help:"Zone." default:"Asia/Shanghai"`
}

type program struct {
	DataDir  string        `help:"Data | folder." default:"data"`
	Wait     time.Duration `help:"Wait." default:"5s"`
	Tags     []string      `help:"Tags."`
	Password string        `help:"Password." secret:""`
	Demo     bool          `help:"Demo."`
	Intake   section       `embed:"" prefix:"intake-"`
}

func load(t *testing.T, file string, env []string, args ...string) (program, error) {
	t.Helper()
	var p program
	if file != "" {
		path := filepath.Join(t.TempDir(), "c.yaml")
		require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
		env = append(env, "AFTERSALES_CONFIG="+path)
	}
	_, err := Load(&p, Sources{Env: append(env, "HOME=/x"), Args: args, Foreign: []string{"survey"}})
	return p, err
}

func TestLaterSourcesWin(t *testing.T) {
	t.Parallel()
	p, err := load(t, "", nil)
	require.NoError(t, err)
	require.Equal(t, program{DataDir: "data", Wait: 5 * time.Second, Intake: section{Zone: "Asia/Shanghai"}}, p)

	file := "data-dir: file\nwait: 7s\ntags: [a, b]\ndemo: true\nintake: {zone: Asia/Urumqi}\nsurvey: {anything: 1}\n"
	p, err = load(t, file, []string{"AFTERSALES_WAIT=8s", "AFTERSALES_SURVEY_X=1", "AFTERSALES_TEST_CLOCK=/f"}, "--data-dir=flag")
	require.NoError(t, err)
	require.Equal(t, "flag", p.DataDir, "flag over file")
	require.Equal(t, 8*time.Second, p.Wait, "environment over file")
	require.Equal(t, []string{"a", "b"}, p.Tags)
	require.True(t, p.Demo)
	require.Equal(t, "Asia/Urumqi", p.Intake.Zone, "nested sections")
}

func TestUnknownKeysAreRefusedWithTheNearest(t *testing.T) {
	t.Parallel()
	_, err := load(t, "dta-dir: x\n", nil)
	require.ErrorContains(t, err, "data-dir")
	_, err = load(t, "", []string{"AFTERSALES_INTAKE_ZOME=x"})
	require.ErrorContains(t, err, "AFTERSALES_INTAKE_ZOME")
	require.ErrorContains(t, err, "intake-zone")
	_, err = load(t, "", nil, "--dta-dir=x")
	require.ErrorContains(t, err, "dta-dir")
}

func TestBadValuesAreRefused(t *testing.T) {
	t.Parallel()
	_, err := load(t, "", []string{"AFTERSALES_WAIT=soon"})
	require.ErrorContains(t, err, "wait")
	_, err = load(t, "", []string{"AFTERSALES_CONFIG=/does/not/exist"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestPrintedConfigurationHidesSecrets(t *testing.T) {
	t.Parallel()
	var p program
	ctx, err := Load(&p, Sources{Env: []string{"AFTERSALES_PASSWORD=hunter2"}})
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, Effective(&out, ctx.Model))
	require.Contains(t, out.String(), `data-dir: "data"`)
	require.Contains(t, out.String(), `password: "(hidden)"`)
	require.NotContains(t, out.String(), "hunter2")
	out.Reset()
	require.NoError(t, Reference(&out, ctx.Model))
	require.Contains(t, out.String(), "| `intake-zone` | `AFTERSALES_INTAKE_ZONE` | `Asia/Shanghai` | Zone. |")
	require.Contains(t, out.String(), `Data \| folder.`)
}
