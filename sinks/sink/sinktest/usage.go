package sinktest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// UsageStore is a store of what learning cost.
type UsageStore interface {
	UsageSink() sink.Sink[schemas.Usage]
	Costs(ctx context.Context, q schemas.CostQuery) (schemas.Costs, error)
}

// Usage is the suite of a store of what learning cost.
func Usage(t *testing.T, open Open[UsageStore]) {
	t.Helper()
	for name, test := range map[string]func(*suite[UsageStore]){
		"costs are summed up by rule and company":    summedUp,
		"a usage of another organisation is lying":   lyingUsage,
		"costs of nobody are refused, of none are 0": noCosts,
	} {
		open.each(t, name, test)
	}
}

func (s *suite[S]) usage(recording string, at time.Time, version uint64, change func(*schemas.Usage)) sink.Row[schemas.Usage] {
	u := &schemas.Usage{
		MeetingID: s.meetingID(recording), Org: s.org, Memo: "m", Distiller: "openai:x prompt/1", At: at,
		Spent: schemas.Spending{Calls: 2, TokensIn: 100, TokensOut: 20, Micros: 5},
	}
	change(u)
	return sink.Row[schemas.Usage]{Key: schemas.UsageKey(u.MeetingID, u.Memo, u.At), Version: version, Value: u}
}

func summedUp(s *suite[UsageStore]) {
	first := s.usage("1", start, 1, func(u *schemas.Usage) { u.Rules, u.Companies = []string{"a", "b"}, []string{"acme"} })
	second := s.usage("2", start.Add(time.Hour), 2, func(u *schemas.Usage) { u.Rules, u.Companies = []string{"b"}, []string{"acme", "birch"} })
	parked := s.usage("2", start.Add(2*time.Hour), 3, func(u *schemas.Usage) { u.Parked = true })
	again := first
	again.Version = 9 // delivered once more, at another offset
	write(s, s.store.UsageSink(), first, second)
	write(s, s.store.UsageSink(), parked, again, first)
	times := func(n int32) schemas.Spending {
		m := int64(n)
		return schemas.Spending{Calls: 2 * n, TokensIn: 100 * m, TokensOut: 20 * m, Micros: 5 * m}
	}
	for name, c := range map[string]struct {
		since time.Time
		want  schemas.Costs
	}{
		"all": {time.Time{}, schemas.Costs{
			Total: times(3), Parked: times(1),
			ByRule:    map[string]schemas.Spending{"a": times(1), "b": times(2)},
			ByCompany: map[string]schemas.Spending{"acme": times(2), "birch": times(1)},
		}},
		"since the second": {start.Add(time.Hour), schemas.Costs{
			Total: times(2), Parked: times(1), ByRule: map[string]schemas.Spending{"b": times(1)},
			ByCompany: map[string]schemas.Spending{"acme": times(1), "birch": times(1)},
		}},
	} {
		got, err := s.store.Costs(s.Context(), schemas.CostQuery{Org: s.org, Since: c.since})
		s.must(err)
		if !reflect.DeepEqual(got, c.want) {
			s.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func lyingUsage(s *suite[UsageStore]) {
	lie := s.usage("1", start, 1, func(u *schemas.Usage) { u.Org = "other" })
	gone := sink.Row[schemas.Usage]{Key: lie.Key, Version: 2}
	b := sink.Batch[schemas.Usage]{lie, s.usage("2", start, 3, func(*schemas.Usage) {}), gone}
	wantUnstorable(s, s.store.UsageSink().Write(s.Context(), b), 0, 2)
	s.visible()
	got, err := s.store.Costs(s.Context(), schemas.CostQuery{Org: s.org})
	s.must(err)
	if got.Total.Micros != 5 {
		s.Errorf("%+v, want what the one in between cost", got.Total)
	}
}

func noCosts(s *suite[UsageStore]) {
	_, err := s.store.Costs(s.Context(), schemas.CostQuery{})
	wantField(s, err, "org")
	got, err := s.store.Costs(s.Context(), schemas.CostQuery{Org: s.org})
	s.must(err)
	if !reflect.DeepEqual(got, sink.NewCosts()) {
		s.Errorf("%+v of nothing", got)
	}
}
