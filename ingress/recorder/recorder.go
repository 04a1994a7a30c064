// Package recorder is what Leadline and a recorder say to each other, whoever makes it. A recorder is one folder beside
// this one that implements Recorder, and one line in the Table that main makes.
package recorder

import (
	"context"
	"net/http"
	"time"
)

// Recorder is all that is asked of one. Its methods may be called by many at a time, for many accounts, and each may be
// repeated; calls to the recorder's API are made with the Account's HTTP client and wait for its Pace first. Errors of
// calls are *Failure or ctx's own.
type Recorder interface {
	Accounts
	Listing
	Deliveries
}

// Table holds the recorders of a process by the names that they have in ids: schemas.Fathom, schemas.Zoom.
type Table map[string]Recorder

// Accounts is asked when somebody connects, disconnects or looks after a connection.
type Accounts interface {
	// BaseURL is where the API is when nobody says otherwise.
	BaseURL() string
	// SameCredential says whether two texts are one credential, however they are written.
	SameCredential(a, b Secret) bool
	// Prove shows that the credential works.
	Prove(ctx context.Context, a Account) (Proof, error)
	// CreateWebhook makes one more every time it is called, and not at all where WebhooksByHand
	// says so. After an error of kind Unavailable one may exist whose id nobody knows.
	CreateWebhook(ctx context.Context, a Account, destination string) (Webhook, error)
	// DeleteWebhook succeeds for one that is already gone.
	DeleteWebhook(ctx context.Context, a Account, id string) error
	// WebhooksByHand says that an admin makes the webhook in the recorder's settings, and gives us its secret.
	WebhooksByHand() bool
}

// Listing is asked by the poller, which never calls it twice at a time for one connection.
type Listing interface {
	// Page reads one page. An error of kind BadCursor means that the run has to begin again.
	Page(ctx context.Context, a Account, q Query) (Page, error)
	// Meeting fetches one recording whole. One that the account does not see, or not any more, is a *Failure of kind Gone.
	Meeting(ctx context.Context, a Account, r Ref) (Document, error)
	// Limits are those of calls with one account. An Account's Pace knows them by their names.
	Limits() []Limit
}

// Deliveries is asked by the webhook handler. It calls nothing.
type Deliveries interface {
	// Verifier checks deliveries that one of the secrets may have signed: two while a secret is being replaced. An error
	// never shows a secret.
	Verifier(secrets ...string) (Verifier, error)
	// AccountOf reads from a body that is not verified yet which account it is about; empty where it does not say, as in
	// a challenge. It finds out who has to verify and decides nothing. shared is false for a recorder that has no endpoint
	// for all organisations.
	AccountOf(body []byte) (account string, shared bool)
}

// Verifier checks one delivery over its exact bytes. It is safe for concurrent use. An error means that the delivery is
// not to be believed, and is a *Refused.
type Verifier interface {
	Verify(h http.Header, body []byte, now time.Time) (Delivery, error)
}

// Account is as whom and how a recorder is called.
type Account struct {
	// Connection is the id of the connection, for what a recorder keeps by account, such as an access token. It is empty
	// while the connection does not exist yet.
	Connection string
	BaseURL    string
	Credential Secret       // an API key, or whatever text the recorder's connect command made of several fields
	HTTP       *http.Client // nil: the recorder's own
	Pace       Pace         // nil: no waiting
}

// Pace holds calls back until the limits of those names allow one more.
type Pace interface {
	Wait(ctx context.Context, limits ...string) error
}

// Wait waits for the account's Pace, if there is one.
func (a Account) Wait(ctx context.Context, limits ...string) error {
	if a.Pace == nil {
		return ctx.Err()
	}
	return a.Pace.Wait(ctx, limits...)
}

// Limit is how many calls may be made in any window of that length.
type Limit struct {
	Name   string
	Calls  int // from 1
	Window time.Duration
}

// Proof is what a recorder said when the credential was proved.
type Proof struct {
	// Account is the recorder's id of the account, where its deliveries name one; empty elsewhere.
	Account string
}

// Webhook is what a recorder made. Both are shown once and can never be asked for again.
type Webhook struct {
	ID     string
	Secret Secret
}
