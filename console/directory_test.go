package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// desk writes to the directory by the store's own sink, as if Kafka were between.
type desk struct {
	store *embedded.Store
	mu    sync.Mutex
	next  uint64
}

func (d *desk) write(ctx context.Context, org, sort, id string, e *schemas.DirectoryEntry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	return d.store.DirectorySink().Write(ctx, sink.Batch[schemas.DirectoryEntry]{{Key: schemas.DirectoryKey(org, sort, id), Version: 10 + d.next, Value: e}})
}

func (d *desk) Put(ctx context.Context, e schemas.DirectoryEntry) (schemas.DirectoryEntry, error) {
	sort, id, ok := e.Identity()
	if !ok || id == "refused" {
		return e, &schemas.InvalidQuery{Field: "domains[0]", Problem: "not a domain"}
	}
	return e, d.write(ctx, e.Org, sort, id, &e)
}

func (d *desk) Remove(ctx context.Context, org, sort, id string) (string, error) {
	return id, d.write(ctx, org, sort, id, nil)
}

// openDesk serves a harbour whose directory can be changed.
func openDesk(t *testing.T) (http.Handler, *embedded.Store) {
	t.Helper()
	store := openHarbour(t)
	return console.Handler(console.Options{
		Store: store, Token: token, Directory: console.NewDirectory(store, &desk{store: store}),
		Import: func(_ context.Context, org, format string, file io.Reader) (schemas.ImportReport, error) {
			raw, err := io.ReadAll(file)
			return schemas.ImportReport{Accepted: len(raw), Lines: []schemas.Refusal{{Problem: org + " " + format}}}, err
		},
		Simulate: func(_ context.Context, w console.World, changes []schemas.DirectoryLine) ([]console.Difference, error) {
			return []console.Difference{{MeetingID: w.Org, Before: fmt.Sprint(len(w.Meetings)), After: fmt.Sprint(len(w.Directory)), Reason: strings.Join(w.Hosts, " ") + " " + changes[0].ID}}, nil
		},
	}), store
}

func do(t *testing.T, h http.Handler, method, path, kind, body string) (code int, answer string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/orgs/harbour"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", kind)
	w := send(h, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestTheDirectoryIsReadAndWritten(t *testing.T) {
	t.Parallel()
	h, _ := openDesk(t)
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/directory/company?limit=2", "", 200, `"next":"co_amber"`},
		{"GET", "/directory/company?limit=2&after=co_amber", "", 200, `{"entries":[{"type":"company","id":"co_birch","name":"Birch Labs","domains":["birch.example"]}],"next":null}`},
		{"GET", "/directory/end_user/eu_ann", "", 200, `"company_id":"co_amber"`},
		{"GET", "/directory/company/none", "", 404, ""},
		{"GET", "/directory/house", "", 400, `"field":"type"`},
		{"PUT", "/directory/company/new", `{"name":"New","domains":["new.example"]}`, 200, `{"type":"company","id":"new","name":"New","domains":["new.example"]}`},
		{"GET", "/directory/company/new", "", 200, `"domains":["new.example"]`},
		{"PUT", "/directory/company/new", `{"id":"other"}`, 400, `"field":"id"`},
		{"PUT", "/directory/company/new", `{"type":"side"}`, 400, `"field":"type"`},
		{"PUT", "/directory/company/refused", `{"domains":["x"]}`, 400, `"field":"domains[0]"`},
		{"PUT", "/directory/company/new", `{"nmae":"typo"}`, 400, `nmae`},
		{"DELETE", "/directory/company/new", "", 204, ""},
		{"GET", "/directory/company/new", "", 404, ""},
		{"PUT", "/directory/decision/fathom%2F1002%2Fcompany%2Fco_amber", `{"meeting_id":"harbour/fathom/1002","company_id":"co_amber","linked":true}`, 200, `"by":"token instance"`},
		{"PUT", "/directory/decision/fathom%2F1003%2Fcompany%2Fco_amber", `{"meeting_id":"harbour/fathom/1002","company_id":"co_amber"}`, 400, `"field":"id"`},
		{"PUT", "/directory/side/own.example", `{"is":"own"}`, 200, `"name":"own.example"`},
		{"GET", "/own", "", 200, `{"own":[{"name":"harbour.example","is":"own","because":"host","meetings":6},{"name":"own.example","is":"own","because":"entry","meetings":0}]}`},
		{"PUT", "/directory/company/c2", `{"name":"Second","domains":["birch.example"]}`, 200, ``},
		{"GET", "/directory_conflicts", "", 200, `{"conflicts":[{"domain":"birch.example","companies":["c2","co_birch"]}]}`},
	} {
		kind := ""
		if c.body != "" {
			kind = "application/json"
		}
		if code, got := do(t, h, c.method, c.path, kind, c.body); code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, code, got, c.code, c.want)
		}
	}
	if code, got := do(t, h, "POST", "/directory_import", "text/csv", "type,id\n"); code != 200 || !strings.Contains(got, `"accepted":8`) || !strings.Contains(got, "harbour csv") {
		t.Errorf("import: %d %s", code, got)
	}
	if code, _ := do(t, h, "POST", "/directory_import", "application/json", "{}"); code != http.StatusUnsupportedMediaType {
		t.Errorf("import of JSON: %d", code)
	}
	if code, got := do(t, h, "POST", "/match/simulate", "application/json", `{"changes":[{"type":"company","id":"c"}]}`); code != 200 || !strings.Contains(got, `"before":"6","after":"7"`) || !strings.Contains(got, "ida@harbour.example c") {
		t.Errorf("simulate: %d %s", code, got)
	}
	if code, got := do(t, h, "POST", "/unmatched/resolve", "application/json", `{"name":"pier.example","company":"amber"}`); code != 404 || !strings.Contains(got, `"near":[{"id":"co_amber","name":"Amber Works"}]`) {
		t.Errorf("resolved to a part of a name: %d %s", code, got)
	}
	readOnly := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	if code, _ := do(t, readOnly, "DELETE", "/directory/company/co_amber", "", ""); code != http.StatusNotImplemented {
		t.Errorf("without a writer: %d", code)
	}
}

