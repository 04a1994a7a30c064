package command

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// A world is three organisations of four companies each, with meetings of
// every state, some of two companies. What must not cross a border carries a
// word of its own: secret<n> stands in everything that was said in meeting n,
// private<x> in all that is known of company x and not said by anybody. key<n>
// is in the words too, and is what requests search for.
type world struct {
	tag      string // in the names of organisations: real stores keep those of other runs
	meetings []*schemas.MeetingRow
	users    map[string]string // end user id -> company id
}

const (
	worldOrgs, worldCompanies, worldMeetings = 3, 4, 90
)

func (w *world) org(i int) string         { return fmt.Sprintf("leak%s%d", w.tag, i) }
func companyID(org, company int) string   { return fmt.Sprintf("co_%d%d", org, company) }
func private(company string) string       { return "private" + strings.TrimPrefix(company, "co_") }
func domainOf(company string) string      { return strings.ReplaceAll(company, "_", "-") + ".example" }
func secret(m *schemas.MeetingRow) string { return "secret" + m.RecordingID }

// sinks are what a store takes a world by.
type leakStore interface {
	console.Store
	MeetingSink() sink.Sink[schemas.MeetingRow]
	EntrySink() sink.Sink[schemas.Entry]
	ProgressSink() sink.Sink[schemas.Progress]
	DirectorySink() sink.Sink[schemas.DirectoryEntry]
}

func newWorld(r *rand.Rand, tag string) *world {
	w := &world{tag: tag, users: make(map[string]string)}
	for n := range worldMeetings {
		org := n % worldOrgs
		id := fmt.Sprint(1000 + n)
		at := time.Date(2026, 9, 1, 9, n, 0, 0, time.UTC)
		m := &schemas.MeetingRow{
			ID: schemas.MeetingID(w.org(org), schemas.Fathom, id), Org: w.org(org), Provider: schemas.Fathom, RecordingID: id,
			State: string(schemas.StateMatched), Title: "About the pier secret" + id + " key" + id, URL: "https://fathom.example/calls/secret" + id,
			Language: "en", CreatedAt: at, StartedAt: at, EndedAt: at.Add(time.Hour), ReceivedAt: at.Add(time.Hour),
			Host: schemas.Host{Name: "Ida Holm", Email: "ida@ours.example"}, Distiller: "rules/1",
		}
		switch n / worldOrgs % 6 {
		case 0:
			m.State, m.Reason = string(schemas.StateInternal), "everybody is ours"
		case 1:
			m.State, m.Reason = string(schemas.StateUnmatched), "nobody is known"
		default:
			first := r.IntN(worldCompanies)
			w.link(m, org, first)
			if r.IntN(2) == 0 {
				w.link(m, org, (first+1+r.IntN(worldCompanies-1))%worldCompanies)
			}
		}
		m.ActionItems = []schemas.Action{{Description: "Send the drawings secret" + id, AssigneeName: new("Ida Holm")}}
		m.Distillates = []schemas.Distillate{
			{Kind: schemas.ProductAsk, Sentence: "They ask for a railing secret" + id, Quote: "a railing", Turn: 1, Speaker: "Somebody", StartMS: 9000},
			{Kind: schemas.ActionItem, Sentence: "Somebody books the crane secret" + id, Turn: -1, Owner: new("Somebody")},
		}
		for _, l := range m.Links {
			m.Speakers = append(m.Speakers, schemas.Speaker{Name: "Somebody", Email: &l.Attendee, Turns: 1, Words: 9})
			m.ActionItems = append(m.ActionItems, schemas.Action{Description: "Call back secret" + id, AssigneeEmail: &l.Attendee})
			m.Distillates = append(m.Distillates, schemas.Distillate{Kind: schemas.RenewalSignal, Sentence: "They will renew secret" + id, Turn: 2, Email: &l.Attendee})
		}
		w.meetings = append(w.meetings, m)
	}
	return w
}

func (w *world) link(m *schemas.MeetingRow, org, company int) {
	id := companyID(org, company)
	user := "eu_" + strings.TrimPrefix(id, "co_")
	w.users[user] = id
	email := private(id) + "@" + domainOf(id)
	m.Links = append(m.Links, schemas.Link{CompanyID: &id, EndUserID: &user, Attendee: email, Rule: schemas.RuleEmail, Matched: email})
	m.Attendees = append(m.Attendees, schemas.Attendee{Name: "Guest " + private(id), Email: &email, External: true, Spoke: true})
}

