package pages_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"leadline/console/browser"
	"leadline/console/pages"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// listings are the list of meetings and each of its filters.
var listings = map[string]string{
	"all": "/meetings", "recorder": "/meetings?recorder=zoom", "customer": "/meetings?customer=co_birch", "unmatched": "/meetings?state=unmatched",
	"month": "/meetings?since=2026-10-01&until=2026-10-31", "everything": "/meetings?recorder=zoom&customer=co_birch&state=matched&since=2026-10-01",
}

// manyMeetings is a site over ten thousand of them.
func manyMeetings(t *testing.T) *pages.Site {
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
	var batch sink.Batch[schemas.MeetingRow]
	for i := range 10_000 {
		m := meetingRow(fmt.Sprint(i), fmt.Sprint("Meeting ", i))
		m.StartedAt = began.Add(time.Duration(i) * time.Hour)
		if i%500 == 0 { // one in five hundred is of the other recorder, and of another customer
			m.Provider, m.ID = schemas.Zoom, schemas.MeetingID(org, schemas.Zoom, m.RecordingID)
			m.Links[0].CompanyID = ptr("co_birch")
		}
		if batch = append(batch, sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 1, Value: m}); len(batch) == 1000 {
			if err := store.MeetingSink().Write(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	company := &schemas.DirectoryEntry{Org: org, Company: &schemas.Company{ID: "co_birch", Name: "Birch"}}
	if err := store.DirectorySink().Write(t.Context(), sink.Batch[schemas.DirectoryEntry]{{Key: org + "/company/co_birch", Version: 1, Value: company}}); err != nil {
		t.Fatal(err)
	}
	return pages.New(pages.Options{Store: store})
}

// The figures are for docs/console.md, from an idle machine. On one that does
// other things the quickest of many requests still tells how much there is to do.
func TestInABrowserTenThousandMeetingsAreListedAndFilteredWithoutPain(t *testing.T) {
	browser.Axe(t) // it measures, where browsers are driven
	site := manyMeetings(t)
	server := httptest.NewServer(site)
	defer server.Close()
	link, err := url.Parse(site.Link(org))
	if err != nil {
		t.Fatal(err)
	}
	signedIn := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", strings.NewReader(link.RawQuery))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	site.ServeHTTP(signedIn, req)
	cookies := signedIn.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("signing in: %d", signedIn.Code)
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	const requests = 100
	for name, path := range listings {
		took := make([]time.Duration, requests)
		spent := processor(t)
		for i := range took {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.AddCookie(cookies[0])
			from := time.Now()
			res, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if took[i] = time.Since(from); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
			}
		}
		each := (processor(t) - spent) / requests
		slices.Sort(took)
		t.Logf("%s: p50 %v, p99 %v, %v of processor time each", name,
			took[requests/2].Round(10*time.Microsecond), took[requests*99/100].Round(10*time.Microsecond), each.Round(10*time.Microsecond))
		if each > 100*time.Millisecond { // it is a fifth of that where nothing else runs
			t.Errorf("%s takes %v of processor time", name, each)
		}
		if quickest := took[0]; quickest > 400*time.Millisecond {
			t.Errorf("%s takes %v", name, quickest)
		}
	}
	b := browser.New(t, server.URL)
	b.Do(b.Open(site.Link(org)), browser.Press("form button", kb.Enter), browser.Says("Meeting 9999"))
	for name, path := range listings {
		took := make([]float64, 5)
		for i := range took {
			b.Do(b.Open(path), browser.Shows("main h1"), browser.Until(`performance.getEntriesByName("first-contentful-paint").length > 0`))
			took[i] = browser.Get[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
		}
		slices.Sort(took)
		t.Logf("%s: painted after %.0f ms in a browser, the slowest of 5 %.0f ms", name, took[2], took[4])
		if took[0] <= 0 || took[0] > 1000 {
			t.Errorf("%s is painted after %.0f ms", name, took[0])
		}
	}
}
