package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// The hand-written neighbours of the service: dispatch, survey, and the gateway's inbox.

// fakeInbox records events and wakes who waits for one.
type fakeInbox struct {
	mu      sync.Mutex
	seen    []*eventv1.Envelope
	arrived chan struct{}
}

func newFakeInbox() *fakeInbox { return &fakeInbox{arrived: make(chan struct{})} }

func (f *fakeInbox) take(req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, req.GetEnvelopes()...)
	close(f.arrived)
	f.arrived = make(chan struct{})
	return &eventv1.DeliverResponse{}, nil
}

func (f *fakeInbox) find(match func(*eventv1.Envelope) bool) (found bool, next <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.seen, match), f.arrived
}

func (f *fakeInbox) wait(t *testing.T, match func(*eventv1.Envelope) bool) {
	t.Helper()
	limit := time.After(patience)
	for {
		found, next := f.find(match)
		if found {
			return
		}
		select {
		case <-next:
		case <-limit:
			require.Fail(t, "the event did not come")
		}
	}
}

func (f *fakeInbox) of(name string) (types []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.seen {
		if e.GetKey() == name {
			types = append(types, strings.TrimSuffix(strings.TrimPrefix(e.GetType(), "aftersales.case."), ".v1"))
		}
	}
	return types
}

type dispatchInbox struct {
	dispatchv1.UnimplementedInboxServiceServer
	inbox *fakeInbox
}

func (i dispatchInbox) Deliver(_ context.Context, r *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return i.inbox.take(r)
}

type surveyInbox struct {
	surveyv1.UnimplementedInboxServiceServer
	inbox *fakeInbox
}

func (i surveyInbox) Deliver(_ context.Context, r *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return i.inbox.take(r)
}

type gatewayInbox struct {
	gatewayv1.UnimplementedInboxServiceServer
	inbox *fakeInbox
}

func (i gatewayInbox) Deliver(_ context.Context, r *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return i.inbox.take(r)
}

// fakeDispatch makes work orders and forgets nothing.
type fakeDispatch struct {
	dispatchv1.UnimplementedWorkOrderServiceServer
	mu        sync.Mutex
	made      []*dispatchv1.WorkOrder
	cancelled map[string]string // reason by case
	seq       int64
	changed   chan struct{}
}

func newFakeDispatch() *fakeDispatch {
	return &fakeDispatch{cancelled: map[string]string{}, changed: make(chan struct{}, 1000)}
}

func (f *fakeDispatch) CreateWorkOrder(_ context.Context, req *dispatchv1.CreateWorkOrderRequest) (*dispatchv1.WorkOrder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := req.GetWorkOrder()
	for _, o := range f.made {
		if o.GetCase() == in.GetCase() && o.GetSolution() == in.GetSolution() && o.GetRound() == in.GetRound() && o.GetPurpose() == in.GetPurpose() {
			return o, nil
		}
	}
	in.Name = fmt.Sprintf("workOrders/w%d", len(f.made)+1)
	f.made = append(f.made, in)
	f.changed <- struct{}{}
	return in, nil
}

func (f *fakeDispatch) CancelCaseWorkOrders(_ context.Context, req *dispatchv1.CancelCaseWorkOrdersRequest) (*dispatchv1.CancelCaseWorkOrdersResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cancelled[req.GetCase()] = req.GetReason()
	f.changed <- struct{}{}
	return &dispatchv1.CancelCaseWorkOrdersResponse{}, nil
}

func (f *fakeDispatch) orders(name string) (all []*dispatchv1.WorkOrder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.made {
		if o.GetCase() == name {
			all = append(all, o)
		}
	}
	return all
}

func (f *fakeDispatch) last(name string) string {
	all := f.orders(name)
	return all[len(all)-1].GetName()
}

func (f *fakeDispatch) next() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	return f.seq
}

// called waits for the next call that changed something.
func (f *fakeDispatch) called(t *testing.T) {
	t.Helper()
	select {
	case <-f.changed:
	case <-time.After(patience):
		require.Fail(t, "dispatch was not called")
	}
}

type dispatchFiles struct {
	*fakeDispatch
	dispatchv1.UnimplementedCaseFileServiceServer
}

func (f dispatchFiles) ExportCase(_ context.Context, req *dispatchv1.ExportCaseRequest) (*dispatchv1.ExportCaseResponse, error) {
	resp := &dispatchv1.ExportCaseResponse{LastSequence: 7}
	for _, o := range f.orders(req.GetCase()) {
		resp.Documents = append(resp.Documents, &dispatchv1.ExportCaseResponse_Document{
			Name: "work-order-" + strings.TrimPrefix(o.GetName(), "workOrders/") + ".json", MediaType: "application/json", Content: []byte(`{}`),
		})
	}
	return resp, nil
}

// fakeSurvey keeps invitations and answers.
type fakeSurvey struct {
	surveyv1.UnimplementedInvitationServiceServer
	mu      sync.Mutex
	asked   []*surveyv1.CreateInvitationRequest
	answers map[string][]*eventv1.SurveyResponded
	invited chan struct{}
}

func newFakeSurvey() *fakeSurvey {
	return &fakeSurvey{answers: map[string][]*eventv1.SurveyResponded{}, invited: make(chan struct{}, 1000)}
}

func (f *fakeSurvey) CreateInvitation(_ context.Context, req *surveyv1.CreateInvitationRequest) (*surveyv1.Invitation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, req)
	f.invited <- struct{}{}
	return &surveyv1.Invitation{Name: fmt.Sprintf("invitations/i%d", len(f.asked))}, nil
}

// answered keeps an answer, with what survey adds.
func (f *fakeSurvey) answered(c *intakev1.Case, a *eventv1.SurveyResponded, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a.Case, a.Round = c.GetName(), max(a.GetRound(), c.GetRound())
	a.Step = &commonv1.Step{Event: "SURVEY_RESPONDED", Actor: "customer", Points: a.GetComment(), OccurredUs: at.UnixMicro()}
	f.answers[c.GetName()] = append(f.answers[c.GetName()], a)
}

type surveyFiles struct {
	*fakeSurvey
	surveyv1.UnimplementedCaseFileServiceServer
}

func (f surveyFiles) ExportCase(_ context.Context, req *surveyv1.ExportCaseRequest) (*surveyv1.ExportCaseResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &surveyv1.ExportCaseResponse{LastSequence: 1, Responses: f.answers[req.GetCase()], Documents: []*surveyv1.Document{
		{Name: "invitation-i1.json", MediaType: "application/json", Content: []byte(`{"answer":1}`)},
	}}, nil
}

// gatewayOrganisations knows the organisations of the tests; a rival is under no contract.
type gatewayOrganisations struct {
	gatewayv1.UnimplementedOrganisationServiceServer
}

func (gatewayOrganisations) ListOrganisations(context.Context, *gatewayv1.ListOrganisationsRequest) (*gatewayv1.ListOrganisationsResponse, error) {
	return &gatewayv1.ListOrganisationsResponse{Organisations: []*gatewayv1.Organisation{
		{Name: brand, DisplayName: "星河家电"}, {Name: provider, DisplayName: "快修服务"},
	}}, nil
}

func (gatewayOrganisations) CheckServing(_ context.Context, req *gatewayv1.CheckServingRequest) (*gatewayv1.CheckServingResponse, error) {
	name := req.GetOrganisation()
	return &gatewayv1.CheckServingResponse{Known: name != "organisations/nowhere", Serves: name == brand || name == provider}, nil
}
