package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/console"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
	"leadline/sinks/sink/sinktest"
)

// copies makes n meetings out of the real ones: the same words under other
// recordings.
func copies(t *testing.T, f fixture, n int) (fstest.MapFS, int) {
	t.Helper()
	names, err := fs.Glob(f.meetings, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no meetings: %v", err)
	}
	out := make(fstest.MapFS)
	times := (n + len(names) - 1) / len(names)
	for i := range times {
		for _, name := range names {
			raw, err := fs.ReadFile(f.meetings, name)
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]json.RawMessage
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			id, err := strconv.Atoi(string(m["recording_id"]))
			if err != nil {
				t.Fatal(err)
			}
			m["recording_id"] = json.RawMessage(strconv.Itoa(id + i*100_000))
			if raw, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%d-%s", i, name)] = &fstest.MapFile{Data: raw}
		}
	}
	return out, times
}

// The roles run as separate processes, two of the processors among them, and
// each is killed over and over while meetings come by webhook and by poll. In
// the end every meeting is in ClickHouse once, in its first and only version,
// with all of its entries in Elasticsearch.
func TestRolesOnRealEngines(t *testing.T) {
	d := newDeployment(t)
	kills := number("LEADLINE_E2E_KILLS", 2) // of each role
	d.through(number("LEADLINE_E2E_MEETINGS", 70), func(roles map[string][]string) {
		t.Logf("%d kills", d.killEach(roles, kills))
	})
}

// Every role is told to stop and started again under load, one after the other,
// as a deployment does it: each ends by itself, and none of it can be seen in
// what the stores hold.
func TestRollingRestart(t *testing.T) {
	d := newDeployment(t)
	rounds := number("LEADLINE_E2E_ROUNDS", 2)
	d.through(number("LEADLINE_E2E_MEETINGS", 105), func(roles map[string][]string) {
		for range rounds {
			for name, args := range roles {
				if !d.pause() {
					return
				}
				took := d.end(name)
				d.start(name, args...)
				t.Logf("%s ended in %v", name, took.Round(time.Millisecond))
			}
		}
	})
}