// unmatched gives the meeting 1004 outsiders, and one more like it.
func unmatched(t *testing.T, store *embedded.Store) {
	t.Helper()
	for _, recording := range []string{"1004", "1104"} {
		m := meeting(schemas.Fathom, recording, "Somebody about a pier", 4, schemas.StateUnmatched)
		m.Matching = &schemas.Matching{Considered: []schemas.Considered{
			{Attendee: "ida@harbour.example", Finding: schemas.FindingOwn, Name: "harbour.example"},
			{Attendee: "kim@eu.new.example", Finding: schemas.FindingUnknown},
			{Attendee: "lee@new.example", Finding: schemas.FindingUnknown},
		}}
		if recording == "1104" {
			m.Matching.Considered = append(m.Matching.Considered,
				schemas.Considered{Attendee: "pat@gmail.com", Finding: schemas.FindingFreeMail},
				schemas.Considered{Attendee: "bo@birch.example", Finding: schemas.FindingConflict, Name: "birch.example", Entries: []string{"company/a", "company/co_birch"}})
		}
		write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{{Key: m.ID, Version: 9, Value: m}})
	}
}

func TestUnmatchedMeetingsAreListedWithWhatResolvesThem(t *testing.T) {
	t.Parallel()
	h, store := openDesk(t)
	unmatched(t, store)
	var u console.Unmatched
	code, got := do(t, h, "GET", "/unmatched", "", "")
	if err := json.Unmarshal([]byte(got), &u); err != nil || code != 200 {
		t.Fatal(code, got)
	}
	var names []string
	for _, s := range u.Suggestions {
		names = append(names, fmt.Sprintf("%s %d", s.Name, s.Meetings))
	}
	if want := []string{"new.example 2", "birch.example 1", "pat@gmail.com 1"}; !slices.Equal(names, want) || u.Total != 2 || len(u.Meetings) != 2 {
		t.Errorf("%d meetings, %v, want %v", u.Total, names, want)
	}
	for _, c := range []struct {
		body string
		code int
		want string
	}{
		{`{"name":"new.example","company":"Amber Works"}`, 200, `"domains":["amber.example","amber-works.example","new.example"]`},
		{`{"name":"other.example","company":"co_amber"}`, 200, `"domains":["amber.example","amber-works.example","new.example","other.example"]`},
		{`{"name":"third.example","create":{"id":"third","name":"Third"}}`, 200, `{"type":"company","id":"third","name":"Third","domains":["third.example"]}`},
		{`{"name":"fourth.example","create":{"id":"co_amber"}}`, 400, `"field":"create"`},
		{`{"name":"pat@gmail.com","person":{"id":"pat","name":"Pat"},"company":"co_birch"}`, 200, `"company_id":"co_birch","emails":["pat@gmail.com"]`},
		{`{"name":"pat@work.example","person":{"id":"pat"}}`, 200, `"name":"Pat","company_id":"co_birch","emails":["pat@gmail.com","pat@work.example"]`},
		{`{"name":"spam.example","ignore":true}`, 200, `{"type":"side","name":"spam.example","is":"ignored"}`},
		{`{"name":"spam.example","ignore":true,"company":"co_amber"}`, 400, `"field":"ignore"`},
		{`{"name":"@Gmail.com","company":"co_amber"}`, 400, `"detail":"anybody can get an address at gmail.com, so it is no company's: resolve the person's whole address"`},
		{`{"name":"mail.gmail.com","create":{"id":"fifth"}}`, 400, `"field":"name"`},
		{`{"name":"gmail.com","ignore":true}`, 200, `"is":"ignored"`},
		{`{"name":"x.example"}`, 400, `"field":"company"`},
		{`{"name":"x.example","person":{"id":"x"}}`, 400, `"field":"person"`},
		{`{"name":"x.example","company":"nobody"}`, 404, ``},
	} {
		if code, got := do(t, h, "POST", "/unmatched/resolve", "application/json", c.body); code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.body, code, got, c.code, c.want)
		}
	}
}

