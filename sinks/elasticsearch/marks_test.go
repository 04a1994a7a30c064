package elasticsearch

import (
	"strings"
	"testing"
)

func FuzzUnmarkedRangesLieInTheText(f *testing.F) {
	s := &Store{opening: "\U000F1234", closing: "\U00101234"}
	f.Add("a <b> c", "a b c")
	f.Add("<会議><を>", "会議を開く")
	f.Add("<", "")
	f.Add("<a", "a")
	f.Add("x>", "x")
	f.Fuzz(func(t *testing.T, marked, text string) {
		marked = strings.NewReplacer("<", s.opening, ">", s.closing).Replace(marked)
		end := -1
		for _, m := range s.unmark(marked, text) {
			if m[0] <= end || m[1] <= m[0] || m[1] > len(text) {
				t.Fatalf("range %v after %d in %d bytes", m, end, len(text))
			}
			end = m[1]
		}
	})
}

func FuzzClippedQueriesKeepToTheirTerms(f *testing.F) {
	f.Add("what is the price")
	f.Add("灯台と請求書 API,b,c")
	f.Fuzz(func(t *testing.T, query string) {
		short := clipped(query)
		if again := clipped(short); strings.Join(strings.Fields(again), " ") != strings.Join(strings.Fields(short), " ") {
			t.Errorf("%q clips to %q and that to %q", query, short, again)
		}
		if n := len(strings.FieldsFunc(short, func(r rune) bool { return r == ' ' || r == ',' })); !strings.ContainsFunc(query, func(r rune) bool { return r > 127 }) &&
			strings.Trim(query, "abcdefghijklmnopqrstuvwxyz ,") == "" && n > maxTerms {
			t.Errorf("%d terms are left", n)
		}
	})
}
