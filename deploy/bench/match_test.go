package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/match"
	"leadline/processors/stage"
	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const (
	perCompany = 20 // end users
	batch      = 100
	words      = 6000 // of a meeting of 40 minutes, about 30 KB
	turns      = 4
)

// BenchmarkMatchDirectory matches meetings against one organisation's directory
// in one partition, and against none. LEADLINE_BENCH_END_USERS is its size, by
// default 100,000. It reports, of the process and its state on disk:
//
//	rss-bytes/end-user    what the process takes beyond what it took before
//	disk-bytes/end-user   of the state's file
//	fill-rows/s           of the changelog, as a restore writes them to disk
//	open-ms               from a start with the file in place to the first answer
//	lookups/s             attendees looked up, in meetings of 200 that nobody has met
//	meetings/s, bare/s    with the directory and without, measured in turns
func BenchmarkMatchDirectory(b *testing.B) {
	users := 100_000
	if n, err := strconv.Atoi(os.Getenv("LEADLINE_BENCH_END_USERS")); err == nil {
		users = n
	}
	codec := schematest.Codec(b)
	path := filepath.Join(b.TempDir(), "match.db")
	began := time.Now()
	rows := fill(b, codec, path, users)
	b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "fill-rows/s")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(users), "disk-bytes/end-user")

	bare := newBench(b, codec, filepath.Join(b.TempDir(), "bare.db"))
	bare.rate(b, users, 5, words) // what a running process takes anyway is in before
	debug.FreeOSMemory()
	before := resident(b)

	began = time.Now()
	full := newBench(b, codec, path)
	if _, _, err := full.store.Partition(0).Get("o/u/0"); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "open-ms")
	var with, without float64
	for range turns { // in turns: what else the machine does meets both alike
		without += bare.rate(b, users, 5, words) / turns
		with += full.rate(b, users, 5, words) / turns
	}
	lookups := full.rate(b, users, 200, 0) * 200
	debug.FreeOSMemory()
	b.ReportMetric(float64(resident(b)-before)/float64(users), "rss-bytes/end-user")
	b.ReportMetric(lookups, "lookups/s")
	b.ReportMetric(with, "meetings/s")
	b.ReportMetric(without, "bare/s")
	b.Logf("%d end users: %.0f meetings/s with the directory, %.0f without: %.2f of it", users, with, without, with/without)
	b.ReportMetric(0, "ns/op")
}

// runner is the stage over a store, with batches like those of its loop.
type runner struct {
	codec  *schemas.Codec
	store  *state.Store
	random *rand.Rand
	next   int
}

func newBench(b *testing.B, codec *schemas.Codec, path string) *runner {
	b.Helper()
	store, err := state.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	return &runner{codec: codec, store: store, random: rand.New(rand.NewPCG(1, 2))}
}

// rate matches new meetings for some seconds and says how many it was a second.
func (r *runner) rate(b *testing.B, users, attendees, words int) float64 {
	b.Helper()
	var done int
	var spent time.Duration
	for spent < 5*time.Second {
		records := make([]*kgo.Record, batch)
		for i := range records {
			records[i] = r.meeting(b, users, attendees, words)
		}
		began := time.Now()
		held := state.NewOverlay(r.store.Partition(0))
		for _, rec := range records {
			apply(b, r.codec, held, rec)
		}
		if err := r.store.Apply(b.Context(), []state.Change{{Writes: held.Writes()}}); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(began)
		done += batch
	}
	return float64(done) / spent.Seconds()
}

func (r *runner) meeting(b *testing.B, users, attendees, words int) *kgo.Record {
	b.Helper()
	r.next++
	recording := fmt.Sprintf("%d-%d-%d", attendees, words, r.next)
	m := &schemas.Meeting{
		ID: schemas.MeetingID("o", schemas.Fathom, recording), Org: "o", Provider: schemas.Fathom, RecordingID: recording,
		Host: schemas.Host{Name: "Hana", Email: "hana@own.example"}, ContentHash: []byte(recording),
	}
	for i := range attendees {
		email := address(r.random.IntN(users))
		if i%5 == 4 {
			email = fmt.Sprintf("new%d@d%d.example", r.next, r.random.IntN(users/perCompany))
		}
		m.Invitees = append(m.Invitees, schemas.Invitee{Email: &email})
	}
	for range words / 30 {
		m.Turns = append(m.Turns, schemas.Turn{Speaker: "Hana", Text: strings.Repeat("word ", 30)})
	}
	return encode(b, r.codec, schemas.NormalizedMeetings, m.ID, m)
}

// fill writes a directory of so many end users and the companies that they are
// at, and returns how many rows of the state that is.
func fill(b *testing.B, codec *schemas.Codec, path string, users int) (rows int) {
	b.Helper()
	store, err := state.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	held := state.NewOverlay(state.Empty{})
	flush := func() {
		rows += len(held.Writes())
		if err := store.Apply(b.Context(), []state.Change{{Writes: held.Writes()}}); err != nil {
			b.Fatal(err)
		}
		held = state.NewOverlay(state.Empty{})
	}
	for i := range users {
		company := fmt.Sprintf("co%d", i/perCompany)
		if i%perCompany == 0 {
			e := schemas.DirectoryEntry{Org: "o", Company: &schemas.Company{ID: company, Name: company, Domains: []string{fmt.Sprintf("d%d.example", i/perCompany)}}}
			apply(b, codec, held, encode(b, codec, schemas.Directory, schemas.DirectoryKey("o", schemas.SortCompany, company), &e))
		}
		id := strconv.Itoa(i)
		e := schemas.DirectoryEntry{Org: "o", EndUser: &schemas.EndUser{ID: id, Name: "Somebody", CompanyID: &company, Emails: []string{address(i)}}}
		apply(b, codec, held, encode(b, codec, schemas.Directory, schemas.DirectoryKey("o", schemas.SortEndUser, id), &e))
		if len(held.Writes()) > 100_000 {
			flush()
		}
	}
	flush()
	return rows
}

func address(i int) string { return fmt.Sprintf("person%d@d%d.example", i, i/perCompany) }

func encode[T any](b *testing.B, codec *schemas.Codec, topic schemas.Topic[T], key string, v *T) *kgo.Record {
	b.Helper()
	raw, err := schemas.Encode(codec, topic, v)
	if err != nil {
		b.Fatal(err)
	}
	return &kgo.Record{Topic: topic.Name, Key: []byte(key), Value: raw}
}

var matching stage.Stage = match.New()

func apply(b *testing.B, codec *schemas.Codec, held *state.Overlay, r *kgo.Record) {
	b.Helper()
	res, err := matching.Apply(b.Context(), codec, held, r)
	if err != nil {
		b.Fatal(err)
	}
	held.Merge(res.State)
}

// resident is the memory of the process that is in use.
func resident(b *testing.B) int {
	b.Helper()
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("the resident memory is read from /proc: ", err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(raw)[1]))
	if err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}
