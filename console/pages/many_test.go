package pages_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"leadline/console/pages"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// BenchmarkTenThousandMeetings is the list with its filters: somebody waits for it.
func BenchmarkTenThousandMeetings(b *testing.B) {
	store, err := embedded.Open(b.Context(), b.TempDir()+"/store.db")
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	var batch sink.Batch[schemas.MeetingRow]
	for i := range 10_000 {
		m := meetingRow(fmt.Sprint(i), fmt.Sprint("Meeting ", i))
		m.StartedAt = began.Add(time.Duration(i) * time.Hour)
		if i%500 == 0 { // one in five hundred is of the other recorder, and of another customer
			m.Provider, m.ID = schemas.Zoom, schemas.MeetingID(org, schemas.Zoom, m.RecordingID)
			m.Links[0].CompanyID = ptr("co_birch")
		}
		batch = append(batch, sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 1, Value: m})
		if len(batch) == 1000 {
			if err := store.MeetingSink().Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = nil
		}
	}
	company := &schemas.DirectoryEntry{Org: org, Company: &schemas.Company{ID: "co_birch", Name: "Birch"}}
	if err := store.DirectorySink().Write(b.Context(), sink.Batch[schemas.DirectoryEntry]{{Key: org + "/company/co_birch", Version: 1, Value: company}}); err != nil {
		b.Fatal(err)
	}
	site := pages.New(pages.Options{Store: store})
	link, err := url.Parse(site.Link(org))
	if err != nil {
		b.Fatal(err)
	}
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/signin", strings.NewReader(link.RawQuery))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	site.ServeHTTP(w, req)
	cookie := w.Result().Cookies()[0]
	for name, path := range map[string]string{
		"all": "/meetings", "recorder": "/meetings?recorder=zoom", "customer": "/meetings?customer=co_birch", "unmatched": "/meetings?state=unmatched",
		"month": "/meetings?since=2026-10-01&until=2026-10-31",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
				req.AddCookie(cookie)
				w := httptest.NewRecorder()
				if site.ServeHTTP(w, req); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
