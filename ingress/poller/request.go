package poller

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// request is a record of sync.requested.v1.
type request struct {
	record   *kgo.Record
	id       string // of the connection
	value    schemas.SyncRequested
	next     *run // set when a run asks for its next page
	rejected *schemas.Rejected
}

// run is one reading of a listing, and what is known of it before a page is fetched.
type run struct {
	id        time.Time // when it was asked for: what was created before will have been listed at its end
	source    string
	since     time.Time // zero: everything
	page      string
	pages     int64
	meetings  int64
	reached   *time.Time // the creation of the oldest meeting that was read
	restarted bool
}

// name stands in the delivery header of what the run reads.
func (r run) name() string { return r.id.UTC().Format("20060102T150405.000Z") }

// decode returns an error only when the registry could not be asked.
func (s *session) decode(record *kgo.Record) (*request, error) {
	r := &request{record: record, id: string(record.Key)}
	value, err := schemas.Decode(s.Codec, schemas.SyncRequests, record.Value)
	if err == nil {
		err = check(value)
	}
	if rejected, ok := errors.AsType[*schemas.Rejected](err); ok {
		r.rejected = rejected
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.value, r.id = *value, schemas.ConnectionID(value.Org, value.Provider, value.Connection)
	if value.Run != nil && value.Since != nil {
		r.next = &run{
			id: value.Run.UTC(), source: value.Source, since: value.Since.UTC(), page: value.Page, pages: value.Pages,
			restarted: value.Restarted,
		}
	}
	return r, nil
}

var sources = []string{schemas.SyncManual, schemas.SyncCron, schemas.SyncConnect, schemas.SyncResume, schemas.SyncWebhook, schemas.SyncPending}

func check(v *schemas.SyncRequested) error {
	err := errors.Join(schemas.CheckOrg(v.Org), schemas.CheckSegment("provider", v.Provider),
		schemas.CheckSegment("connection", v.Connection))
	if !slices.Contains(sources, v.Source) {
		err = errors.Join(err, fmt.Errorf("source %.40q is none of %v", v.Source, sources))
	}
	if v.Pages < 0 {
		err = errors.Join(err, fmt.Errorf("%d pages", v.Pages))
	}
	if (v.Source == schemas.SyncWebhook || v.Source == schemas.SyncPending) && v.Recording == "" && !v.Stored {
		err = errors.Join(err, fmt.Errorf("a request of source %s that names no recording", v.Source))
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	return nil
}

// requestRecord asks for a sync.
func (s *session) requestRecord(v schemas.SyncRequested) (*kgo.Record, error) {
	value, err := schemas.Encode(s.Codec, schemas.SyncRequests, &v)
	if err != nil {
		return nil, err
	}
	key := []byte(schemas.ConnectionID(v.Org, v.Provider, v.Connection))
	return &kgo.Record{Topic: schemas.SyncRequests.Name, Key: key, Value: value}, nil
}

// nextRecord asks for the next page of a run.
func (s *session) nextRecord(of schemas.SyncRequested, r run) (*kgo.Record, error) {
	of.Source, of.Since, of.RequestedAt = r.source, &r.since, r.id
	of.Run, of.Page, of.Pages, of.Restarted = &r.id, r.page, r.pages, r.restarted
	return s.requestRecord(of)
}
