package casefile

// Told are the customer's own words: whoever sees the case reads them.
func (c *Case) Told() []string {
	texts := []string{c.Problem, c.Expectation}
	for _, i := range c.Items {
		texts = append(texts, i.Brand, i.Model, i.Problem)
	}
	return texts
}

// Written is what the owner's people wrote: findings, solutions, summaries.
func (c *Case) Written() []string {
	texts := []string{c.Rejection}
	if p := c.PriorService; p != nil {
		texts = append(texts, p.Description)
	}
	for i := range c.Rounds {
		r := &c.Rounds[i]
		if v := r.Investigation; v != nil && v.Conclusion != nil {
			texts = append(texts, v.Conclusion.Findings)
		}
		if r.Resolution != nil {
			texts = append(texts, r.Resolution.Explanation)
		}
		if s := r.Summary; s != nil {
			texts = append(texts, s.RootCause, s.Solution, s.Measures)
		}
	}
	for i := range c.Solutions {
		texts = append(texts, c.Solutions[i].Explanation)
	}
	return texts
}
