package poller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Results of requests: a closed list, for the metrics. Those of page.go say why a run stopped.
const (
	resultPage      = "page"        // read one, and there are more
	resultComplete  = "complete"    // read the last one
	resultJoined    = "joined"      // a run under way covers it
	resultStale     = "stale"       // asks for a page that has been read
	resultSkipped   = "skipped"     // no such connection, or none that this version can read
	resultOff       = "off"         // ingest is switched off
	resultRejected  = "rejected"    // dead letter
	resultPostponed = "postponed"   // had its turn, and is at the end of the queue
	resultFetched   = "fetched"     // one recording, which a delivery named
	resultGone      = "gone_marked" // a delivery said that a recording is gone, and it is
	resultAnnounced = "announced"   // a delivery that was stored is noted
)

const (
	// stallAfter is when a run counts as stopped though nothing says so: the request for its next page has been lost.
	// Topics are kept for longer, so only a loss of data gets here.
	stallAfter = time.Hour

	// headroom is for key, headers and the batch around a meeting.
	headroom = 64 << 10
)

// outcome is what a request leads to. It has happened when it is committed.
type outcome struct {
	request  *request
	result   string
	records  []*kgo.Record
	meetings int
	tooLarge int // meetings that do not fit into a record
	restarts int
	cursor   *cursor // nil: unchanged
	err      error   // why the run stopped, for the log
	span     trace.SpanContext
	pending  ledger         // the connection's, as of this request; nil: unchanged
	counted  map[string]int // meetings by what became of their completeness
	// Meetings that two listings lacked: erased, or held back.
	erased, held int
}

