package match

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// step is one record of either input.
type step struct {
	key     string
	entry   *schemas.DirectoryEntry // of the directory, unless meeting
	meeting *schemas.Meeting
	isEntry bool
}

// Small pools make collisions likely; the ids are those that a careless key
// would mix up.
var (
	orgs       = []string{"o", "o2"}
	companyIDs = []string{"c", "c/u", "c%2Fu", "u", "%"}
	endUserIDs = []string{"e", "e/a", "e%2Fa", "a/e/a", "c", "/"}
	hosts      = []string{"h@own.example", "h@eu.own.example", "h@gmail.com", ""}
	emails     = []string{
		"a@x.example", "A@X.example", "a@m.x.example", "b@m.x.example", "a@d.m.x.example", "a@y.example", "b@y.example",
		"a+t@y.example", "info@y.example", "a@gmail.com", "h@gmail.com", "i@own.example", "a@t.github.io", `"a/b"@x.example`, "nonsense", "",
	}
	domains = []string{
		"x.example", "https://X.example/", "m.x.example", "d.m.x.example", "y.example", "own.example", "gmail.com", "github.io", "t.github.io", "?",
	}
)

func some(r *rand.Rand, from []string, most int) []string {
	out := []string{}
	for range r.IntN(most + 1) {
		out = append(out, from[r.IntN(len(from))])
	}
	return out
}

// histories makes, for each key, the records that it gets in this order: its
// last one is the final input.
func histories(r *rand.Rand) [][]step {
	var all [][]step
	for _, org := range orgs {
		for _, id := range companyIDs {
			var h []step
			for range 1 + r.IntN(3) {
				s := step{key: schemas.DirectoryKey(org, schemas.SortCompany, id), isEntry: true}
				if r.IntN(4) > 0 {
					s.entry = &schemas.DirectoryEntry{Org: org, Company: &schemas.Company{ID: id, Domains: some(r, domains, 3)}}
				}
				h = append(h, s)
			}
			all = append(all, h)
		}
		for _, id := range endUserIDs {
			var h []step
			for range 1 + r.IntN(3) {
				s := step{key: schemas.DirectoryKey(org, schemas.SortEndUser, id), isEntry: true}
				if r.IntN(4) > 0 {
					u := &schemas.EndUser{ID: id, Emails: some(r, emails, 3)}
					if r.IntN(3) > 0 {
						u.CompanyID = &companyIDs[r.IntN(len(companyIDs))]
					}
					s.entry = &schemas.DirectoryEntry{Org: org, EndUser: u}
				}
				h = append(h, s)
			}
			all = append(all, h)
		}
		for _, name := range []string{"x.example", "own.example", "eu.own.example", "gmail.com", "a@x.example", "h@gmail.com"} {
			h := []step{{key: schemas.DirectoryKey(org, schemas.SortSide, name), isEntry: true}}
			for range r.IntN(3) {
				is := []string{schemas.SideOwn, schemas.SideOutside, schemas.SideIgnored}[r.IntN(3)]
				if name == "gmail.com" && is == schemas.SideOwn {
					is = schemas.SideIgnored // an own one is refused
				}
				h = append(h, step{key: h[0].key, entry: &schemas.DirectoryEntry{Org: org, Side: &schemas.Side{Name: name, Is: is}}, isEntry: true})
			}
			all = append(all, h)
		}
		for range 8 {
			d := &schemas.Decision{MeetingID: schemas.MeetingID(org, "fathom", fmt.Sprint(r.IntN(6))), Linked: r.IntN(2) == 0}
			if r.IntN(2) == 0 {
				d.CompanyID = &companyIDs[r.IntN(len(companyIDs))]
			} else {
				d.EndUserID = &endUserIDs[r.IntN(len(endUserIDs))]
			}
			s := step{key: schemas.DirectoryKey(org, schemas.SortDecision, schemas.DecisionID(d)), entry: &schemas.DirectoryEntry{Org: org, Decision: d}, isEntry: true}
			if slices.ContainsFunc(all, func(h []step) bool { return h[0].key == s.key }) {
				continue
			}
			h := []step{s}
			if r.IntN(3) == 0 {
				h = append(h, gone(s))
			}
			all = append(all, h)
		}
		for range 4 {
			a, b := r.IntN(6), r.IntN(6)
			if a == b {
				continue
			}
			s := wordStep(org, fmt.Sprint(a), fmt.Sprint(b), r.IntN(2) == 0)
			if slices.ContainsFunc(all, func(h []step) bool { return h[0].key == s.key }) {
				continue
			}
			h := []step{s, gone(s), wordStep(org, fmt.Sprint(a), fmt.Sprint(b), r.IntN(2) == 0)}
			all = append(all, h[:1+r.IntN(3)])
		}
		for i := range 6 {
			var h []step
			for range 1 + r.IntN(3) {
				if len(h) > 0 && r.IntN(5) == 0 {
					h = append(h, gone(h[0]))
					continue
				}
				m := meeting(hosts[r.IntN(len(hosts))], some(r, emails, 3)...)
				m.Org, m.RecordingID, m.ID = org, fmt.Sprint(i), schemas.MeetingID(org, "fathom", fmt.Sprint(i))
				recordedAt(r, m, 2, 2)
				h = append(h, step{key: m.ID, meeting: m})
			}
			all = append(all, h)
		}
	}
	return all
}

// ending is what is to be said of a meeting when everything has come.
type ending struct {
	Verdict
	call *schemas.Call
}

