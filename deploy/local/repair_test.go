package local

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestOpenTransactionOfADeadProcessHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		dead func(*testing.T, *Engines) string
	}{
		{"killed", killedCopy},
		{"stopped before its clients", func(t *testing.T, e *Engines) string { closeBeforeClients(t, e); return e.cfg.Dir }},
		{"stopped, started, killed", func(t *testing.T, e *Engines) string {
			closeBeforeClients(t, e)
			return killedCopy(t, openAt(t, Config{Dir: e.cfg.Dir}))
		}},
	} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			e := openAt(t, Config{Dir: t.TempDir()})
			createTopics(t, e, Topic{Name: "out"})
			produce(t, client(t, e), rec("out", "before", "v"))
			transaction(t, e, "stage-"+e.BootID(), "open", rec("out", "cut", "v"))
			if stable := offset(t, "out", admin(t, e).ListCommittedOffsets); stable != 1 || endOffset(t, e, "out") != 2 {
				t.Fatalf("last stable offset is %d: the transaction holds nobody back while its process lives", stable)
			}
			e = openAt(t, Config{Dir: end.dead(t, e)})

			start := time.Now()
			produce(t, client(t, e), rec("out", "after", "v"))
			got := values(readCommitted(t, e, "out", 0))
			if _, visible := got["cut"]; visible || len(got) != 2 {
				t.Errorf("committed records are %v", got)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("readers waited %v", took)
			}
		})
	}
}

func TestALogEndsWithSomethingThatReadersSee(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "out"}, Topic{Name: "idle"})
	produce(t, client(t, e), rec("out", "before", "v"))
	transaction(t, e, "stage-"+e.BootID(), "open", rec("out", "cut", "v"), rec("out", "cut too", "v"))
	for range 2 {
		e = openAt(t, Config{Dir: killedCopy(t, e)})
		for _, r := range seenToTheEnd(t, e, "out") {
			if string(r.Key) != "before" {
				t.Errorf("%s is visible", r.Key)
			}
		}
	}
	if end := endOffset(t, e, "out"); end != 5 {
		t.Errorf("the log ends at %d, want 5: one marker is enough, and a start without a cut writes none", end)
	}
	if end := endOffset(t, e, "idle"); end != 0 {
		t.Errorf("a topic without a cut ends at %d", end)
	}
}

// seenToTheEnd are the records of partition 0 that a reader of committed records
// takes until it knows, as Leadline's do, that there are no more: from a record
// or a marker at the end.
func seenToTheEnd(t *testing.T, e *Engines, topic string) (taken []*kgo.Record) {
	t.Helper()
	end := endOffset(t, e, topic)
	c := client(t, e, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for seen := int64(0); seen < end; {
		fetches := c.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%s ends at %d, and readers get no further than %d", topic, end, seen)
		}
		for _, r := range fetches.Records() {
			if seen = r.Offset + 1; !r.Attrs.IsControl() {
				taken = append(taken, r)
			}
		}
	}
	return taken
}

func TestBootIDKeepsACutTransactionFromBeingCommittedByTheNextProcess(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "out"})
	transaction(t, e, "stage-"+e.BootID(), "open", rec("out", "cut", "v"))
	first := e.BootID()
	e = openAt(t, Config{Dir: killedCopy(t, e)})
	transaction(t, e, "stage-"+e.BootID(), "commit", rec("out", "whole", "v"))
	e = openAt(t, Config{Dir: killedCopy(t, e)})
	got := values(readCommitted(t, e, "out", 0))
	if _, visible := got["cut"]; visible || len(got) != 1 {
		t.Errorf("committed records are %v, want only the whole one", got)
	}
	if first == e.BootID() {
		t.Error("two starts have one boot id")
	}
}

