package poller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"leadline/ingress/recorder"
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
	stoppedGone        = "gone"        // the recording that was asked for is not there
)

// stops are the results of failures that another try does not help.
var stops = map[recorder.Kind]string{
	recorder.Denied: stoppedRefused, recorder.Invalid: stoppedInvalid, recorder.TooLarge: stoppedTooLarge,
	recorder.Gone: stoppedGone, recorder.BadCursor: stoppedInvalid,
}

type stopError struct {
	result string
	err    error
}

func (e *stopError) Error() string { return e.result + ": " + e.err.Error() }
func (e *stopError) Unwrap() error { return e.err }

// page reads one page of a run. Errors are those of patiently. It changes the run when that has to begin again.
func (s *session) page(ctx context.Context, rec recorder.Recorder, c schemas.Connection, at cursor, r *run, o *outcome) (recorder.Page, error) {
	var p recorder.Page
	spare := s.spared(*r, at, c)
	err := s.patiently(ctx, rec, c, o.request, func(ctx context.Context, a recorder.Account) (err error) {
		p, err = rec.Page(ctx, a, recorder.Query{Since: r.since, Cursor: r.page, Spare: spare})
		if f, ok := errors.AsType[*recorder.Failure](err); ok && f.Kind == recorder.BadCursor && r.page != "" && !r.restarted {
			// The cursor has expired, perhaps because nobody ran for a while. Once for a run: a recorder that refuses its own
			// cursors would keep us busy for ever.
			s.metrics.requests.WithLabelValues(statusLabel(f.Status)).Inc()
			r.page, r.pages, r.meetings, r.reached, r.restarted = "", 0, 0, nil, true
			o.restarts++
			p, err = rec.Page(ctx, a, recorder.Query{Since: r.since, Spare: spare})
		}
		if err == nil && p.Next != "" && p.Next == r.page {
			return &recorder.Failure{Kind: recorder.Invalid, Err: fmt.Errorf("page %d names itself as the next one", r.pages+1)}
		}
		return err
	})
	return p, err
}

// patiently calls a recorder within its limits, and again for as long as the patience lasts, which may take several
// turns. Errors are ctx's own, *stopError or *postponedError.
func (s *session) patiently(ctx context.Context, rec recorder.Recorder, c schemas.Connection, r *request, call func(context.Context, recorder.Account) error) error {
	key, err := s.Sealer.APIKey(c)
	if err != nil {
		return &stopError{stoppedSecret, err}
	}
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	pace := s.paces.of(id, rec.Limits())
	account := recorder.Account{Connection: id, BaseURL: c.BaseURL, Credential: key, HTTP: s.HTTP, Pace: pace}
	calling, cut := context.WithCancel(ctx)
	defer cut()
	go s.watch(calling, c, cut)
	now, before, wait := time.Now(), tried(r.record), newBackOff()
	since, turnEnds := now, now.Add(turn)
	if !before.since.IsZero() {
		since = before.since
		wait.InitialInterval = max(wait.InitialInterval, before.pause)
		wait.Reset()
	}
	if before.notBefore.After(turnEnds) {
		sleep(calling, turn)
		return &postponedError{before, errors.New("not its time yet")}
	}
	sleep(calling, time.Until(before.notBefore))
	for {
		err := call(calling, account)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && calling.Err() != nil:
			return &stopError{stoppedReplaced, err}
		}
		failed, sorted := errors.AsType[*recorder.Failure](err)
		switch {
		case err == nil:
			s.metrics.requests.WithLabelValues(statusLabel(http.StatusOK)).Inc()
			return nil
		case !sorted:
			failed = &recorder.Failure{Kind: recorder.Unavailable, Err: err}
		}
		s.metrics.requests.WithLabelValues(statusLabel(failed.Status)).Inc()
		if !failed.Temporary() {
			return &stopError{stops[failed.Kind], failed}
		}
		if failed.Kind == recorder.Limited {
			pace.slow()
		}
		pause := max(wait.NextBackOff(), failed.After)
		next := time.Now().Add(pause)
		if next.After(since.Add(s.Patience)) {
			return &stopError{stoppedUnavailable, failed}
		}
		if next.After(turnEnds) {
			return &postponedError{trying{since, next, pause}, failed}
		}
		sleep(calling, pause)
	}
}

// watch cuts what is under way when the connection is no more what it was: its
// account may never answer again, and the requests for the one that took its
// place wait behind this one.
func (s *session) watch(ctx context.Context, c schemas.Connection, cut func()) {
	for ctx.Err() == nil {
		now, connected := s.Connections.Get(c.Org, c.Provider, c.Name)
		if !connected || !now.ConnectedAt.Equal(c.ConnectedAt) {
			cut()
			return
		}
		sleep(ctx, lookEvery)
	}
}

// lookEvery is how long a connection that is gone is still waited for.
const lookEvery = 500 * time.Millisecond
