package learn

import (
	"hash/fnv"
	"math"
)

// AuditShare is the share of answers drawn for a person to judge.
const AuditShare = 0.02

// Drawn tells whether the answer about a text belongs to the audit sample. The draw depends on the text's id and the
// installation's salt alone, so that a repeat draws the same, whoever asks.
func Drawn(salt, textID string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(salt))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(textID))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11)/(1<<53) < AuditShare
}

// Audit is how often the answers of the audit sample were right.
type Audit struct {
	Judged   int     `json:"judged"`
	Right    int     `json:"right"`
	Accuracy float64 `json:"accuracy"`
	// Low and High bound the true accuracy with 95 % confidence (Wilson, 1927).
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Measure counts the audited events of one model; an empty version counts all.
func Measure(events []LabelEvent, version string) Audit {
	var a Audit
	for _, e := range events {
		if !e.Audit || e.Given == "" || version != "" && e.Model != version {
			continue
		}
		a.Judged++
		if e.Given == e.Label {
			a.Right++
		}
	}
	if a.Judged > 0 {
		a.Accuracy = float64(a.Right) / float64(a.Judged)
		a.Low, a.High = wilson(a.Accuracy, float64(a.Judged))
	}
	return a
}

func wilson(p, n float64) (low, high float64) {
	const z = 1.959964
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return middle - half, middle + half
}
