package pages_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"leadline/console"
	"leadline/console/pages"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

const (
	org   = "harbour"
	token = "the-token-of-the-instance"
)

// hostile is in every text that somebody outside may write: a script, an end of
// every element and attribute, and a turn of the reading order.
const hostile = `</bdi></textarea></title>"'><script>alert(1)</script><img src=x onerror=alert(2)>` + "\u202egnp.exe\u2066"

var began = time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// rig is a site over a store with one customer and three meetings, one of them
// hostile through and through and one with a turn of a megabyte.
type rig struct {
	*testing.T
	site   *pages.Site
	rules  *book
	known  *recorders
	cookie string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	store, err := embedded.Open(t.Context(), t.TempDir()+"/store.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	fill(t, store)
	r := &rig{T: t, rules: new(book), known: new(recorders)}
	r.rules.set = schemas.RuleSet{Org: org, Version: 3, Author: hostile, Rules: []schemas.LearningRule{
		{ID: "topic-1", Type: schemas.RuleTopic, Text: "tides" + hostile, Enabled: true},
		{ID: "keyword-1", Type: schemas.RuleKeyword, Text: "confidential", Enabled: false},
	}}
	r.site = pages.New(pages.Options{Store: store, Token: token, Rules: r.rules, Connections: r.known})
	return r
}

func write[T any](t *testing.T, to sink.Sink[T], rows ...sink.Row[T]) {
	t.Helper()
	if err := to.Write(t.Context(), sink.Batch[T](rows)); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, s *embedded.Store) {
	t.Helper()
	write(t, s.DirectorySink(),
		sink.Row[schemas.DirectoryEntry]{Key: org + "/company/co_amber", Version: 1, Value: &schemas.DirectoryEntry{
			Org: org, Company: &schemas.Company{ID: "co_amber", Name: "Amber" + hostile, Domains: []string{"amber.example"}, Traits: map[string]string{hostile: hostile}},
		}},
		sink.Row[schemas.DirectoryEntry]{Key: org + "/end_user/eu_ann", Version: 1, Value: &schemas.DirectoryEntry{
			Org: org, EndUser: &schemas.EndUser{ID: "eu_ann", CompanyID: ptr("co_amber"), Name: "Ann" + hostile, Emails: []string{"ann@amber.example"}},
		}})
	for n, m := range []*schemas.MeetingRow{meetingRow("plain", "The pier"), meetingRow("hostile", hostile), meetingRow("long", "A long turn")} {
		m.StartedAt = began.AddDate(0, 0, n)
		text := "Ann: The pier is rotten.\nIda: We will look into it."
		switch m.RecordingID {
		case "hostile":
			text = "Ann: The pier " + hostile + "\nIda: We will look into it."
		case "long":
			text = "Ann: " + strings.Repeat("pier ", 1<<20/5) + "\nIda: the very end"
		}
		write(t, s.MeetingSink(), sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 1, Value: m})
		said := &schemas.Entry{
			ID: "fathom:" + m.RecordingID + ":transcript:0", MeetingID: m.ID, Org: org, Provider: schemas.Fathom, RecordingID: m.RecordingID,
			Kind: schemas.EntryTranscript, Title: m.Title, Text: text, Speakers: []string{"Ann", "Ida"}, TurnFirst: ptr(int32(0)), TurnLast: ptr(int32(1)),
			StartMS: ptr(int64(61_000)), EndMS: ptr(int64(95_000)), MeetingAt: m.StartedAt, Language: "en", State: m.State,
			URL: "https://recorder.example/calls/1?timestamp=61", Companies: []string{"co_amber"}, EndUsers: []string{"eu_ann"},
		}
		summary := *said
		summary.ID, summary.Kind, summary.Text = "fathom:"+m.RecordingID+":summary", schemas.EntrySummary, "# Pier\n"+m.Title
		summary.TurnFirst, summary.TurnLast, summary.StartMS, summary.EndMS, summary.Speakers = nil, nil, nil, nil, nil
		write(t, s.EntrySink(),
			sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, said.ID), Version: 1, Value: said},
			sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, summary.ID), Version: 1, Value: &summary})
		write(t, s.ProgressSink(), sink.Row[schemas.Progress]{Key: "p" + m.RecordingID, Version: 1, Value: &schemas.Progress{
			MeetingID: m.ID, Org: org, Stage: "match", Outcome: schemas.OutcomeDone, Detail: m.Title, At: began, Topic: "t", Offset: int64(n),
		}})
	}
}

