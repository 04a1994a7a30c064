package console

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestHostileTextIsShownAndDoesNothing(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Plan":                                   "Plan",
		"\x1b[2J\x1b]0;x\x07":                    "<U+001B>[2J<U+001B>]0;x<U+0007>",
		"\u009b31mred":                           "<U+009B>31mred",
		"a\u202egnp.exe":                         "a<U+202E>gnp.exe",
		"\u2066x\u2069":                          "<U+2066>x<U+2069>",
		"one\r\ntwo\tthree\u2028four":            "one  two three four",
		"bad \xff\xfe":                           "bad \ufffd\ufffd",
		"zero\u200bwidth\ufeff":                  "zero<U+200B>width<U+FEFF>",
		"tag\U000e0041":                          "tag<U+E0041>",
		"Sil\u00adben":                           "Silben",
		"\u05e9\u05c1\u200f \u200fabc":           "\u05e9\u05c1\u200f \u200fabc",
		"\u0645\u06cc\u200c\u062e":               "\u0645\u06cc\u200c\u062e",
		"\u0301a" + strings.Repeat("\u0301", 99): " \u0301a" + strings.Repeat("\u0301", maxStacked),
		"\U0001f469\u200d\U0001f527 ok":          "\U0001f469\u200d\U0001f527 ok",
		"\x00":                                   "<U+0000>",
		" \n ":                                   "",
	} {
		if got := safe(given); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

func TestWidthIsWhatATerminalTakes(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{
		"": 0, "abc": 3, "\u6771\u4eac": 4, "e\u0301": 1, "\x1b": 8, "\U0001f469\u200d\U0001f527": 2, "\uff21": 2,
	} {
		if got := sumColumns(glyphsOf(s, nil)); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		wide int
		want string
	}{
		{"the quick brown fox", 10, "the quick|brown fox"},
		{"the quick brown fox", 0, "the quick brown fox"},
		{"exactly ten", 7, "exactly|ten"},
		{"a verylongwordindeed b", 6, "a|verylo|ngword|indeed|b"},
		{"\u6771\u4eac\u306e\u4f1a\u8b70", 5, "\u6771\u4eac|\u306e\u4f1a|\u8b70"},
		{"ab \u6771\u4eac", 4, "ab|\u6771\u4eac"},
		{"ab\u6771\u4eac", 4, "ab\u6771|\u4eac"},
		{"one\n\ntwo three", 5, "one||two|three"},
		{"trailing   spaces   ", 8, "trailing|spaces"},
		{"\u6771", 1, "\u6771"},
	} {
		lines := wrap(glyphsOf(c.text, nil), c.wide)
		got := make([]string, len(lines))
		for i, l := range lines {
			got[i] = plain(l)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.wide, s, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd\u2026"},
		{"abc def", 5, "abc\u2026"},
		{"\u6771\u4eac\u306e", 4, "\u6771\u2026"},
		{"abcdef", 0, "abcdef"},
		{"abcdef", 1, "\u2026"},
	} {
		whole := glyphsOf(c.text, nil)
		if got := plain(clip(whole, c.most)); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.most, got, c.want)
		}
		if plain(whole) != c.text {
			t.Errorf("%q was changed", c.text)
		}
	}
}

// layoutHolds is what is true of any text, width and marks.
func layoutHolds(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, text string, wide int, marks [][2]int,
) {
	t.Helper()
	all := glyphsOf(text, marks)
	for _, r := range plain(all) {
		if unicode.IsControl(r) || disguised(r) {
			t.Fatalf("%U comes through in %q", r, text)
		}
	}
	var kept strings.Builder
	for _, l := range wrap(all, wide) {
		kept.WriteString(plain(l))
		if wide > 0 && len(l) > 1 && sumColumns(l) > wide {
			t.Fatalf("a line of %q has %d of %d columns", text, sumColumns(l), wide)
		}
		if most := max(wide, 2); sumColumns(clip(l, most)) > most {
			t.Fatalf("%q is clipped to %d of %d columns", plain(l), sumColumns(clip(l, most)), most)
		}
	}
	without := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	var whole strings.Builder
	for _, g := range all {
		if !g.space {
			whole.WriteString(g.text)
		}
	}
	if len(without(kept.String())) < len(without(whole.String())) {
		t.Fatalf("%q loses letters:\n%q\n%q", text, whole.String(), kept.String())
	}
	starred := (&page{}).marked(text, marks)
	if n := sumColumns(starred) - sumColumns(all); n%2 != 0 {
		t.Fatalf("%q has a star without another", plain(starred))
	}
}

func TestLayoutOfAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		wide := rapid.IntRange(0, 30).Draw(rt, "wide")
		at := rapid.IntRange(-5, len(text)+5).Draw(rt, "at")
		layoutHolds(rt, text, wide, [][2]int{{at, at + rapid.IntRange(-3, 9).Draw(rt, "long")}, {at + 10, at + 12}})
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("Plan\x1b[2J \u202e \u6771\u4eac e\u0301 \xff", 7, 2, 5)
	f.Fuzz(func(t *testing.T, text string, wide, from, to int) {
		layoutHolds(t, text, min(max(wide, 0), 200), [][2]int{{from, to}})
	})
}

func TestMarksAreBoldOrBetweenStars(t *testing.T) {
	t.Parallel()
	text := "the rotten pier of \u6771\u4eac"
	marks := [][2]int{{4, 10}, {19, 25}}
	for _, c := range []struct {
		style Style
		want  string
	}{
		{Style{}, "the *rotten* pier of *\u6771\u4eac*"},
		{Style{Bold: true}, "the \x1b[1mrotten\x1b[0m pier of \x1b[1m\u6771\u4eac\x1b[0m"},
	} {
		p := &page{Style: c.style}
		if got := p.render(p.marked(text, marks)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.style, got, c.want)
		}
	}
}

func TestExcerptShowsWhatMatched(t *testing.T) {
	t.Parallel()
	var lines [][]glyph
	for i := range 10 {
		lines = append(lines, []glyph{{text: string(rune('0' + i)), width: 1, marked: i == 6 || i == 8}})
	}
	for keep, want := range map[int]string{0: "0123456789", 10: "0123456789", 3: "\u2026678\u2026", 9: "012345678\u2026", 1: "\u20266\u2026"} {
		got := ""
		for _, l := range (&page{Style: Style{Lines: keep}}).excerpt(lines) {
			got += plain(l)
		}
		if got != want {
			t.Errorf("%d lines: %s, want %s", keep, got, want)
		}
	}
}
