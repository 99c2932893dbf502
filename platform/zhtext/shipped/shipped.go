package shipped

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

//go:embed sentiment.model
var sentiment []byte

// Sentiment is the shipped model, decoded once. Its labels are dissatisfied and satisfied.
var Sentiment = sync.OnceValues(func() (*linear.Model, error) {
	m, err := linear.Decode(sentiment)
	if err != nil {
		return nil, fmt.Errorf("shipped sentiment model: %w", err)
	}
	return m, nil
})
