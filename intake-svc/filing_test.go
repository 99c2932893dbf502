package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// atOnce runs n calls at the same time.
func atOnce(n int, call func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			call(i)
		})
	}
	close(begin)
	wg.Wait()
}

// R52: 200 concurrent creators get 200 distinct numbers without a gap, and list order (creation) is number order.
func TestNumbersAreUniqueOrderedAndWithoutGaps(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		const n = 200
		numbers := make([]string, n)
		atOnce(n, func(i int) {
			c, err := w.cases.CreateCase(w.as(agent), &intakev1.CreateCaseRequest{Case: complaint(), RequestId: fmt.Sprint("r", i)})
			if err == nil {
				numbers[i] = c.GetCaseNumber()
			}
		})
		slices.Sort(numbers)
		for i, number := range numbers {
			require.Equal(t, fmt.Sprintf("AS20261122-%06d", i+1), number)
		}
		// What others are told comes in the order of the commits: it must be the order of the numbers.
		require.True(t, slices.IsSorted(w.gateway.numbers(t, n)), "number order is commit order")
	})
}

// One poisoned request among 64 fails alone, and leaves no gap.
func TestAPoisonedFilingFailsAlone(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		const n, poisoned = 64, 17
		errs := make([]error, n)
		numbers := make([]string, n)
		atOnce(n, func(i int) {
			c := &casefile.Case{ID: uuid.NewString(), Kind: casefile.Feedback, Channel: "HOTLINE", Problem: "x"}
			policy := casefile.DefaultPolicy()
			change, err := casefile.File(casefile.Moment{By: casefile.System, At: t0, Policy: &policy, NewID: uuid.NewString}, c)
			if err == nil && i == poisoned {
				c.Kind = "POISON" // the table refuses it
			}
			if err == nil {
				_, err = w.svc.filer.File(t.Context(), ledger.Filing{
					Case: c, Change: change, Answer: func(*casefile.Case) proto.Message { return &intakev1.Case{} },
				})
			}
			if errs[i] = err; err == nil {
				numbers[i] = c.Number
			}
		})
		for i, err := range errs {
			require.Equal(t, i == poisoned, err != nil, "filing %d: %v", i, err)
		}
		numbers = slices.DeleteFunc(numbers, func(s string) bool { return s == "" })
		slices.Sort(numbers)
		require.Equal(t, "AS20261122-000063", numbers[62])
		require.Len(t, slices.Compact(numbers), 63)
		next := w.file(agent, complaint())
		require.Equal(t, "AS20261122-000064", next.GetCaseNumber(), "no gap")
	})
}

// 64 concurrent retries make one case.
func TestRetriesMakeOneCase(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		req := &intakev1.CreateCaseRequest{Case: complaint(), RequestId: uuid.NewString()}
		answers := make([]*intakev1.Case, 64)
		atOnce(64, func(i int) { answers[i], _ = w.cases.CreateCase(w.as(agent), req) })
		for _, a := range answers {
			require.True(t, proto.Equal(answers[0], a))
		}
		require.Equal(t, "AS20261122-000002", w.file(agent, complaint()).GetCaseNumber())

		req.Case.Problem = "别的"
		_, err := w.cases.CreateCase(w.as(agent), req)
		requireReason(t, err, "IDEMPOTENCY_KEY_REUSED")
		other, err := w.cases.CreateCase(w.as(otherAgent), req)
		require.NoError(t, err, "another principal's key is another key")
		require.NotEqual(t, answers[0].GetName(), other.GetName())
	})
}

// One after-sale order of a partner is one case, whatever the key; other content is refused.
func TestAnExternalReferenceIsOneCase(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Channel, filing.ExternalRef = "PARTNER_PLATFORM", &commonv1.ExternalRef{Platform: "mall", OrderId: "E1", AfterSaleId: "A1"}
		answers := make([]*intakev1.Case, 32)
		atOnce(32, func(i int) {
			answers[i], _ = w.cases.CreateCase(w.as(mall), &intakev1.CreateCaseRequest{Case: proto.CloneOf(filing), RequestId: fmt.Sprint("k", i)})
		})
		for _, a := range answers {
			require.Equal(t, answers[0].GetName(), a.GetName())
		}
		changed := proto.CloneOf(filing)
		changed.Problem = "别的"
		_, err := w.cases.CreateCase(w.as(mall), &intakev1.CreateCaseRequest{Case: changed, RequestId: "other"})
		requireReason(t, err, "EXTERNAL_REF_EXISTS")
		require.Equal(t, "AS20261122-000002", w.file(agent, complaint()).GetCaseNumber(), "refused and repeated filings take no number")
	})
}

// A caller who goes away does not stop the others of the group.
func TestACallerWhoGoesAway(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		errs := make([]error, 50)
		atOnce(50, func(i int) {
			ctx, cancel := context.WithCancel(w.as(agent))
			if i%2 == 0 {
				cancel()
			}
			defer cancel()
			_, errs[i] = w.cases.CreateCase(ctx, &intakev1.CreateCaseRequest{Case: complaint()})
		})
		for i := 1; i < 50; i += 2 {
			require.NoError(t, errs[i])
		}
	})
}

// numbers waits for n registrations at the gateway and gives their numbers in the order of arrival.
func (f *fakeInbox) numbers(t *testing.T, n int) (all []string) {
	t.Helper()
	last := fmt.Sprintf("-%06d", n)
	f.wait(t, func(e *eventv1.Envelope) bool {
		var p eventv1.CaseChanged
		return e.GetData().UnmarshalTo(&p) == nil && strings.HasSuffix(p.GetCaseNumber(), last)
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.seen {
		var p eventv1.CaseChanged
		if e.GetData().UnmarshalTo(&p) == nil {
			all = append(all, p.GetCaseNumber())
		}
	}
	require.Len(t, all, n)
	return all
}
