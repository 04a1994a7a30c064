package connection

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// errKeyset says nothing of the cause: the JSON parser's errors quote what they read, which here is a key.
var errKeyset = errors.New("not a Tink keyset in JSON with an AEAD key")

// Sealer encrypts secrets for the connections topic. A ciphertext names the key of the keyset that made it, so a keyset
// with a new primary key still opens what the old one sealed. It is safe for concurrent use.
//
// One that was read from a file reads that again when something does not open: the keyset may have been rotated since.
type Sealer struct {
	path string // empty where the keyset came from the environment

	mu   sync.Mutex
	aead tink.AEAD
	raw  []byte // of the file
}

// OpenSealer takes the keyset from the text env, which is the value of an environment variable, and where that is empty
// from the file, which it makes (mode 0600, one AES256-GCM key) when there is none. Whoever loses the keyset has to
// connect every recorder again.
func OpenSealer(env, path string) (*Sealer, error) {
	if env = strings.TrimSpace(env); env != "" {
		aead, err := parseKeyset([]byte(env))
		if err != nil {
			return nil, fmt.Errorf("reading the keyset from the environment: %w", err)
		}
		return &Sealer{aead: aead}, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createKeyset(path); err == nil {
			raw, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the keyset: %w", err)
	}
	aead, err := parseKeyset(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the keyset %s: %w", path, err)
	}
	return &Sealer{path: path, aead: aead, raw: raw}, nil
}

func parseKeyset(raw []byte) (tink.AEAD, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errKeyset
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, errKeyset
	}
	return primitive, nil
}

// current is the keyset as it was read last.
func (s *Sealer) current() tink.AEAD {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aead
}

// reload says whether the file holds another keyset than before, and takes that.
func (s *Sealer) reload() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return false
	}
	raw, err := os.ReadFile(s.path)
	if err != nil || bytes.Equal(raw, s.raw) {
		return false
	}
	aead, err := parseKeyset(raw)
	if err != nil {
		return false
	}
	s.aead, s.raw = aead, raw
	return true
}

// Seal encrypts. The context is authenticated and not kept: only an Open with the same one succeeds, so a ciphertext that
// was copied to another connection or field does not open there.
func (s *Sealer) Seal(plain []byte, context string) ([]byte, error) {
	// What an old primary key seals may not open any more once that has been dropped.
	s.reload()
	sealed, err := s.current().Encrypt(plain, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", context, err)
	}
	return sealed, nil
}

// Open decrypts what Seal returned for the same context.
func (s *Sealer) Open(sealed []byte, context string) ([]byte, error) {
	plain, err := s.current().Decrypt(sealed, []byte(context))
	if err != nil && s.reload() {
		plain, err = s.current().Decrypt(sealed, []byte(context))
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s, with this keyset: %w", context, err)
	}
	return plain, nil
}

const (
	fieldAPIKey        = "api_key"
	fieldWebhookSecret = "webhook_secret"
)

func sealContext(c schemas.Connection, field string) string {
	return schemas.ConnectionID(c.Org, c.Provider, c.Name) + "/" + field
}

// APIKey opens the key of a connection.
func (s *Sealer) APIKey(c schemas.Connection) (recorder.Secret, error) {
	plain, err := s.Open(c.SealedAPIKey, sealContext(c, fieldAPIKey))
	return recorder.NewSecret(string(plain)), err
}

// WebhookSecret opens the secret of a connection's webhook.
func (s *Sealer) WebhookSecret(c schemas.Connection) (recorder.Secret, error) {
	plain, err := s.Open(c.SealedSecret, sealContext(c, fieldWebhookSecret))
	return recorder.NewSecret(string(plain)), err
}
