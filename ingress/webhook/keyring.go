package webhook

import (
	"bytes"
	"sync"
	"time"

	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// keyring keeps a verifier for each connection, so that a secret is opened once and not with every delivery.
type keyring struct {
	sealer *connection.Sealer
	now    func() time.Time

	mu   sync.Mutex
	keys map[string]key // connection id
}

type key struct {
	sealed   []byte // no two sealings are alike, so this tells a new secret from the old one
	verifier recorder.Verifier
	err      error
	tried    time.Time
}

// openAgain is when a secret that did not open is tried again: the keyset may have been rotated, and the file with the new
// key may be on its way.
const openAgain = 10 * time.Second

func newKeyring(s *connection.Sealer, now func() time.Time) *keyring {
	return &keyring{sealer: s, now: now, keys: make(map[string]key)}
}

// verifier tells with fresh whether it did the work now: an error is then worth a line in the log.
func (k *keyring) verifier(of recorder.Deliveries, c schemas.Connection) (v recorder.Verifier, fresh bool, err error) {
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.keys[id]
	now := k.now()
	if fresh = !ok || !bytes.Equal(known.sealed, c.SealedSecret) || known.err != nil && now.Sub(known.tried) >= openAgain; fresh {
		known = key{sealed: c.SealedSecret, tried: now}
		secret, err := k.sealer.WebhookSecret(c)
		if err == nil {
			known.verifier, err = of.Verifier(secret.Reveal())
		}
		known.err = err
		k.keys[id] = known
	}
	return known.verifier, fresh, known.err
}
