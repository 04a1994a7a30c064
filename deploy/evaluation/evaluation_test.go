package evaluation

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadline/schemas"
)

const line = `{"recording_id": 7, "company_id": "co_a", "query": "Why?", "relevant_turns": [[3, 5], [9, 9]], "answer": "So."}`

func written(t *testing.T, queries string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "meetings"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"directory.json": "{}", "queries.jsonl": queries} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestASetThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	if set, err := Open(written(t, line+"\n\n"+line+"\n")); err != nil || len(set.Questions) != 2 {
		t.Fatalf("got %+v, %v", set, err)
	}
	for queries, want := range map[string]string{
		"":                                    "no question",
		line + "\n{":                          "line 2",
		`{"company_id": "co_a"}`:              "line 1: recording_id",
		strings.Replace(line, "co_a", "", 1):  "company_id",
		strings.Replace(line, "Why?", " ", 1): "query is empty",
		strings.Replace(line, "[3, 5]", "[5, 3]", 1):       "5 to 3",
		strings.Replace(line, "[[3, 5], [9, 9]]", "[]", 1): "relevant_turns",
	} {
		if _, err := Open(written(t, queries)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", queries, err, want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("an empty directory is taken for a set")
	}
}

// scripted answers each scope with its own results.
type scripted map[string][]schemas.Hit

func (s scripted) Search(_ context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	if q.Scope.Org != "acme" || q.Limit != 10 || len(q.Kinds) != 1 || q.Kinds[0] != schemas.EntryTranscript {
		return nil, fmt.Errorf("asked %+v", q)
	}
	return s[q.Scope.Company], nil
}

func result(recording string, first, last int32, words int) schemas.Hit {
	return schemas.Hit{Entry: schemas.Entry{RecordingID: recording, TurnFirst: &first, TurnLast: &last, Text: strings.Repeat("word ", words)}}
}

func TestWhatCountsAsAHit(t *testing.T) {
	t.Parallel()
	other := result("8", 3, 5, 10)
	for name, tt := range map[string]struct {
		hits []schemas.Hit
		want float64 // the mean reciprocal rank of one question
	}{
		"overlap at the end":       {[]schemas.Hit{result("7", 5, 8, 10)}, 1},
		"overlap at the beginning": {[]schemas.Hit{result("7", 0, 3, 10)}, 1},
		"the second range":         {[]schemas.Hit{other, result("7", 9, 9, 250)}, 0.5},
		"between the ranges":       {[]schemas.Hit{result("7", 6, 8, 10)}, 0},
		"another meeting":          {[]schemas.Hit{other}, 0},
		"too long":                 {[]schemas.Hit{result("7", 3, 5, 251), other, other, result("7", 3, 5, 1)}, 0.25},
		"no place":                 {[]schemas.Hit{{Entry: schemas.Entry{RecordingID: "7"}}}, 0},
		"nothing":                  {nil, 0},
		"the eleventh": {append([]schemas.Hit{other, other, other, other, other, other, other, other, other, other},
			result("7", 3, 5, 1)), 0},
	} {
		set, err := Open(written(t, line))
		if err != nil {
			t.Fatal(err)
		}
		r, err := set.Measure(t.Context(), "acme", scripted{"co_a": tt.hits})
		if err != nil {
			t.Fatal(err)
		}
		if r.Customer.MRR10 != tt.want || r.Customer.N != 1 || r.All.MRR10 != 0 || r.All.N != 1 {
			t.Errorf("%s: got %+v, want mrr %v", name, r, tt.want)
		}
		if one := r.Customer; (one.Hit1 == 1) != (tt.want == 1) || (one.Hit5 == 1) != (tt.want > 0) || (one.Hit10 == 1) != (tt.want > 0) {
			t.Errorf("%s: hits %+v", name, one)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(line))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := parse(raw)
		if err == nil && len(all) == 0 {
			t.Error("no question and no error")
		}
	})
}
