package learn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// MaxClassDrop is by how much the recall of a class may fall, in points of a hundred.
const MaxClassDrop = 3.0

// MinSlice is the least number of texts of a frozen slice for a comparison to mean anything.
const MinSlice = 50

// Verdict is the outcome of comparing a candidate with the model in use.
type Verdict struct {
	Promote   bool          `json:"promote"`
	Why       string        `json:"why"` // in Chinese
	Current   linear.Report `json:"current"`
	Candidate linear.Report `json:"candidate"`
}

// Compare measures both models on the frozen slice. current may be nil: then the candidate only has to beat the most
// frequent label.
func Compare(current, candidate *linear.Model, frozen []linear.Example) Verdict {
	v := Verdict{Candidate: linear.Evaluate(candidate, frozen)}
	if v.Candidate.Texts < MinSlice {
		v.Why = fmt.Sprintf("冻结样本只有 %d 条，少于 %d 条", v.Candidate.Texts, MinSlice)
		return v
	}
	if current == nil {
		v.Promote = v.Candidate.Accuracy > v.Candidate.MajorityShare
		v.Why = fmt.Sprintf("首个模型，准确率 %.1f%%，多数类占 %.1f%%", 100*v.Candidate.Accuracy, 100*v.Candidate.MajorityShare)
		return v
	}
	v.Current = linear.Evaluate(current, frozen)
	if v.Candidate.Accuracy < v.Current.Accuracy {
		v.Why = fmt.Sprintf("准确率由 %.1f%% 降到 %.1f%%", 100*v.Current.Accuracy, 100*v.Candidate.Accuracy)
		return v
	}
	if label, drop := v.worstDrop(); drop > MaxClassDrop {
		v.Why = fmt.Sprintf("“%s”的召回率下降 %.1f 个百分点", label, drop)
		return v
	}
	v.Promote = true
	v.Why = fmt.Sprintf("准确率 %.1f%%（原 %.1f%%），各类下降均不超过 %.0f 个百分点", 100*v.Candidate.Accuracy, 100*v.Current.Accuracy, MaxClassDrop)
	return v
}

// worstDrop is the class whose recall falls most, in points.
func (v Verdict) worstDrop() (label string, points float64) {
	for _, c := range v.Current.Classes {
		for _, d := range v.Candidate.Classes {
			if c.Label == d.Label && 100*(c.Recall-d.Recall) > points {
				label, points = c.Label, 100*(c.Recall-d.Recall)
			}
		}
	}
	return label, points
}

// ModelRow is a stored model.
type ModelRow struct {
	Version   string    `json:"version"`
	Task      string    `json:"task"`
	File      []byte    `json:"-"` // linear.Model.Encode
	CreatedAt time.Time `json:"createdAt"`
	Why       string    `json:"why"` // the verdict it was promoted by
}

// ModelStore keeps models and which of them is in use per task.
type ModelStore interface {
	// PutModel stores a model; the same version twice does no harm.
	PutModel(ctx context.Context, row ModelRow) error
	// InUse gives the model in use; ErrNoModel when there is none.
	InUse(ctx context.Context, task string) (ModelRow, error)
	// SetInUse makes version the model in use, provided that expected (empty: none) is still in use, and must answer
	// ErrChanged otherwise. The one it replaces becomes the previous one.
	SetInUse(ctx context.Context, task, version, expected string) error
	// Previous gives the model that was in use before; ErrNoModel when there is none.
	Previous(ctx context.Context, task string) (ModelRow, error)
}

// Errors of a ModelStore.
var (
	ErrNoModel = errors.New("learn: no such model")
	ErrChanged = errors.New("learn: another model has been put in use meanwhile")
)

// Promote stores the candidate and puts it in use when the comparison allows. now is the time of the row.
func Promote(ctx context.Context, s ModelStore, candidate *linear.Model, frozen []linear.Example, now time.Time) (Verdict, error) {
	row, err := s.InUse(ctx, candidate.Task)
	if err != nil && !errors.Is(err, ErrNoModel) {
		return Verdict{}, err
	}
	var current *linear.Model
	if err == nil {
		if current, err = linear.Decode(row.File); err != nil {
			return Verdict{}, fmt.Errorf("learn: model in use %s: %w", row.Version, err)
		}
	}
	v := Compare(current, candidate, frozen)
	if !v.Promote {
		return v, nil
	}
	file, err := candidate.Encode()
	if err != nil {
		return v, err
	}
	next := ModelRow{Version: candidate.Version, Task: candidate.Task, File: file, CreatedAt: now, Why: v.Why}
	if err := s.PutModel(ctx, next); err != nil {
		return v, err
	}
	return v, s.SetInUse(ctx, candidate.Task, next.Version, row.Version)
}

// StepBack puts the previous model in use again.
func StepBack(ctx context.Context, s ModelStore, task string) (ModelRow, error) {
	now, err := s.InUse(ctx, task)
	if err != nil {
		return ModelRow{}, err
	}
	before, err := s.Previous(ctx, task)
	if err != nil {
		return ModelRow{}, err
	}
	return before, s.SetInUse(ctx, task, before.Version, now.Version)
}
