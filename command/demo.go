package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/demo"
	"leadline/ingress/connection"
	"leadline/ingress/directory"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

// tour is the demonstration: simulated recorders, connected as a user would
// connect the real ones, whose meetings arrive by webhook and by poll.
type tour struct {
	org       string
	stands    []*stand
	directory []byte
	publicURL string
	connector *connection.Connector
	plant     *plant
	store     *embedded.Store
	timeout   time.Duration
	say       io.Writer // for people
}

// newTour prepares the simulators. Without a folder the meetings and customers
// are the sample that comes with the program; a folder is Fathom's alone.
func newTour(org, meetings, customers string) (*tour, error) {
	t := &tour{org: org, directory: demo.Directory()}
	folder := demo.Meetings()
	if meetings != "" {
		folder, t.directory = os.DirFS(meetings), nil
	}
	if customers != "" {
		raw, err := os.ReadFile(customers)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--directory: %w", err)}
		}
		t.directory = raw
	}
	fathom, err := newFathomStand(folder)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--meetings: %w", err)}
	}
	t.stands = append(t.stands, fathom)
	if meetings == "" {
		zoom, err := newZoomStand(demo.ZoomMeetings())
		if err != nil {
			return nil, err
		}
		t.stands = append(t.stands, zoom)
	}
	return t, nil
}

// guide takes the tour. It returns when everything that the simulator has is
// in the store, or with what is missing after the timeout.
func (t *tour) guide(ctx context.Context) (_ summary, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, fmt.Errorf("not done after --timeout=%v", t.timeout))
	defer cancel()
	defer func() {
		if errors.Is(err, context.DeadlineExceeded) {
			err = context.Cause(ctx)
		}
	}()
	began := time.Now()
	before, err := t.store.Tally(ctx, t.org)
	if err != nil {
		return summary{}, err
	}
	if err := t.writeDirectory(ctx); err != nil {
		return summary{}, err
	}
	for _, at := range t.stands {
		if err := t.open(ctx, at); err != nil {
			return summary{}, err
		}
	}
	// First they end, and come by webhook; then a sync finds the same ones by
	// poll.
	want := 0
	arrived := func(tally schemas.Tally) int { return seen(tally) - seen(before) }
	for _, at := range t.stands {
		want += at.end()
	}
	if err := t.watch(ctx, "webhook", want, arrived); err != nil {
		return summary{}, err
	}
	for _, at := range t.stands {
		if err := at.simulator.Drained(ctx); err != nil {
			return summary{}, context.Cause(ctx)
		}
		if err := t.connector.Sync(ctx, t.org, at.provider, connection.First, time.Unix(0, 0)); err != nil {
			return summary{}, err
		}
		want += len(at.recordings)
	}
	if err := t.watch(ctx, "poll", want, arrived); err != nil {
		return summary{}, err
	}
	if err := t.landed(ctx); err != nil {
		return summary{}, err
	}
	after, err := t.store.Tally(ctx, t.org)
	if err != nil {
		return summary{}, err
	}
	return summarize(after, before, time.Since(began)), nil
}

func (t *tour) writeDirectory(ctx context.Context) error {
	if t.directory == nil {
		return nil
	}
	entries, err := directory.ReadFile(t.org, bytes.NewReader(t.directory))
	if err != nil {
		return &usageError{fmt.Errorf("--directory: %w", err)}
	}
	client, err := kgo.NewClient(t.plant.kafka...)
	if err != nil {
		return fmt.Errorf("building the directory's producer: %w", err)
	}
	defer client.Close()
	if err := directory.Write(ctx, client, t.plant.codec, entries); err != nil {
		return err
	}
	fmt.Fprintf(t.say, "directory: %d companies and people\n", len(entries))
	return nil
}

// everything is a look-back that covers every meeting of a folder, whenever it
// was held.
const everything = -1

