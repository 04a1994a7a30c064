package bench

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/normalize"
	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func TestARatioBelowOneIsWorseForSpeedAndForCost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m            metric
		ours, theirs []float64
		want         Row
	}{
		"speed": {metric{rate: true}, []float64{50, 80, 90}, []float64{100, 100, 100}, Row{Leadline: 80, Yardstick: 100, Ratio: 0.8, Low: 0.5, High: 0.9, Rounds: 3}},
		"cost":  {metric{}, []float64{4, 2}, []float64{1, 1}, Row{Leadline: 3, Yardstick: 1, Ratio: 0.375, Low: 0.25, High: 0.5, Rounds: 2}},
		"alone": {metric{}, []float64{3, 1, 2}, nil, Row{Leadline: 2, Rounds: 3}},
	} {
		if got := c.m.row(c.ours, c.theirs); math.Abs(got.Ratio-c.want.Ratio) > 1e-9 || got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestSidesTakeTurnsAndTheFirstRoundDoesNotCount(t *testing.T) {
	t.Parallel()
	var order strings.Builder
	n := 0.0
	say := func(c string) side {
		return func(context.Context) ([]float64, error) {
			order.WriteString(c)
			n++
			return []float64{n}, nil
		}
	}
	rows, err := compare(t.Context(), 2, []metric{{name: "x"}}, say("a"), say("b"))
	if err != nil {
		t.Fatal(err)
	}
	if got := order.String(); got != "abbaab" {
		t.Errorf("order %s", got)
	}
	if rows[0].Leadline != 4.5 || rows[0].Yardstick != 4.5 || rows[0].Rounds != 2 {
		t.Errorf("%+v: the first round counts", rows[0])
	}
}

func TestAWrongOutputIsNoNumber(t *testing.T) {
	t.Parallel()
	bad := func(context.Context) ([]float64, error) { return []float64{1}, wrong("1 of 2") }
	good := func(context.Context) ([]float64, error) { return []float64{1}, nil }
	for _, sides := range [][2]side{{bad, good}, {good, bad}} {
		rows, err := compare(t.Context(), 1, []metric{{name: "x"}}, sides[0], sides[1])
		if err == nil || len(rows) > 0 {
			t.Errorf("%v, %v: want an error and no row", rows, err)
		}
	}
}

func TestWhatALoopFailsWithEndsTheWaitForItsResults(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	running, stop := background(t.Context(), func(context.Context) error { return broken })
	<-running.Done()
	if got := context.Cause(running); !errors.Is(got, broken) {
		t.Errorf("cause %v", got)
	}
	if err := stop(); !errors.Is(err, broken) {
		t.Errorf("stop says %v", err)
	}
}

func TestMeetingsAreAsLargeAsAskedAndNormalizeTakesThem(t *testing.T) {
	t.Parallel()
	codec, r, first := schematest.Codec(t), newRecorder(), normalize.New()
	for _, size := range []int{1 << 10, 125 << 10, 8064 << 10} {
		m, err := r.meeting(size)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(m.raw.Value); n > maxBody || float64(n) < 0.8*float64(size) || float64(n) > 1.25*float64(size)+400 {
			t.Errorf("a meeting of %d bytes has %d", size, n)
		}
		res, err := first.Apply(t.Context(), codec, state.NewOverlay(state.Empty{}), m.raw)
		if err != nil {
			t.Fatal(err)
		}
		var got *schemas.Meeting
		for _, e := range res.Emitted {
			if e.Topic == schemas.NormalizedMeetings.Name {
				if got, err = schemas.Decode(codec, schemas.NormalizedMeetings, e.Value); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got == nil || got.ID != m.id || len(got.Turns) != m.turns {
			t.Errorf("%s became %+v", m.id, got)
		}
	}
}

func TestARowThatIsMissingIsFound(t *testing.T) {
	t.Parallel()
	row := &schemas.MeetingRow{ID: "a", Turns: 3, Entries: 2, Links: []schemas.Link{{}}}
	whole := func() *passed {
		return &passed{rows: map[string]*schemas.MeetingRow{"a": row}, rowsRaw: make([]*kgo.Record, 1), entries: make([]*kgo.Record, 2)}
	}
	if err := whole().check([]recorded{{id: "a", turns: 3}}, 2); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"another meeting": whole().check([]recorded{{id: "b", turns: 3}}, 2),
		"a turn less":     whole().check([]recorded{{id: "a", turns: 4}}, 2),
		"an entry less":   whole().check([]recorded{{id: "a", turns: 3}}, 3),
		"a row less":      whole().check([]recorded{{id: "a", turns: 3}, {id: "b"}}, 2),
	} {
		if err == nil {
			t.Errorf("%s was not found", name)
		}
	}
}
