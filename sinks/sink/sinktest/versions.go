package sinktest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"leadline/sinks/sink"
)

// table is what a store's versions are tested through: one text under a key.
type table[T any] struct {
	sink sink.Sink[T]
	// row makes a row of the nth key.
	row func(n int, version uint64, text string) sink.Row[T]
	// read returns the text of the nth key, and false when it is gone.
	read func(n int) (text string, version uint64, found bool)
}

// gone stands for a tombstone among texts.
const gone = "\x00gone"

func (tb table[T]) of(n int, version uint64, text string) sink.Row[T] {
	r := tb.row(n, version, text)
	if text == gone {
		r.Value = nil
	}
	return r
}

func (tb table[T]) want(t interface {
	Helper()
	Errorf(string, ...any)
}, n int, version uint64, text string) {
	t.Helper()
	got, at, found := tb.read(n)
	switch {
	case text == gone && found:
		t.Errorf("key %d: found %.60q of version %d, want it gone", n, got, at)
	case text != gone && !found:
		t.Errorf("key %d: not found, want %.60q", n, text)
	case text != gone && (got != text || at != version):
		t.Errorf("key %d: %.60q of version %d, want %.60q of %d", n, got, at, text, version)
	}
}

// versions holds what each kind of row promises about its versions.
func versions[S, T any](name string, of func(*suite[S]) table[T]) map[string]func(*suite[S]) {
	with := func(test func(*suite[S], table[T])) func(*suite[S]) {
		return func(s *suite[S]) { test(s, of(s)) }
	}
	return map[string]func(*suite[S]){
		name + "/older never overwrites newer in any order": with(anyOrder[S, T]),
		name + "/the same batch twice changes nothing":      with(twice[S, T]),
		name + "/the newest of one batch stays":             with(oneBatch[S, T]),
		name + "/what is gone comes back only newer":        with(comesBack[S, T]),
		name + "/texts come back as they are":               with(texts[S, T]),
		name + "/many keys":                                 with(manyKeys[S, T]),
		name + "/two writers at once":                       with(twoWriters[S, T]),
	}
}

// anyOrder writes four versions in each of their 24 orders, once with values
// only and once with each of the four being a tombstone.
func anyOrder[S, T any](s *suite[S], tb table[T]) {
	orders := permutations([]int{1, 2, 3, 4})
	text := func(tombstone, version int) string {
		if tombstone == version {
			return gone
		}
		return fmt.Sprint("version ", version)
	}
	for round := range 4 {
		var b sink.Batch[T]
		for tombstone := range 5 {
			for i, order := range orders {
				v := order[round]
				b = append(b, tb.of(tombstone*len(orders)+i, uint64(v), text(tombstone, v))) //nolint:gosec // 1 to 4
			}
		}
		write(s, tb.sink, b...)
		for n := range b { // at any moment, not only in the end
			newest := 0
			for _, v := range orders[n%len(orders)][:round+1] {
				newest = max(newest, v)
			}
			tb.want(s, n, uint64(newest), text(n/len(orders), newest))
		}
	}
}

func permutations(of []int) [][]int {
	if len(of) <= 1 {
		return [][]int{of}
	}
	var all [][]int
	for i, first := range of {
		rest := append(append([]int(nil), of[:i]...), of[i+1:]...)
		for _, p := range permutations(rest) {
			all = append(all, append([]int{first}, p...))
		}
	}
	return all
}

func twice[S, T any](s *suite[S], tb table[T]) {
	b := sink.Batch[T]{tb.of(0, 1, "one"), tb.of(1, 1, gone), tb.of(2, 5, "five")}
	for range 3 {
		write(s, tb.sink, b...)
	}
	tb.want(s, 0, 1, "one")
	tb.want(s, 1, 1, gone)
	tb.want(s, 2, 5, "five")
}

func oneBatch[S, T any](s *suite[S], tb table[T]) {
	write(s, tb.sink,
		tb.of(0, 2, "two"), tb.of(0, 3, "three"), tb.of(0, 1, "one"),
		tb.of(1, 3, gone), tb.of(1, 2, "two"),
		tb.of(2, 1, gone), tb.of(2, 2, "two"),
		tb.of(3, sink.MaxVersion-1, "last but one"), tb.of(3, sink.MaxVersion, "last"))
	tb.want(s, 0, 3, "three")
	tb.want(s, 1, 3, gone)
	tb.want(s, 2, 2, "two")
	tb.want(s, 3, sink.MaxVersion, "last")
}

func comesBack[S, T any](s *suite[S], tb table[T]) {
	for _, step := range []struct {
		write   string
		version uint64
		shown   string
		at      uint64
	}{
		{"first", 3, "first", 3},
		{gone, 5, gone, 0},
		{"first", 3, gone, 0},
		{"between", 4, gone, 0},
		{"back", 6, "back", 6},
		{gone, 5, "back", 6},
		{gone, 9, gone, 0},
	} {
		write(s, tb.sink, tb.of(0, step.version, step.write))
		tb.want(s, 0, step.at, step.shown)
	}
	write(s, tb.sink, tb.of(1, 2, gone)) // of a key that never was
	write(s, tb.sink, tb.of(1, 1, "late"))
	tb.want(s, 1, 2, gone)
}

func texts[S, T any](s *suite[S], tb table[T]) {
	all := []string{
		"", " ", "\n\t\r\n", "plain", "naïve Übermäßigkeit œuvre", "会議の議事録、次の一歩", "회의록 요약", "שלום עולם", "مرحبا",
		"👩‍👩‍👧‍👦 \U0001F9ED", "e\u0301 and \u00e9", "nul \x00 in the middle\x00", "'; DROP TABLE entries; --", `"quoted" \ back`,
		"\uE000 private use \uE001", "<mark>not ours</mark> &amp;", strings.Repeat("long ", 210_000),
	}
	var b sink.Batch[T]
	for n, text := range all {
		b = append(b, tb.of(n, 1, text))
	}
	write(s, tb.sink, b...)
	for n, text := range all {
		tb.want(s, n, 1, text)
	}
}

func manyKeys[S, T any](s *suite[S], tb table[T]) {
	const keys, batch = 1500, 500
	for from := 0; from < keys; from += batch {
		var b sink.Batch[T]
		for n := from; n < from+batch; n++ {
			b = append(b, tb.of(n, 1, fmt.Sprint("text of ", n)))
		}
		write(s, tb.sink, b...)
	}
	for n := 0; n < keys; n += 37 {
		tb.want(s, n, 1, fmt.Sprint("text of ", n))
	}
}

func twoWriters[S, T any](s *suite[S], tb table[T]) {
	const keys, newest = 20, 8
	var (
		wait sync.WaitGroup
		errs [2]error
	)
	for w := range errs {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 7)) //nolint:gosec // a test wants the same order each time
			for _, v := range random.Perm(newest) {
				var b sink.Batch[T]
				for _, n := range random.Perm(keys) {
					b = append(b, tb.of(n, uint64(v+1), fmt.Sprint("version ", v+1))) //nolint:gosec // below newest
				}
				errs[w] = errors.Join(errs[w], tb.sink.Write(s.Context(), b))
			}
		})
	}
	wait.Wait()
	s.must(errors.Join(errs[:]...))
	s.visible()
	for n := range keys {
		tb.want(s, n, newest, fmt.Sprint("version ", newest))
	}
}