// Each engine is stopped for a while under load, and comes back: everything
// arrives, and nothing became a dead letter by it.
func TestEnginesGoAway(t *testing.T) {
	seconds := number("LEADLINE_OUTAGE_SECONDS", 0)
	if seconds == 0 {
		t.Skip("LEADLINE_OUTAGE_SECONDS is not set: for how long to stop each engine of ../shared/engines")
	}
	d := newDeployment(t)
	d.through(number("LEADLINE_E2E_MEETINGS", 350), func(map[string][]string) {
		for _, engine := range []string{"clickhouse", "elasticsearch", "kafka"} {
			d.engine(engine, "stop")
			timer := time.NewTimer(time.Duration(seconds) * time.Second)
			select {
			case <-timer.C:
			case <-t.Context().Done():
			}
			d.engine(engine, "start")
			t.Logf("%s was away for %d s", engine, seconds)
		}
	})
	client, err := console.NewClient("http://"+d.api, deploymentToken)
	if err != nil {
		t.Fatal(err)
	}
	tally, err := client.Tally(t.Context(), d.org)
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range tally.Progress {
		if strings.HasSuffix(what, "/"+schemas.OutcomeRejected) && n > 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// number is an environment variable's, or the one given.
func number(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// through sends n meetings through the roles while they are disturbed, and
// says what must have come of it.
func (d *deployment) through(n int, disturb func(roles map[string][]string)) {
	t := d.T
	t.Helper()
	d.meetings = n
	f := realMeetings(t)
	whole, _ := check(t, upArgs(t.TempDir(), f.args...)) // what one copy of each comes to
	meetings, times := copies(t, f, n)

	d.command(nil, "schemas", "register")
	d.command(nil, "topics", "ensure")
	d.command(nil, "stores", "migrate")
	d.command(nil, "stores", "check")
	d.command(nil, "directory", "import", f.args[3])
	roles := map[string][]string{
		"ingress":      {"ingress", "--listen", d.ingress},
		"poller":       {"poller", "--calls", "6000", "--heavy-calls", "6000"}, // the simulator has no limits
		"processors-a": {"processors"}, "processors-b": {"processors"},
		"sinks-a": {"sinks"}, "sinks-b": {"sinks"}, "console": {"console", "--listen", d.api},
	}
	for name, args := range roles {
		d.start(name, args...)
	}
	waitFor(t, time.Minute, func() error { return answers(d.ingress) })
	// A meeting that is judged before its customer is known gets a second version, as it should; here one is expected.
	waitFor(t, time.Minute, func() error { return d.caughtUp("match", schemas.Directory.Name) })

	sim, err := simulator.New(simulator.Options{
		Keys: map[string]string{"the-key": ""}, Meetings: meetings, Pending: true,
		Schedule: retryOften(200),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stopServing := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Run(serving, ln) }()
	defer func() {
		stopServing()
		<-served
	}()
	d.command([]string{"FATHOM_API_KEY=the-key"}, "connect", "fathom", "--look-back", "all",
		"--base-url", "http://"+ln.Addr().String()+simulator.BasePath, "--public-url", "http://"+d.ingress)

	began := time.Now()
	sim.EndAll(float64(n) / 10) // over ten seconds at least
	disturb(roles)
	if err := sim.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.command(nil, "sync")

	client, err := console.NewClient("http://"+d.api, deploymentToken)
	if err != nil {
		t.Fatal(err)
	}
	want := console.Tally{}
	// Kafka, both stores and the roles share two cores: 4 meetings a second, each of 88 entries, is what is left under load.
	waitFor(t, 10*time.Minute+time.Duration(n)*time.Second/4, func() error {
		got, err := client.Tally(t.Context(), d.org)
		if err != nil {
			return err
		}
		if m, e := total(got.Meetings), total(got.Entries); m != whole.Meetings*times || e != whole.Entries*times {
			return fmt.Errorf("%d of %d meetings and %d of %d entries", m, whole.Meetings*times, e, whole.Entries*times)
		}
		want = got
		return nil
	})
	t.Logf("%d meetings, %d entries, %v", total(want.Meetings), total(want.Entries), time.Since(began).Round(time.Second))
	for before := ""; ; {
		page, err := client.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: d.org}, Limit: 500, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			if m.Version != 1 || len(m.Companies) != 1 || m.State != string(schemas.StateMatched) {
				t.Errorf("%s: version %d, %s, companies %v", m.ID, m.Version, m.State, m.Companies)
			}
		}
		if len(page) < 500 {
			break
		}
		before = page[len(page)-1].ID
	}
}

// The suite of reads, scopes above all, on both real stores together, as the
// console reads them.
func TestReadsOnRealStores(t *testing.T) {
	s := realStores(t)
	sinktest.Reads(t, func(*testing.T) (sinktest.WholeStore, func(context.Context) error) { return s, s.knowledge.Refresh })
}

// realStores are made ready; without any the test is skipped.
func realStores(t *testing.T) *stores {
	t.Helper()
	flags := storeFlags{ClickHouse: os.Getenv("CLICKHOUSE_DSN"), Elasticsearch: []string{os.Getenv("ELASTICSEARCH_URL")}}
	if flags.ClickHouse == "" || flags.Elasticsearch[0] == "" {
		t.Skip("CLICKHOUSE_DSN and ELASTICSEARCH_URL are not set: no real stores")
	}
	s, err := flags.open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.knowledge.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func retryOften(n int) []time.Duration {
	schedule := make([]time.Duration, n)
	for i := range schedule {
		schedule[i] = 500 * time.Millisecond
	}
	return schedule
}

// waitFor asks again until there is no error, and fails with the last one.
func waitFor(t *testing.T, limit time.Duration, ask func() error) {
	t.Helper()
	limit = patience(limit)
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("not within %v: %v", limit, err)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
}
