package match

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// world makes the histories of one organisation: so many meetings and changes
// of the directory, among few enough names that most changes touch something.
func world(r *rand.Rand, meetings, changes int) [][]step {
	people, companies := changes/3, changes/20
	domain := func() string { return fmt.Sprintf("d%d.example", r.IntN(companies)) }
	email := func() string {
		switch r.IntN(12) {
		case 0:
			return fmt.Sprintf("p%d@gmail.com", r.IntN(people))
		case 1:
			return fmt.Sprintf("p%d@eu.%s", r.IntN(people), domain())
		case 2:
			return "support@" + domain()
		}
		n := r.IntN(people)
		return fmt.Sprintf("P%d@d%d.example", n, n%companies)
	}
	histories := make(map[string][]step)
	entry := func(sort, id string, e schemas.DirectoryEntry) {
		s := step{key: schemas.DirectoryKey("o", sort, id), isEntry: true}
		if e.Org = "o"; r.IntN(6) > 0 {
			s.entry = &e
		}
		histories[s.key] = append(histories[s.key], s)
	}
	for range changes {
		switch n := r.IntN(20); {
		case n < 12:
			u := endUser(fmt.Sprintf("u%d", r.IntN(people)), "", email())
			if r.IntN(4) > 0 {
				u.EndUser.CompanyID = new(fmt.Sprintf("c%d", r.IntN(companies)))
			}
			entry(schemas.SortEndUser, u.EndUser.ID, u)
		case n < 17:
			c := company(fmt.Sprintf("c%d", r.IntN(companies)), domain(), "eu."+domain())
			entry(schemas.SortCompany, c.Company.ID, c)
		case n < 18:
			a, b := r.IntN(meetings), r.IntN(meetings)
			if a == b {
				continue
			}
			s := wordStep("o", fmt.Sprint(a), fmt.Sprint(b), r.IntN(2) == 0)
			entry(schemas.SortSameCall, schemas.SameCallID(s.entry.SameCall), *s.entry)
		case n < 19:
			d := &schemas.Decision{MeetingID: schemas.MeetingID("o", "fathom", fmt.Sprint(r.IntN(meetings))), Linked: r.IntN(2) == 0}
			d.CompanyID = new(fmt.Sprintf("c%d", r.IntN(companies)))
			entry(schemas.SortDecision, schemas.DecisionID(d), schemas.DirectoryEntry{Decision: d})
		default:
			s := &schemas.Side{Name: domain(), Is: []string{schemas.SideOwn, schemas.SideOutside, schemas.SideIgnored}[r.IntN(3)]}
			entry(schemas.SortSide, s.Name, schemas.DirectoryEntry{Side: s})
		}
	}
	hosts := []string{"h@own.example", "i@own.example", "h@eu.own.example", "h@gmail.com", "j@d0.example", "k@d1.example"}
	for i := range meetings {
		host := hosts[0]
		if r.IntN(meetings/10) == 0 {
			host = hosts[r.IntN(len(hosts))]
		}
		for range 1 + r.IntN(2) {
			m := meeting(host, email(), email(), hosts[r.IntN(len(hosts))])
			m.RecordingID, m.ID = fmt.Sprint(i), schemas.MeetingID("o", "fathom", fmt.Sprint(i))
			recordedAt(r, m, meetings/8, meetings/40)
			histories[m.ID] = append(histories[m.ID], step{key: m.ID, meeting: m})
		}
		if r.IntN(20) == 0 {
			id := schemas.MeetingID("o", "fathom", fmt.Sprint(i))
			histories[id] = append(histories[id], step{key: id})
		}
	}
	var all [][]step
	for _, h := range histories {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b []step) int { return cmp.Compare(a[0].key, b[0].key) })
	return all
}

// broker is what the stage's loop and Kafka do to the stage, crashes included.
type broker struct {
	codec   *schemas.Codec
	random  *rand.Rand
	held    *state.Overlay
	waiting []*kgo.Record // of the topic that the stage sends itself
	matched map[string]*kgo.Record
	crashes int
}

