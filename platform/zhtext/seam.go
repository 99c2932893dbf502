package zhtext

import "context"

// Analyzer classifies a text outside the process: the seam for a language model. It is called off the request path;
// its answer never overrides a person's and is never waited for. The implementation masks the text itself.
type Analyzer interface {
	// Analyze gives the text one of the labels. ctx carries the deadline.
	Analyze(ctx context.Context, text string, axis Axis, labels []string) (Class, error)
}

// Embedder turns texts into vectors of equal length, for search by meaning.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}