// open connects a stand, and waits until the first sync, which finds nothing
// yet, has ended.
func (t *tour) open(ctx context.Context, at *stand) error {
	request := at.request
	request.Org, request.Provider, request.Name = t.org, at.provider, connection.First
	request.BaseURL, request.PublicURL, request.LookBackDays = "http://"+at.address+at.basePath, t.publicURL, everything
	conn, err := t.connector.Connect(ctx, request)
	if err != nil {
		return err
	}
	if err := t.synced(ctx, conn); err != nil {
		return err
	}
	if at.subscribe != nil {
		if err := at.subscribe(conn.WebhookURL); err != nil {
			return fmt.Errorf("subscribing to the simulated %s: %w", at.name, err)
		}
	}
	fmt.Fprintf(t.say, "connected to a simulated %s at http://%s; webhook %s\n", at.name, at.address, conn.WebhookURL)
	return nil
}

// leaveTime is for a few calls to simulators and small transactions.
const leaveTime = 15 * time.Second

// leave ends the tour's connections.
func (t *tour) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	var failed error
	for _, at := range t.stands {
		if err := t.connector.Disconnect(ctx, t.org, at.provider, connection.First, false); err != nil {
			failed = errors.Join(failed, fmt.Errorf("ending the demonstration of %s: %w", at.name, err))
		}
	}
	return failed
}

// synced waits until the first sync of the connection, which finds nothing yet,
// has ended: what comes by webhook then comes by webhook alone.
func (t *tour) synced(ctx context.Context, conn schemas.Connection) error {
	client, err := kgo.NewClient(append(slices.Clone(t.plant.kafka), kgo.ConsumeTopics(schemas.SyncCursors.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		return fmt.Errorf("building the client of cursors: %w", err)
	}
	defer client.Close()
	key := schemas.ConnectionID(conn.Org, conn.Provider, conn.Name)
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: the first sync has not ended", context.Cause(ctx))
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("waiting for the first sync: %w", err)
		}
		for _, r := range fetches.Records() {
			if string(r.Key) != key || r.Value == nil {
				continue
			}
			c, err := schemas.Decode(t.plant.codec, schemas.SyncCursors, r.Value)
			if err != nil {
				return err
			}
			if c.Page == "" && c.UpdatedAt.After(conn.ConnectedAt) {
				return nil
			}
		}
	}
}

// watch polls the store until count has reached want, and shows each change.
func (t *tour) watch(ctx context.Context, by string, want int, count func(schemas.Tally) int) error {
	last := -1
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		tally, err := t.store.Tally(ctx, t.org)
		if err != nil {
			return err
		}
		n := min(count(tally), want)
		if n != last {
			fmt.Fprintf(t.say, "\rarriving by %s: %d of %d received, %d meetings, %d entries searchable ", by, n, want, total(tally.Meetings), total(tally.Entries))
			last = n
		}
		if n >= want {
			fmt.Fprintln(t.say)
			return nil
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(t.say)
			return fmt.Errorf("%w: %d of %d records received by %s", context.Cause(ctx), n, want, by)
		case <-tick.C:
		}
	}
}

// landed waits until every recording is in the meetings store and all of its
// entries are in the knowledge store.
func (t *tour) landed(ctx context.Context) error {
	var missing []string
	for _, at := range t.stands {
		for _, recording := range at.recordings {
			missing = append(missing, schemas.MeetingID(t.org, at.provider, recording))
		}
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	scope := schemas.Scope{Org: t.org, HeldBack: true}
	for {
		var left []string
		for _, id := range missing {
			m, found, err := t.store.Meeting(ctx, scope, id)
			if err != nil {
				return err
			}
			if !found || m.Entries != int(m.Row.Entries) {
				left = append(left, id)
			}
		}
		if missing = left; len(missing) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: not in both stores: %s", context.Cause(ctx), strings.Join(missing, ", "))
		case <-tick.C:
		}
	}
}
