package api

import (
	"context"
	"fmt"
	"sync"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/firstcontact"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/rules"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/templates"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
)

// tools read texts, check records and evaluate rules. Each is made when it is first needed: a start waits for none of them.
type tools struct {
	reader  func() (*zhtext.Reader, error)
	rules   func() (*rules.Engine, error)
	checker func() (*firstcontact.Checker, error)
}

func newTools() tools {
	return tools{
		reader: reader,
		rules:  sync.OnceValues(rules.NewEngine),
		checker: sync.OnceValues(func() (*firstcontact.Checker, error) {
			r, err := reader()
			if err != nil {
				return nil, err
			}
			return firstcontact.New(func(text string) bool { return specific(r, text) })
		}),
	}
}

// generalFault is "it is broken": a fault that says nothing.
const generalFault = "GENERAL"

// specific says that a text names something to work on.
func specific(r *zhtext.Reader, text string) bool {
	for _, f := range r.Extract(text) {
		switch f.Kind {
		case extract.Fault:
			if f.Code != generalFault {
				return true
			}
		case extract.Part, extract.ErrorCode, extract.Urgency:
			return true
		}
	}
	return false
}

// ShipTexts brings the shipped rules and templates to those of this binary.
func (s *Server) ShipTexts(ctx context.Context) error {
	shippedRules, err := rules.Shipped(s.Clock.Now())
	if err != nil {
		return err
	}
	shippedTexts, err := templates.Shipped(s.Clock.Now())
	if err != nil {
		return err
	}
	known, err := s.Cases.DecisionRulesOf(ctx, s.DB, "")
	if err != nil {
		return err
	}
	texts, err := s.Cases.AllTemplates(ctx, s.DB)
	if err != nil {
		return err
	}
	if sameRules(known, shippedRules) && sameTexts(texts, shippedTexts) {
		return nil
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		if err := s.Cases.ShipDecisionRules(ctx, tx, shippedRules); err != nil {
			return err
		}
		return s.Cases.ShipTemplates(ctx, tx, shippedTexts)
	})
	if err != nil {
		return fmt.Errorf("api: ship rules and templates: %w", err)
	}
	return nil
}

func sameRules(known, shipped []rules.Rule) bool {
	byCode := make(map[string]rules.Rule, len(known))
	for _, r := range known {
		byCode[r.Code] = r
	}
	for _, r := range shipped {
		k := byCode[r.Code]
		if k.Kind != r.Kind || k.Expression != r.Expression || k.Rank != r.Rank || k.TitleZH != r.TitleZH || k.TitleEN != r.TitleEN || fmt.Sprint(k.Outcome) != fmt.Sprint(r.Outcome) {
			return false
		}
	}
	return true
}

func sameTexts(known, shipped []templates.Template) bool {
	byID := make(map[string]templates.Template, len(known))
	for _, t := range known {
		byID[t.ID] = t
	}
	for _, t := range shipped {
		k := byID[t.ID]
		if k.Kind != t.Kind || k.ZH != t.ZH || k.EN != t.EN || k.Title != t.Title || fmt.Sprint(k.Steps, k.Rows) != fmt.Sprint(t.Steps, t.Rows) {
			return false
		}
	}
	return true
}
