package sinktest

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// RuleHitStore is a store of what the learning rules did.
type RuleHitStore interface {
	RuleHitSink() sink.Sink[schemas.RuleHit]
	RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]schemas.RuleHit, error)
}

// RuleHits is the suite of a store of what the learning rules did.
func RuleHits(t *testing.T, open Open[RuleHitStore]) {
	t.Helper()
	for name, test := range map[string]func(*suite[RuleHitStore]){
		"a hit that comes twice is there once, whole": hitTwice,
		"hits of an erased meeting are gone":          hitsErased,
		"hits are narrowed and paged, newest first":   hitsNarrowed,
		"the last of each rule":                       hitsOfEach,
		"a hit of another organisation is lying":      lyingHit,
		"nobody's hits are refused":                   nobodysHits,
	} {
		open.each(t, name, test)
	}
}

// hit is what a rule did to a recording, some minutes after the start.
func (s *suite[S]) hit(recording string, minutes int, version uint64, effect string, rules ...string) sink.Row[schemas.RuleHit] {
	h := &schemas.RuleHit{
		MeetingID: s.meetingID(recording), Org: s.org, Title: "Meeting " + recording, Rules: rules, RuleType: schemas.RuleTopic, RulesVersion: 7,
		Effect: effect, Judge: "words/1", Place: schemas.PlaceTranscript, Turn: 3, Excerpt: "the \u201cpier\u201d,\n is rotten",
		At: start.Add(time.Duration(minutes)*time.Minute + 7*time.Millisecond),
	}
	h.ID = schemas.HitID([]byte(recording), h)
	return sink.Row[schemas.RuleHit]{Key: schemas.RuleHitKey(h.MeetingID, h.ID), Version: version, Value: h}
}

// asked are the hits that a query finds, as recording, effect and rules.
func (s *suite[S]) asked(store RuleHitStore, change func(*schemas.RuleHitQuery)) []schemas.RuleHit {
	s.Helper()
	q := schemas.RuleHitQuery{Org: s.org}
	if change != nil {
		change(&q)
	}
	all, err := store.RuleHits(s.Context(), q)
	s.must(err)
	return all
}

func (s *suite[S]) wantHits(when string, got []schemas.RuleHit, want ...sink.Row[schemas.RuleHit]) {
	s.Helper()
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = reflect.DeepEqual(got[i], *want[i].Value)
	}
	if !same {
		s.Errorf("%s: %d hits\n%+v\nwant %d\n", when, len(got), got, len(want))
		for _, w := range want {
			s.Logf("%+v", *w.Value)
		}
	}
}

func hitTwice(s *suite[RuleHitStore]) {
	first, second := s.hit("1", 0, 5, schemas.HitAbout, "a"), s.hit("1", 0, 6, schemas.HitOffTopic, "b", "c")
	second.Value.Place, second.Value.Turn, second.Value.Excerpt = "", -1, ""
	again, late := first, first
	again.Version, late.Version = 9, 2
	value := *first.Value
	value.At = start.Add(time.Hour)
	again.Value = &value
	write(s, s.store.RuleHitSink(), first, second)
	write(s, s.store.RuleHitSink(), second, again)
	write(s, s.store.RuleHitSink(), late)
	s.wantHits("told again", s.asked(s.store, nil), again, second)
}

func hitsErased(s *suite[RuleHitStore]) {
	mine, other := s.hit("1", 1, 5, schemas.HitExcluded, "a"), s.hit("11", 0, 6, schemas.HitExcluded, "a")
	gone := sink.Row[schemas.RuleHit]{Key: mine.Key, Version: 8}
	for _, order := range permutations([]int{0, 1, 2}) {
		for _, i := range order {
			write(s, s.store.RuleHitSink(), []sink.Row[schemas.RuleHit]{mine, gone, other}[i])
		}
		s.wantHits("erased", s.asked(s.store, nil), other)
	}
	again := mine
	again.Version = 9
	write(s, s.store.RuleHitSink(), again)
	s.wantHits("recorded once more", s.asked(s.store, nil), again, other)
}

