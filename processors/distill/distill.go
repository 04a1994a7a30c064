// Package distill draws out of a meeting what matters: customer feedback,
// action items, product asks, renewal signals.
//
// A distiller finds them; the stage takes none at its word. Each must quote the
// transcript, and the same content is distilled once, however often it comes.
package distill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
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

// New makes the stage. The registerer may be nil.
func New(d Distiller, r prometheus.Registerer) (stage.Stage, error) {
	m, err := newMetrics(r)
	if err != nil {
		return stage.Stage{}, err
	}
	return (&processor{distiller: d, metrics: m}).stage(), nil
}

type processor struct {
	distiller Distiller
	metrics   *metrics
}

func (p *processor) stage() stage.Stage {
	return stage.Stage{Name: "distill", Inputs: []stage.Input{stage.On(schemas.MatchedMeetings, p.onMeeting)}}
}

// onMeeting takes in a matched meeting; see stage.On for when it is called.
func (p *processor) onMeeting(ctx context.Context, r stage.Record[schemas.MatchedMeeting], tx *stage.Tx) error {
	_, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil && r.Value.Meeting.ID != r.Key {
		err = fmt.Errorf("the record %.140q holds the meeting %.140q", r.Key, r.Value.Meeting.ID)
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	if r.Value == nil {
		if err := forget(tx, r.Key); err != nil {
			return err
		}
		return stage.Emit[schemas.DistilledMeeting](tx, schemas.DistilledMeetings, r.Key, nil)
	}
	found, detail, err := p.distillates(ctx, r.Value, tx)
	if err != nil {
		return err
	}
	err = stage.Emit(tx, schemas.DistilledMeetings, r.Key, &schemas.DistilledMeeting{
		Matched: *r.Value, Distiller: p.distiller.Name(), Distillates: found,
	}, kgo.RecordHeader{Key: schemas.HeaderSource, Value: []byte(r.Value.Meeting.Source)})
	if err != nil {
		return err
	}
	return tx.Report(r.Key, schemas.OutcomeDone, detail)
}

// distillates returns what is remembered for this content, or distils it.
func (p *processor) distillates(ctx context.Context, m *schemas.MatchedMeeting, tx *stage.Tx) ([]schemas.Distillate, string, error) {
	name := p.distiller.Name()
	key := memo(m, name)
	kept, found, err := recall(tx, key)
	if err != nil {
		return nil, "", err
	}
	if found {
		p.metrics.recalled.Inc()
		return kept, fmt.Sprintf("%s, remembered: %s", name, tally(kept)), nil
	}
	p.metrics.calls.Inc()
	in := NewInput(&m.Meeting, m.Own())
	said, err := p.distiller.Distill(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("distilling with %s: %w", name, err)
	}
	all, dropped := p.supported(in, said)
	if _, off := p.distiller.(None); !off {
		all = join(recorded(in), all)
	}
	all = p.arrange(all)
	detail := name + ": " + tally(all)
	if dropped > 0 {
		detail += fmt.Sprintf("; %d dropped without support in the transcript", dropped)
	}
	return all, detail, remember(tx, key, name, all)
}

// supported keeps what the transcript bears out, each once.
func (p *processor) supported(in Input, said []schemas.Distillate) (kept []schemas.Distillate, dropped int) {
	if len(said) == 0 {
		return nil, 0
	}
	e := newEvidence(in)
	type place struct {
		kind, quote string
		turn        int32
	}
	seen := make(map[place]bool)
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
		if at := (place{d.Kind, d.Quote, d.Turn}); !seen[at] {
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