// run takes the records in batches. A crash gives the batch up, or has sent what
// it led to and forgotten that: the embedded broker can be killed in between.
func (b *broker) run(t *testing.T, records []*kgo.Record) {
	for len(records)+len(b.waiting) > 0 {
		news := min(b.random.IntN(40), len(records))
		settles := min(1+b.random.IntN(2), len(b.waiting))
		work := slices.Concat(records[:news], b.waiting[:settles])
		slices.SortStableFunc(work, func(x, y *kgo.Record) int { return cmp.Compare(place(x), place(y)) })
		upper := state.NewOverlay(b.held)
		var emitted []*kgo.Record
		for _, r := range work {
			res, err := New().Apply(t.Context(), b.codec, upper, r)
			if err != nil {
				t.Fatal(err)
			}
			upper.Merge(res.State)
			emitted = append(emitted, res.Emitted...)
		}
		crash := b.random.IntN(10)
		if crash < 2 {
			b.crashes++
		} else {
			b.held.Merge(upper)
			records, b.waiting = records[news:], b.waiting[settles:]
		}
		if crash == 0 {
			continue
		}
		for _, r := range emitted {
			switch r.Topic {
			case schemas.Settling.Name:
				b.waiting = append(b.waiting, r)
			case schemas.MatchedMeetings.Name:
				b.matched[string(r.Key)] = r
			}
		}
	}
}

func place(r *kgo.Record) int {
	return slices.IndexFunc(New().Inputs, func(in stage.Input) bool { return in.Spec.Name == r.Topic })
}

// The promise of the package, at the size that it is promised for where
// LEADLINE_SHUFFLES says how many orders.
func TestAnyOrderWithCrashesEndsInTheSameLinks(t *testing.T) {
	t.Parallel()
	meetings, changes, orders := 60, 300, 8
	if n, err := strconv.Atoi(os.Getenv("LEADLINE_SHUFFLES")); err == nil {
		meetings, changes, orders = 1000, 5000, n
	}
	codec := schematest.Codec(t)
	all := world(rand.New(rand.NewPCG(11, 12)), meetings, changes)
	want := expected(t, all)
	records := make(map[*step]*kgo.Record)
	for _, h := range all {
		for i := range h {
			records[&h[i]] = encoded(t, codec, h[i])
		}
	}
	states := make(map[schemas.State]int)
	for _, w := range want {
		states[w.State]++
	}
	t.Logf("%d meetings end as %v", len(want), states)
	var wait sync.WaitGroup
	next := make(chan uint64)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for seed := range next {
				r := rand.New(rand.NewPCG(seed, 13))
				b := &broker{codec: codec, random: r, held: state.NewOverlay(state.Empty{}), matched: make(map[string]*kgo.Record)}
				b.run(t, shuffled(r, all, records))
				for id, w := range want {
					if got := decoded(t, codec, b.matched[id]); !same(got, w) {
						t.Errorf("order %d: %s ends as %+v, want %+v", seed, id, got, w)
						break
					}
				}
				for id, r := range b.matched {
					if _, stays := want[id]; !stays && r.Value != nil {
						t.Errorf("order %d: %s is still there", seed, id)
					}
				}
				t.Logf("order %d: %d crashes", seed, b.crashes)
				if b.crashes == 0 {
					t.Errorf("order %d: nothing crashed", seed)
				}
			}
		})
	}
	for seed := range uint64(orders) {
		next <- seed
	}
	close(next)
	wait.Wait()
}

// shuffled mixes the histories at random, each in its own order.
func shuffled(r *rand.Rand, all [][]step, records map[*step]*kgo.Record) []*kgo.Record {
	var turns []int
	for i, h := range all {
		for range h {
			turns = append(turns, i)
		}
	}
	r.Shuffle(len(turns), func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
	at := make([]int, len(all))
	out := make([]*kgo.Record, 0, len(turns))
	for _, i := range turns {
		out = append(out, records[&all[i][at[i]]])
		at[i]++
	}
	return out
}

func encoded(t *testing.T, codec *schemas.Codec, s step) *kgo.Record {
	t.Helper()
	r := &kgo.Record{Topic: schemas.NormalizedMeetings.Name, Key: []byte(s.key)}
	var err error
	if s.isEntry {
		r.Topic = schemas.Directory.Name
	}
	switch {
	case s.entry != nil:
		r.Value, err = schemas.Encode(codec, schemas.Directory, s.entry)
	case s.meeting != nil:
		r.Value, err = schemas.Encode(codec, schemas.NormalizedMeetings, s.meeting)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func decoded(t *testing.T, codec *schemas.Codec, r *kgo.Record) *schemas.MatchedMeeting {
	if r == nil || r.Value == nil {
		return nil
	}
	m, err := schemas.Decode(codec, schemas.MatchedMeetings, r.Value)
	if err != nil {
		t.Error(err)
	}
	return m
}
