package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/templates"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type templateService struct {
	intakev1.UnimplementedTemplateServiceServer
	*Server
}

// oneWord is the pattern of a word among those kept with spaces around each; lists compare in lower case, with LIKE.
func oneWord(word string) (any, error) {
	return "% " + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(word)) + " %", nil
}

// templateSpec is what the list of templates can be filtered by.
var templateSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"kind": {Column: "kind", Type: listing.String},
		"step": {Column: "steps", Type: listing.String, Ops: []string{":"}, Fold: oneWord},
		"row":  {Column: "carries", Type: listing.String, Ops: []string{":"}, Fold: oneWord},
	},
	Orders: map[string]string{"name": "id"}, DefaultOrder: "name", Tie: "id",
}

// ListTemplates implements intakev1.TemplateServiceServer.
func (s templateService) ListTemplates(ctx context.Context, req *intakev1.ListTemplatesRequest) (*intakev1.ListTemplatesResponse, error) {
	org := auth.FromContext(ctx).Org
	query, err := listing.Parse(templateSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(), Checksum: []byte(org)})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListTemplates(ctx, s.DB, org, query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(t templates.Template) map[string]any { return map[string]any{"id": t.ID} })
	resp := &intakev1.ListTemplatesResponse{NextPageToken: next}
	for _, t := range rows {
		resp.Templates = append(resp.Templates, s.presenter(ctx).template(t))
	}
	return resp, nil
}

func (p *presenter) template(t templates.Template) *intakev1.Template {
	return &intakev1.Template{
		Name: t.Name(), Kind: intakev1.Template_Kind(intakev1.Template_Kind_value[t.Kind]), Steps: t.Steps, Title: label{t.Title.ZH, t.Title.EN}.in(p.locale),
		TextZh: t.ZH, TextEn: t.EN, Variables: t.Used(), Rows: t.Rows, Own: t.Org != "", Etag: strconv.FormatInt(t.Version, 10), UpdateTime: at(t.Updated),
	}
}

// GetTemplate implements intakev1.TemplateServiceServer.
func (s templateService) GetTemplate(ctx context.Context, req *intakev1.GetTemplateRequest) (*intakev1.Template, error) {
	t, err := s.Cases.Template(ctx, s.DB, auth.FromContext(ctx).Org, lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).template(t), nil
}

// UpdateTemplate implements intakev1.TemplateServiceServer.
func (s templateService) UpdateTemplate(ctx context.Context, req *intakev1.UpdateTemplateRequest) (resp *intakev1.Template, err error) {
	in, org := req.GetTemplate(), auth.FromContext(ctx).Org
	t, err := s.Cases.Template(ctx, s.DB, org, lastID(in.GetName()))
	if err != nil {
		return nil, err
	}
	if err := sameTag(in.GetEtag(), strconv.FormatInt(t.Version, 10)); err != nil {
		return nil, err
	}
	if err := mergeTemplate(&t, in, req.GetUpdateMask().GetPaths()); err != nil {
		return nil, err
	}
	own := t.Org != ""
	t.Org, t.Updated = org, s.Clock.Now()
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Template, error) {
			if err := s.Cases.ReplaceTemplate(ctx, tx, t, own); err != nil {
				return nil, err
			}
			written := t
			written.Version++
			return s.presenter(ctx).template(written), nil
		})
		return err
	})
	return resp, err
}

func mergeTemplate(t *templates.Template, in *intakev1.Template, mask []string) error {
	if len(mask) == 0 {
		mask = []string{"text_zh", "text_en"}
	}
	for _, path := range mask {
		switch path {
		case "text_zh":
			t.ZH = in.GetTextZh()
		case "text_en":
			t.EN = in.GetTextEn()
		case "name", "etag": // say which row and which version, and are no change
		default:
			return apierr.Invalid("update_mask", "可修改:text_zh, text_en", "may name text_zh, text_en")
		}
	}
	if err := plain(map[string]string{"template.text_zh": t.ZH, "template.text_en": t.EN}); err != nil {
		return err
	}
	return t.Check()
}

