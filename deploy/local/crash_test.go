package local

import (
	"bufio"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func crashConfig(dir string) Config {
	return Config{Dir: dir, FoldBytes: 1, Topics: []Topic{{Name: "events"}, {Name: "out"}, {Name: "state", Compacted: true}}}
}

// acked is what a run of children was told by the broker before each was killed.
type acked struct {
	events, committed, aborted map[string]bool
	state                      map[string]string // the last acknowledged value of each key
}

func (a *acked) line(text string) {
	switch words := strings.Fields(text); {
	case len(words) == 1:
		a.events[words[0]] = true
	case len(words) == 3 && words[0] == "commit":
		a.committed[words[1]] = true
		a.state[words[2]] = words[1]
	case len(words) == 2 && words[0] == "abort":
		a.aborted[words[1]] = true
	}
}

// One process after the other writes and is killed after a random number of acknowledgements. Every start folds.
// LEADLINE_LOCAL_KILLS=200 makes it a longer run.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, crashConfig(dir))
	createTopics(t, e, crashConfig(dir).Topics...)
	closeNow(t, e)

	kills := 20
	if n, err := strconv.Atoi(os.Getenv("LEADLINE_LOCAL_KILLS")); err == nil {
		kills = n
	}
	a := &acked{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}}
	for round := range kills {
		cmd := childCommand(t, "produce", dir, round)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		for left := 5 + rand.IntN(60); lines.Scan(); left-- {
			a.line(lines.Text())
			if left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("round %d: child was not killed: %v", round, err)
		}
	}

	e = openAt(t, crashConfig(dir))
	if n := e.log.number; n < 2 {
		t.Errorf("generation is %d: no start has folded", n)
	}
	checkAcked(t, a, readCommitted(t, e, "events", 0), readCommitted(t, e, "out", 0), readCommitted(t, e, "state", 0))
	t.Logf("%d kills, %d records, %d committed and %d aborted transactions", kills, len(a.events), len(a.committed), len(a.aborted))
}

func checkAcked(t *testing.T, a *acked, events, out, state []*kgo.Record) {
	t.Helper()
	gotEvents, gotOut, gotState := values(events), values(out), values(state)
	for key := range a.events {
		if _, ok := gotEvents[key]; !ok {
			t.Errorf("acknowledged record %s is lost", key)
		}
	}
	for key := range a.committed {
		for _, part := range []string{key + "-a", key + "-b"} {
			if _, ok := gotOut[part]; !ok {
				t.Errorf("record %s of a committed transaction is lost", part)
			}
		}
	}
	for key := range a.aborted {
		if _, ok := gotOut[key+"-a"]; ok {
			t.Errorf("record %s-a of an aborted transaction is visible", key)
		}
	}
	// A transaction that was committed but not yet acknowledged may be later than the last that was.
	for key, value := range a.state {
		got := gotState[key]
		if got != value && (a.aborted[got] || !later(got, value)) {
			t.Errorf("state %s is %q, last acknowledged is %q", key, got, value)
		}
	}
}

func later(a, b string) bool {
	parse := func(s string) (round, i int) {
		r, n, _ := strings.Cut(strings.TrimPrefix(s, "r"), "-")
		round, _ = strconv.Atoi(r)
		i, _ = strconv.Atoi(n)
		return round, i
	}
	ar, ai := parse(a)
	br, bi := parse(b)
	return ar > br || ar == br && ai > bi
}
