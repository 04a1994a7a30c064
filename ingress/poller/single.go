package poller

import (
	"context"
	"errors"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// single answers a request for one recording. A failure that lasts is no loss: the recording is in the listing, too, which
// the next run reads with an overlap; and a meeting that is not complete is asked for again.
func (s *session) single(ctx context.Context, rec recorder.Recorder, c schemas.Connection, at cursor, o *outcome) (*outcome, error) {
	v := o.request.value
	if !c.Ingest {
		o.result = resultOff
		return o, nil
	}
	before, known := o.pending[v.Recording]
	again := v.Source == schemas.SyncPending
	if again && (!known || before.AskAt.After(v.RequestedAt)) {
		o.result = resultStale
		return o, nil
	}
	var d recorder.Document
	err := s.patiently(ctx, rec, c, o.request, func(ctx context.Context, a recorder.Account) (err error) {
		d, err = rec.Meeting(ctx, a, recorder.Ref{Recording: v.Recording, CreatedAt: before.CreatedAt})
		return err
	})
	if later, ok := errors.AsType[*postponedError](err); ok {
		return o.postpone(later.trying), nil
	}
	if stopped, ok := errors.AsType[*stopError](err); ok && stopped.result == stoppedGone && v.Gone {
		s.gone(o, c)
		return o, nil
	}
	if stopped, ok := errors.AsType[*stopError](err); ok {
		o.result, o.err = stopped.result, stopped.err
		if again {
			return o, s.unanswered(o, v.Recording, stopped.result)
		}
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	o.result = resultFetched
	// A question that brings nothing new leaves no record. Edits are the hourly run's to find.
	if !again || d.Transcript != before.Transcript || d.Summary != before.Summary {
		s.take(o, schemas.SourceFetch, "fetch/"+v.RequestedAt.UTC().Format("20060102T150405.000Z"), d)
	}
	if err := s.observe(o, d, at.Through); err != nil || !again {
		return o, err
	}
	o.result = resultCompleted
	if _, waits := o.pending[v.Recording]; waits {
		o.result = resultWaiting
		return o, s.unanswered(o, v.Recording, "")
	}
	return o, nil
}

// gone marks a meeting that the recorder does not have any more. That erases nothing: it may be in the recorder's bin.
func (s *session) gone(o *outcome, c schemas.Connection) {
	v := o.request.value
	o.result = resultGone
	o.records = append(o.records, schemas.GoneRecord(schemas.Origin{
		Provider: c.Provider, Org: c.Org, Connection: c.Name, Source: schemas.SourceFetch,
		Delivery: "gone/" + v.RequestedAt.UTC().Format("20060102T150405.000Z"), Recording: schemas.Excerpt(v.Recording), Received: time.Now(),
	}))
}
