package poller

import (
	"context"
	"errors"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// single answers a request for one recording. A failure that lasts is no loss: the recording is in the listing, too, which
// the next run reads with an overlap.
func (s *session) single(ctx context.Context, rec recorder.Recorder, c schemas.Connection, o *outcome) (*outcome, error) {
	v := o.request.value
	if !c.Ingest {
		o.result = resultOff
		return o, nil
	}
	var d recorder.Document
	err := s.patiently(ctx, rec, c, func(a recorder.Account) (err error) {
		d, err = rec.Meeting(ctx, a, recorder.Ref{Recording: v.Recording})
		return err
	})
	if stopped, ok := errors.AsType[*stopError](err); ok {
		o.result, o.err = stopped.result, stopped.err
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	o.result = resultFetched
	s.take(o, schemas.SourceFetch, "fetch/"+v.RequestedAt.UTC().Format("20060102T150405.000Z"), d)
	return o, nil
}
