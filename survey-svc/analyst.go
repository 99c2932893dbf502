package survey

import "github.com/aftersales-suite/aftersales/survey-svc/internal/api"

// newAnalyst builds what reads the customers' words.
func newAnalyst() (api.Analyst, error) { return nil, nil }
