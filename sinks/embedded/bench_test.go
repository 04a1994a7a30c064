package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// chunks is how many entries the benchmarks search: some 350 meetings.
const chunks = 10_000

// chunk is 120 words; the nth most common word of speech comes about 1/n as
// often as the first.
func chunk(zipf *rand.Zipf) string {
	var b strings.Builder
	for range 120 {
		fmt.Fprintf(&b, "w%dx ", zipf.Uint64())
	}
	return b.String()
}

func filled(b *testing.B) *embedded.Store {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "store.db"))
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 1)), 1.1, 4, 20_000)
	for from := 0; from < chunks; from += 500 {
		var batch []sink.Row[schemas.Entry]
		for n := from; n < from+500; n++ {
			batch = append(batch, entry(n, 1, chunk(zipf)))
		}
		write(b, s, batch...)
	}
	return s
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{1, 50, 500} {
		b.Run(fmt.Sprint("batch of ", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "store.db"))
			zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 1)), 1.1, 4, 20_000)
			n := 0
			for b.Loop() {
				var batch []sink.Row[schemas.Entry]
				for range size {
					batch = append(batch, entry(n, 1, chunk(zipf)))
					n++
				}
				write(b, s, batch...)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	s := filled(b)
	staff := schemas.Scope{Org: "acme"}
	for _, c := range []struct {
		name  string
		scope schemas.Scope
		text  string
	}{
		{"one rare word", staff, "w9000x"},
		{"five words", staff, "w40x w300x w900x w2500x w7000x"},
		{"the most common word", staff, "w0x"},
		{"ten words with common ones", staff, "w0x w1x w2x w5x w10x w40x w300x w900x w2500x w7000x"},
		{"five words of one customer", schemas.Scope{Org: "acme", Company: "company7"}, "w40x w300x w900x w2500x w7000x"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				hits, err := s.Search(b.Context(), schemas.SearchQuery{Scope: c.scope, Text: c.text})
				if err != nil || len(hits) == 0 {
					b.Fatalf("%d hits: %v", len(hits), err)
				}
			}
		})
	}
}

// BenchmarkMarks is the worst text that still gets marks: every word of it
// matches.
func BenchmarkMarks(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "store.db"))
	write(b, s, entry(0, 1, strings.Repeat("a ", 8<<10)))
	for b.Loop() {
		if found(b, s, "a") != 1 {
			b.Fatal("not found")
		}
	}
}
