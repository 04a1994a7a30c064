// Package fathom speaks to Fathom (fathom.video): a client of its external API and the check of its webhooks'
// signatures. Facts about Fathom are from developers.fathom.ai, API version 1.0.0, as of September 2026.
package fathom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultBaseURL is the API of every Fathom account.
	DefaultBaseURL = "https://api.fathom.ai/external/v1"

	// DefaultMaxResponse leaves room for ten transcripts of a few MiB each; usual ones have some 200 KB.
	DefaultMaxResponse = 64 << 20

	// defaultTimeout covers a whole answer: a page with ten transcripts is built while one waits.
	defaultTimeout = 60 * time.Second

	maxKey = 512
)

// ErrTooLarge says that an answer had more than Options.MaxResponse bytes. Trying again will not help.
var ErrTooLarge = errors.New("answer of Fathom is larger than allowed")

// Options of a Client. Only APIKey has to be set.
type Options struct {
	BaseURL     string           // DefaultBaseURL if empty
	APIKey      string           // one user's key
	HTTP        *http.Client     // its transport and time-out are used; its redirect policy is not
	MaxResponse int64            // bytes of one answer; DefaultMaxResponse if 0
	Now         func() time.Time // time.Now if nil; read a Retry-After date against it
}

// Client calls the API with one user's key. It is safe for concurrent use.
//
// It never repeats a call by itself: the caller owns the waiting, since only he knows which other calls share the
// key's limit of 60 a minute (30 for pages with transcripts). StatusError tells whether and when to try again.
type Client struct {
	base        string
	key         string
	http        *http.Client
	maxResponse int64
	now         func() time.Time
}

// transport is shared by all clients, and with nobody else: whoever closes the idle connections of net/http's own
// transport would cut a call of ours that is about to use one.
var transport = http.DefaultTransport.(*http.Transport).Clone()

// NewClient checks the options. It opens no connection; Prove does.
func NewClient(o Options) (*Client, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("parsing Fathom's base URL: %w", err)
	}
	if (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" {
		return nil, errors.New("base URL of Fathom: want http:// or https:// and a host")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("base URL of Fathom: want neither user, query nor fragment")
	}
	if o.APIKey == "" || len(o.APIKey) > maxKey || strings.ContainsFunc(o.APIKey, notVisibleASCII) {
		return nil, fmt.Errorf("API key of Fathom: want 1 to %d visible ASCII characters", maxKey)
	}
	if o.MaxResponse < 0 {
		return nil, errors.New("largest answer of Fathom: want a positive number of bytes")
	}
	c := &Client{
		base:        strings.TrimRight(base.String(), "/"),
		key:         o.APIKey,
		http:        &http.Client{Timeout: defaultTimeout, Transport: transport},
		maxResponse: o.MaxResponse,
		now:         o.Now,
	}
	if o.HTTP != nil {
		c.http.Jar = o.HTTP.Jar
		if o.HTTP.Transport != nil {
			c.http.Transport = o.HTTP.Transport
		}
		if o.HTTP.Timeout > 0 {
			c.http.Timeout = o.HTTP.Timeout
		}
	}
	// net/http strips Authorization when a redirect leaves the host, but not X-Api-Key: the key would go wherever an
	// answer points. Fathom documents no redirect, so each one is an error.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.maxResponse == 0 {
		c.maxResponse = DefaultMaxResponse
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// String keeps the key out of logs that print a client.
func (c *Client) String() string { return "fathom client of " + c.base }

func notVisibleASCII(r rune) bool { return r <= ' ' || r > '~' }

// call sends one request and returns the body of an answer that has the wanted status. Every other status and every
// failure of the network is a *StatusError; the end of ctx is ctx's own error.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in any, want int) ([]byte, error) {
	var payload io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encoding request: %w", err)
		}
		payload = bytes.NewReader(encoded)
	}
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, payload)
	if err != nil {
		return nil, fmt.Errorf("building request: %w", err)
	}
	req.Header.Set("X-Api-Key", c.key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "leadline")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, networkError(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		return nil, c.statusError(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxResponse+1))
	if err != nil {
		return nil, networkError(ctx, err)
	}
	if int64(len(body)) > c.maxResponse {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.maxResponse)
	}
	return body, nil
}

func networkError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &StatusError{err: err}
}
