package passage

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leadline/schemas"
)

func TestALongTextIsCutAboutItsMarks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	var marks [][2]int
	for n := range 1000 {
		at := b.Len()
		fmt.Fprintf(&b, "w%d", n)
		if n == 10 || n == 700 || n == 720 {
			marks = append(marks, [2]int{at, b.Len()})
		}
		b.WriteString(" \n"[n%2 : n%2+1])
	}
	got := clip(schemas.Hit{Entry: schemas.Entry{Text: b.String()}, Marks: marks}, MaxWords)
	words := strings.Fields(got.Entry.Text)
	if len(words) != MaxWords || words[0] != "w585" {
		t.Errorf("%d words from %s", len(words), words[0])
	}
	if len(got.Marks) != 2 || got.Entry.Text[got.Marks[0][0]:got.Marks[0][1]] != "w700" || got.Entry.Text[got.Marks[1][0]:got.Marks[1][1]] != "w720" {
		t.Errorf("marks %v", got.Marks)
	}
	if got := clip(schemas.Hit{Entry: schemas.Entry{Text: strings.Repeat("灯台", 1000)}}, MaxWords); got.Entry.Text != strings.Repeat("灯台", 250) {
		t.Errorf("%d bytes of a script without spaces", len(got.Entry.Text))
	}
}

func TestClippingKeepsMarksOnTheirWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zé灯]{1,4}[ \n]{0,2}){0,60}`).Draw(t, "text")
		h := schemas.Hit{Entry: schemas.Entry{Text: text}}
		words := wordsOf(text)
		for _, w := range words {
			if rapid.Bool().Draw(t, "marked") {
				h.Marks = append(h.Marks, [2]int{w.from, w.to})
			}
		}
		most := rapid.IntRange(1, 20).Draw(t, "most")
		got := clip(h, most)
		if !strings.Contains(text, got.Entry.Text) || sizeOf(wordsOf(got.Entry.Text)) > 2*most {
			t.Fatalf("%q of %q is no part of at most %d words", got.Entry.Text, text, most)
		}
		if len(h.Marks) > 0 && len(got.Marks) == 0 {
			t.Fatalf("%q keeps no mark of %q", got.Entry.Text, text)
		}
		for _, m := range got.Marks {
			if w := got.Entry.Text[m[0]:m[1]]; len(wordsOf(w)) != 1 {
				t.Fatalf("%q is marked in %q", w, got.Entry.Text)
			}
		}
	})
}

func TestTheLinkLeadsToThePartThatAnswers(t *testing.T) {
	t.Parallel()
	part := func(n int, url string) schemas.Hit {
		return schemas.Hit{Entry: schemas.Entry{ID: fmt.Sprint("fathom:1:transcript:", n), Text: "x", URL: url}}
	}
	for name, c := range map[string]struct {
		first, second float64
		want          string
	}{
		"the first": {5, 2, "?t=0"}, "the second": {2, 5, "?t=60"}, "the first of equals": {2, 2, "?t=0"},
	} {
		p := Rank(found(c.first, c.second), nil)[0]
		if got := p.Hit([]schemas.Hit{part(0, "?t=0"), part(1, "?t=60")}); got.Entry.URL != c.want {
			t.Errorf("%s: %s, want %s", name, got.Entry.URL, c.want)
		}
	}
}
