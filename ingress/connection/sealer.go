package connection

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
type Sealer struct{ aead tink.AEAD }

// OpenSealer takes the keyset from the text env, which is the value of an environment variable, and where that is empty
// from the file, which it makes (mode 0600, one AES256-GCM key) when there is none. Whoever loses the keyset has to
// connect every recorder again.
func OpenSealer(env, path string) (*Sealer, error) {
	if env = strings.TrimSpace(env); env != "" {
		s, err := parseKeyset([]byte(env))
		if err != nil {
			return nil, fmt.Errorf("reading the keyset from the environment: %w", err)
		}
		return s, nil
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
	s, err := parseKeyset(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the keyset %s: %w", path, err)
	}
	return s, nil
}

func parseKeyset(raw []byte) (*Sealer, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errKeyset
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, errKeyset
	}
	return &Sealer{primitive}, nil
}

// createKeyset writes a whole file beside the path and then links it there: a process that starts at the same time sees
// no half of it, and the second of two finds the first one's.
func createKeyset(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".keyset-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // the name only: the file lives on under the path
	err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(file))
	// Secrets that are sealed with a key which a power cut then takes away are lost.
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Seal encrypts. The context is authenticated and not kept: only an Open with the same one succeeds, so a ciphertext that
// was copied to another connection or field does not open there.
func (s *Sealer) Seal(plain []byte, context string) ([]byte, error) {
	sealed, err := s.aead.Encrypt(plain, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", context, err)
	}
	return sealed, nil
}

// Open decrypts what Seal returned for the same context.
func (s *Sealer) Open(sealed []byte, context string) ([]byte, error) {
	plain, err := s.aead.Decrypt(sealed, []byte(context))
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
