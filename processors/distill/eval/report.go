package eval

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"leadline/processors/distill"
	"leadline/schemas"
)

// Count is how a distiller did on one kind.
type Count struct {
	N         int     `json:"n"`  // passages that are of the kind
	TP        int     `json:"tp"` // found and labelled
	FP        int     `json:"fp"` // found and not labelled
	FN        int     `json:"fn"` // labelled and not found
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// Mean is precision and recall over all kinds.
type Mean struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// Report is how a distiller did on a set of passages.
type Report struct {
	Distiller string           `json:"distiller"`
	Lines     int              `json:"lines"`
	None      int              `json:"none"` // passages of no kind
	Kinds     map[string]Count `json:"kinds"`
	Micro     Mean             `json:"micro"` // every finding weighs the same
	Macro     Mean             `json:"macro"` // every kind weighs the same
}

// Finding is where the distiller and a label differ.
type Finding struct {
	Passage Passage
	Kind    string
	Found   bool // and not labelled; false: labelled and not found
}

// Run asks the distiller about each passage. What it finds in the turns beside
// the labelled one does not count, nor does what the stage would drop: a quote
// that the turn does not have, or our own side saying what only customers can.
// differ is told of every mistake; nil is nobody.
func Run(ctx context.Context, d distill.Distiller, passages []Passage, differ func(Finding)) (Report, error) {
	r := Report{Distiller: d.Name(), Lines: len(passages), Kinds: make(map[string]Count)}
	for _, p := range passages {
		found, err := kindsIn(ctx, d, p)
		if err != nil {
			return Report{}, fmt.Errorf("distilling passage %.80q: %w", p.ID, err)
		}
		if len(p.Kinds) == 0 {
			r.None++
		}
		for _, kind := range schemas.Kinds {
			c := r.Kinds[kind]
			has, is := slices.Contains(found, kind), slices.Contains(p.Kinds, kind)
			switch {
			case has && is:
				c.TP++
			case has:
				c.FP++
			case is:
				c.FN++
			}
			if is {
				c.N++
			}
			r.Kinds[kind] = c
			if has != is && differ != nil {
				differ(Finding{Passage: p, Kind: kind, Found: has})
			}
		}
	}
	r.rate()
	return r, nil
}

func kindsIn(ctx context.Context, d distill.Distiller, p Passage) ([]string, error) {
	m, turn := p.meeting()
	answer, err := d.Distill(ctx, distill.NewInput(m, []string{ownDomain}))
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, f := range answer.Distillates {
		customers := f.Kind != schemas.ActionItem
		if int(f.Turn) == turn && f.Quote != "" && strings.Contains(p.Text, f.Quote) && (!customers || *p.External) {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds, nil
}

func (r *Report) rate() {
	var all Count
	for _, kind := range schemas.Kinds {
		c := r.Kinds[kind]
		c.Precision, c.Recall = share(c.TP, c.TP+c.FP), share(c.TP, c.TP+c.FN)
		r.Kinds[kind] = c
		all.TP, all.FP, all.FN = all.TP+c.TP, all.FP+c.FP, all.FN+c.FN
		r.Macro.Precision += c.Precision / float64(len(schemas.Kinds))
		r.Macro.Recall += c.Recall / float64(len(schemas.Kinds))
	}
	r.Micro = Mean{Precision: share(all.TP, all.TP+all.FP), Recall: share(all.TP, all.TP+all.FN)}
}

// share of nothing is 1: who finds nothing was never wrong, and who had nothing
// to find missed nothing.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// Print writes the report as a table.
func (r Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s on %d passages, %d of them of no kind\n\n", r.Distiller, r.Lines, r.None)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kind\tn\ttp\tfp\tfn\tprecision\trecall\t")
	for _, kind := range schemas.Kinds {
		c := r.Kinds[kind]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%.3f\t%.3f\t\n", kind, c.N, c.TP, c.FP, c.FN, c.Precision, c.Recall)
	}
	fmt.Fprintf(t, "micro\t\t\t\t\t%.3f\t%.3f\t\n", r.Micro.Precision, r.Micro.Recall)
	fmt.Fprintf(t, "macro\t\t\t\t\t%.3f\t%.3f\t\n", r.Macro.Precision, r.Macro.Recall)
	return t.Flush()
}
