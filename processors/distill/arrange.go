package distill

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
)

// maxOfKind keeps a transcript that was made to be distilled from growing the
// meeting's record beyond what a topic takes: 4 kinds x 250 x 4 KiB is 4 MiB,
// within the room that schemas.MaxRecordBytes leaves over a webhook's body.
const (
	maxOfKind   = 250
	maxSentence = 1 << 10
	maxQuote    = 3 << 10
)

// supported keeps what the transcript bears out, each once.
func (p *processor) supported(in Input, said []schemas.Distillate) (kept []schemas.Distillate, dropped int) {
	if len(said) == 0 {
		return nil, 0
	}
	e := newEvidence(in)
	type spot struct {
		kind, quote string
		turn        int32
	}
	seen := make(map[spot]bool)
	of := make(map[string]int)
	for _, d := range said {
		if of[d.Kind] >= maxOfKind {
			p.metrics.surplus.WithLabelValues(label(d.Kind)).Inc()
			continue
		}
		d, ok := e.support(d)
		if !ok {
			dropped++
			p.metrics.unsupported.WithLabelValues(label(d.Kind)).Inc()
			continue
		}
		if p.asked {
			if ToMachine(in.Meeting.Turns[d.Turn].Text) {
				dropped++
				p.metrics.unsupported.WithLabelValues(label(d.Kind)).Inc()
				continue
			}
			if d, ok = ground(in, d); !ok {
				p.metrics.ungrounded.Inc()
			}
		}
		if at := (spot{d.Kind, d.Quote, d.Turn}); !seen[at] {
			seen[at] = true
			of[d.Kind]++
			kept = append(kept, d)
		}
	}
	return kept, dropped
}

// arrange puts them in the order in which kinds are shown and things were said,
// and cuts what would not fit.
func (p *processor) arrange(all []schemas.Distillate) []schemas.Distillate {
	slices.SortStableFunc(all, func(a, b schemas.Distillate) int {
		return cmp.Or(
			cmp.Compare(slices.Index(schemas.Kinds, a.Kind), slices.Index(schemas.Kinds, b.Kind)),
			cmp.Compare(a.StartMS, b.StartMS), cmp.Compare(a.Turn, b.Turn))
	})
	of := make(map[string]int)
	fitting := make([]schemas.Distillate, 0, len(all))
	for _, d := range all {
		if of[d.Kind]++; of[d.Kind] > maxOfKind {
			p.metrics.surplus.WithLabelValues(d.Kind).Inc()
			continue
		}
		d.Sentence, d.Quote = clip(d.Sentence, maxSentence), clip(d.Quote, maxQuote)
		fitting = append(fitting, d)
	}
	return fitting
}

// clip cuts a text at a space, so that a quote stays verbatim.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = strings.ToValidUTF8(s[:most], "")
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s
}

// tally counts by kind, for people.
func tally(all []schemas.Distillate) string {
	if len(all) == 0 {
		return "nothing"
	}
	of := make(map[string]int)
	for _, d := range all {
		of[d.Kind]++
	}
	var told []string
	for _, k := range schemas.Kinds {
		if of[k] > 0 {
			told = append(told, fmt.Sprintf("%s %d", k, of[k]))
		}
	}
	return strings.Join(told, ", ")
}
