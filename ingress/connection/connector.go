package connection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

const (
	// DefaultLookBackDays is how far back the first sync reads when nobody says otherwise.
	DefaultLookBackDays = 30

	// undoTime is for taking back what a connect did that failed, even when it failed because its time was over.
	undoTime = 15 * time.Second
)

// Request asks for a recorder to be connected.
type Request struct {
	Org, Provider string
	Name          string          // First if empty
	BaseURL       string          // of the recorder's API; its usual one if empty
	Credential    recorder.Secret // Fathom: an API key
	// WebhookSecret is that of a webhook which the admin made by hand, for a recorder that has no other way.
	WebhookSecret recorder.Secret
	PublicURL     string // where the recorder reaches us; empty: no webhook, and meetings come by poll alone
	LookBackDays  int32  // DefaultLookBackDays if 0; below 0 everything
}

// Connector makes, changes and ends connections. It is safe for concurrent use, and several processes may have one: of
// two that change the same connection at a time, one fails and has changed nothing.
type Connector struct {
	options   Options
	recorders recorder.Table
	table     *Table
	sealer    *Sealer
	http      *http.Client
	leaked    prometheus.Counter
	failed    prometheus.Counter
}

// NewConnector works on the table, whose Run somebody else calls. The client is used for calls to recorders; nil is their
// own.
func NewConnector(o Options, recorders recorder.Table, table *Table, sealer *Sealer, client *http.Client) *Connector {
	c := &Connector{options: o, recorders: recorders, table: table, sealer: sealer, http: client,
		leaked: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_connection_leaked_webhooks_total", Help: "Webhooks at recorders that should be gone and could not be deleted.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_connection_upkeep_failures_total", Help: "Times that upkeep could not do what a connection needs; it is tried again.",
		})}
	o.Metrics.MustRegister(c.leaked, c.failed)
	return c
}

// Connect makes a connection and asks for its first sync; both are stored in one transaction, or neither. One of the same
// name is replaced, and its webhook deleted if possible. Errors are *StepError.
func (c *Connector) Connect(ctx context.Context, r Request) (schemas.Connection, error) {
	fail := func(step Step, err error) (schemas.Connection, error) {
		return schemas.Connection{}, &StepError{Step: step, Err: err}
	}
	rec, err := r.complete(c.recorders)
	if err != nil {
		return fail(StepCheck, err)
	}
	if err := c.table.CatchUp(ctx); err != nil {
		return fail(StepLook, err)
	}
	if err := c.unique(r, rec); err != nil {
		return fail(StepLook, err)
	}
	at := recorder.Account{BaseURL: r.BaseURL, Credential: r.Credential, HTTP: c.http}
	proof, err := rec.Prove(ctx, at)
	if err != nil {
		return fail(StepProve, err)
	}
	made := schemas.Connection{
		Org: r.Org, Provider: r.Provider, Name: r.Name, BaseURL: r.BaseURL, Account: proof.Account,
		Ingest: true, LookBackDays: r.LookBackDays, ConnectedAt: now(),
	}
	secret := r.WebhookSecret
	if r.PublicURL != "" {
		made.WebhookURL = r.webhookURL()
		if !rec.WebhooksByHand() {
			webhook, err := rec.CreateWebhook(ctx, at, made.WebhookURL)
			if err != nil {
				return fail(StepWebhook, err)
			}
			made.WebhookID, secret = webhook.ID, webhook.Secret
		}
	}
	before, step, err := c.keep(ctx, &made, r.Credential, secret)
	if err != nil {
		failed := &StepError{Step: step, Err: err}
		undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancel()
		if undo := c.deleteWebhook(undoing, rec, at, made.WebhookID); undo != nil {
			failed.Leaked, failed.Err = made.WebhookID, errors.Join(err, undo)
		}
		return schemas.Connection{}, failed
	}
	// The old webhook was the old key's.
	if err := c.Retire(ctx, made, before); err != nil {
		c.options.Log.Warn("webhook of the replaced connection is left", "org", made.Org, "provider", made.Provider,
			"connection", made.Name, "err", err)
	}
	return made, nil
}

// complete checks a request and fills in what it left out.
func (r *Request) complete(recorders recorder.Table) (recorder.Recorder, error) {
	if r.Name == "" {
		r.Name = First
	}
	rec, known := recorders[r.Provider]
	if !known {
		return nil, fmt.Errorf("recorder %.40q is not known", r.Provider)
	}
	if r.BaseURL == "" {
		r.BaseURL = rec.BaseURL()
	}
	if r.LookBackDays == 0 {
		r.LookBackDays = DefaultLookBackDays
	}
	if r.PublicURL != "" {
		u, err := url.Parse(r.PublicURL)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, errors.New("public URL: want http:// or https://, a host and at most a path")
		}
	}
	return rec, errors.Join(schemas.CheckOrg(r.Org), schemas.CheckSegment("connection", r.Name))
}

// webhookURL is where the recorder delivers. The first connection has the plain path of its organisation; each other one
// its own below it, because a payload does not say whose webhook it came from.
func (r *Request) webhookURL() string {
	path := strings.TrimRight(r.PublicURL, "/") + "/api/integrations/" + r.Provider + "/webhook/" + r.Org
	if r.Name != First {
		path += "/" + r.Name
	}
	return path
}

// unique refuses a credential that the organisation has connected under another name: every meeting would come twice, and
// its two connections would share one limit without knowing.
func (c *Connector) unique(r Request, rec recorder.Accounts) error {
	// The request to erase stands in the record that the new connection would replace.
	if before, found := c.table.Lookup(r.Org, r.Provider, r.Name); found && erasing(before) {
		return ErrErasing
	}
	for _, other := range c.table.List() {
		if other.Org != r.Org || other.Provider != r.Provider || other.Name == r.Name {
			continue
		}
		// One that does not open here cannot be compared; who can use it finds out by its limits.
		if key, err := c.sealer.APIKey(other); err == nil && rec.SameCredential(key, r.Credential) {
			return &AlreadyConnected{Name: other.Name}
		}
	}
	return nil
}

// AlreadyConnected says that the credential is that of another connection of the organisation.
type AlreadyConnected struct{ Name string }

func (e *AlreadyConnected) Error() string {
	return fmt.Sprintf("this key is connected already, as %q", e.Name)
}

// keep seals the secrets into the connection and stores it. It returns what it replaced.
func (c *Connector) keep(ctx context.Context, made *schemas.Connection, credential, secret recorder.Secret) (*schemas.Connection, Step, error) {
	var err error
	if made.SealedAPIKey, err = c.sealer.Seal([]byte(credential.Reveal()), sealContext(*made, fieldAPIKey)); err != nil {
		return nil, StepSeal, err
	}
	if secret.Reveal() != "" {
		if made.SealedSecret, err = c.sealer.Seal([]byte(secret.Reveal()), sealContext(*made, fieldWebhookSecret)); err != nil {
			return nil, StepSeal, err
		}
	}
	before, err := c.change(ctx, made.Org, made.Provider, made.Name, func(before *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		if before != nil && erasing(*before) {
			return nil, nil, ErrErasing
		}
		if before != nil {
			made.Leaked = unwanted(*before)
		}
		return made, &schemas.SyncRequested{
			Org: made.Org, Provider: made.Provider, Connection: made.Name, Source: schemas.SyncConnect, RequestedAt: made.ConnectedAt,
		}, nil
	})
	return before, StepStore, err
}

// now is what a record can hold: milliseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
