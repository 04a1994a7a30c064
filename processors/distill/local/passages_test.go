package local

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"leadline/schemas"
)

// passage is a labelled turn in its context, in the form of
// `leadline eval distill`.
type passage struct {
	ID       string   `json:"id"`
	Before   []spoken `json:"before"`
	Speaker  string   `json:"speaker"`
	External bool     `json:"external"`
	Text     string   `json:"text"`
	After    []spoken `json:"after"`
	Kinds    []string `json:"kinds"`
}

type spoken struct {
	Speaker string `json:"speaker"`
	Text    string `json:"text"`
}

func passages(t *testing.T, file string) []passage {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []passage
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p passage
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, p)
	}
	return all
}

// kindsOf judges the turn as it would be judged in its meeting. In a passage the
// neighbours of the other name are of the other side.
func kindsOf(l *language, p passage) []string {
	names := []string{p.Speaker}
	for _, s := range slices.Concat(p.Before, p.After) {
		names = append(names, s.Speaker)
	}
	people := peopleOf(names)
	side := func(speaker string) bool { return (speaker == p.Speaker) == p.External }
	var before, after *speech
	if n := len(p.Before); n > 0 {
		before = hear(p.Before[n-1].Speaker, side(p.Before[n-1].Speaker), p.Before[n-1].Text, people)
	}
	if len(p.After) > 0 {
		after = hear(p.After[0].Speaker, side(p.After[0].Speaker), p.After[0].Text, people)
	}
	var kinds []string
	for _, f := range l.judge(before, hear(p.Speaker, p.External, p.Text, people), after) {
		if !slices.Contains(kinds, f.kind) {
			kinds = append(kinds, f.kind)
		}
	}
	return kinds
}

// The floors keep the tables from rotting. The first file was used to make the
// tables; the second never, and shows what to expect of words nobody has seen.
func TestKindsAreFoundInPassages(t *testing.T) {
	t.Parallel()
	english := compiledOnce().languages["en"]
	for _, c := range []struct {
		file              string
		precision, recall float64
	}{
		{"testdata/passages.jsonl", 0.95, 0.9},
		{"testdata/heldout.jsonl", 0.9, 0.5},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			type count struct{ right, wrong, missed int }
			counts := make(map[string]*count)
			for _, k := range schemas.Kinds {
				counts[k] = &count{}
			}
			for _, p := range passages(t, c.file) {
				got := kindsOf(english, p)
				for _, k := range schemas.Kinds {
					found, is := slices.Contains(got, k), slices.Contains(p.Kinds, k)
					switch {
					case found && is:
						counts[k].right++
					case found:
						counts[k].wrong++
						t.Logf("wrong %s: %s %q", k, p.ID, p.Text)
					case is:
						counts[k].missed++
						t.Logf("missed %s: %s %q", k, p.ID, p.Text)
					}
				}
			}
			var report strings.Builder
			for _, k := range schemas.Kinds {
				n := counts[k]
				precision, recall := share(n.right, n.right+n.wrong), share(n.right, n.right+n.missed)
				fmt.Fprintf(&report, "\n%-18s precision %.2f  recall %.2f  (%d right, %d wrong, %d missed)", k, precision, recall, n.right, n.wrong, n.missed)
				if precision < c.precision || recall < c.recall {
					t.Errorf("%s: precision %.2f and recall %.2f, want %.2f and %.2f", k, precision, recall, c.precision, c.recall)
				}
			}
			t.Log(report.String())
		})
	}
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
