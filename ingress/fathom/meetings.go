package fathom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ListRequest asks for one page of meetings. Fathom wants the same filters and includes with every cursor.
type ListRequest struct {
	Cursor        string    // of the page before; empty for the first page
	CreatedAfter  time.Time // zero: no limit. Whether Fathom includes the instant itself is not documented
	CreatedBefore time.Time // zero: no limit
	Transcript    bool      // makes the call a heavy one: 30 a minute instead of 60
	Summary       bool      // heavy, too
	ActionItems   bool
	Highlights    bool
}

// Page is one page of meetings, usually ten. A meeting that appears while paging can shift others from one page to
// the next, so an item can come twice or be left out: overlap the windows, and de-duplicate by RecordingID.
type Page struct {
	Items      []json.RawMessage // meetings, the very bytes, with every field that this package does not know
	NextCursor string            // empty on the last page
}

func (r ListRequest) query() url.Values {
	q := url.Values{}
	if r.Cursor != "" {
		q.Set("cursor", r.Cursor)
	}
	// Whole seconds are what every version of the API reads. Both ends are widened to them, never narrowed.
	if !r.CreatedAfter.IsZero() {
		q.Set("created_after", r.CreatedAfter.UTC().Format(time.RFC3339))
	}
	if !r.CreatedBefore.IsZero() {
		end := r.CreatedBefore.UTC()
		if whole := end.Truncate(time.Second); !whole.Equal(end) {
			end = whole.Add(time.Second)
		}
		q.Set("created_before", end.Format(time.RFC3339))
	}
	for name, wanted := range map[string]bool{
		"include_transcript":   r.Transcript,
		"include_summary":      r.Summary,
		"include_action_items": r.ActionItems,
		"include_highlights":   r.Highlights,
	} {
		if wanted {
			q.Set(name, "true")
		}
	}
	return q
}

// Meetings returns one page. Errors: *StatusError, ErrTooLarge, ctx's own, or a page that is not the documented shape.
func (c *Client) Meetings(ctx context.Context, r ListRequest) (Page, error) {
	body, err := c.call(ctx, http.MethodGet, "/meetings", r.query(), nil, http.StatusOK)
	if err != nil {
		return Page{}, fmt.Errorf("listing meetings: %w", err)
	}
	page, err := decodePage(body)
	if err != nil {
		return Page{}, fmt.Errorf("decoding page of meetings: %w", err)
	}
	return page, nil
}

// Prove shows that the key works by asking for meetings. Fathom knows no limit parameter and sends its usual ten,
// without transcripts; the parameter is for those who read access logs.
func (c *Client) Prove(ctx context.Context) error {
	query := url.Values{"limit": {"1"}}
	body, err := c.call(ctx, http.MethodGet, "/meetings", query, nil, http.StatusOK)
	if err != nil {
		return fmt.Errorf("proving the API key: %w", err)
	}
	// A captive portal or a wrong base URL also answers 200.
	if _, err := decodePage(body); err != nil {
		return fmt.Errorf("proving the API key: decoding page of meetings: %w", err)
	}
	return nil
}

func decodePage(body []byte) (Page, error) {
	var wire struct {
		NextCursor *string            `json:"next_cursor"`
		Items      *[]json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Page{}, err
	}
	// Without this check an unexpected object would pass for an empty last page, and a poller would move on.
	if wire.Items == nil {
		return Page{}, errors.New("no items")
	}
	page := Page{Items: *wire.Items}
	// Fathom's SDKs also take a blank cursor for the end.
	if wire.NextCursor != nil && strings.TrimSpace(*wire.NextCursor) != "" {
		page.NextCursor = *wire.NextCursor
	}
	return page, nil
}
