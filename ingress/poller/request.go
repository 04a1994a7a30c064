package poller

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// Headers of the requests that a run makes for its own next page.
const (
	headerPages     = "pages"     // how many the run has read
	headerPage      = "page"      // the recorder's cursor of the page to read
	headerRestarted = "restarted" // set once the recorder refused a cursor of this run
)

// Sources of requests.
const (
	sourceManual  = "manual"
	sourceCron    = "cron"
	sourceConnect = "connect"
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
	restarted bool
}

// name stands in the delivery header of what the run reads.
func (r run) name() string { return r.id.UTC().Format("20060102T150405.000000000Z") }

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
	pages, err := strconv.ParseInt(schemas.Header(record, headerPages), 10, 64)
	if err != nil || pages < 0 || value.Since == nil {
		return r, nil
	}
	r.next = &run{
		id: value.RequestedAt, source: value.Source, since: *value.Since, pages: pages,
		page: schemas.Header(record, headerPage), restarted: schemas.Header(record, headerRestarted) != "",
	}
	if r.next.id, err = time.Parse(time.RFC3339Nano, schemas.Header(record, headerRun)); err != nil {
		r.next = nil
	}
	return r, nil
}

func check(v *schemas.SyncRequested) error {
	err := errors.Join(schemas.CheckOrg(v.Org), schemas.CheckSegment("provider", v.Provider),
		schemas.CheckSegment("connection", v.Connection))
	switch v.Source {
	case sourceManual, sourceCron, sourceConnect:
	default:
		err = errors.Join(err, fmt.Errorf("source %.40q is none of manual, cron, connect", v.Source))
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
	record, err := s.requestRecord(of)
	if err != nil {
		return nil, err
	}
	record.Headers = []kgo.RecordHeader{
		{Key: headerRun, Value: []byte(r.id.UTC().Format(time.RFC3339Nano))},
		{Key: headerPages, Value: strconv.AppendInt(nil, r.pages, 10)},
		{Key: headerPage, Value: []byte(r.page)},
	}
	if r.restarted {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: headerRestarted, Value: []byte("1")})
	}
	return record, nil
}
