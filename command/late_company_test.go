package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/console"
	"leadline/deploy/demo"
	"leadline/schemas"
)

// recordedLike makes meetings of one of the demo's: each is a change of it.
func recordedLike(t *testing.T, model string, changes ...map[string]any) fstest.MapFS {
	t.Helper()
	raw, err := fs.ReadFile(demo.Meetings(), model)
	if err != nil {
		t.Fatal(err)
	}
	all := make(fstest.MapFS)
	for _, c := range changes {
		m := make(map[string]any)
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		for field, value := range c {
			m[field] = value
		}
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(c["recording_id"], ".json")] = &fstest.MapFile{Data: body}
	}
	return all
}

// counted is the value of a counter without labels.
func (l *life) counted(name string) float64 {
	l.Helper()
	req, err := http.NewRequestWithContext(l.Context(), http.MethodGet, l.where.URL+"/metrics", nil)
	if err != nil {
		l.Fatal(err)
	}
	resp, err := testClient.Do(req)
	if err != nil {
		l.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for s := bufio.NewScanner(resp.Body); s.Scan(); {
		if value, ok := strings.CutPrefix(s.Text(), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				l.Fatal(err)
			}
			return n
		}
	}
	l.Fatalf("there is no metric %s", name)
	return 0
}

// A company that is late by 500 meetings has all of them within seconds, and
// nothing is distilled again. A second is what it takes on a machine of its own;
// the limit is for one that does other things as well.
func TestALateCompanyHasItsEarlierMeetingsWithinSeconds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("500 meetings")
	}
	const meetings, limit = 500, 30 * time.Second
	var recorded []map[string]any
	words := []map[string]any{ // few of them: what is measured is matching
		{"speaker": map[string]any{"display_name": "Ann Late"}, "text": "We would sign the contract today.", "timestamp": "00:00:01"},
		{"speaker": map[string]any{"display_name": "Carmen Vidal"}, "text": "I will send it over.", "timestamp": "00:00:09"},
	}
	for i := range meetings {
		began := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 2 * time.Hour)
		recorded = append(recorded, map[string]any{
			"recording_id": 930000 + i, "transcript": words, "recording_start_time": began, "recording_end_time": began.Add(time.Hour), "created_at": began.Add(time.Hour),
			"calendar_invitees": []map[string]any{{"name": "Ann Late", "email": "ann@late.example", "email_domain": "late.example", "is_external": true}},
		})
	}
	l := newLifeOf(t, "local", recordedLike(t, "910003.json", recorded...))
	l.connect(l.where.URL)
	l.simulator.EndAll(0)
	l.within(2*time.Minute, "all meetings are in the stores", func(tally console.Tally) bool {
		return tally.Meetings[string(schemas.StateUnmatched)] == meetings && tally.Progress["index/done"] >= meetings
	})
	paid := l.counted("leadline_distill_calls_total")
	client, began := l.client(), time.Now()
	if _, err := client.PutEntry(t.Context(), "demo", schemas.DirectoryLine{Type: schemas.SortCompany, ID: "late", Name: "Late", Domains: []string{"late.example"}}); err != nil {
		t.Fatal(err)
	}
	l.until("the company has them", func(tally console.Tally) bool { return tally.ByCompany["late"] == meetings })
	took := time.Since(began)
	profile, err := client.Customer(t.Context(), schemas.Scope{Org: "demo"}, "late")
	if err != nil || profile.Meetings != meetings {
		t.Errorf("the profile has %d meetings, want %d: %v", profile.Meetings, meetings, err)
	}
	// Entries come by another sink than rows.
	waitFor(t, time.Minute, func() error {
		found, err := client.Search(t.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "demo", Company: "late"}, Text: "contract"})
		if err == nil && len(found) == 0 {
			err = errors.New("a search within the company finds nothing")
		}
		return err
	})
	if again := l.counted("leadline_distill_calls_total"); paid != meetings || again != paid {
		t.Errorf("distilled %v times before and %v after, want %d both times", paid, again, meetings)
	}
	t.Logf("%d meetings after %v", meetings, took)
	if took > patience(limit) {
		t.Errorf("it took %v, want at most %v", took, patience(limit))
	}
}
