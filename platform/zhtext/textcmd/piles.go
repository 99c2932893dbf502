package textcmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/hotspot"
	"github.com/aftersales-suite/aftersales/platform/zhtext/minhash"
)

// DuplicatesCmd is `text duplicates`.
type DuplicatesCmd struct {
	Threshold float64 `default:"0.5" help:"Jaccard 相似度下限 / Least Jaccard similarity."`
	streams   `kong:"-"`
}

type duplicates struct {
	Line    int         `json:"line"`
	Matches []duplicate `json:"matches"`
}

type duplicate struct {
	Line       int     `json:"line"`
	Similarity float64 `json:"similarity"`
}

// Run answers every line with the lines before it that are like it, most similar first.
func (c *DuplicatesCmd) Run() error {
	x := minhash.NewIndex(c.Threshold)
	return c.eachLine(func(n int, line string) any {
		d := duplicates{Line: n, Matches: []duplicate{}}
		for _, m := range x.FindAndAdd(strconv.Itoa(n), line) {
			at, _ := strconv.Atoi(m.ID)
			d.Matches = append(d.Matches, duplicate{at, m.Similarity})
		}
		return d
	})
}

// HotspotsCmd is `text hotspots`.
type HotspotsCmd struct {
	Slice    string `help:"只看这个切片；缺省为每个切片对其余 / Only this slice; by default every slice against the rest."`
	Weekly   bool   `help:"每行为：切片、周次、文本，并检验突增 / Lines are slice, week, text; bursts are tested too."`
	Limit    int    `default:"20" help:"每个切片的词语数 / Words per slice."`
	MinTexts int    `default:"3" help:"词语至少出现的文本数 / Least texts with a word."`
	streams  `kong:"-"`
}

type hotSlice struct {
	Slice string         `json:"slice"`
	Texts int            `json:"texts"`
	Words []hotspot.Word `json:"words"`
}

type hotBursts struct {
	Bursts []hotspot.Burst `json:"bursts"`
}

// pile is the input by slice and, when weekly, by week.
type pile struct {
	slices map[string][]hotspot.Text
	weeks  map[string]map[string][]string // slice, week: keys of texts
	all    map[string]bool                // weeks
}

// Run reads slice, tab, text from the standard input and answers one object per slice. Evidence is line numbers.
func (c *HotspotsCmd) Run() error {
	p, err := c.read()
	if err != nil {
		return err
	}
	enc := json.NewEncoder(c.flushed())
	enc.SetEscapeHTML(false)
	for _, name := range slices.Sorted(maps.Keys(p.slices)) {
		if c.Slice != "" && name != c.Slice {
			continue
		}
		var rest []hotspot.Text
		for other, texts := range p.slices {
			if other != name {
				rest = append(rest, texts...)
			}
		}
		words := hotspot.Words(p.slices[name], rest, hotspot.Options{Limit: c.Limit, MinTexts: c.MinTexts})
		if err := enc.Encode(hotSlice{name, len(p.slices[name]), words}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if !c.Weekly {
		return nil
	}
	return enc.Encode(hotBursts{hotspot.Bursts(p.series(), hotspot.BurstOptions{})})
}

func (c *HotspotsCmd) read() (pile, error) {
	p := pile{map[string][]hotspot.Text{}, map[string]map[string][]string{}, map[string]bool{}}
	bad := 0
	err := c.eachLine(func(n int, line string) any {
		slice, text, ok := strings.Cut(line, "\t")
		week := ""
		if ok && c.Weekly {
			week, text, ok = strings.Cut(text, "\t")
		}
		if !ok {
			if bad == 0 {
				bad = n
			}
			return nil
		}
		p.add(slice, week, strconv.Itoa(n), text)
		return nil
	})
	if err == nil && bad > 0 {
		err = fmt.Errorf("line %d: too few tabs", bad)
	}
	return p, err
}

func (p *pile) add(slice, week, id, text string) {
	p.slices[slice] = append(p.slices[slice], hotspot.Text{ID: id, Text: text})
	if p.weeks[slice] == nil {
		p.weeks[slice] = map[string][]string{}
	}
	p.weeks[slice][week] = append(p.weeks[slice][week], id)
	p.all[week] = true
}

// series lays the counts of every slice out by week, in the order of the weeks' names.
func (p *pile) series() []hotspot.Series {
	weeks := slices.Sorted(maps.Keys(p.all))
	var all []hotspot.Series
	for _, slice := range slices.Sorted(maps.Keys(p.weeks)) {
		s := hotspot.Series{Key: slice}
		for _, w := range weeks {
			s.Counts = append(s.Counts, len(p.weeks[slice][w]))
		}
		s.Evidence = p.weeks[slice][weeks[len(weeks)-1]]
		all = append(all, s)
	}
	return all
}
