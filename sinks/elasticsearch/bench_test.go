package elasticsearch_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"leadline/schemas"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/sink"
)

// chunk is 120 words; the nth most common word of speech comes about 1/n as
// often as the first.
func chunk(zipf *rand.Zipf) string {
	var b strings.Builder
	for range 120 {
		fmt.Fprintf(&b, "w%dx ", zipf.Uint64())
	}
	return b.String()
}

func batches() func() []sink.Row[schemas.Entry] {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 1)), 1.1, 4, 20_000)
	n := 0
	return func() []sink.Row[schemas.Entry] {
		var batch []sink.Row[schemas.Entry]
		for range 500 {
			batch = append(batch, entry(n, 1, chunk(zipf)))
			n++
		}
		return batch
	}
}

// BenchmarkWrite compares batches of 500 written by the sink with the same
// bodies sent to _bulk by nothing but net/http.
func BenchmarkWrite(b *testing.B) {
	b.Run("sink", func(b *testing.B) {
		s, next := prepared(b, options(b)), batches()
		n := 0
		for b.Loop() {
			b.StopTimer()
			batch := next()
			b.StartTimer()
			must(b, s.EntrySink().Write(b.Context(), batch))
			n += len(batch)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("bare _bulk", func(b *testing.B) {
		o := options(b)
		prepared(b, o)
		var body []byte
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			var err error
			body, err = io.ReadAll(r.Body)
			return nil, fmt.Errorf("only the body is wanted: %w", err)
		})
		recorder, next := made(b, o), batches()
		n := 0
		for b.Loop() {
			b.StopTimer()
			record(b, recorder, next())
			b.StartTimer()
			res, err := http.Post(server(b)+"/"+o.Name+"-write/_bulk", "application/json", bytes.NewReader(body))
			must(b, err)
			said, err := io.ReadAll(res.Body)
			must(b, err)
			must(b, res.Body.Close())
			if !bytes.Contains(said[:100], []byte(`"errors":false`)) {
				b.Fatalf("%.300s", said)
			}
			n += 500
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
	})
}

func record(b *testing.B, s *elasticsearch.Store, batch []sink.Row[schemas.Entry]) {
	b.Helper()
	if err := s.EntrySink().Write(b.Context(), batch); err == nil {
		b.Fatal("was sent")
	}
}

// BenchmarkEncode is what the sink does beside waiting.
func BenchmarkEncode(b *testing.B) {
	o := elasticsearch.Options{Addresses: []string{"http://localhost:1"}}
	o.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	s, batch := made(b, o), batches()()
	for b.Loop() {
		record(b, s, batch)
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkSearch(b *testing.B) {
	s, next := prepared(b, options(b)), batches()
	for range 20 {
		must(b, s.EntrySink().Write(b.Context(), next()))
	}
	must(b, s.Refresh(b.Context()))
	for _, c := range []struct{ name, text string }{
		{"one rare word", "w9000x"},
		{"ten words with common ones", "w0x w1x w2x w5x w10x w40x w300x w900x w2500x w7000x"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				hits, err := s.Search(b.Context(), schemas.SearchQuery{Scope: staff, Text: c.text})
				if err != nil || len(hits) == 0 {
					b.Fatalf("%d hits: %v", len(hits), err)
				}
			}
		})
	}
}
