package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// tokenLife is an hour less the second that real answers seem to lack.
	tokenLife = 3599 * time.Second

	// downloadLife is what a webhook's token lasts.
	downloadLife = 24 * time.Hour
)

// tokens knows every token that was given out and lives. Several may.
type tokens struct {
	clock func() time.Time

	mu      sync.Mutex
	expires map[string]time.Time
	files   map[string]time.Time // those of webhooks, for downloads alone
	given   int
}

func newTokens(clock func() time.Time) *tokens {
	return &tokens{clock: clock, expires: map[string]time.Time{}, files: map[string]time.Time{}}
}

func (t *tokens) give() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	token := "access." + rand.Text()
	t.expires[token] = t.clock().Add(tokenLife)
	t.given++
	return token
}

func (t *tokens) giveForFiles() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	token := "download." + rand.Text()
	t.files[token] = t.clock().Add(downloadLife)
	return token
}

func (t *tokens) good(token string, forFiles bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, known := t.expires[token]
	if !known && forFiles {
		until, known = t.files[token]
	}
	return known && t.clock().Before(until)
}

// ExpireTokens ends every access token, and returns how many were given out so far.
func (s *Simulator) ExpireTokens() (given int) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.expires)
	return s.tokens.given
}

func same(a, b string) bool {
	// Digests have one length, so the time tells neither the length nor the beginning of a secret.
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// giveToken takes the parameters from the body or the query, as Zoom does.
func (s *Simulator) giveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		answerError(w, http.StatusMethodNotAllowed, 0, "Request method is not supported.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
	refuse := func(code, reason string) {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": code, "reason": reason})
	}
	id, secret, given := r.BasicAuth()
	switch {
	case !given || !same(id, s.credential.ClientID) || !same(secret, s.credential.ClientSecret):
		refuse("invalid_client", "Invalid client_id or client_secret")
	case r.FormValue("grant_type") != "account_credentials":
		refuse("unsupported_grant_type", "unsupported grant type")
	case r.FormValue("account_id") != s.credential.AccountID:
		refuse("invalid_request", "Bad request")
	default:
		answerJSON(w, http.StatusOK, map[string]any{
			"access_token": s.tokens.give(), "token_type": "bearer", "expires_in": int(tokenLife.Seconds()),
			"scope":   "cloud_recording:read:list_user_recordings:admin cloud_recording:read:list_recording_files:admin",
			"api_url": "http://" + r.Host,
		})
	}
}

// authorized answers 401 unless the call has a token that lives, in its header.
func (s *Simulator) authorized(w http.ResponseWriter, r *http.Request, forFiles bool) bool {
	if r.URL.Query().Has("access_token") {
		answerError(w, http.StatusUnauthorized, 124, "Invalid access token, this access token is not supported as query parameter string.")
		return false
	}
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || !s.tokens.good(token, forFiles) {
		answerError(w, http.StatusUnauthorized, 124, "Invalid access token.")
		return false
	}
	return true
}
