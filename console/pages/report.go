package pages

import (
	"encoding/json"
	"io"
	"net/http"

	"leadline/schemas"
)

// reportPath takes what browsers say of a page that wanted to load or run what
// the policy forbids. There is never a reason for one, so each is told.
const reportPath = "/csp-report"

// report counts and logs. Anybody can send one, so they are limited, apart from
// tries to sign in, and nothing of it is believed.
func (s *Site) report(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusNoContent)
	if !s.reports.allow(r) {
		return
	}
	s.metrics.reports.Inc()
	raw, err := io.ReadAll(r.Body)
	var sent struct {
		Report struct {
			Document  string `json:"document-uri"`
			Directive string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
		} `json:"csp-report"`
	}
	if err != nil || json.Unmarshal(raw, &sent) != nil {
		return
	}
	s.Log.Warn("a browser reports a breach of the content security policy", "page", schemas.Excerpt(sent.Report.Document),
		"directive", schemas.Excerpt(sent.Report.Directive), "blocked", schemas.Excerpt(sent.Report.Blocked))
}
