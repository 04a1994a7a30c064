package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"leadline/schemas"
)

const (
	// clientPatience is longer than the server's, so that its word comes first.
	clientPatience = patience + 5*time.Second

	// maxRetryAfter is the longest wait, in seconds, that a server may ask for.
	maxRetryAfter = 60

	// maxAnswer is 500 meetings or the entries of a very long one, many times
	// over.
	maxAnswer = 64 << 20
)

// ErrUnauthorized says that the API did not take the token.
var ErrUnauthorized = errors.New("the token was not taken by Leadline")

// ErrForbidden says that the token does not permit what was asked.
var ErrForbidden = errForbidden

// Client is a Reader that asks a running Leadline.
type Client struct {
	base  string
	token string
	http  *http.Client
}

var _ Reader = (*Client)(nil)

// NewClient takes the address that serves /api/v1, as in
// http://127.0.0.1:8088, and opens no connection.
func NewClient(base, token string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("parsing Leadline's address: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("address of Leadline: want http:// or https://, a host and nothing but a path")
	}
	return &Client{
		base: strings.TrimRight(u.String(), "/"), token: token,
		http: &http.Client{
			Timeout: clientPatience,
			// Not net/http's own, whose idle connections anybody in the process may close.
			Transport: http.DefaultTransport.(*http.Transport).Clone(),
			// The API redirects nowhere; a token does not follow who does.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// String keeps the token out of what prints a client.
func (c *Client) String() string { return "client of " + c.base }

// Meetings lists meetings, newest first.
func (c *Client) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]Meeting, error) {
	query := scoped(q.Scope)
	set(query, "state", string(q.State))
	set(query, "learning", q.Learning)
	set(query, "before", q.Before)
	setLimit(query, q.Limit)
	var page meetingPage
	err := c.get(ctx, &page, query, q.Scope.Org, "meetings")
	return page.Meetings, err
}

// Meeting tells all about the meeting of that id.
func (c *Client) Meeting(ctx context.Context, scope schemas.Scope, id string) (MeetingDetail, error) {
	var m MeetingDetail
	org, provider, recording, err := schemas.SplitMeetingID(id)
	if err != nil {
		return m, &schemas.InvalidQuery{Field: "id", Problem: err.Error()}
	}
	if org != scope.Org {
		return m, &NotFound{What: "meeting", Name: id}
	}
	err = c.get(ctx, &m, scoped(scope), org, "meetings", provider, recording)
	return m, named(err, "meeting", id)
}

// Search returns passages, best first.
func (c *Client) Search(ctx context.Context, q schemas.SearchQuery) ([]Passage, error) {
	query := scoped(q.Scope)
	set(query, "q", q.Text)
	for name, values := range map[string][]string{
		"kind": q.Kinds, "provider": q.Providers, "speaker": q.Speakers, "company": q.Companies, "language": q.Languages,
	} {
		if len(values) > 0 {
			query[name] = values
		}
	}
	for name, at := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !at.IsZero() {
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	set(query, "after", q.After)
	setLimit(query, q.Limit)
	if q.Scope.HeldBack {
		query.Set("held_back", "true")
	}
	var list passageList
	err := c.get(ctx, &list, query, q.Scope.Org, "search")
	return list.Results, err
}

// Customer sums up a company.
func (c *Client) Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (Customer, error) {
	var customer Customer
	err := c.get(ctx, &customer, scoped(scope), scope.Org, "customers", idOrNameOrDomain)
	return customer, named(err, "customer", idOrNameOrDomain)
}

// Context gathers what an assistant should know.
func (c *Client) Context(ctx context.Context, q ContextQuery) (CustomerContext, error) {
	query := make(url.Values)
	set(query, "customer", q.Scope.Company)
	set(query, "question", q.Question)
	if q.Tokens != 0 {
		query.Set("tokens", strconv.Itoa(q.Tokens))
	}
	what, name, segments := "customer", q.Customer, []string{"customers", q.Customer, "context"}
	if q.Email != "" {
		what, name, segments = "end user", q.Email, []string{"end_users", q.Email, "context"}
	}
	var made CustomerContext
	err := c.get(ctx, &made, query, q.Scope.Org, segments...)
	return made, named(err, what, name)
}

// ActionItems lists action items, those of the newest meetings first.
func (c *Client) ActionItems(ctx context.Context, q ActionQuery) (ActionPage, error) {
	query := scoped(q.Scope)
	set(query, "before", q.Before)
	if q.All {
		query.Set("all", "true")
	}
	var page ActionPage
	err := c.get(ctx, &page, query, q.Scope.Org, "action_items")
	return page, err
}

// Tally counts what there is of an organisation.
func (c *Client) Tally(ctx context.Context, org string) (Tally, error) {
	var t Tally
	err := c.get(ctx, &t, nil, org, "tally")
	return t, err
}

func scoped(s schemas.Scope) url.Values {
	query := make(url.Values)
	set(query, "customer", s.Company)
	set(query, "end_user", s.EndUser)
	return query
}

func set(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

func setLimit(query url.Values, limit int) {
	if limit != 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
}

func (c *Client) get(ctx context.Context, into any, query url.Values, org string, segments ...string) error {
	for {
		err := c.call(ctx, http.MethodGet, into, query, nil, org, segments...)
		// Whoever reads a long list page by page meets the token's limit, and goes
		// on when the server says.
		later, ok := errors.AsType[*tooMany](err)
		if !ok {
			return err
		}
		turn := time.NewTimer(later.wait)
		select {
		case <-ctx.Done():
			turn.Stop()
			return ctx.Err()
		case <-turn.C:
		}
	}
}

// call decodes the answer into into, unless that is nil.
func (c *Client) call(ctx context.Context, method string, into any, query url.Values, sent []byte, org string, segments ...string) error {
	kind := ""
	if sent != nil {
		kind = "application/json"
	}
	return c.send(ctx, method, into, query, bytes.NewReader(sent), kind, org, segments...)
}

// send is call with a body of any media type.
func (c *Client) send(ctx context.Context, method string, into any, query url.Values, sent io.Reader, kind, org string, segments ...string) error {
	if org == "" {
		return &schemas.InvalidQuery{Field: "org", Problem: "is required"}
	}
	target := c.base + "/api/v1/orgs/" + url.PathEscape(org)
	for _, s := range segments {
		target += "/" + url.PathEscape(s)
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, sent) //nolint:gosec // whose host the operator has named
	if err != nil {
		return fmt.Errorf("building a request: %w", err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "leadline")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(req) //nolint:gosec // likewise
	if err != nil {
		return fmt.Errorf("asking Leadline: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("reading Leadline's answer: %w", err)
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("reading Leadline's answer: more than %d bytes", maxAnswer)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refusal(resp, body)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decoding Leadline's answer: %w", err)
	}
	return nil
}

// refusal makes an answer the error that it was on the other side.
func refusal(resp *http.Response, body []byte) error {
	var p problem
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != "application/problem+json" || json.Unmarshal(body, &p) != nil {
		return fmt.Errorf("asking Leadline: the answer is %d and not Leadline's: is something else at this address?", resp.StatusCode)
	}
	switch resp.StatusCode {
	case http.StatusBadRequest:
		return &schemas.InvalidQuery{Field: p.Field, Problem: p.Detail}
	case http.StatusNotFound:
		return &NotFound{What: "such address", Name: resp.Request.URL.Path, Near: p.Near}
	case http.StatusUnauthorized:
		if resp.Request.Header.Get("Authorization") == "" {
			return fmt.Errorf("%w: it was given none", ErrUnauthorized)
		}
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if err != nil || seconds < 1 || seconds > maxRetryAfter {
			break
		}
		return &tooMany{time.Duration(seconds) * time.Second, p.Detail}
	}
	p.Status = resp.StatusCode
	return &refusedError{p}
}

// refusedError is an answer that is no success and has no error of its own.
type refusedError struct{ p problem }

func (e *refusedError) Error() string {
	return fmt.Sprintf("asking Leadline: the answer is %d: %s", e.p.Status, e.p.Detail)
}

// named says what was not found: an answer's own words are for other readers.
func named(err error, what, name string) error {
	if absent, ok := errors.AsType[*NotFound](err); ok {
		return &NotFound{What: what, Name: name, Near: absent.Near}
	}
	return err
}
