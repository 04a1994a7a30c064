// Package zoom speaks to Zoom: a client of the REST API for cloud recordings, with a server-to-server OAuth app, and the
// check of its webhooks. Facts about Zoom are from developers.zoom.us and from Zoom's library Rivet 0.4.0, as of
// September 2026.
package zoom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultBaseURL is the API of every Zoom account. The answer to a token request may name a regional one; it is not
	// asked, because an answer shall not decide where the token goes.
	DefaultBaseURL = "https://api.zoom.us/v2"

	// tokenURL belongs to DefaultBaseURL. A simulator has it beside its API.
	tokenURL = "https://zoom.us/oauth/token" //nolint:gosec // an address, not a credential

	// maxResponse is far above a page of 300 recordings with ten files each, which has some 2 MB.
	maxResponse = 16 << 20

	// timeout covers a whole answer.
	timeout = 60 * time.Second

	// maxTries of one call when Zoom says that this second is full: other apps share the account's limits.
	maxTries = 4
)

// The limits by which Zoom counts calls, an account's for all apps together.
const (
	limitLight  = "light"
	limitMedium = "medium"
	limitHeavy  = "heavy"
)

// ErrTooLarge says that an answer was larger than is read. Trying again will not help.
var ErrTooLarge = errors.New("answer of Zoom is larger than allowed")

// Options of a Client. Only Credential has to be set.
type Options struct {
	BaseURL    string // DefaultBaseURL if empty. One outside of zoom.us is a simulator: see hosts
	Credential Credential
	// HTTP's transport and time-out are used; its redirect policy is not. Who sets a transport takes over the check of
	// the addresses that downloads come from.
	HTTP *http.Client
	// Wait is called before each call, with the limit that it counts against; an error ends the call.
	Wait func(ctx context.Context, limit string) error
	Now  func() time.Time // time.Now if nil

	tokens *tokens // of this account, where it is known already
}

// Client calls the API as one app. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	hosts  hosts
	tokens *tokens
	calls  *http.Client // to the API
	files  *http.Client // to where the API says that files are
	wait   func(ctx context.Context, limit string) error
	now    func() time.Time
}

// NewClient checks the options. It opens no connection; Prove does.
func NewClient(o Options) (*Client, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("parsing Zoom's base URL: %w", err)
	}
	allowed, err := hostsOf(base)
	if err != nil {
		return nil, err
	}
	if err := o.Credential.check(); err != nil {
		return nil, err
	}
	c := &Client{base: base, hosts: allowed, tokens: o.tokens, wait: o.Wait, now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	if c.wait == nil {
		c.wait = func(ctx context.Context, _ string) error { return ctx.Err() }
	}
	c.calls, c.files = clientOf(o.HTTP, transport), clientOf(o.HTTP, allowed.transport())
	if c.tokens == nil {
		c.tokens = newTokens(o.Credential)
	}
	return c, nil
}

// clientOf follows no redirect: a token would go wherever an answer points. Downloads follow theirs one by one.
func clientOf(given *http.Client, own http.RoundTripper) *http.Client {
	c := &http.Client{
		Timeout: timeout, Transport: own,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if given != nil && given.Transport != nil {
		c.Transport = given.Transport
	}
	if given != nil && given.Timeout > 0 {
		c.Timeout = given.Timeout
	}
	return c
}

// String keeps the secret out of logs that print a client.
func (c *Client) String() string { return "zoom client of " + c.base.Host }

// get reads one answer of the API. The path is a path as it goes over the wire. Every answer but 200 and every failure
// of the network is a *StatusError; the end of ctx is ctx's own error.
func (c *Client) get(ctx context.Context, limit, path string, query url.Values) ([]byte, error) {
	target := c.base.String() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var body []byte
	err := c.authorized(ctx, func(token string) error {
		if err := c.wait(ctx, limit); err != nil {
			return err
		}
		resp, err := c.send(ctx, c.calls, target, token)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return c.statusError(resp, token)
		}
		body, err = readLimited(ctx, resp, maxResponse)
		return err
	})
	return body, err
}

// authorized calls with a token, and again where that can help at once: with a new token when Zoom does not know this one
// any more, and after a moment when the second is full.
func (c *Client) authorized(ctx context.Context, call func(token string) error) error {
	stale := ""
	for try := 1; ; try++ {
		token, err := c.token(ctx, stale)
		if err != nil {
			return err
		}
		err = call(token)
		status, failed := errors.AsType[*StatusError](err)
		switch {
		case !failed:
			return err
		case status.expired() && stale == "":
			stale = token
		case status.perSecond() && try < maxTries:
			// Doubled each time, and spread, so that those who share the limit do not meet again.
			pause := time.Duration(1+rand.Float64()) * time.Second << (try - 1) //nolint:gosec // nobody gains by guessing it
			if err := sleep(ctx, max(pause, min(status.RetryAfter, time.Minute))); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func (c *Client) send(ctx context.Context, client *http.Client, target, token string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("building request: %w", err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("User-Agent", "leadline")
	resp, err := client.Do(req)
	if err != nil {
		return nil, networkError(ctx, err)
	}
	return resp, nil
}

func readLimited(ctx context.Context, resp *http.Response, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, networkError(ctx, err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return body, nil
}

// networkError drops the address from the error: that of a file may open it.
func networkError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return &StatusError{err: err}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// meetingPath is the path of a meeting. A UUID that begins with a slash or has two in a row is escaped twice: Zoom's
// server undoes one before it looks for the path's parts.
func meetingPath(before, uuid, after string) string {
	escaped := url.QueryEscape(uuid)
	if strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
		escaped = url.QueryEscape(escaped)
	}
	return before + escaped + after
}
