package local

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadline/processors/distill"
	"leadline/schemas"
)

// recorded reads the long meetings of LEADLINE_SHARED: people who design a
// remote control, or discuss research, and sell one another nothing.
func recorded(t testing.TB) (all []*schemas.Meeting) {
	t.Helper()
	shared := os.Getenv("LEADLINE_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	files, _ := filepath.Glob(filepath.Join(shared, "data/qmsum/meetings/*.json"))
	if len(files) == 0 {
		t.Skip("no meetings in LEADLINE_SHARED")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Transcript []struct {
				Text    string
				Speaker struct {
					Name string `json:"display_name"`
				}
			}
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		meeting := &schemas.Meeting{Language: "en"}
		for _, turn := range m.Transcript {
			meeting.Turns = append(meeting.Turns, schemas.Turn{Speaker: turn.Speaker.Name, Text: turn.Text})
		}
		if len(meeting.Turns) > 0 {
			meeting.Host.Name, meeting.Host.Email = meeting.Turns[0].Speaker, hana
		}
		all = append(all, meeting)
	}
	return all
}

// In talk that is hardly ever about a vendor's product little may be found, or
// what is found of a customer drowns in it.
func TestLongTalkAboutOtherThingsYieldsLittle(t *testing.T) {
	t.Parallel()
	meetings := recorded(t)
	turns, of := 0, make(map[string]int)
	for _, m := range meetings[:4] {
		m.Turns = m.Turns[:min(len(m.Turns), 150)]
		turns += len(m.Turns)
		for _, d := range distilled(t, m) {
			of[d.Kind]++
		}
	}
	t.Logf("%d turns: %v", turns, of)
	for kind, n := range of {
		if n > turns/10 {
			t.Errorf("%d of %d turns are %s", n, turns, kind)
		}
	}
}

// wordsAnHour is how fast people talk in meetings, 150 words a minute.
const wordsAnHour = 9_000

// BenchmarkHourOfTalk prints the seconds that an hour of talk takes.
func BenchmarkHourOfTalk(b *testing.B) {
	m := recorded(b)[0]
	words := 0
	for i, t := range m.Turns {
		if words += len(strings.Fields(t.Text)); words >= wordsAnHour {
			m.Turns = m.Turns[:i+1]
			break
		}
	}
	d := New()
	in := distill.NewInput(m, []string{"leadline.example"})
	for b.Loop() {
		if _, err := d.Distill(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*wordsAnHour/float64(words), "s/hour")
}
