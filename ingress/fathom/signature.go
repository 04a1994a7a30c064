package fathom

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"leadline/ingress/recorder"
)

const (
	secretPrefix = "whsec_"

	// minKey is shorter than the 24 bytes of the Standard Webhooks specification,
	// because Fathom's own pages show secrets of 18 bytes.
	minKey = 16

	signatureVersion = "v1"
)

// Verifier checks deliveries against one or more secrets. It is safe for concurrent use.
type Verifier struct{ keys [][]byte }

// NewVerifier takes the secrets that may have signed, in any order: two while a webhook is being replaced. A secret
// is base64, with or without "whsec_" and with or without padding, of at least 16 bytes. An error never shows it.
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no webhook secret given")
	}
	v := &Verifier{}
	for _, secret := range secrets {
		key, err := decodeSecret(secret)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// Verify returns the delivery's id, which stays the same when the sender tries again. Body must be the bytes as they
// arrived, before any parsing. Every error is a *recorder.Refused.
//
// Headers are taken from one family only: webhook-* when all three are there, as Fathom sends them, else svix-*.
// A set is never mixed from both, since each signature covers the id and the time of its own family.
func (v *Verifier) Verify(h http.Header, body []byte, now time.Time) (deliveryID string, err error) {
	id, timestamp, signatures, ok := signatureHeaders(h)
	if !ok {
		return "", &recorder.Refused{Reason: recorder.ReasonMissing}
	}
	if !recorder.Timely(timestamp, now) {
		return "", &recorder.Refused{Reason: recorder.ReasonTimestamp}
	}
	for _, key := range v.keys {
		if anyEntryMatches(signatures, digest(key, id, timestamp, body)) {
			return id, nil
		}
	}
	return "", &recorder.Refused{Reason: recorder.ReasonMismatch}
}

// Sign returns the value of the webhook-signature header for one attempt at the given time (whole seconds count).
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := decodeSecret(secret)
	if err != nil {
		return "", err
	}
	// A dot inside the id would let the same signed bytes be read with another id and time.
	if id == "" || strings.Contains(id, ".") {
		return "", fmt.Errorf("delivery id %q: must have a character and no dot", id)
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return signatureVersion + "," + string(digest(key, id, timestamp, body)), nil
}

func decodeSecret(secret string) ([]byte, error) {
	text := strings.TrimPrefix(secret, secretPrefix)
	if text == "" {
		return nil, errors.New("webhook secret is empty")
	}
	encoding := base64.StdEncoding
	if len(text)%4 != 0 {
		encoding = base64.RawStdEncoding
	}
	key, err := encoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("webhook secret is not base64: %w", err)
	}
	if len(key) < minKey {
		return nil, fmt.Errorf("webhook secret has %d bytes, want at least %d", len(key), minKey)
	}
	return key, nil
}

func signatureHeaders(h http.Header) (id, timestamp, signatures string, ok bool) {
	for _, family := range []string{"webhook", "svix"} {
		id, timestamp, signatures = h.Get(family+"-id"), h.Get(family+"-timestamp"), h.Get(family+"-signature")
		if id != "" && timestamp != "" && signatures != "" {
			return id, timestamp, signatures, true
		}
	}
	return "", "", "", false
}

func anyEntryMatches(signatures string, want []byte) bool {
	for entry := range strings.SplitSeq(signatures, " ") {
		version, got, found := strings.Cut(entry, ",")
		if found && version == signatureVersion && hmac.Equal([]byte(got), want) {
			return true
		}
	}
	return false
}

func digest(key []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.AppendEncode(nil, mac.Sum(nil))
}
