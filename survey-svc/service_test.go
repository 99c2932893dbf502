package survey

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/config"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
)

// The running service delivers by a job and tells its neighbours by itself: no sleep, and no sweep, which comes only once
// an hour here.
func TestRunningService(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := testkit.NewClock(t0)
			opened := config(t)
			opened.Clock = clock // jobs are due by it
			seldom := demo
			seldom.SweepEvery = time.Hour
			w := newWorld(t, seldom, testkit.Open(t, opened, store.Migrations()), clock)
			require.NoError(t, w.svc.Start(t.Context()))
			w.asksAndIsAnswered()
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			require.NoError(t, w.svc.Stop(ctx))
			require.NoError(t, w.svc.Stop(ctx), "stopping twice is harmless")
		})
	}
}

func (w *world) asksAndIsAnswered() {
	t := w.t
	require.NoError(t, w.svc.Health(t.Context()))
	inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
	require.Equal(t, demo.LinkBase+inv.GetToken(), w.driver.one(t).Link)
	_, err := w.public.Respond(t.Context(), good(inv.GetToken()))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(w.intake.envelopes()) == 1 && len(w.gateway.envelopes()) == 1 },
		20*time.Second, 10*time.Millisecond)
}

// An answer whose commit was not acknowledged is one answer when it is sent again.
func TestLostAnswerOfTheDatabase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) {
		faulty := testkit.FaultyDB(db)
		w := newWorld(t, demo, faulty, testkit.NewClock(t0))
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		faulty.Lose(1)
		_, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		require.Error(t, err)
		require.Equal(t, 1, faulty.Lost())
		again, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		require.EqualValues(t, 1, again.GetResponse().GetRevision())
		w.drain()
		require.Len(t, w.intake.envelopes(), 1)
	})
}

// A message whose acceptance could not be recorded goes out again under the same id, as a second attempt.
func TestLostRecordOfADelivery(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) {
		w := newWorld(t, demo, db, testkit.NewClock(t0))
		w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		interrupted, cancel := context.WithCancel(t.Context())
		w.svc.deliverer.Driver = cancelling{driver: w.driver, cancel: cancel}
		require.Error(t, w.svc.deliverer.SweepDeliveries(interrupted))
		first := w.driver.one(t)
		w.svc.deliverer.Driver = w.driver
		w.sweep()
		require.Empty(t, w.driver.sent, "the lease keeps others away")
		w.clock.Advance(2 * time.Minute)
		w.sweep()
		require.Equal(t, first.ID, w.driver.one(t).ID)
		list, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{})
		require.NoError(t, err)
		require.Equal(t, surveyv1.DeliveryAttempt_RESULT_UNSPECIFIED, list.GetInvitations()[0].GetAttempts()[0].GetResult())
		require.Equal(t, surveyv1.DeliveryAttempt_ACCEPTED, list.GetInvitations()[0].GetAttempts()[1].GetResult())
	})
}

// cancelling ends the caller's context right after it sent, as a shutdown would.
type cancelling struct {
	*driver
	cancel context.CancelFunc
}

func (c cancelling) Send(ctx context.Context, m Message) (string, error) {
	defer c.cancel()
	return c.driver.Send(ctx, m)
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Config{}, Deps{})
	require.ErrorContains(t, err, "Intake")
}

func TestConfigIsReadFromTheEnvironment(t *testing.T) {
	t.Parallel()
	var cfg struct {
		Survey Config `embed:"" prefix:"survey-"`
	}
	_, err := config.Load(&cfg, config.Sources{Env: []string{"AFTERSALES_SURVEY_AMEND_FOR=48h", "AFTERSALES_SURVEY_SKIP_SHARE=0.25"}, Args: []string{}})
	require.NoError(t, err)
	require.Equal(t, 48*time.Hour, cfg.Survey.AmendFor)
	require.InDelta(t, 0.25, cfg.Survey.policy().SurveySkipShare, 1e-9)
}
