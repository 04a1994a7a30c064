package fathom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"leadline/ingress/recorder"
)

// Names of the limits that Fathom counts by key.
const (
	limitCalls = "calls"
	limitHeavy = "heavy" // with transcripts or summaries
)

// Recorder is Fathom as Leadline uses it. Zero fields are Fathom's documented limits.
type Recorder struct {
	API          string        // address instead of Fathom's, for a simulator
	Calls, Heavy int           // in a window; 60 and 30
	Window       time.Duration // a minute
}

var _ recorder.Recorder = Recorder{}

// BaseURL is the same for every account.
func (r Recorder) BaseURL() string { return cmp.Or(r.API, DefaultBaseURL) }

// WebhooksByHand is false: a key may make them.
func (Recorder) WebhooksByHand() bool { return false }

// Limits are what pages of meetings with transcripts count against.
func (r Recorder) Limits() []recorder.Limit {
	if r.Calls == 0 {
		r.Calls = 60
	}
	if r.Heavy == 0 {
		r.Heavy = 30
	}
	if r.Window == 0 {
		r.Window = time.Minute
	}
	return []recorder.Limit{{Name: limitCalls, Calls: r.Calls, Window: r.Window}, {Name: limitHeavy, Calls: r.Heavy, Window: r.Window}}
}

func client(a recorder.Account) (*Client, error) {
	c, err := NewClient(Options{BaseURL: a.BaseURL, APIKey: a.Credential.Reveal(), HTTP: a.HTTP})
	if err != nil {
		return nil, &recorder.Failure{Kind: recorder.Invalid, Err: err}
	}
	return c, nil
}

// SameCredential compares the keys.
func (Recorder) SameCredential(a, b recorder.Secret) bool {
	return strings.TrimSpace(a.Reveal()) == strings.TrimSpace(b.Reveal())
}

// Prove asks for meetings. Fathom's deliveries name no account, so the proof names none.
func (Recorder) Prove(ctx context.Context, a recorder.Account) (recorder.Proof, error) {
	c, err := client(a)
	if err != nil {
		return recorder.Proof{}, err
	}
	if err := a.Wait(ctx, limitCalls); err != nil {
		return recorder.Proof{}, err
	}
	return recorder.Proof{}, sorted(ctx, c.Prove(ctx))
}

// CreateWebhook asks for what the listing has: everything of the organisation's that the key's owner can see. Recordings
// by people outside of it, shared with the owner, are not asked for: a poll never sees them, and their host would count
// as one of ours, with everybody at the domain. Two triggers can match one recording; it is one meeting for us.
func (Recorder) CreateWebhook(ctx context.Context, a recorder.Account, destination string) (recorder.Webhook, error) {
	c, err := client(a)
	if err != nil {
		return recorder.Webhook{}, err
	}
	if err := a.Wait(ctx, limitCalls); err != nil {
		return recorder.Webhook{}, err
	}
	made, err := c.CreateWebhook(ctx, WebhookRequest{
		DestinationURL: destination,
		TriggeredFor:   []string{MyRecordings, MySharedWithTeamRecordings, SharedTeamRecordings},
		Transcript:     true, Summary: true, ActionItems: true,
	})
	return recorder.Webhook{ID: made.ID, Secret: recorder.NewSecret(made.Secret)}, sorted(ctx, err)
}

// DeleteWebhook deletes one by its id.
func (Recorder) DeleteWebhook(ctx context.Context, a recorder.Account, id string) error {
	c, err := client(a)
	if err != nil {
		return err
	}
	if err := a.Wait(ctx, limitCalls); err != nil {
		return err
	}
	return sorted(ctx, c.DeleteWebhook(ctx, id))
}

