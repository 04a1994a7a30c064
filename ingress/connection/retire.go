package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// LeakedWebhooks are at the recorder and should be gone. Their connection lists them until they are.
type LeakedWebhooks struct {
	Provider string
	IDs      []string
	// ByHand says that trying again is no use: the recorder does not accept the key, and somebody has to delete them in
	// its settings, and say so with ForgetWebhooks.
	ByHand bool
	Err    error // of the last one
}

func (e *LeakedWebhooks) Error() string {
	ids := strings.Join(e.IDs, ", ")
	if e.ByHand {
		return fmt.Sprintf("webhook %s has to be deleted by hand in the settings of %s: %v", ids, e.Provider, e.Err)
	}
	return fmt.Sprintf("webhook %s could not be deleted at %s and will be tried again: %v", ids, e.Provider, e.Err)
}

// Unwrap returns the cause.
func (e *LeakedWebhooks) Unwrap() error { return e.Err }

// unwanted are the webhooks that should be gone once the connection is.
func unwanted(c schemas.Connection) string {
	return strings.TrimSpace(c.Leaked + " " + c.WebhookID)
}

// Retire tries to delete the webhooks that a connection has leaked. It may be called again for as long as it returns a
// *LeakedWebhooks. Of a connection that has ended it drops the key once that is of no more use. The key of before, which
// the connection may have replaced, is tried first where that is not nil.
func (c *Connector) Retire(ctx context.Context, of schemas.Connection, before *schemas.Connection) error {
	if of.Leaked == "" {
		return nil
	}
	rec, known := c.recorders[of.Provider]
	if !known {
		return fmt.Errorf("recorder %.40q is not known to this version", of.Provider)
	}
	keys := c.keys(of, before)
	// One time for all of them: who does not answer for one webhook does not for the next, and somebody waits for Connect.
	deleting, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	left := &LeakedWebhooks{Provider: of.Provider, Err: errors.New("no key is left"), ByHand: true}
	for _, id := range strings.Fields(of.Leaked) {
		gone := false
		for _, key := range keys {
			left.Err = c.deleteWebhook(deleting, rec, key, id)
			if gone = left.Err == nil; gone {
				break
			}
			f, failed := errors.AsType[*recorder.Failure](left.Err)
			left.ByHand = left.ByHand && failed && f.Kind == recorder.Denied
		}
		if !gone {
			left.IDs = append(left.IDs, id)
		}
	}
	if err := c.leave(ctx, of, strings.Join(left.IDs, " "), left.ByHand || len(left.IDs) == 0); err != nil {
		return fmt.Errorf("noting which webhooks are left: %w", err)
	}
	if len(left.IDs) == 0 {
		return nil
	}
	return left
}

// ForgetWebhooks says that somebody has deleted what a connection leaked.
func (c *Connector) ForgetWebhooks(ctx context.Context, org, provider, name string) error {
	if err := c.table.CatchUp(ctx); err != nil {
		return err
	}
	of, found := c.table.Lookup(org, provider, name)
	if !found {
		return &NotConnected{org, provider, name}
	}
	return c.leave(ctx, of, "", true)
}

// leave notes what is left. A connection that has ended keeps nothing else but what its last deliveries are told.
func (c *Connector) leave(ctx context.Context, of schemas.Connection, left string, dropKey bool) error {
	_, err := c.change(ctx, of.Org, of.Provider, of.Name, func(now *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		// Somebody has connected again meanwhile, and has the list: it is his now.
		if now == nil || !now.ConnectedAt.Equal(of.ConnectedAt) {
			return nil, nil, nil
		}
		after := *now
		after.Leaked = left
		if dropKey && after.DisconnectedAt != nil {
			after.SealedAPIKey = nil
		}
		if after.Leaked == now.Leaked && len(after.SealedAPIKey) == len(now.SealedAPIKey) {
			return nil, nil, nil
		}
		return &after, nil, nil
	})
	return err
}

// keys are the accounts that may be allowed to delete a webhook.
func (c *Connector) keys(of schemas.Connection, before *schemas.Connection) []recorder.Account {
	var keys []recorder.Account
	for _, owner := range []*schemas.Connection{before, &of} {
		if owner == nil || len(owner.SealedAPIKey) == 0 {
			continue
		}
		if key, err := c.sealer.APIKey(*owner); err == nil {
			keys = append(keys, recorder.Account{
				Connection: schemas.ConnectionID(owner.Org, owner.Provider, owner.Name),
				BaseURL:    owner.BaseURL, Credential: key, HTTP: c.http,
			})
		}
	}
	return keys
}

func (c *Connector) deleteWebhook(ctx context.Context, rec recorder.Accounts, at recorder.Account, id string) error {
	if id == "" {
		return nil
	}
	err := rec.DeleteWebhook(ctx, at, id)
	if err != nil {
		c.leaked.Inc()
	}
	return err
}