func hitsNarrowed(s *suite[RuleHitStore]) {
	var all []sink.Row[schemas.RuleHit]
	for i, h := range []struct {
		effect string
		rules  []string
	}{
		{schemas.HitExcluded, []string{"a"}}, {schemas.HitAbout, []string{"b"}}, {schemas.HitOffTopic, []string{"b", "c"}}, {schemas.HitGiven, []string{"ab"}},
	} {
		all = append(all, s.hit("1", i/2, uint64(i+1), h.effect, h.rules...))
	}
	write(s, s.store.RuleHitSink(), all...)
	slices.SortFunc(all, func(a, b sink.Row[schemas.RuleHit]) int {
		if c := b.Value.At.Compare(a.Value.At); c != 0 {
			return c
		}
		return -slices.Compare([]byte(a.Key), []byte(b.Key))
	})
	some := func(which func(*schemas.RuleHit) bool) (found []sink.Row[schemas.RuleHit]) {
		for _, h := range all {
			if which(h.Value) {
				found = append(found, h)
			}
		}
		return found
	}
	s.wantHits("all", s.asked(s.store, nil), all...)
	s.wantHits("of a rule", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Rule = "b" }),
		some(func(h *schemas.RuleHit) bool { return slices.Contains(h.Rules, "b") })...)
	s.wantHits("of an effect", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Effect = schemas.HitGiven }),
		some(func(h *schemas.RuleHit) bool { return h.Effect == schemas.HitGiven })...)
	s.wantHits("since", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Since = all[0].Value.At }), all[:2]...)
	s.wantHits("of both", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Rule, q.Effect = "b", schemas.HitExcluded }))
	var paged []schemas.RuleHit
	for before := ""; ; {
		page := s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Limit, q.Before = 1, before })
		if len(page) == 0 {
			break
		}
		paged, before = append(paged, page...), page[0].Cursor()
	}
	s.wantHits("by pages", paged, all...)
}

func hitsOfEach(s *suite[RuleHitStore]) {
	var all []sink.Row[schemas.RuleHit]
	for i := range 3 {
		n := uint64(i)
		all = append(all, s.hit(string(rune('1'+i)), 2*i, 10*n+1, schemas.HitExcluded, "a"), s.hit(string(rune('1'+i)), 2*i+1, 10*n+2, schemas.HitOffTopic, "a", "b"))
	}
	write(s, s.store.RuleHitSink(), all...)
	s.wantHits("two of each", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Each = 2 }), all[5], all[4], all[3], all[2])
	s.wantHits("three at most", s.asked(s.store, func(q *schemas.RuleHitQuery) { q.Each, q.Limit = 2, 3 }), all[5], all[4], all[3])
}

func lyingHit(s *suite[RuleHitStore]) {
	honest := s.hit("2", 0, 2, schemas.HitAbout, "a")
	var b sink.Batch[schemas.RuleHit]
	for _, lie := range []func(*schemas.RuleHit){
		func(h *schemas.RuleHit) { h.Org = "other" },
		func(h *schemas.RuleHit) { h.MeetingID = "other/fathom/1" },
		func(h *schemas.RuleHit) { h.ID = "x" },
	} {
		row := s.hit("1", 0, 1, schemas.HitAbout, "a")
		lie(row.Value)
		b = append(b, row)
	}
	b = append(b, honest, sink.Row[schemas.RuleHit]{Key: s.meetingID("1"), Version: 1})
	wantUnstorable(s, s.store.RuleHitSink().Write(s.Context(), b), 0, 1, 2, 4)
	s.visible()
	s.wantHits("the honest one", s.asked(s.store, nil), honest)
}

func nobodysHits(s *suite[RuleHitStore]) {
	for field, q := range map[string]schemas.RuleHitQuery{
		"org": {}, "effect": {Org: s.org, Effect: "liked"}, "before": {Org: s.org, Before: "yesterday"}, "limit": {Org: s.org, Limit: 501}, "each": {Org: s.org, Each: -1},
	} {
		_, err := s.store.RuleHits(s.Context(), q)
		wantField(s, err, field)
	}
	if all := s.asked(s.store, nil); len(all) != 0 {
		s.Errorf("%+v of nothing", all)
	}
}
