package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// renewBefore is when Zoom's own library renews.
	renewBefore = 60 * time.Second

	// renewTime bounds a renewal, which many may wait for.
	renewTime = 30 * time.Second

	// maxToken is ten times what Zoom's tokens have.
	maxToken = 8 << 10
)

// tokens keeps an account's access token. It is safe for concurrent use.
type tokens struct {
	credential Credential

	mu      sync.Mutex
	value   string
	expires time.Time
	flight  *renewal // under way
}

// renewal is one request for a token, with all who wait for it.
type renewal struct {
	done  chan struct{}
	value string
	err   error
}

func newTokens(c Credential) *tokens { return &tokens{credential: c} }

// token returns one that is good for a minute, and is not the stale one that Zoom has refused. Of all who find that there
// is none, one asks Zoom, and the others get what he got: his error, too, for they would get no other.
func (c *Client) token(ctx context.Context, stale string) (string, error) {
	t := c.tokens
	t.mu.Lock()
	if t.value != "" && t.value != stale && c.now().Before(t.expires.Add(-renewBefore)) {
		defer t.mu.Unlock()
		return t.value, nil
	}
	flight := t.flight
	if flight == nil {
		flight = &renewal{done: make(chan struct{})}
		t.flight = flight
		// Whoever asked first may give up; those who wait for him have not.
		renewing, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTime)
		go func() {
			defer cancel()
			value, expires, err := c.requestToken(renewing)
			t.mu.Lock()
			if err == nil {
				t.value, t.expires = value, expires
			}
			flight.value, flight.err, t.flight = value, err, nil
			t.mu.Unlock()
			close(flight.done)
		}()
	}
	t.mu.Unlock()
	select {
	case <-flight.done:
		return flight.value, flight.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (c *Client) requestToken(ctx context.Context) (value string, expires time.Time, err error) {
	form := url.Values{"grant_type": {"account_credentials"}, "account_id": {c.tokens.credential.AccountID}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.hosts.tokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("building request: %w", err)
	}
	req.SetBasicAuth(c.tokens.credential.ClientID, c.tokens.credential.ClientSecret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "leadline")
	asked := c.now()
	resp, err := c.calls.Do(req)
	if err != nil {
		return "", time.Time{}, networkError(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		failed := c.statusError(resp, c.tokens.credential.ClientSecret)
		// Zoom says 400 or 401 of a wrong credential, and of nothing else here.
		failed.credential = resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnauthorized
		return "", time.Time{}, failed
	}
	body, err := readLimited(ctx, resp, 64<<10)
	if err != nil {
		return "", time.Time{}, err
	}
	var answer struct {
		Token     string `json:"access_token"`
		ExpiresIn int64  `json:"expires_in"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", time.Time{}, errors.New("answer to a token request is not the JSON of a token") // whose text may hold one
	}
	if answer.Token == "" || len(answer.Token) > maxToken || strings.ContainsFunc(answer.Token, notVisibleASCII) {
		return "", time.Time{}, errors.New("answer to a token request has no token")
	}
	return answer.Token, asked.Add(time.Duration(min(max(answer.ExpiresIn, 0), 24*3600)) * time.Second), nil
}