// Two who resolve at once must not lose each other's domain.
func TestResolutionsAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	h, store := openDesk(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if code, got := do(t, h, "POST", "/unmatched/resolve", "application/json", fmt.Sprintf(`{"name":"n%d.example","company":"co_birch"}`, i)); code != 200 {
				t.Errorf("%d %s", code, got)
			}
		})
	}
	all.Wait()
	e, _, err := store.DirectoryEntry(t.Context(), harbour, schemas.SortCompany, "co_birch")
	if err != nil || len(e.Company.Domains) != 9 {
		t.Errorf("%v, %v", e.Company.Domains, err)
	}
}

func TestTheOrganisationChoosesWhetherUnmatchedIsGeneral(t *testing.T) {
	t.Parallel()
	h, _ := openDesk(t)
	found := func(query string) bool {
		_, got := do(t, h, "GET", "/search?q=pier+1004"+query, "", "")
		return strings.Contains(got, "harbour/fathom/1004")
	}
	if found("") {
		t.Error("held back and found")
	}
	if code, got := do(t, h, "PUT", "/directory/setting/unmatched", "application/json", `{"value":"general"}`); code != 200 {
		t.Fatal(code, got)
	}
	if !found("") || found("&customer=co_amber") || found("&end_user=eu_ann") {
		t.Errorf("general: staff %v, customer %v", found(""), found("&customer=co_amber"))
	}
	if _, got := do(t, h, "GET", "/search?q=pier+1003&limit=100", "", ""); strings.Contains(got, "harbour/fathom/1003") {
		t.Error("an internal meeting is found")
	}
	if code, _ := do(t, h, "DELETE", "/directory/setting/unmatched", "", ""); code != 204 || found("") {
		t.Errorf("%d, or still found", code)
	}
}

func TestADecisionIsAnsweredWhenTheMeetingIsJudgedByIt(t *testing.T) {
	t.Parallel()
	h, store := openDesk(t)
	m := meeting(schemas.Fathom, "1300", "To be linked", 6, schemas.StateUnmatched)
	version := uint64(0)
	judged := func(considered ...schemas.Considered) {
		version++
		m.Matching = &schemas.Matching{Considered: considered}
		write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{{Key: m.ID, Version: version, Value: m}})
	}
	judged()
	const at = "/directory/decision/fathom%2F1300%2Fcompany%2Fco_amber"
	for _, c := range []struct {
		method, body string
		then         []schemas.Considered
	}{
		{"PUT", `{"meeting_id":"harbour/fathom/1300","company_id":"co_amber","linked":true}`,
			[]schemas.Considered{{Finding: schemas.FindingHandLinked, Entries: []string{"company/co_amber"}}}},
		{"PUT", `{"meeting_id":"harbour/fathom/1300","company_id":"co_amber"}`,
			[]schemas.Considered{{Finding: schemas.FindingHandUnlinked, Entries: []string{"company/co_amber"}}}},
		{"DELETE", "", nil},
	} {
		answered := make(chan int, 1)
		go func() {
			code, _ := do(t, h, c.method, at, "application/json", c.body)
			answered <- code
		}()
		select {
		case code := <-answered:
			t.Errorf("%s %s: answered %d while the meeting is as it was", c.method, c.body, code)
			judged(c.then...)
		case <-time.After(200 * time.Millisecond):
			judged(c.then...)
			if code := <-answered; code/100 != 2 {
				t.Errorf("%s %s: %d", c.method, c.body, code)
			}
		}
	}
}