func TestCommitsAfterATornCommitLogSurvive(t *testing.T) {
	t.Parallel()
	commit := func(e *Engines, at int64) {
		offsets := kadm.Offsets{}
		offsets.Add(kadm.Offset{Topic: "in", Partition: 0, At: at, LeaderEpoch: -1})
		if err := admin(t, e).CommitAllOffsets(t.Context(), "group", offsets); err != nil {
			t.Fatal(err)
		}
	}
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "in"})
	produce(t, client(t, e), rec("in", "a", "1"), rec("in", "b", "2"))
	commit(e, 1)
	dir := killedCopy(t, e)
	log := filepath.Join(dir, "log-000001", "groups.log")
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, append(raw, raw[:len(raw)/3]...), 0o600); err != nil {
		t.Fatal(err)
	}

	e = openAt(t, Config{Dir: dir})
	if n := count(t, e.metrics.repairs); n != 1 {
		t.Errorf("%v repairs, want 1", n)
	}
	commit(e, 2)
	e = openAt(t, Config{Dir: killedCopy(t, e)})
	got, err := admin(t, e).FetchOffsets(t.Context(), "group")
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := got.Lookup("in", 0); o.At != 2 {
		t.Errorf("committed offset is %d, want 2", o.At)
	}
}

// The broker writes a batch, then its index entry. Without the entry it forgets that the batch was in a transaction.
func TestRecordOfACutTransactionStaysInvisibleWithoutItsIndexEntry(t *testing.T) {
	t.Parallel()
	for name, keep := range map[string]int64{"missing": 0, "torn": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := openAt(t, Config{Dir: t.TempDir()})
			createTopics(t, e, Topic{Name: "out"})
			produce(t, client(t, e), rec("out", "before", "v"))
			transaction(t, e, "stage", "open", rec("out", "cut", "v"))
			dir := killedCopy(t, e)
			if err := os.Truncate(filepath.Join(dir, "log-000001", "partitions", "out-0", "0.idx"), indexEntryBytes+keep); err != nil {
				t.Fatal(err)
			}
			got := values(readCommitted(t, openAt(t, Config{Dir: dir}), "out", 0))
			if _, visible := got["cut"]; visible || len(got) != 1 {
				t.Errorf("committed records are %v", got)
			}
		})
	}
}

// Members that a stop left behind, because the broker stopped before its clients or was killed, would be waited for until their
// session of 45 s ends. Static members and both group protocols have each their own way to be remembered.
func TestGroupMemberOfADeadProcessHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	protocols := map[string][]kgo.Opt{
		"classic":         nil,
		"static":          {kgo.InstanceID("instance")},
		"KIP-848":         {kgo.ServerSideBalancer()},
		"KIP-848, static": {kgo.ServerSideBalancer(), kgo.InstanceID("instance")},
	}
	ends := map[string]func(*testing.T, *Engines) string{
		"killed":                     killedCopy,
		"stopped before its clients": func(t *testing.T, e *Engines) string { closeBeforeClients(t, e); return e.cfg.Dir },
	}
	for protocol, opts := range protocols {
		for end, dead := range ends {
			t.Run(protocol+", "+end, func(t *testing.T) {
				t.Parallel()
				e := openAt(t, Config{Dir: t.TempDir()})
				createTopics(t, e, Topic{Name: "in"})
				produce(t, client(t, e), rec("in", "a", "1"))
				consume := func(e *Engines, want string) {
					c := client(t, e, append(opts, kgo.ConsumerGroup("group"), kgo.ConsumeTopics("in"),
						kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())...)
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					defer cancel()
					start := time.Now()
					var records []*kgo.Record
					for len(records) == 0 && ctx.Err() == nil {
						records = c.PollFetches(ctx).Records()
					}
					if len(records) != 1 || string(records[0].Key) != want {
						t.Fatalf("got %v after %v, want %s", records, time.Since(start), want)
					}
					if took := time.Since(start); took > 8*time.Second {
						t.Errorf("took %v to get the first record", took)
					}
					if err := c.CommitRecords(t.Context(), records...); err != nil {
						t.Fatal(err)
					}
				}
				consume(e, "a")
				e = openAt(t, Config{Dir: dead(t, e)})
				produce(t, client(t, e), rec("in", "b", "2"))
				consume(e, "b")
			})
		}
	}
}
