package fathom

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"leadline/ingress/recorder"
)

// The host of a meeting is one of ours, with all at the domain: a recording that a
// customer made and shared would make the customer ours, and take the customer's
// meetings away.
func TestAWebhookAsksForNoRecordingsOfStrangers(t *testing.T) {
	t.Parallel()
	var asked WebhookRequest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"w","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`)
	}))
	defer server.Close()
	at := recorder.Account{BaseURL: server.URL, Credential: recorder.NewSecret(testKey)}
	if _, err := (Recorder{}).CreateWebhook(t.Context(), at, "https://meet.example.com/hook"); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(asked.TriggeredFor, SharedExternalRecordings) {
		t.Errorf("the webhook fires for %v: recordings by people outside of the organisation, which the listing leaves out", asked.TriggeredFor)
	}
	for _, ours := range []string{MyRecordings, MySharedWithTeamRecordings, SharedTeamRecordings} {
		if !slices.Contains(asked.TriggeredFor, ours) {
			t.Errorf("the webhook fires for %v and not for %s", asked.TriggeredFor, ours)
		}
	}
}
