package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
)

// Searcher is what is measured. Measure calls it for one question at a time.
type Searcher interface {
	Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error)
}

// asked is how many results are looked at.
const asked = 10

// MaxWords is the longest result that counts: longer ones would hit by length
// alone.
const MaxWords = 250

// Report has a measurement of each scope.
type Report struct {
	Customer Measurement `json:"customer"`
	All      Measurement `json:"all"`
}

// Measurement of one scope. Hits are shares of the questions, times are
// milliseconds of a search.
type Measurement struct {
	Hit1  float64 `json:"hit_1"`
	Hit5  float64 `json:"hit_5"`
	Hit10 float64 `json:"hit_10"`
	MRR10 float64 `json:"mrr_10"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	N     int     `json:"n"`
}

// Measure asks every question, once in the scope of its customer and once in
// that of the whole organisation. The questions are about places in
// transcripts, so only those are asked for.
func (s *Set) Measure(ctx context.Context, org string, searcher Searcher) (Report, error) {
	var r Report
	for _, scope := range []struct {
		into *Measurement
		of   func(Question) schemas.Scope
	}{
		{&r.Customer, func(q Question) schemas.Scope { return schemas.Scope{Org: org, Company: q.CompanyID} }},
		{&r.All, func(Question) schemas.Scope { return schemas.Scope{Org: org} }},
	} {
		var times []time.Duration
		for _, q := range s.Questions {
			began := time.Now()
			hits, err := searcher.Search(ctx, schemas.SearchQuery{
				Scope: scope.of(q), Text: q.Text, Kinds: []string{schemas.EntryTranscript}, Limit: asked,
			})
			if err != nil {
				return r, fmt.Errorf("asking %.200q: %w", q.Text, err)
			}
			times = append(times, time.Since(began))
			scope.into.count(rank(q, hits))
			if err := pause(ctx, s.Pause); err != nil {
				return r, err
			}
		}
		scope.into.close(times)
	}
	return r, nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("asking: %w", context.Cause(ctx))
	case <-timer.C:
		return nil
	}
}

// rank is the place of the first hit, from 1; 0 is none.
func rank(q Question, hits []schemas.Hit) int {
	return 1 + slices.IndexFunc(hits[:min(len(hits), asked)], func(h schemas.Hit) bool {
		e := h.Entry
		if e.RecordingID != q.RecordingID.String() || e.TurnFirst == nil || e.TurnLast == nil ||
			len(strings.Fields(e.Text)) > MaxWords {
			return false
		}
		return slices.ContainsFunc(q.Turns, func(r [2]int32) bool { return *e.TurnFirst <= r[1] && *e.TurnLast >= r[0] })
	})
}

func (m *Measurement) count(rank int) {
	m.N++
	if rank == 0 {
		return
	}
	m.Hit10++
	m.MRR10 += 1 / float64(rank)
	if rank <= 5 {
		m.Hit5++
	}
	if rank == 1 {
		m.Hit1++
	}
}

// close turns sums into shares.
func (m *Measurement) close(times []time.Duration) {
	n := float64(max(m.N, 1))
	m.Hit1, m.Hit5, m.Hit10, m.MRR10 = m.Hit1/n, m.Hit5/n, m.Hit10/n, m.MRR10/n
	slices.Sort(times)
	m.P50, m.P99 = percentile(times, 50), percentile(times, 99)
}

// percentile is the least time that so many of a hundred are not above.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*p+99)/100 - 1
	return float64(sorted[at].Microseconds()) / 1000
}
