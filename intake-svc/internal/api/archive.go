package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// exportLimit bounds one call for the papers of another service.
const exportLimit = 20 * time.Second

// papers are what the other services have of a case.
type papers struct {
	members []archive.Member
	sources map[string]int64
}

// ArchiveCase implements intakev1.CaseServiceServer: it gathers outside of the transaction, and writes all in one.
func (s caseService) ArchiveCase(ctx context.Context, req *intakev1.ArchiveCaseRequest) (*intakev1.Case, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	outside, err := s.gather(ctx, c.Name())
	if err != nil {
		return nil, err
	}
	return change(ctx, s.Server, c.ID, req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		return s.archive(ctx, tx, c, m, outside)
	}, (*presenter).fullCase)
}

// archive moves the case to ARCHIVED, makes the file of it as it then is, and keeps the file.
func (s *Server) archive(ctx context.Context, tx sqldb.Tx, c *casefile.Case, m casefile.Moment, outside papers) (casefile.Change, error) {
	last, lastRound := c.LastArchive()
	done, err := c.Archive(m)
	if err != nil {
		return done, err
	}
	if err := s.Ledger.Commit(ctx, tx, c, done); err != nil {
		return done, err
	}
	in := archive.Input{Case: c.Name(), Number: c.Number, Round: c.RoundNumber(), Created: m.At, Members: outside.members, Sources: outside.sources}
	if last != nil {
		in.Previous = &archive.Previous{Round: lastRound, ManifestDigest: last.ManifestDigest}
	}
	own, err := s.ownPapers(ctx, tx, c)
	if err != nil {
		return done, err
	}
	in.Members = append(own, in.Members...)
	if in.Links, err = s.Cases.Entries(ctx, tx, c.ID, 0, 0); err != nil {
		return done, err
	}
	built, err := archive.Build(in, s.Signer)
	if err != nil {
		return done, err
	}
	info := casefile.ArchiveInfo{ManifestDigest: built.ManifestDigest, FileDigest: built.FileDigest, Size: int64(len(built.File)), KeyID: built.KeyID, At: m.At}
	c.Filed(info)
	return casefile.Change{Quiet: true}, s.Cases.KeepArchive(ctx, tx, c.ID, c.RoundNumber(), info, built.File)
}

// ownPapers are the case, its solutions, the contacts and the evidence, unmasked.
func (s *Server) ownPapers(ctx context.Context, tx sqldb.Tx, c *casefile.Case) ([]archive.Member, error) {
	all := &presenter{codes: s.Codes, locale: apierr.ZH, clear: true}
	whole, err := jsonMember("case.json", all.fullCase(c))
	if err != nil {
		return nil, err
	}
	page, err := printable(all, c)
	if err != nil {
		return nil, err
	}
	members := []archive.Member{whole, page}
	for i := range c.Solutions {
		m, err := jsonMember(fmt.Sprintf("solutions/%02d.json", i+1), all.solution(c, &c.Solutions[i]))
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	contacts, err := s.contactPapers(ctx, tx, c, all)
	if err != nil {
		return nil, err
	}
	evidence, err := s.evidencePapers(ctx, tx, c)
	return append(append(members, contacts...), evidence...), err
}

// everything is a bound on what belongs to one case.
const everything = 100_000

func (s *Server) contactPapers(ctx context.Context, tx sqldb.Tx, c *casefile.Case, all *presenter) ([]archive.Member, error) {
	attempts, err := s.Cases.Attempts(ctx, tx, c.ID, "", everything)
	if err != nil || len(attempts) == 0 {
		return nil, err
	}
	list := &intakev1.ListContactAttemptsResponse{}
	for _, a := range attempts {
		list.ContactAttempts = append(list.ContactAttempts, all.attempt(c, a))
	}
	m, err := jsonMember("contacts.json", list)
	return []archive.Member{m}, err
}

func (s *Server) evidencePapers(ctx context.Context, tx sqldb.Tx, c *casefile.Case) ([]archive.Member, error) {
	files, err := s.Cases.EvidenceOf(ctx, tx, c.ID, "", everything)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	list := &intakev1.ListEvidenceResponse{}
	var members []archive.Member
	for _, f := range files {
		full, err := s.Cases.Content(ctx, tx, c.ID, f.ID)
		if err != nil {
			return nil, err
		}
		list.Evidence = append(list.Evidence, evidenceOf(c, f))
		members = append(members, archive.Member{Name: "evidence/" + f.ID + extension(f.FileName), MediaType: f.MediaType, Content: full.Content})
	}
	m, err := jsonMember("evidence.json", list)
	return append([]archive.Member{m}, members...), err
}

// extension keeps a harmless ending of a file's name.
func extension(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 6 || strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return ext
}

// jsonMember writes a message in one form: protojson's own spacing varies on purpose.
func jsonMember(name string, m proto.Message) (archive.Member, error) {
	raw, err := protojson.Marshal(m)
	if err != nil {
		return archive.Member{}, fmt.Errorf("api: write %s: %w", name, err)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return archive.Member{}, fmt.Errorf("api: write %s: %w", name, err)
	}
	if fields, ok := value.(map[string]any); ok { // when the content is erased its digest must tell nothing
		fields["salt"] = rand.Text()
	}
	content, err := json.MarshalIndent(value, "", "  ")
	return archive.Member{Name: name, MediaType: "application/json", Content: content}, err
}

// gather asks dispatch and survey for their papers up to their last sequence.
func (s *Server) gather(ctx context.Context, caseName string) (papers, error) {
	callCtx, cancel := context.WithTimeout(ctx, exportLimit)
	defer cancel()
	work, err := s.Dispatch.ExportCase(callCtx, &dispatchv1.ExportCaseRequest{Case: caseName})
	if err != nil {
		return papers{}, apierr.ErrUnavailable.Wrap(fmt.Errorf("api: papers of dispatch: %w", err))
	}
	asked, err := s.exportSurvey(ctx, caseName)
	if err != nil {
		return papers{}, err
	}
	out := papers{sources: map[string]int64{"dispatch": work.GetLastSequence(), "survey": asked.GetLastSequence()}}
	for _, d := range work.GetDocuments() {
		out.members = append(out.members, archive.Member{Name: "dispatch/" + d.GetName(), MediaType: d.GetMediaType(), Content: d.GetContent()})
	}
	for _, d := range asked.GetDocuments() {
		out.members = append(out.members, archive.Member{Name: "survey/" + d.GetName(), MediaType: d.GetMediaType(), Content: d.GetContent()})
	}
	return out, nil
}

func (s *Server) exportSurvey(ctx context.Context, caseName string) (*surveyv1.ExportCaseResponse, error) {
	callCtx, cancel := context.WithTimeout(ctx, exportLimit)
	defer cancel()
	file, err := s.Survey.ExportCase(callCtx, &surveyv1.ExportCaseRequest{Case: caseName})
	if err != nil {
		return nil, apierr.ErrUnavailable.Wrap(fmt.Errorf("api: papers of survey: %w", err))
	}
	return file, nil
}

// GetArchive implements intakev1.CaseServiceServer.
func (s caseService) GetArchive(ctx context.Context, req *intakev1.GetArchiveRequest) (*httpbody.HttpBody, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	round := int(req.GetRound())
	if round == 0 {
		_, round = c.LastArchive()
	}
	file, err := s.Cases.Archive(ctx, s.DB, c.ID, round)
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/zip", Data: file}, nil
}