// RenderTemplate implements intakev1.TemplateServiceServer.
func (s templateService) RenderTemplate(ctx context.Context, req *intakev1.RenderTemplateRequest) (*intakev1.RenderedTemplate, error) {
	t, err := s.Cases.Template(ctx, s.DB, auth.FromContext(ctx).Org, lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	present := s.presenter(ctx)
	language, c := req.GetLanguage(), (*casefile.Case)(nil)
	if req.GetCase() != "" {
		if c, err = s.see(ctx, req.GetCase()); err != nil {
			return nil, err
		}
		language = cmp.Or(language, languageOf(customerLocale(c)))
	}
	language = cmp.Or(language, languageOf(present.locale))
	if language == "en" {
		present.locale = apierr.EN
	} else {
		present.locale = apierr.ZH
	}
	values := s.values(present, c)
	for name, value := range req.GetVariables() {
		values[name] = value
	}
	m := &intakev1.RenderedTemplate{Language: language}
	m.Text, m.Unknown = templates.Render(t.Text(language == "en"), values)
	return m, nil
}

func languageOf(locale string) string {
	if locale == apierr.EN {
		return "en"
	}
	return "zh"
}

// values are the variables that caller and case give; what is personal only to those in relation to the case.
func (s *Server) values(p *presenter, c *casefile.Case) map[string]string {
	values := map[string]string{"agent": p.caller.DisplayName, "organisation": s.Orgs.Called(p.caller.Org)}
	if c == nil {
		return values
	}
	values["organisation"] = s.Orgs.Called(c.OwnerOrg)
	values["case_number"], values["problem"], values["expectation"] = c.Number, c.Problem, c.Expectation
	values["state"] = text(currentSteps, string(c.State), p.locale)
	values["resolve_time"], values["next_news_time"] = s.spokenTime(c.Promise(casefile.ClockResolve)), s.spokenTime(c.Deadline())
	if c.InfoRequest != nil {
		values["question"] = c.InfoRequest.Question
	}
	if len(c.Items) > 0 {
		values["product"], values["serial"] = strings.TrimSpace(c.Items[0].Brand+" "+c.Items[0].Model), c.Items[0].Serial
	}
	if q := c.Personal.Party(casefile.PartyCustomer); q != nil {
		shown := person(q, p.related(c))
		values["customer"], values["phone"] = shown.GetDisplayName(), shown.GetPhone()
	}
	if path := c.ApprovalPath(); path != "" {
		values["path"], values["hours"] = casefile.PathLabel(path, p.locale == apierr.EN), strconv.Itoa(s.Policy.ApprovalHours)
	}
	if n := len(c.Apologies); n > 0 {
		values["measure"] = c.Apologies[n-1].Measure
	}
	return values
}

// spokenTime is a time as customers are told it, in the installation's zone.
func (s *Server) spokenTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(s.Policy.Zone).Format("2006-01-02 15:04")
}

// GetGuidance implements intakev1.TemplateServiceServer.
func (s templateService) GetGuidance(ctx context.Context, req *intakev1.GetGuidanceRequest) (*intakev1.Guidance, error) {
	step, present := req.GetStep(), s.presenter(ctx)
	var c *casefile.Case
	if req.GetCase() != "" {
		var err error
		if c, err = s.see(ctx, req.GetCase()); err != nil {
			return nil, err
		}
		step = cmp.Or(step, templates.StepOf(string(c.State)))
	}
	if !slices.Contains(templates.Steps, step) {
		return nil, apierr.Invalid("step", "可选:"+strings.Join(templates.Steps, ", "), "is one of "+strings.Join(templates.Steps, ", "))
	}
	rows, err := s.Cases.TemplatesOf(ctx, s.DB, auth.FromContext(ctx).Org, step)
	if err != nil {
		return nil, err
	}
	m := &intakev1.Guidance{Step: step}
	values := s.values(present, c)
	for _, t := range rows {
		filled, _ := templates.Render(t.Text(present.locale == apierr.EN), values)
		line := &intakev1.GuidanceText{Template: t.Name(), Title: label{t.Title.ZH, t.Title.EN}.in(present.locale), Lines: strings.Split(filled, "\n"), Rows: t.Rows}
		switch t.Kind {
		case templates.Script:
			m.Scripts = append(m.Scripts, line)
		case templates.Message:
			m.Messages = append(m.Messages, line)
		case templates.Guidance:
			m.Guidance = append(m.Guidance, line)
		default:
			m.Checklists = append(m.Checklists, line)
		}
	}
	return m, nil
}
