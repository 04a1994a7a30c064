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
	"leadline/console/tail"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

const (
	org   = "harbour"
	token = "the-token-of-the-instance"
)

// hostile is in every text that somebody outside may write: a script, an end of
// every element and attribute, a turn of the reading order, and a word that no line has room for.
const hostile = `</bdi></textarea></title>"'><script>alert(1)</script><img src=x onerror=alert(2)>` + "\u202egnp.exe\u2066" + longWord

const longWord = "pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopicsilicovolcanoconiosis"

var began = time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// rig is a site over a store with one customer and three meetings, one of them
// hostile through and through and one with a turn of a megabyte.
type rig struct {
	testing.TB
	site   *pages.Site
	rules  *book
	known  *recorders
	topics *topics
	people *users
	log    *ledger
	solved []console.Resolution
	tried  []schemas.LearningRule
	cookie string
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigWith(t, func(*pages.Options) {})
}

// newRigWith has other options.
func newRigWith(t testing.TB, with func(*pages.Options)) *rig {
	t.Helper()
	store := openStore(t)
	r := &rig{TB: t, rules: new(book), known: new(recorders), topics: new(topics), people: new(users), log: new(ledger)}
	r.rules.set = schemas.RuleSet{Org: org, Version: 3, Author: hostile, Rules: []schemas.LearningRule{
		{ID: "topic-1", Type: schemas.RuleTopic, Text: "tides" + hostile, Enabled: true},
		{ID: "keyword-1", Type: schemas.RuleKeyword, Text: "confidential", Enabled: false},
	}}
	options := pages.Options{Store: store, Token: token, Rules: r.rules, Connections: r.known, Resolver: r,
		Deliveries: r.topics, DeadLetters: r.topics, Versions: r.topics, Trial: r, Users: r.people, Audit: r.log, KafkaUI: "http://localhost:8080/ui/clusters/leadline",
	}
	with(&options)
	r.site = pages.New(options)
	return r
}

// openStore opens a store with the customer and the meetings.
func openStore(t testing.TB) *embedded.Store {
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
	return store
}

func write[T any](t testing.TB, to sink.Sink[T], rows ...sink.Row[T]) {
	t.Helper()
	if err := to.Write(t.Context(), sink.Batch[T](rows)); err != nil {
		t.Fatal(err)
	}
}

