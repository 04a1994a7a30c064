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

	"leadline/schemas"
)

const (
	// DefaultLookBackDays is how far back the first sync reads when nobody says otherwise.
	DefaultLookBackDays = 30

	// undoTime is for taking back what a connect did that failed, even when it failed because its time was over.
	undoTime = 15 * time.Second
)

// Step is a part of connecting; the closed list is below.
type Step string

// The steps, in their order.
const (
	StepCheck   Step = "check the request"
	StepLook    Step = "look up earlier connections"
	StepProve   Step = "prove the key"
	StepWebhook Step = "create the webhook"
	StepSeal    Step = "seal the secrets"
	StepStore   Step = "store the connection"
)

// StepError says how far a Connect came. What its earlier steps did has been taken back, unless Leaked names a webhook
// that could not be deleted.
type StepError struct {
	Step   Step
	Leaked string
	Err    error
}

func (e *StepError) Error() string {
	text := fmt.Sprintf("connecting: could not %s: %v", e.Step, e.Err)
	if e.Leaked != "" {
		text += fmt.Sprintf("; webhook %q was made and could not be deleted", e.Leaked)
	}
	return text
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Request asks for a recorder to be connected.
type Request struct {
	Org, Provider string
	Name          string // First if empty
	BaseURL       string // of the recorder's API; its usual one if empty
	APIKey        Secret
	PublicURL     string // where the recorder reaches us; empty: no webhook, and meetings come by poll alone
	LookBackDays  int32  // DefaultLookBackDays if 0; below 0 everything
}

// Connector connects and disconnects. It is meant for one caller at a time per connection: of two that connect the same
// at once, one leaves a webhook behind.
type Connector struct {
	options Options
	table   *Table
	sealer  *Sealer
	http    *http.Client
	leaked  prometheus.Counter
}

// NewConnector works on the table, whose Run somebody else calls. The client is used for calls to recorders; nil is their
// own.
func NewConnector(o Options, table *Table, sealer *Sealer, client *http.Client) *Connector {
	c := &Connector{options: o, table: table, sealer: sealer, http: client, leaked: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "leadline_connection_leaked_webhooks_total", Help: "Webhooks at recorders that should be gone and could not be deleted.",
	})}
	o.Metrics.MustRegister(c.leaked)
	return c
}

// Connect makes a connection and asks for its first sync; both are stored in one transaction, or neither. One of the same
// name is replaced, and its webhook deleted if possible. Errors are *StepError.
func (c *Connector) Connect(ctx context.Context, r Request) (schemas.Connection, error) {
	fail := func(step Step, err error) (schemas.Connection, error) {
		return schemas.Connection{}, &StepError{Step: step, Err: err}
	}
	rec, err := r.complete()
	if err != nil {
		return fail(StepCheck, err)
	}
	if err := c.table.CatchUp(ctx); err != nil {
		return fail(StepLook, err)
	}
	before, replaces := c.table.Get(r.Org, r.Provider, r.Name)
	at := account{baseURL: r.BaseURL, key: r.APIKey, http: c.http}
	if err := rec.prove(ctx, at); err != nil {
		return fail(StepProve, err)
	}
	made := schemas.Connection{
		Org: r.Org, Provider: r.Provider, Name: r.Name, BaseURL: r.BaseURL,
		Ingest: true, LookBackDays: r.LookBackDays, ConnectedAt: time.Now().UTC().Truncate(time.Millisecond),
	}
	var webhook hook
	if r.PublicURL != "" {
		made.WebhookURL = strings.TrimRight(r.PublicURL, "/") + "/api/integrations/" + r.Provider + "/webhook/" + r.Org
		if webhook, err = rec.createWebhook(ctx, at, made.WebhookURL); err != nil {
			return fail(StepWebhook, err)
		}
		made.WebhookID = webhook.id
	}
	step, err := c.keep(ctx, &made, r.APIKey, webhook.secret)
	if err != nil {
		failed := &StepError{Step: step, Err: err}
		if undo := c.deleteWebhook(ctx, rec, at, webhook.id); undo != nil {
			failed.Leaked, failed.Err = webhook.id, errors.Join(err, undo)
		}
		return schemas.Connection{}, failed
	}
	if replaces {
		if err := c.retire(ctx, before); err != nil {
			c.options.Log.Warn("webhook of the replaced connection could not be deleted", "org", before.Org,
				"provider", before.Provider, "webhook", before.WebhookID, "err", err)
		}
	}
	return made, nil
}

// complete checks a request and fills in what it left out.
func (r *Request) complete() (recorder, error) {
	if r.Name == "" {
		r.Name = First
	}
	rec, known := recorders[r.Provider]
	if !known {
		return recorder{}, fmt.Errorf("recorder %.40q is not known", r.Provider)
	}
	if r.BaseURL == "" {
		r.BaseURL = rec.baseURL
	}
	if r.LookBackDays == 0 {
		r.LookBackDays = DefaultLookBackDays
	}
	if r.PublicURL != "" {
		u, err := url.Parse(r.PublicURL)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return recorder{}, errors.New("public URL: want http:// or https://, a host and at most a path")
		}
	}
	return rec, errors.Join(schemas.CheckOrg(r.Org), schemas.CheckSegment("connection", r.Name))
}

// keep seals the secrets into the connection and stores it.
func (c *Connector) keep(ctx context.Context, made *schemas.Connection, key, secret Secret) (Step, error) {
	var err error
	if made.SealedAPIKey, err = c.sealer.Seal([]byte(key.Reveal()), sealContext(*made, fieldAPIKey)); err != nil {
		return StepSeal, err
	}
	if made.WebhookID != "" {
		if made.SealedSecret, err = c.sealer.Seal([]byte(secret.Reveal()), sealContext(*made, fieldWebhookSecret)); err != nil {
			return StepSeal, err
		}
	}
	return StepStore, c.store(ctx, *made)
}

// Disconnect removes a connection and then its webhook, if it can: what could not be deleted is the error, and the
// connection is gone all the same. One that does not exist is no error.
func (c *Connector) Disconnect(ctx context.Context, org, provider, name string) error {
	if err := c.table.CatchUp(ctx); err != nil {
		return fmt.Errorf("disconnecting: %w", err)
	}
	before, ok := c.table.Get(org, provider, name)
	if !ok {
		return nil
	}
	if err := c.remove(ctx, before); err != nil {
		return fmt.Errorf("disconnecting: %w", err)
	}
	if err := c.retire(ctx, before); err != nil {
		return fmt.Errorf("disconnected, but webhook %q remains at %s: %w", before.WebhookID, provider, err)
	}
	return nil
}

// retire deletes the webhook of a connection that is no more.
func (c *Connector) retire(ctx context.Context, old schemas.Connection) error {
	if old.WebhookID == "" {
		return nil
	}
	key, err := c.sealer.APIKey(old)
	if err != nil {
		c.leaked.Inc()
		return err
	}
	return c.deleteWebhook(ctx, recorders[old.Provider], account{old.BaseURL, key, c.http}, old.WebhookID)
}

func (c *Connector) deleteWebhook(ctx context.Context, rec recorder, at account, id string) error {
	if id == "" {
		return nil
	}
	err := fmt.Errorf("recorder is not known to this version")
	if rec.deleteWebhook != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancel()
		err = rec.deleteWebhook(ctx, at, id)
	}
	if err != nil {
		c.leaked.Inc()
	}
	return err
}
