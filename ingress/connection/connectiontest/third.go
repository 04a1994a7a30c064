package connectiontest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Third is a recorder of another make than Fathom: its webhooks are made by hand and go to one endpoint, name a recording
// instead of holding it, and challenge the endpoint. The credential is the account's id, and a delivery is signed by naming
// the secret in the header X-Secret.
type Third struct {
	Recordings map[string]string // id -> body
}

var _ recorder.Recorder = Third{}

// BaseURL is nowhere.
func (Third) BaseURL() string { return "https://third.example" }

// WebhooksByHand is true.
func (Third) WebhooksByHand() bool { return true }

// SameCredential compares.
func (Third) SameCredential(a, b recorder.Secret) bool { return a.Reveal() == b.Reveal() }

// Prove believes everybody.
func (Third) Prove(_ context.Context, a recorder.Account) (recorder.Proof, error) {
	return recorder.Proof{Account: a.Credential.Reveal()}, nil
}

// CreateWebhook is not called.
func (Third) CreateWebhook(context.Context, recorder.Account, string) (recorder.Webhook, error) {
	return recorder.Webhook{}, &recorder.Failure{Kind: recorder.Invalid, Err: errors.New("made by hand")}
}

// DeleteWebhook is not called either.
func (Third) DeleteWebhook(context.Context, recorder.Account, string) error {
	return &recorder.Failure{Kind: recorder.Invalid, Err: errors.New("made by hand")}
}

// Limits nobody feels.
func (Third) Limits() []recorder.Limit {
	return []recorder.Limit{{Name: "calls", Calls: 10000, Window: time.Second}}
}

// Page has everything on one.
func (t Third) Page(ctx context.Context, a recorder.Account, _ recorder.Query) (recorder.Page, error) {
	var p recorder.Page
	for id := range t.Recordings {
		d, err := t.Meeting(ctx, a, recorder.Ref{Recording: id})
		if err != nil {
			return recorder.Page{}, err
		}
		p.Documents = append(p.Documents, d)
	}
	return p, nil
}

// Meeting returns one.
func (t Third) Meeting(ctx context.Context, a recorder.Account, r recorder.Ref) (recorder.Document, error) {
	if err := a.Wait(ctx, "calls"); err != nil {
		return recorder.Document{}, err
	}
	body, found := t.Recordings[r.Recording]
	if !found {
		return recorder.Document{}, &recorder.Failure{Kind: recorder.Gone, Status: http.StatusNotFound, Err: errors.New("no such recording")}
	}
	return recorder.Document{Event: schemas.FathomMeetingReceived, Recording: r.Recording, Transcript: true, Summary: true, Body: []byte(body)}, nil
}

// thirdBody is what it delivers.
type thirdBody struct {
	Account   string `json:"account"`
	Recording string `json:"recording"`
	Gone      bool   `json:"gone"` // it is said not to be there any more
	Challenge string `json:"challenge"`
	Token     string `json:"token"` // opens the recording, and must not be stored
}

// AccountOf reads it.
func (Third) AccountOf(body []byte) (account string, shared bool) {
	var b thirdBody
	_ = json.Unmarshal(body, &b)
	return b.Account, true
}

// Verifier compares.
func (Third) Verifier(secrets ...string) (recorder.Verifier, error) {
	return thirdVerifier(secrets), nil
}

type thirdVerifier []string

func (v thirdVerifier) Verify(h http.Header, body []byte, _ time.Time) (recorder.Delivery, error) {
	for _, secret := range v {
		if h.Get("X-Secret") != secret {
			continue
		}
		var b thirdBody
		if err := json.Unmarshal(body, &b); err != nil {
			return recorder.Delivery{}, nil
		}
		if b.Challenge != "" {
			answer, err := json.Marshal(map[string]string{"challenge": b.Challenge})
			return recorder.Delivery{Answer: answer}, err
		}
		return recorder.Delivery{ID: "third", Fetch: b.Recording, Gone: b.Gone}, nil
	}
	return recorder.Delivery{}, &recorder.Refused{Reason: "mismatch"}
}