func fill(t testing.TB, s *embedded.Store) {
	t.Helper()
	write(t, s.DirectorySink(),
		sink.Row[schemas.DirectoryEntry]{Key: org + "/company/co_amber", Version: 1, Value: &schemas.DirectoryEntry{
			Org: org, Company: &schemas.Company{ID: "co_amber", Name: "Amber" + hostile, Domains: []string{"amber.example"}, Traits: map[string]string{hostile: hostile}},
		}},
		sink.Row[schemas.DirectoryEntry]{Key: org + "/end_user/eu_ann", Version: 1, Value: &schemas.DirectoryEntry{
			Org: org, EndUser: &schemas.EndUser{ID: "eu_ann", CompanyID: ptr("co_amber"), Name: "Ann" + hostile, Emails: []string{"ann@amber.example"}},
		}})
	write(t, s.RuleHitSink(), hits()...)
	for n, m := range []*schemas.MeetingRow{meetingRow("plain", "The pier"), meetingRow("hostile", hostile), meetingRow("long", "A long turn"), unmatchedRow()} {
		m.StartedAt = began.AddDate(0, 0, n)
		text := "Ann: The pier is rotten.\nIda: We will look into it."
		switch m.RecordingID {
		case "nobodys":
			m.Learning, m.LearningWhy = schemas.LearningExcluded, `the keyword rule keyword-1: "confidential" in the title`
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

// hits are what two rules did, and that one meeting is about no topic.
func hits() (rows []sink.Row[schemas.RuleHit]) {
	for n, h := range []schemas.RuleHit{
		{MeetingID: org + "/fathom/nobodys", Title: hostile, Rules: []string{"keyword-1"}, RuleType: schemas.RuleKeyword, RulesVersion: 2,
			Effect: schemas.HitExcluded, Place: schemas.PlaceTitle, Turn: -1, Excerpt: "confidential"},
		{MeetingID: org + "/fathom/plain", Title: "The pier", Rules: []string{"topic-1"}, RuleType: schemas.RuleTopic, RulesVersion: 3,
			Effect: schemas.HitAbout, Judge: "words/1", Place: schemas.PlaceTranscript, Turn: 1, Excerpt: hostile},
		{MeetingID: org + "/fathom/long", Title: "A long turn", Rules: []string{"topic-1", "topic-2"}, RuleType: schemas.RuleTopic, RulesVersion: 3,
			Effect: schemas.HitOffTopic, Judge: "model/1", Turn: -1},
	} {
		h.Org, h.At = org, began
		h.ID = schemas.HitID(nil, &h)
		rows = append(rows, sink.Row[schemas.RuleHit]{Key: schemas.RuleHitKey(h.MeetingID, h.ID), Version: uint64(n + 1), Value: &h})
	}
	return rows
}

// unmatchedRow is nobody's, with a domain and an address that would resolve it.
func unmatchedRow() *schemas.MeetingRow {
	m := meetingRow("nobodys", hostile)
	m.State, m.Links, m.Reason = string(schemas.StateUnmatched), nil, hostile
	m.Matching = &schemas.Matching{Considered: []schemas.Considered{
		{Attendee: "pia@birch.example", Finding: schemas.FindingUnknown, Name: "pia@birch.example"},
		{Attendee: "kim@gmail.com", Finding: schemas.FindingFreeMail, Name: "gmail.com"},
	}}
	return m
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
	return parse(r, body), body
}

func parse(t testing.TB, body string) *html.Node {
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
type recorders struct {
	asked   []string
	receipt *schemas.ErasureReceipt
}

func (c *recorders) Connections(context.Context, string) ([]schemas.ConnectionStatus, error) {
	s := schemas.ConnectionStatus{
		Provider: schemas.Fathom, Name: "default", State: schemas.ConnectionConnected, Account: hostile, ConnectedAt: began,
		WebhookURL: "https://meet.example/api/integrations/fathom/webhook/harbour",
		Sync:       &schemas.ConnectionSync{Meetings: 3, Pages: 1, UpdatedAt: began, Through: &began},
		Problems:   []schemas.ConnectionProblem{{Code: "sync_refused", Text: hostile}},
	}
	if s.Receipt = c.receipt; s.Receipt != nil {
		s.EraseAskedAt = &s.Receipt.AskedAt
	}
	return []schemas.ConnectionStatus{s}, nil
}

func (c *recorders) Connect(_ context.Context, org string, n console.NewConnection) (schemas.ConnectionStatus, error) {
	if n.Credential != "good" && !strings.Contains(n.Credential, `"client_secret":"good"`) {
		return schemas.ConnectionStatus{}, &console.ConnectionRefused{Why: "The recorder does not accept this key.", Err: errors.New(n.Credential)}
	}
	c.asked = append(c.asked, "connect "+org+" "+n.Provider)
	return schemas.ConnectionStatus{Provider: n.Provider, Name: "default"}, nil
}

func (c *recorders) Change(_ context.Context, org, recorder, name string, change console.ConnectionChange) (schemas.ConnectionStatus, error) {
	do := change.Do
	switch {
	case change.Erase:
		do = "erase"
	case !change.Since.IsZero():
		do += " since " + change.Since.UTC().Format(time.DateOnly)
	}
	c.asked = append(c.asked, strings.Join([]string{do, org, recorder, name}, " "))
	return schemas.ConnectionStatus{}, nil
}

// Try judges one meeting otherwise, and counts the rules.
func (r *rig) Try(_ context.Context, _ string, rules []schemas.LearningRule, _ time.Time) (pages.Trial, error) {
	r.tried = rules
	return pages.Trial{Judged: 7, Changed: []pages.Verdict{{MeetingID: org + "/fathom/plain", Title: hostile, Now: "learned", Then: "excluded by " + hostile}}}, nil
}

// Resolve remembers what it was asked; a name with a slash it does not understand.
func (r *rig) Resolve(_ context.Context, _ string, asked console.Resolution) (schemas.DirectoryLine, error) {
	if strings.Contains(asked.Name, "/") {
		return schemas.DirectoryLine{}, &schemas.InvalidQuery{Field: "name", Problem: "is no domain"}
	}
	r.solved = append(r.solved, asked)
	return schemas.DirectoryLine{}, nil
}

// topics has one delivery, one dead letter and two versions, all of them hostile.
type topics struct {
	replayed []tail.Place
	all      bool // that there are are listed
}

var (
	deadAt   = tail.Place{Topic: schemas.RawMeetings.DeadLetters(), Partition: 1, Offset: 7}
	deadFrom = tail.Place{Topic: schemas.RawMeetings.Name, Partition: 1, Offset: 3}
)

func (*topics) Deliveries(context.Context, string, string, string, int) ([]tail.Delivery, error) {
	return []tail.Delivery{
		{Received: began, Source: schemas.SourceWebhook, ID: hostile, Recording: "plain"},
		{Place: deadFrom, Received: began, Source: schemas.SourceWebhook, ID: "msg_broken"},
	}, nil
}

func (t *topics) DeadLetters(ctx context.Context, org string, _ int) ([]tail.DeadLetter, bool, error) {
	l, err := t.DeadLetter(ctx, org, deadAt)
	return []tail.DeadLetter{l}, t.all, err
}

func (*topics) DeadLetter(_ context.Context, _ string, p tail.Place) (tail.DeadLetter, error) {
	if p != deadAt {
		return tail.DeadLetter{}, tail.ErrNoDeadLetter
	}
	return tail.DeadLetter{
		Place: p, From: deadFrom, Key: org, Reason: schemas.ReasonMalformed,
		Error: hostile, Stage: "normalize", At: began, Payload: []byte(hostile),
	}, nil
}

func (t *topics) Replay(ctx context.Context, org string, places []tail.Place) error {
	for _, p := range places {
		if _, err := t.DeadLetter(ctx, org, p); err != nil {
			return err
		}
	}
	t.replayed = append(t.replayed, places...)
	return nil
}

func (*topics) Versions(context.Context, string) ([]tail.Version, error) {
	return []tail.Version{{Number: 2, At: began, Row: meetingRow("plain", hostile)}, {Number: 1, At: began, Row: meetingRow("plain", "The pier")}}, nil
}
