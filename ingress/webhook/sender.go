package webhook

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/schemas"
)

// verifier checks one delivery over its exact bytes and returns the sender's id of it. It may be called at the same time
// by many; an error means that the delivery is not to be believed.
type verifier interface {
	Verify(h http.Header, body []byte, now time.Time) (deliveryID string, err error)
}

// sender is what is particular to a recorder's deliveries.
type sender struct {
	event    string
	verifier func(secret string) (verifier, error)
	reason   func(err error) string // of reasons, for the metrics
	reasons  []string
}

var senders = map[string]sender{
	schemas.Fathom: {
		event:    schemas.FathomMeetingReceived,
		verifier: func(secret string) (verifier, error) { return fathom.NewVerifier(secret) },
		reason:   fathom.Reason,
		reasons:  []string{fathom.ReasonMissing, fathom.ReasonTimestamp, fathom.ReasonMismatch},
	},
}

// keyring keeps a verifier for each connection, so that a secret is opened once and not with every delivery.
type keyring struct {
	sealer *connection.Sealer

	mu   sync.Mutex
	keys map[string]key // connection id
}

type key struct {
	sealed   []byte // no two sealings are alike, so this tells a new secret from the old one
	verifier verifier
	err      error
}

func newKeyring(s *connection.Sealer) *keyring {
	return &keyring{sealer: s, keys: make(map[string]key)}
}

// verifier tells with fresh whether it did the work now: an error is then new.
func (k *keyring) verifier(from sender, c schemas.Connection) (v verifier, fresh bool, err error) {
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.keys[id]
	if fresh = !ok || !bytes.Equal(known.sealed, c.SealedSecret); fresh {
		known = key{sealed: c.SealedSecret}
		secret, err := k.sealer.WebhookSecret(c)
		if err == nil {
			known.verifier, err = from.verifier(secret.Reveal())
		}
		known.err = err
		k.keys[id] = known
	}
	return known.verifier, fresh, known.err
}
