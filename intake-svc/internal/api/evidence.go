package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// CreateEvidence implements intakev1.EvidenceServiceServer.
func (s evidenceService) CreateEvidence(ctx context.Context, req *intakev1.CreateEvidenceRequest) (*intakev1.Evidence, error) {
	in := req.GetEvidence()
	if err := plain(map[string]string{"evidence.file_name": in.GetFileName(), "evidence.description": in.GetDescription()}); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(in.GetContent())
	var kept store.Evidence
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		kept = store.Evidence{
			ID: newID(), FileName: in.GetFileName(), MediaType: http.DetectContentType(in.GetContent()), Description: in.GetDescription(),
			Digest: hex.EncodeToString(sum[:]), Uploader: m.By.Name, Size: int64(len(in.GetContent())), Created: m.At, Content: in.GetContent(),
		}
		change, err := c.AddEvidence(m, kept.ID, kept.Digest)
		if err != nil {
			return change, err
		}
		return change, s.Cases.AddEvidence(ctx, tx, c.ID, kept)
	}, func(_ *presenter, c *casefile.Case) *intakev1.Evidence { return evidenceOf(c, kept) })
}

// ListEvidence implements intakev1.EvidenceServiceServer.
func (s evidenceService) ListEvidence(ctx context.Context, req *intakev1.ListEvidenceRequest) (*intakev1.ListEvidenceResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.EvidenceOf(ctx, s.DB, c.ID, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(e store.Evidence) string { return e.ID })
	resp := &intakev1.ListEvidenceResponse{NextPageToken: next}
	for _, e := range rows {
		resp.Evidence = append(resp.Evidence, evidenceOf(c, e))
	}
	return resp, nil
}

// DownloadEvidence implements intakev1.EvidenceServiceServer.
func (s evidenceService) DownloadEvidence(ctx context.Context, req *intakev1.DownloadEvidenceRequest) (*httpbody.HttpBody, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	e, err := s.Cases.Content(ctx, s.DB, c.ID, lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: e.MediaType, Data: e.Content}, nil
}

func evidenceOf(c *casefile.Case, e store.Evidence) *intakev1.Evidence {
	return &intakev1.Evidence{
		Name: c.Name() + "/evidence/" + e.ID, FileName: e.FileName, MediaType: e.MediaType, Description: e.Description, SizeBytes: e.Size,
		Digest: e.Digest, Uploader: e.Uploader, CreateTime: at(e.Created),
	}
}
