package webhook

import (
	"bytes"
	"sync"

	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// keyring keeps a verifier for each connection, so that a secret is opened once and not with every delivery.
type keyring struct {
	sealer *connection.Sealer

	mu   sync.Mutex
	keys map[string]key // connection id
}

type key struct {
	sealed   []byte // no two sealings are alike, so this tells a new secret from the old one
	verifier recorder.Verifier
	err      error
}

func newKeyring(s *connection.Sealer) *keyring {
	return &keyring{sealer: s, keys: make(map[string]key)}
}

// verifier tells with fresh whether it did the work now: an error is then new.
func (k *keyring) verifier(of recorder.Deliveries, c schemas.Connection) (v recorder.Verifier, fresh bool, err error) {
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.keys[id]
	if fresh = !ok || !bytes.Equal(known.sealed, c.SealedSecret); fresh {
		known = key{sealed: c.SealedSecret}
		secret, err := k.sealer.WebhookSecret(c)
		if err == nil {
			known.verifier, err = of.Verifier(secret.Reveal())
		}
		known.err = err
		k.keys[id] = known
	}
	return known.verifier, fresh, known.err
}
