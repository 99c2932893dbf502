package api

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// GetEvidenceBundle implements intakev1.CustodyServiceServer. It is signed like an archive, so that the receiver can verify it, and holds no
// personal data: persons masked, texts redacted, evidence named by its digest (its content is handed over on request).
func (s custodyService) GetEvidenceBundle(ctx context.Context, req *intakev1.GetEvidenceBundleRequest) (*httpbody.HttpBody, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	if c.Hides(auth.FromContext(ctx).Sees(), auth.FromContext(ctx).Subject) {
		return nil, casefile.ErrConfidential.New()
	}
	var file []byte
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		file, err = s.bundle(ctx, tx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/zip", Data: file}, nil
}

func (s *Server) bundle(ctx context.Context, tx sqldb.Tx, c *casefile.Case) ([]byte, error) {
	own, err := s.ownPapers(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	secrets := secretsOf(c)
	var members []archive.Member
	for _, m := range own {
		if strings.HasPrefix(m.Name, "evidence/") || m.Name == printName {
			continue
		}
		if m.Content, err = redact(m.Content, secrets); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	links, err := s.Cases.Entries(ctx, tx, c.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	for n := range links {
		links[n].Content = nil // the chain stays whole: it holds the digest
	}
	page, err := printable(&presenter{codes: s.Codes, locale: apierr.ZH}, c)
	if err != nil {
		return nil, err
	}
	page.Content = []byte(scrub(string(page.Content), secrets))
	built, err := archive.Build(archive.Input{
		Case: c.Name(), Number: c.Number, Round: c.RoundNumber(), Created: s.Clock.Now(), Links: links, Members: append(members, page),
	}, s.Signer)
	return built.File, err
}

// secretsOf are the words that stand for persons of the case, with what takes their place; longest first.
func secretsOf(c *casefile.Case) [][2]string {
	var all [][2]string
	for i := range c.Personal.Parties {
		q := &c.Personal.Parties[i]
		for _, pair := range [][2]string{{q.DisplayName, maskName(q.DisplayName)}, {q.Phone, maskPhone(q.Phone)}, {q.Email, maskEmail(q.Email)}, {q.AddressLine, "***"}, {q.Authorisation, "***"}} {
			if len(pair[0]) > 1 {
				all = append(all, pair)
			}
		}
	}
	if c.Personal.OnBehalfOf != "" {
		all = append(all, [2]string{c.Personal.OnBehalfOf, "***"})
	}
	all = append(all, [2]string{c.ProgressToken(), ""})
	slices.SortStableFunc(all, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	return all
}

// scrub hides persons known by name, and whatever else reads like a person, a phone or an address.
func scrub(text string, secrets [][2]string) string {
	for _, pair := range secrets {
		if pair[0] != "" {
			text = strings.ReplaceAll(text, pair[0], pair[1])
		}
	}
	return text
}

// redact scrubs every text of a JSON document; texts in words are masked by zhtext too.
func redact(content []byte, secrets [][2]string) ([]byte, error) {
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		return nil, err
	}
	return json.MarshalIndent(redacted(value, "", secrets), "", "  ")
}

// wordFields are the fields that people write into.
var wordFields = []string{"problem", "expectation", "explanation", "findings", "points", "measures", "note", "reason", "description", "rootCause", "solution", "plan", "comment"}

func redacted(value any, field string, secrets [][2]string) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = redacted(v[key], key, secrets)
		}
	case []any:
		for n := range v {
			v[n] = redacted(v[n], field, secrets)
		}
	case string:
		text := scrub(v, secrets)
		if slices.Contains(wordFields, field) {
			text = zhtext.Mask(text)
		}
		return text
	}
	return value
}

const printName = "case.html"

var printPage = template.Must(template.New("case").Parse(`<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{{.Case.GetCaseNumber}}</title>
<style>body{font-family:sans-serif;max-width:48em;margin:2em auto;line-height:1.5}table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}th{width:11em}@media print{body{margin:0}}</style></head>
<body><h1>案件 {{.Case.GetCaseNumber}}</h1>
<table>{{range .Lines}}<tr><th>{{index . 0}}</th><td>{{index . 1}}</td></tr>
{{end}}</table>
{{range .Solutions}}<h2>方案 {{.GetKind}}</h2><p>{{.GetExplanation}}</p><p>{{.GetTimetable}}</p>{{end}}
</body></html>
`))

// printable is the case on a page to print.
func printable(p *presenter, c *casefile.Case) (archive.Member, error) {
	m := p.fullCase(c)
	var solutions []*intakev1.Solution
	for i := range c.Solutions {
		solutions = append(solutions, p.solution(c, &c.Solutions[i]))
	}
	var out bytes.Buffer
	err := printPage.Execute(&out, map[string]any{"Case": m, "Lines": printLines(m), "Solutions": solutions})
	return archive.Member{Name: printName, MediaType: "text/html", Content: out.Bytes()}, err
}

func printLines(m *intakev1.Case) (lines [][2]string) {
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, [2]string{label, value})
		}
	}
	add("类型", m.GetKindLabel())
	add("状态", m.GetStateLabel())
	add("渠道", m.GetChannelLabel())
	add("登记时间", stamp(m.GetCreateTime()))
	add("客户", m.GetCustomer().GetDisplayName())
	add("电话", m.GetCustomer().GetPhone())
	for _, i := range m.GetItems() {
		add("产品", strings.TrimSpace(i.GetProduct().GetBrand()+" "+i.GetProduct().GetModel()+" "+i.GetProduct().GetSerialNumber()+" "+i.GetOutcome()))
	}
	add("问题", m.GetProblem())
	add("期望", m.GetExpectation())
	add("分类", m.GetContentClassLabel())
	add("紧急程度", m.GetUrgencyLabel())
	add("调查结论", m.GetInvestigation().GetConclusion().GetFindings())
	add("关闭依据", m.GetCloseBasisLabel())
	add("关闭时间", stamp(m.GetCloseTime()))
	add("根本原因", m.GetClosingSummary().GetRootCause())
	add("解决方案", m.GetClosingSummary().GetSolution())
	add("改进措施", m.GetClosingSummary().GetMeasures())
	return lines
}

func stamp(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Format("2006-01-02 15:04:05 UTC")
}
