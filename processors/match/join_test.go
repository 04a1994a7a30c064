package match

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

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
		for i := range 6 {
			var h []step
			for range 1 + r.IntN(3) {
				m := meeting(hosts[r.IntN(len(hosts))], some(r, emails, 3)...)
				m.Org, m.RecordingID, m.ID = org, fmt.Sprint(i), schemas.MeetingID(org, "fathom", fmt.Sprint(i))
				h = append(h, step{key: m.ID, meeting: m})
			}
			all = append(all, h)
		}
	}
	return all
}

// expected applies the rules to the final inputs.
func expected(t *testing.T, all [][]step) map[string]schemas.MatchedMeeting {
	directory := make(map[string]book)
	for _, h := range all {
		if last := h[len(h)-1]; last.isEntry && last.entry != nil {
			directory[last.entry.Org] = append(directory[last.entry.Org], *last.entry)
		}
	}
	want := make(map[string]schemas.MatchedMeeting)
	for _, h := range all {
		if m := h[len(h)-1].meeting; m != nil {
			v, err := links(m, directory[m.Org])
			if err != nil {
				t.Fatal(err)
			}
			want[m.ID] = schemas.MatchedMeeting{State: string(v.state), Reason: v.reason, Links: v.links, OwnDomains: v.own}
		}
	}
	return want
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
	for seed := range uint64(20) {
		all := histories(rand.New(rand.NewPCG(seed, 1)))
		want := expected(t, all)
		for shuffle := range uint64(15) {
			bench := stagetest.New(New(), codec)
			last := make(map[string]*schemas.MatchedMeeting)
			for _, s := range interleave(rand.New(rand.NewPCG(seed, 2+shuffle)), all) {
				for _, m := range feed(t, bench, s) {
					if prior := last[m.Meeting.ID]; prior != nil && reflect.DeepEqual(prior, m) {
						t.Fatalf("seed %d, shuffle %d: %s was emitted twice for nothing", seed, shuffle, m.Meeting.ID)
					}
					last[m.Meeting.ID] = m
				}
			}
			for id, w := range want {
				got := last[id]
				if got == nil {
					t.Fatalf("seed %d, shuffle %d: %s was never emitted", seed, shuffle, id)
				}
				if got.State != w.State || got.Reason != w.Reason || told(got.Links) != told(w.Links) || !reflect.DeepEqual(got.OwnDomains, w.OwnDomains) {
					t.Fatalf("seed %d, shuffle %d: %s ends as %s %q [%s], want %s %q [%s]",
						seed, shuffle, id, got.State, got.Reason, told(got.Links), w.State, w.Reason, told(w.Links))
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
