package minhash

import (
	"runtime"
	"sync"
)

// Twin is the most similar text before a text: its position, or -1, and the Jaccard similarity.
type Twin struct {
	Index      int
	Similarity float64
}

// The shape of the coarser signature for twins: 16 bands of 3 values find nine in ten at a similarity of 0.5 and all at
// 0.7, at less than half the cost of the fine one.
const (
	twinRows  = 3
	twinBands = 16
)

// Twins gives for every text its twin among the texts before it, if any has at least the threshold's similarity (which
// should be 0.5 or more). It works on all cores: training sets are large.
func Twins(texts []string, threshold float64) []Twin {
	sets := make([]Shingles, len(texts))
	keys := make([][twinBands]uint64, len(texts))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(texts); i += workers {
				sets[i] = Split(texts[i])
				keys[i] = coarse(sets[i])
			}
		})
	}
	wait.Wait()
	twins := make([]Twin, len(texts))
	for i := range twins {
		twins[i].Index = -1
	}
	for band := range twinBands {
		inBand(twins, sets, keys, band, threshold)
	}
	return twins
}

// inBand compares every text with the first and the last text before it that share the band's key.
func inBand(twins []Twin, sets []Shingles, keys [][twinBands]uint64, band int, threshold float64) {
	first, last := make(map[uint64]int32, len(sets)), make(map[uint64]int32, 1024)
	for i := range sets {
		if len(sets[i]) == 0 {
			continue
		}
		k := keys[i][band]
		j, ok := first[k]
		if !ok {
			first[k] = int32(i)
			continue
		}
		twins[i].closer(int(j), sets, i, threshold)
		if l, ok := last[k]; ok {
			twins[i].closer(int(l), sets, i, threshold)
		}
		last[k] = int32(i)
	}
}

func (t *Twin) closer(j int, sets []Shingles, i int, threshold float64) {
	if j == t.Index {
		return
	}
	if s := Jaccard(sets[i], sets[j]); s >= threshold && s > t.Similarity {
		t.Index, t.Similarity = j, s
	}
}

func coarse(set Shingles) (keys [twinBands]uint64) {
	var low [twinRows * twinBands]uint32
	for i := range low {
		low[i] = ^uint32(0)
	}
	for _, x := range set {
		for i := range low {
			low[i] = min(low[i], hash(x, i))
		}
	}
	for b := range keys {
		keys[b] = (uint64(low[3*b])<<32|uint64(low[3*b+1]))*0x9E3779B97F4A7C15 ^ uint64(low[3*b+2])
	}
	return keys
}