// recordedAt gives a meeting a time and a room among so many, so that some are of
// one call, some overlap and some follow each other.
func recordedAt(r *rand.Rand, m *schemas.Meeting, hours, rooms int) {
	if r.IntN(10) == 0 {
		return
	}
	m.StartedAt = time.Date(2026, 3, 2, 8+r.IntN(hours), []int{0, 0, 3, 9, 12, 50}[r.IntN(6)], 0, 0, time.UTC)
	m.EndedAt = m.StartedAt.Add(time.Duration([]int{30, 30, 45, 60, 5, 70}[r.IntN(6)]) * time.Minute)
	switch n := r.IntN(rooms + 1); {
	case n < rooms:
		m.JoinURL = new(fmt.Sprintf("https://us02web.zoom.us/j/84210%06d?pwd=%d", n, r.IntN(9)))
	case r.IntN(2) == 0:
		m.JoinURL = new("https://meet.acme.example/lobby")
	}
	if r.IntN(3) > 0 {
		m.HasTranscript = true
		m.Turns = []schemas.Turn{{Speaker: "Ann", Text: "Hello."}}
		if r.IntN(2) == 0 {
			m.Turns[0].Email = new("ann@heard.example")
		}
	}
}

func wordStep(org, one, other string, same bool) step {
	ids := []string{schemas.MeetingID(org, "fathom", one), schemas.MeetingID(org, "fathom", other)}
	slices.Sort(ids)
	w := &schemas.SameCall{MeetingID: ids[0], OtherID: ids[1], Same: same}
	return step{
		key:   schemas.DirectoryKey(org, schemas.SortSameCall, schemas.SameCallID(w)),
		entry: &schemas.DirectoryEntry{Org: org, SameCall: w}, isEntry: true,
	}
}

// expected applies the rules to the final inputs.
func expected(t *testing.T, all [][]step) map[string]ending {
	t.Helper()
	directories := make(map[string]*Directory)
	of := func(org string) *Directory {
		if directories[org] == nil {
			d, err := NewDirectory(org, nil)
			if err != nil {
				t.Fatal(err)
			}
			directories[org] = d
		}
		return directories[org]
	}
	for _, h := range all {
		last := h[len(h)-1]
		var err error
		if last.entry != nil {
			err = of(last.entry.Org).Put(last.key, last.entry)
		} else if last.meeting != nil {
			err = of(last.meeting.Org).Recorded(last.meeting)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := make(map[string]ending)
	calls := callsOf(all)
	for _, h := range all {
		if m := h[len(h)-1].meeting; m != nil {
			v, err := judge(m, newView(of(m.Org).held, m.Org), calls[m.ID])
			if err != nil {
				t.Fatal(err)
			}
			want[m.ID] = ending{v, calls[m.ID]}
		}
	}
	return want
}

// same says whether the meeting ends as it should.
func same(got *schemas.MatchedMeeting, want ending) bool {
	return got != nil && got.State == string(want.State) && got.Reason == want.Reason && reflect.DeepEqual(got.Links, want.Links) &&
		reflect.DeepEqual(got.OwnDomains, want.OwnDomains) && reflect.DeepEqual(*got.Matching, want.Matching) &&
		reflect.DeepEqual(got.Call, want.call)
}

// interleave mixes the histories at random; some records come twice.
func interleave(r *rand.Rand, all [][]step) []step {
	at := make([]int, len(all))
	var open []int
	for i := range all {
		open = append(open, i)
	}
	var out []step
	for len(open) > 0 {
		n := r.IntN(len(open))
		i := open[n]
		out = append(out, all[i][at[i]])
		if r.IntN(5) == 0 {
			out = append(out, all[i][at[i]])
		}
		if at[i]++; at[i] == len(all[i]) {
			open = append(open[:n], open[n+1:]...)
		}
	}
	return out
}

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	for seed := range uint64(10) {
		all := histories(rand.New(rand.NewPCG(seed, 1)))
		want := expected(t, all)
		for shuffle := range uint64(10) {
			bench := stagetest.New(New(), codec)
			last := make(map[string]*schemas.MatchedMeeting)
			for _, s := range interleave(rand.New(rand.NewPCG(seed, 2+shuffle)), all) {
				for _, m := range feed(t, bench, s) {
					if m == nil {
						delete(last, s.key)
						continue
					}
					if prior := last[m.Meeting.ID]; prior != nil && reflect.DeepEqual(prior, m) {
						t.Fatalf("seed %d, shuffle %d: %s was emitted twice for nothing", seed, shuffle, m.Meeting.ID)
					}
					last[m.Meeting.ID] = m
				}
			}
			for id, w := range want {
				if got := last[id]; !same(got, w) {
					t.Fatalf("seed %d, shuffle %d: %s ends as %+v, want %+v", seed, shuffle, id, got, w)
				}
			}
		}
	}
}

func feed(t *testing.T, bench *stagetest.Bench, s step) []*schemas.MatchedMeeting {
	t.Helper()
	put := func() ([]*schemas.MatchedMeeting, error) {
		if s.isEntry {
			emitted, err := stagetest.Put(t.Context(), bench, schemas.Directory, s.key, s.entry)
			if err != nil {
				return nil, err
			}
			return stagetest.Values(bench, schemas.MatchedMeetings, emitted)
		}
		emitted, err := stagetest.Put(t.Context(), bench, schemas.NormalizedMeetings, s.key, s.meeting)
		if err != nil {
			return nil, err
		}
		return stagetest.Values(bench, schemas.MatchedMeetings, emitted)
	}
	out, err := put()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