// answer works out one request. An error means that it has to be tried again.
func (s *session) answer(ctx context.Context, r *request, at cursor, known bool, book ledger) (*outcome, error) {
	o := &outcome{request: r}
	if r.rejected != nil {
		o.result = resultRejected
		o.records = []*kgo.Record{schemas.DeadLetter(r.record, Group, r.rejected)}
		return o, nil
	}
	c, connected := s.Connections.Get(r.value.Org, r.value.Provider, r.value.Connection)
	rec, readable := s.Recorders[r.value.Provider]
	if !connected || !readable {
		o.result = resultSkipped
		return o, nil
	}
	o.pending = book
	ctx, span := s.traced(ctx, r)
	defer func() { o.finish(ctx, span) }()
	if r.value.Source == schemas.SyncWebhook && c.Ingest && known && !at.torn {
		if err := s.announced(o, at); err != nil {
			return nil, err
		}
	}
	if r.value.Stored {
		o.result = resultAnnounced
		return o, nil
	}
	if r.value.Recording != "" {
		return s.single(ctx, rec, c, at, o)
	}
	todo, skip := s.plan(r, c, at, known)
	if skip != "" {
		o.result = skip
		return o, nil
	}
	if !c.Ingest {
		o.result = resultOff
		if r.next != nil {
			return o, s.stop(o, todo, at)
		}
		return o, nil
	}
	page, err := s.page(ctx, rec, c, at, &todo, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if later, ok := errors.AsType[*postponedError](err); ok {
		return o.postpone(later.trying), nil
	}
	if stopped, ok := errors.AsType[*stopError](err); ok {
		o.result, o.err = stopped.result, stopped.err
		return o, s.stop(o, todo, at)
	}
	if err != nil {
		return nil, err
	}
	return o, s.keep(o, todo, at, c, page)
}

// plan decides which page of which run a request means, or why none.
func (s *session) plan(r *request, c schemas.Connection, at cursor, known bool) (todo run, skip string) {
	known = known && !at.torn
	if r.next != nil {
		if known && (!at.run.Equal(r.next.id) || at.Pages != r.next.pages || at.Stopped != "" || !at.underWay()) {
			return run{}, resultStale
		}
		todo = *r.next
		todo.meetings, todo.reached = at.Meetings, at.Reached
		return todo, ""
	}
	since := s.since(r.value, c, at.Through)
	underWay := known && at.underWay()
	switch {
	case underWay && r.value.Source == schemas.SyncResume && at.Since.Before(since):
		// The run that the switch cut had more to read. It is not gone on with: its end would promise nothing of what
		// was created while the switch was off.
		since = at.Since
	case underWay && r.value.Source != schemas.SyncConnect && r.value.Source != schemas.SyncResume && !since.Before(at.Since):
		// Connecting may have changed the account, whose cursors mean nothing to another; and an older start is not covered.
		if at.Stopped == "" && time.Since(at.UpdatedAt) < stallAfter {
			return run{}, resultJoined
		}
		return run{
			id: at.run, source: r.value.Source, since: at.Since, page: at.Page, pages: at.Pages, meetings: at.Meetings, reached: at.Reached,
		}, ""
	}
	// A clock that is ahead must not promise what has not been listed.
	id := r.value.RequestedAt
	if now := time.Now(); id.After(now) {
		id = now
	}
	return run{id: id.UTC().Truncate(time.Millisecond), source: r.value.Source, since: since}, ""
}

// since is where a new run begins: where the request says; for a tick, so far behind the last run that what came late is
// found; else as far back as the connection looks.
func (s *session) since(v schemas.SyncRequested, c schemas.Connection, through time.Time) time.Time {
	switch {
	case v.Since != nil:
		return v.Since.UTC()
	case (v.Source == schemas.SyncCron || v.Source == schemas.SyncResume) && !through.IsZero():
		return through.Add(-s.Overlap).UTC()
	case c.LookBackDays < 0:
		return time.Time{}
	default:
		return v.RequestedAt.AddDate(0, 0, -int(c.LookBackDays)).UTC()
	}
}

// stop keeps where a run stopped; the next request for the connection goes on there.
func (s *session) stop(o *outcome, r run, at cursor) error {
	return s.advance(o, r, at, o.result)
}

// take adds a document to what is committed.
func (s *session) take(o *outcome, source schemas.Source, delivery string, d recorder.Document) {
	if len(d.Body) > schemas.MaxRecordBytes-headroom {
		o.tooLarge++
		return
	}
	v := o.request.value
	o.records = append(o.records, schemas.RawRecord(schemas.Origin{
		Event: d.Event, Provider: v.Provider, Org: v.Org, Connection: v.Connection, Source: source,
		Delivery: delivery, Received: time.Now(), Recording: schemas.Excerpt(d.Recording),
	}, d.Body))
	o.meetings++
}

// keep makes records of a page, the cursor behind it, and the request for the next.
func (s *session) keep(o *outcome, r run, at cursor, of schemas.Connection, p recorder.Page) error {
	v := o.request.value
	source := schemas.SourcePoll
	if r.source == schemas.SyncManual {
		source = schemas.SourceManual
	}
	for _, d := range p.Documents {
		if len(d.Body) == 0 {
			continue
		}
		s.take(o, source, fmt.Sprintf("%s/%d", r.name(), r.pages+1), d)
		if err := s.observe(o, d, at.Through); err != nil {
			return err
		}
		if created := d.CreatedAt.UTC(); !created.IsZero() && (r.reached == nil || created.Before(*r.reached)) {
			r.reached = &created
		}
	}
	at.Seen = listed(at.Seen, r.id, p.Documents)
	r.page = p.Next
	r.pages++
	r.meetings += int64(o.meetings)
	o.result = resultPage
	if r.page == "" {
		o.result = resultComplete
		s.vanished(o, r, &at, of)
		return s.advance(o, r, at, "")
	}
	next, err := s.nextRecord(v, r)
	if err != nil {
		return err
	}
	o.records = append(o.records, next)
	return s.advance(o, r, at, "")
}

func (s *session) advance(o *outcome, r run, at cursor, stopped string) error {
	v := o.request.value
	c := cursor{run: r.id, SyncCursor: schemas.SyncCursor{
		Org: v.Org, Provider: v.Provider, Connection: v.Connection,
		Since: r.since, Page: r.page, Through: at.Through, Meetings: r.meetings, Pages: r.pages,
		UpdatedAt: time.Now().UTC(), Run: &r.id, Stopped: stopped, Source: r.source, Reached: r.reached,
		DeliveredAt: at.DeliveredAt, Seen: at.Seen, Vanished: at.Vanished,
	}}
	if o.result == resultComplete && r.id.After(c.Through) {
		c.Through = r.id
	}
	return s.putCursor(o, c)
}

func (s *session) putCursor(o *outcome, c cursor) error {
	record, err := s.cursorRecord([]byte(o.request.id), c, o.request.record)
	if err != nil {
		return err
	}
	o.cursor = &c
	o.records = append(o.records, record)
	return nil
}
