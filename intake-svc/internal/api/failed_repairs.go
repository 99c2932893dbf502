package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
)

// failedRepairs counts the repairs of the same machine and the same fault that did not last; nil when there are none, or the machine is not
// within its warranty. related are the newest first.
func (s *Server) failedRepairs(ctx context.Context, q store.Reader, c *casefile.Case, related []*casefile.Case) (*casefile.FailedRepairs, error) {
	if serialOf(c) == "" || c.Kind != casefile.Complaint && c.Kind != casefile.ServiceRequest {
		return nil, nil
	}
	r, err := s.tools.reader()
	if err != nil {
		return nil, err
	}
	faults := faultsIn(r, c.Problem)
	var failed casefile.FailedRepairs
	for _, other := range slices.Backward(related) {
		done := other.Repaired()
		if len(done) == 0 || serialOf(other) != serialOf(c) || !earlierCase(other, c) || !sameFault(faults, faultsIn(r, other.Problem)) {
			continue
		}
		if failed.Count == 0 {
			failed.FirstOrder, failed.FirstOrg = done[0], cmp.Or(other.ServingOrg, other.OwnerOrg)
		}
		failed.Count += len(done)
	}
	if failed.Count == 0 {
		return nil, nil
	}
	_, answer, err := s.entitledTo(ctx, q, c, 0, s.filedOn(c))
	if err != nil || !answer.InWarranty() {
		return nil, err
	}
	return &failed, nil
}

// faultsIn are the codes of what a text says is broken.
func faultsIn(r *zhtext.Reader, text string) (codes []string) {
	for _, f := range r.Extract(text) {
		if f.Kind == extract.Fault && f.Code != generalFault {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func sameFault(a, b []string) bool {
	return slices.ContainsFunc(a, func(code string) bool { return slices.Contains(b, code) })
}