// fill writes the world into a store, and returns its entries.
func (w *world) fill(t *testing.T, s leakStore) sink.Batch[schemas.Entry] {
	t.Helper()
	var (
		rows     sink.Batch[schemas.MeetingRow]
		entries  sink.Batch[schemas.Entry]
		progress sink.Batch[schemas.Progress]
		places   sink.Batch[schemas.DirectoryEntry]
	)
	for i, m := range w.meetings {
		rows = append(rows, sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 1, Value: m})
		var about []string
		e := schemas.Entry{
			MeetingID: m.ID, Org: m.Org, Provider: m.Provider, RecordingID: m.RecordingID, Title: m.Title, MeetingAt: m.StartedAt,
			Language: "en", URL: m.URL, State: m.State,
		}
		for _, l := range m.Links {
			e.Companies, e.EndUsers = append(e.Companies, *l.CompanyID), append(e.EndUsers, *l.EndUserID)
			about = append(about, private(*l.CompanyID))
		}
		for n, kind := range []string{schemas.EntryTranscript, schemas.EntrySummary, schemas.EntryActionItems, schemas.EntryDistilled} {
			piece := e
			piece.ID, piece.Kind = fmt.Sprintf("fathom:%s:%s:%d", m.RecordingID, kind, n), kind
			piece.Text = "Somebody: the old pier and its railing are key" + m.RecordingID + " to us, secret" + m.RecordingID
			if kind == schemas.EntryDistilled {
				piece.Distilled = new(schemas.ProductAsk)
			}
			entries = append(entries, sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, piece.ID), Version: 1, Value: &piece})
		}
		progress = append(progress, sink.Row[schemas.Progress]{Key: "leak/" + m.ID, Version: uint64(i + 1), Value: &schemas.Progress{
			MeetingID: m.ID, Org: m.Org, Stage: "match", Outcome: schemas.OutcomeDone, Detail: strings.Join(about, " "), Source: "poll",
			At: m.ReceivedAt, Topic: "leak" + w.tag, Offset: int64(i),
		}})
	}
	for org := range worldOrgs {
		for c := range worldCompanies {
			id := companyID(org, c)
			user := "eu_" + strings.TrimPrefix(id, "co_")
			places = append(places,
				sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(w.org(org), schemas.SortCompany, id), Version: 1, Value: &schemas.DirectoryEntry{
					Org: w.org(org), Company: &schemas.Company{ID: id, Name: "Firm " + private(id), Domains: []string{domainOf(id)}, Traits: map[string]string{"note": private(id)}},
				}},
				sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(w.org(org), schemas.SortEndUser, user), Version: 1, Value: &schemas.DirectoryEntry{
					Org: w.org(org), EndUser: &schemas.EndUser{ID: user, CompanyID: &id, Name: "Guest " + private(id), Emails: []string{private(id) + "@" + domainOf(id)}},
				}})
		}
	}
	for _, err := range []error{
		s.MeetingSink().Write(t.Context(), rows), s.EntrySink().Write(t.Context(), entries),
		s.ProgressSink().Write(t.Context(), progress), s.DirectorySink().Write(t.Context(), places),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return entries
}

// caller is a token: of an organisation's staff, or bound to a company.
type caller struct {
	org     int
	company string
	secret  string
}

// maySee is the rule, apart from the product's code: the words that an answer
// to the caller may hold.
func (w *world) maySee(c caller) map[string]bool {
	may := make(map[string]bool)
	for _, m := range w.meetings {
		about := slices.ContainsFunc(m.Links, func(l schemas.Link) bool { return *l.CompanyID == c.company })
		if m.Org == w.org(c.org) && (c.company == "" || about) {
			may[secret(m)] = true
		}
	}
	for i := range worldCompanies {
		if id := companyID(c.org, i); c.company == "" || c.company == id {
			may[private(id)] = true
		}
	}
	return may
}

// leaky is a store that forgets a part of the scope: a test that does not
// notice it proves nothing.
type leaky struct {
	console.Store
	forget func(*schemas.Scope)
}

func (l leaky) Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	l.forget(&q.Scope)
	return l.Store.Search(ctx, q)
}

func (l leaky) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	l.forget(&q.Scope)
	return l.Store.Meetings(ctx, q)
}
