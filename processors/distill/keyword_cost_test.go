package distill

import (
	"runtime"
	"strings"
	"testing"

	"leadline/schemas"
)

// A recorder that names no speakers makes one long speech of a whole meeting. What
// it takes to look through that grows with its length, not with its square.
func TestALongSpeechIsPutTogetherOnce(t *testing.T) {
	m := &schemas.Meeting{Turns: make([]schemas.Turn, 20_000)}
	said := strings.Repeat("word ", 20)
	for i := range m.Turns {
		m.Turns[i].Text = said
	}
	m.Turns[19_998].Text, m.Turns[19_999].Text = "this is strictly", "confidential here"
	rules := schemas.RuleSet{Rules: []schemas.LearningRule{{ID: "k", Type: schemas.RuleKeyword, Text: "strictly confidential", Enabled: true}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, met := Excluded(rules, m)
	runtime.ReadMemStats(&after)
	if !met || found.Turn != 19_998 {
		t.Errorf("found %+v, want it to begin in turn 19998", found)
	}
	size := uint64(len(m.Turns) * len(said))
	if took := after.TotalAlloc - before.TotalAlloc; took > 100*size {
		t.Errorf("a speech of %d KB took %d MB of memory", size>>10, took>>20)
	}
}