func meetingRow(recording, title string) *schemas.MeetingRow {
	return &schemas.MeetingRow{
		ID: schemas.MeetingID(org, schemas.Fathom, recording), Org: org, Provider: schemas.Fathom, RecordingID: recording,
		State: string(schemas.StateMatched), Title: title, URL: "javascript:alert(3)", Language: "en", CreatedAt: began, EndedAt: began.Add(time.Hour),
		Host: schemas.Host{Name: "Ida", Email: "ida@harbour.example"}, Turns: 2, Words: 9,
		Attendees: []schemas.Attendee{{Name: title, Email: ptr("ann@amber.example"), External: true, Spoke: true}},
		Speakers:  []schemas.Speaker{{Name: "Ann", Turns: 1, Words: 5}, {Name: "Ida", Turns: 1, Words: 4}},
		Links: []schemas.Link{{
			CompanyID: ptr("co_amber"), EndUserID: ptr("eu_ann"), Attendee: "ann@amber.example", Rule: schemas.RuleEmail, Matched: "ann@amber.example",
		}},
		Matching: &schemas.Matching{Considered: []schemas.Considered{
			{Attendee: "ann@amber.example", Finding: schemas.FindingEmail, Name: "ann@amber.example", Entries: []string{"end_user/eu_ann"}},
			{Attendee: title, Finding: schemas.FindingNoAddress, Name: title},
		}},
		ActionItems: []schemas.Action{{Description: title, AssigneeName: &title, PlaybackURL: "javascript:alert(4)", AtMS: ptr(int64(1000))}},
		Distillates: []schemas.Distillate{
			{Kind: schemas.ProductAsk, Sentence: title, Quote: "We will look into it.", Turn: 1, Speaker: title, StartMS: 70_000},
			{Kind: schemas.RenewalSignal, Sentence: title, Quote: "the very end", Turn: 1, Speaker: "Ida", StartMS: 70_000},
		},
	}
}

// do sends a request with the session, if there is one.
func (r *rig) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if r.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "leadline_session", Value: r.cookie})
	}
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, req)
	return w
}

// signIn takes a fresh link.
func (r *rig) signIn() *rig {
	r.Helper()
	link, err := url.Parse(r.site.Link(org))
	if err != nil {
		r.Fatal(err)
	}
	w := r.do(http.MethodPost, "/signin", link.Query())
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		r.Fatalf("signing in: %d %s", w.Code, w.Body)
	}
	r.cookie = w.Result().Cookies()[0].Value
	return r
}

// read gets a page as a tree.
func (r *rig) read(path string) (*html.Node, string) {
	r.Helper()
	w := r.do(http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		r.Fatalf("%s: %d %.500s", path, w.Code, w.Body)
	}
	body := w.Body.String()
	return parse(r.T, body), body
}

func parse(t *testing.T, body string) *html.Node {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// all are the elements of a name.
func all(tree *html.Node, name string) (found []*html.Node) {
	for n := range tree.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// csrf is the token that the session's forms carry.
func (r *rig) csrf() string {
	r.Helper()
	tree, _ := r.read("/rules")
	for _, input := range all(tree, "input") {
		if attribute(input, "name") == "csrf" {
			return attribute(input, "value")
		}
	}
	r.Fatal("no form has a token")
	return ""
}

// book keeps rules as ingress/rules does.
type book struct{ set schemas.RuleSet }

func (b *book) Rules(context.Context, string) (schemas.RuleSet, error) { return b.set, nil }
func (b *book) Presets() []schemas.LearningRule                        { return nil }

func (b *book) SetRules(_ context.Context, org, author string, rules []schemas.LearningRule, version int64) (schemas.RuleSet, error) {
	if version != b.set.Version {
		return b.set, console.ErrRulesChanged
	}
	set := schemas.RuleSet{Org: org, Author: author, Version: version + 1, Rules: slices.Clone(rules)}
	if err := schemas.CheckRules(set); err != nil {
		return b.set, &schemas.InvalidQuery{Field: "rules", Problem: err.Error()}
	}
	b.set = set
	return set, nil
}

// recorders remembers what it was asked.
type recorders struct{ asked []string }

func (c *recorders) Connections(context.Context, string) ([]schemas.ConnectionStatus, error) {
	return []schemas.ConnectionStatus{{
		Provider: schemas.Fathom, Name: "default", State: schemas.ConnectionConnected, Account: hostile, ConnectedAt: began,
		Sync:     &schemas.ConnectionSync{Meetings: 3, Pages: 1, UpdatedAt: began, Through: &began},
		Problems: []schemas.ConnectionProblem{{Code: "sync_refused", Text: hostile}},
	}}, nil
}

func (c *recorders) Connect(_ context.Context, org string, n console.NewConnection) (schemas.ConnectionStatus, error) {
	if n.Credential != "good" {
		return schemas.ConnectionStatus{}, &console.ConnectionRefused{Why: "The recorder does not accept this key.", Err: errors.New(n.Credential)}
	}
	c.asked = append(c.asked, "connect "+org+" "+n.Provider)
	return schemas.ConnectionStatus{}, nil
}

func (c *recorders) Change(_ context.Context, org, recorder, name string, change console.ConnectionChange) (schemas.ConnectionStatus, error) {
	c.asked = append(c.asked, strings.Join([]string{change.Do, org, recorder, name}, " "))
	return schemas.ConnectionStatus{}, nil
}