func TestWhyAMeetingIsACustomersAndWhyNot(t *testing.T) {
	t.Parallel()
	h, store := openDesk(t)
	unmatched(t, store)
	taken := meeting(schemas.Fathom, "1200", "Taken off", 6, schemas.StateUnmatched)
	taken.Matching = &schemas.Matching{Considered: []schemas.Considered{
		{Attendee: "ann@amber.example", Finding: schemas.FindingEmail, Name: "ann@amber.example", Entries: []string{"end_user/eu_ann"}},
		{Finding: schemas.FindingHandUnlinked, Entries: []string{"company/co_amber"}},
	}}
	put := meeting(schemas.Fathom, "1201", "Put there", 6, schemas.StateMatched,
		schemas.Link{CompanyID: ptr("co_amber"), Rule: schemas.RuleHand, Entry: "decision/fathom/1201/company/co_amber"})
	write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{{Key: taken.ID, Version: 1, Value: taken}, {Key: put.ID, Version: 1, Value: put}})
	for recording, linked := range map[string]bool{"1200": false, "1201": true} {
		body := fmt.Sprintf(`{"meeting_id":"harbour/fathom/%s","company_id":"co_amber","linked":%v,"by":"ida","at":"2026-09-09T10:00:00Z"}`, recording, linked)
		if code, got := do(t, h, "PUT", "/directory/decision/fathom%2F"+recording+"%2Fcompany%2Fco_amber", "application/json", body); code != 200 {
			t.Fatal(code, got)
		}
	}
	for _, c := range []struct {
		meeting, customer string
		code              int
		want              string
	}{
		{"1001", "Amber Works", 200, `"linked":true,"because":["ann@amber.example is an address of the end user \"eu_ann\" of the company \"co_amber\"","bo@amber.example is at amber.example, a domain of the company \"co_amber\""]`},
		{"1001", "eu_ann", 200, `"customer":"end_user/eu_ann","name":"Ann Berg","linked":true`},
		{"1001", "ann@amber.example", 200, `"customer":"end_user/eu_ann"`},
		{"1004", "co_amber", 200, `"linked":false,"because":["nobody in the meeting has one of their addresses (1) or is at one of their domains (amber.example, amber-works.example)"]`},
		{"1104", "co_birch", 200, `"because":["bo@birch.example is at birch.example, which several companies claim: \"company/a\" and \"company/co_birch\"; none gets the meeting by it"]`},
		{"1104", "co/odd id%2F..", 200, `only a link by hand could lead there`},
		{"1200", "co_amber", 200, `"linked":false,"because":["ida took it off by hand on 2026-09-09"]`},
		{"1201", "co_amber", 200, `"linked":true,"because":["ida put it there by hand on 2026-09-09"]`},
		{"1004", "nobody", 404, `there is no customer \"nobody\"`},
		{"1004", "works amber", 404, `"near":[{"id":"co_amber","name":"Amber Works"}]`},
		{"9999", "co_amber", 404, ``},
	} {
		if code, got := do(t, h, "GET", "/meetings/fathom/"+c.meeting+"/why/"+url.PathEscape(c.customer), "", ""); code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %d %s\nwant %d %s", c.meeting, c.customer, code, got, c.code, c.want)
		}
	}
}

// A million entries are a thousand pages: more than a token may ask for at once.
func TestALongListIsReadPastTheRateLimit(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(console.Handler(console.Options{Store: openHarbour(t), Token: token, Rate: 1}))
	t.Cleanup(server.Close)
	client, err := console.NewClient(server.URL, token)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // 4 at once, and then one a second
		if _, err := client.Directory(t.Context(), schemas.DirectoryQuery{Org: harbour, Sort: schemas.SortCompany}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOneOfAnOrganisationSimulatesAtATime(t *testing.T) {
	t.Parallel()
	begun, end := make(chan string, 3), make(chan struct{})
	h := console.Handler(console.Options{
		Store: openHarbour(t), Token: token,
		Simulate: func(_ context.Context, w console.World, _ []schemas.DirectoryLine) ([]console.Difference, error) {
			begun <- w.Org
			<-end
			return nil, nil
		},
	})
	ask := func(org string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/orgs/"+org+"/match/simulate", strings.NewReader(`{"changes":[]}`))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		return send(h, r)
	}
	codes := make(chan int, 3)
	asked := func(org string) { codes <- ask(org).Code }
	go asked("harbour")
	<-begun
	refused := make(chan *httptest.ResponseRecorder, 1)
	go func() { refused <- ask("harbour") }()
	select {
	case w := <-refused:
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("a second one: %d %s", w.Code, w.Body)
		}
	case <-begun:
		t.Error("a second one begins")
	}
	go asked("elsewhere")
	if org := <-begun; org != "elsewhere" {
		t.Errorf("then %s begins", org)
	}
	close(end)
	for range 2 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("ended with %d", code)
		}
	}
	if code := ask("harbour").Code; code != http.StatusOK {
		t.Errorf("a third one, when the first has ended: %d", code)
	}
}
