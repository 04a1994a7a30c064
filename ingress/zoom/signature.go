package zoom

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

const (
	// toleranceSeconds is ours, both ways: Zoom gives none.
	toleranceSeconds = 300

	signatureVersion = "v0"

	// maxSecret is some ten times what Zoom's secret tokens have.
	maxSecret = 256
)

// ErrSignature says that a delivery is not to be believed. Its text is the same whatever was wrong, so that it can be
// shown to the sender without helping him to guess; Reason tells them apart for metrics.
var ErrSignature = errors.New("webhook signature refused")

// The reasons why a delivery was refused: a closed list, fit for a metric's label.
const (
	ReasonMissing   = "missing"   // no complete set of headers
	ReasonTimestamp = "timestamp" // not a number, or more than 300 seconds from now
	ReasonMismatch  = "mismatch"  // no signature fits any secret
)

type refusal struct{ reason string }

func (r *refusal) Error() string { return ErrSignature.Error() }
func (r *refusal) Unwrap() error { return ErrSignature }

// Reason returns one of the Reason constants for an error of Verify, and "" for any other error.
func Reason(err error) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.reason
	}
	return ""
}

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
// wraps ErrSignature.
func (v *Verifier) Verify(h http.Header, body []byte, now time.Time) (secret []byte, err error) {
	timestamp, signature := h.Get("X-Zm-Request-Timestamp"), h.Get("X-Zm-Signature")
	if timestamp == "" || signature == "" {
		return nil, &refusal{ReasonMissing}
	}
	if !timely(timestamp, now) {
		return nil, &refusal{ReasonTimestamp}
	}
	for _, key := range v.keys {
		if hmac.Equal([]byte(signature), digest(key, timestamp, body)) {
			return key, nil
		}
	}
	return nil, &refusal{ReasonMismatch}
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

// timely compares whole seconds.
func timely(timestamp string, now time.Time) bool {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	// The digest covers the text, so only one spelling of a number is let through: no sign, no leading zero.
	if err != nil || strconv.FormatInt(at, 10) != timestamp {
		return false
	}
	// Subtracting from now and not from at: an attacker's at may be the smallest int64, and the difference overflow.
	return at >= now.Unix()-toleranceSeconds && at <= now.Unix()+toleranceSeconds
}

func digest(key []byte, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signatureVersion + ":" + timestamp + ":"))
	mac.Write(body)
	return hex.AppendEncode([]byte(signatureVersion+"="), mac.Sum(nil))
}
