package zoom

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

	"leadline/ingress/recorder"
)

const (
	signatureVersion = "v0"

	// maxSecret is some ten times what Zoom's secret tokens have.
	maxSecret = 256
)

// Verifier checks deliveries against one or more secrets. It is safe for concurrent use.
type Verifier struct{ keys [][]byte }

// NewVerifier takes the secret tokens that may have signed, in any order: two while one is being replaced. They are text,
// not base64.
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no webhook secret given")
	}
	v := &Verifier{}
	for _, secret := range secrets {
		if secret == "" || len(secret) > maxSecret {
			return nil, errors.New("webhook secret of Zoom: want 1 to 256 bytes")
		}
		v.keys = append(v.keys, []byte(secret))
	}
	return v, nil
}

// Verify returns the secret that signed, for the answer to a challenge. Body must be the bytes as they arrived: Zoom's own
// samples sign what they have parsed and written again, which is the same only while Zoom writes compact JSON. Every error
// is a *recorder.Refused.
func (v *Verifier) Verify(h http.Header, body []byte, now time.Time) (secret []byte, err error) {
	timestamp, signature := h.Get("X-Zm-Request-Timestamp"), h.Get("X-Zm-Signature")
	if timestamp == "" || signature == "" {
		return nil, &recorder.Refused{Reason: recorder.ReasonMissing}
	}
	if !recorder.Timely(timestamp, now) {
		return nil, &recorder.Refused{Reason: recorder.ReasonTimestamp}
	}
	for _, key := range v.keys {
		if hmac.Equal([]byte(signature), digest(key, timestamp, body)) {
			return key, nil
		}
	}
	return nil, &recorder.Refused{Reason: recorder.ReasonMismatch}
}

// Sign returns the value of the x-zm-signature header for one attempt at the given time (whole seconds count).
func Sign(secret string, at time.Time, body []byte) string {
	return string(digest([]byte(secret), strconv.FormatInt(at.Unix(), 10), body))
}

// EncryptToken is the answer to a challenge: Zoom's word for the token's HMAC.
func EncryptToken(secret, plain string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(plain))
	return hex.EncodeToString(mac.Sum(nil))
}

func digest(key []byte, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signatureVersion + ":" + timestamp + ":"))
	mac.Write(body)
	return hex.AppendEncode([]byte(signatureVersion+"="), mac.Sum(nil))
}