// Page reads ten meetings with everything that Fathom has of them.
func (Recorder) Page(ctx context.Context, a recorder.Account, q recorder.Query) (recorder.Page, error) {
	c, err := client(a)
	if err != nil {
		return recorder.Page{}, err
	}
	if err := a.Wait(ctx, limitCalls, limitHeavy); err != nil {
		return recorder.Page{}, err
	}
	got, err := c.Meetings(ctx, ListRequest{
		Cursor: q.Cursor, CreatedAfter: q.Since, CreatedBefore: q.Until, Transcript: true, Summary: true, ActionItems: true,
		// A webhook brings highlights without being asked. Without them here, the poll would tell of a meeting that
		// has lost its highlights.
		Highlights: true,
	})
	if err != nil {
		failed := sorted(ctx, err)
		// A cursor that has expired is a bad request; so is every other mistake, but those show on the first page.
		if f, ok := errors.AsType[*recorder.Failure](failed); ok && f.Status == http.StatusBadRequest && q.Cursor != "" {
			f.Kind = recorder.BadCursor
		}
		return recorder.Page{}, failed
	}
	p := recorder.Page{Next: got.NextCursor}
	for _, item := range got.Items {
		d, _ := document(item)
		p.Documents = append(p.Documents, d)
	}
	return p, nil
}

// around is how far from its creation a meeting is looked for: Fathom does not say whether the ends of a window belong
// to it, and takes whole seconds.
const around = 2 * time.Second

// maxAround bounds the pages of a window of four seconds: a bulk import can put more than ten meetings into it.
const maxAround = 10

// Meeting looks in the listing: Fathom has no way to ask for one recording, but by the time it was created.
func (r Recorder) Meeting(ctx context.Context, a recorder.Account, ref recorder.Ref) (recorder.Document, error) {
	gone := &recorder.Failure{Kind: recorder.Gone, Err: fmt.Errorf("recording %.140q is not in Fathom's listing", ref.Recording)}
	if ref.CreatedAt.IsZero() {
		return recorder.Document{}, gone
	}
	q := recorder.Query{Since: ref.CreatedAt.Add(-around), Until: ref.CreatedAt.Add(around)}
	for range maxAround {
		p, err := r.Page(ctx, a, q)
		if err != nil {
			return recorder.Document{}, err
		}
		for _, d := range p.Documents {
			if d.Recording == ref.Recording {
				return d, nil
			}
		}
		if p.Next == "" || p.Next == q.Cursor {
			break
		}
		q.Cursor = p.Next
	}
	return recorder.Document{}, gone
}

// sorted makes a Failure of a failed call.
func sorted(ctx context.Context, err error) error {
	status, answered := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrTooLarge):
		return &recorder.Failure{Kind: recorder.TooLarge, Status: http.StatusOK, Err: err}
	case !answered: // a page of another shape, as a proxy that is in trouble sends
		return &recorder.Failure{Kind: recorder.Unavailable, Status: http.StatusOK, Err: err}
	}
	f := &recorder.Failure{Status: status.Status, After: status.RetryAfter, Err: err}
	switch {
	case status.Status == http.StatusTooManyRequests:
		f.Kind = recorder.Limited
	case status.Temporary():
		f.Kind = recorder.Unavailable
	case status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden:
		f.Kind = recorder.Denied
	case status.Status == http.StatusNotFound:
		f.Kind = recorder.Gone
	default:
		f.Kind = recorder.Invalid
	}
	return f
}

// AccountOf has nothing to find: Fathom signs for one connection, and each has a path of its own.
func (Recorder) AccountOf([]byte) (account string, shared bool) { return "", false }

// Verifier checks deliveries by the Standard Webhooks scheme. A delivery is the meeting itself.
func (Recorder) Verifier(secrets ...string) (recorder.Verifier, error) {
	v, err := NewVerifier(secrets...)
	if err != nil {
		return nil, err
	}
	return deliveries{v}, nil
}

type deliveries struct{ verifier *Verifier }

func (d deliveries) Verify(h http.Header, body []byte, now time.Time) (recorder.Delivery, error) {
	id, err := d.verifier.Verify(h, body, now)
	if err != nil {
		return recorder.Delivery{}, err
	}
	doc, whole := document(body)
	return recorder.Delivery{ID: id, Object: whole, Event: doc.Event, Recording: doc.Recording, Complete: doc.Complete()}, nil
}
