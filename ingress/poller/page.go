package poller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"leadline/ingress/fathom"
	"leadline/schemas"
)

// Why a run stops before its end; part of the results.
const (
	stoppedRefused     = "refused"     // the key is not accepted: somebody has to connect again
	stoppedInvalid     = "invalid"     // the recorder does not understand the call
	stoppedTooLarge    = "too_large"   // a page is larger than we read
	stoppedUnavailable = "unavailable" // it did not answer for as long as we are patient
	stoppedSecret      = "secret"      // the key cannot be opened with this process's keyset
	stoppedReplaced    = "replaced"    // the connection was made anew or removed meanwhile; who did it asks for what is next
)

type stopError struct {
	result string
	err    error
}

func (e *stopError) Error() string { return e.result + ": " + e.err.Error() }
func (e *stopError) Unwrap() error { return e.err }

// page is one page of a listing: the exact bytes of each meeting.
type page struct {
	event string // of the raw records
	items [][]byte
	next  string // the recorder's cursor; empty on the last page
}

// listing reads one page as the recorder's API has it. It may be called again with the same run. An error is a verdict
// with the recorder's status, or ctx's own.
type listing func(ctx context.Context, c schemas.Connection, key string, client *http.Client, r run) (page, error)

// verdict sorts a failed call.
type verdict struct {
	status int           // 0: no usable answer
	again  bool          // the same call may succeed later
	after  time.Duration // wait at least that long
	result string        // where again is false
	err    error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

var listings = map[string]listing{schemas.Fathom: listFathom}

func listFathom(ctx context.Context, c schemas.Connection, key string, client *http.Client, r run) (page, error) {
	api, err := fathom.NewClient(fathom.Options{BaseURL: c.BaseURL, APIKey: key, HTTP: client})
	if err != nil {
		return page{}, &verdict{result: stoppedInvalid, err: err}
	}
	got, err := api.Meetings(ctx, fathom.ListRequest{
		Cursor: r.page, CreatedAfter: r.since, Transcript: true, Summary: true, ActionItems: true,
		// A webhook brings highlights without being asked. Without them here, the poll would tell of a meeting that
		// has lost its highlights.
		Highlights: true,
	})
	if err != nil {
		return page{}, sortFathom(ctx, err)
	}
	p := page{event: schemas.FathomMeetingReceived, next: got.NextCursor}
	for _, item := range got.Items {
		p.items = append(p.items, item.Raw)
	}
	return p, nil
}

func sortFathom(ctx context.Context, err error) error {
	status, answered := errors.AsType[*fathom.StatusError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fathom.ErrTooLarge):
		return &verdict{status: http.StatusOK, result: stoppedTooLarge, err: err}
	case !answered: // a page of another shape, as a proxy that is in trouble sends
		return &verdict{status: http.StatusOK, again: true, err: err}
	case status.Temporary():
		return &verdict{status: status.Status, again: true, after: status.RetryAfter, err: err}
	case status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden:
		return &verdict{status: status.Status, result: stoppedRefused, err: err}
	default:
		return &verdict{status: status.Status, result: stoppedInvalid, err: err}
	}
}

// page reads one page, within the limits and for as long as the patience lasts. Errors are ctx's own or *stopError. It
// changes the run when that has to begin again.
func (s *session) page(ctx context.Context, list listing, c schemas.Connection, r *run, o *outcome) (page, error) {
	key, err := s.Sealer.APIKey(c)
	if err != nil {
		return page{}, &stopError{stoppedSecret, err}
	}
	wait, deadline := newBackOff(), time.Now().Add(s.Patience)
	for {
		if err := s.pace.wait(ctx, o.request.id); err != nil {
			return page{}, err
		}
		p, err := list(ctx, c, key.Reveal(), s.HTTP, *r)
		if ctx.Err() != nil {
			return page{}, ctx.Err()
		}
		if err == nil && p.next != "" && p.next == r.page {
			err = &verdict{status: http.StatusOK, result: stoppedInvalid, err: fmt.Errorf("page %d names itself as the next one", r.pages+1)}
		}
		failed, _ := errors.AsType[*verdict](err)
		if err == nil {
			s.metrics.requests.WithLabelValues(statusLabel(http.StatusOK)).Inc()
			return p, nil
		}
		if failed == nil {
			failed = &verdict{again: true, err: err}
		}
		s.metrics.requests.WithLabelValues(statusLabel(failed.status)).Inc()
		if failed.status == http.StatusBadRequest && r.page != "" && !r.restarted {
			// The cursor has expired, perhaps because nobody ran for a while. Once for a run: a recorder that refuses its own
			// cursors would keep us busy for ever.
			r.page, r.pages, r.meetings, r.restarted = "", 0, 0, true
			o.restarts++
			continue
		}
		if !failed.again {
			return page{}, &stopError{failed.result, failed.err}
		}
		pause := max(wait.NextBackOff(), failed.after)
		if time.Now().Add(pause).After(deadline) {
			return page{}, &stopError{stoppedUnavailable, failed.err}
		}
		if s.replaced(ctx, c, pause) {
			return page{}, &stopError{stoppedReplaced, failed.err}
		}
	}
}

// replaced waits before the next try, unless the connection is no more what it
// was: its account may never answer again, and the requests for the one that
// took its place wait behind this one.
func (s *session) replaced(ctx context.Context, c schemas.Connection, pause time.Duration) bool {
	for until := time.Now().Add(pause); ; {
		now, connected := s.Connections.Get(c.Org, c.Provider, c.Name)
		if !connected || !now.ConnectedAt.Equal(c.ConnectedAt) {
			return true
		}
		left := time.Until(until)
		if left <= 0 || ctx.Err() != nil {
			return false
		}
		sleep(ctx, min(left, lookEvery))
	}
}

// lookEvery is how long a connection that is gone is still waited for.
const lookEvery = 500 * time.Millisecond
