package jobs

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/templates"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Texts are the words that organisations replaced the shipped ones by.
type Texts interface {
	// Template answers a text: the organisation's own, else the shipped one.
	Template(ctx context.Context, q sqldb.Queryer, org, id string) (templates.Template, error)
}

// ownText is the organisation's own text of a notice; ok is false where it has none, or where the case does not know a variable of it: then the
// shipped words go out.
func (w *Worker) ownText(ctx context.Context, c *casefile.Case, t casefile.Task, english bool) (text string, ok bool, err error) {
	own, err := w.Texts.Template(ctx, w.DB, c.OwnerOrg, "NOTICE_"+t.Notice)
	switch {
	case apierr.Reason(err) == apierr.ErrNotFound.Reason():
		return "", false, nil
	case err != nil || own.Org == "":
		return "", false, err
	}
	values := map[string]string{
		"case_number": c.Number, "problem": c.Problem, "expectation": c.Expectation, "organisation": c.OwnerOrg, "measure": explanationOf(c, t),
		"reason": c.Rejection,
	}
	if p := c.Personal.Party(casefile.PartyCustomer); p != nil {
		values["customer"] = p.DisplayName
	}
	if len(c.Items) > 0 {
		values["product"], values["serial"] = c.Items[0].Model, c.Items[0].Serial
	}
	for name, clock := range map[string]string{"resolve_time": casefile.ClockResolve, "next_news_time": casefile.ClockNews} {
		if due := c.Promise(clock); !due.IsZero() {
			values[name] = local(due, w.Policy.Zone)
		}
	}
	text, unknown := templates.Render(own.Text(english), values)
	return text, len(slices.Compact(unknown)) == 0, nil
}
