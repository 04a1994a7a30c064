package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/demo"
	"leadline/ingress/connection"
	"leadline/ingress/directory"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/recorder"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

// tour is the demonstration: a simulated Fathom, connected as a user would
// connect the real one, whose meetings arrive by webhook and by poll.
type tour struct {
	org       string
	meetings  fs.FS
	directory []byte
	publicURL string
	connector *connection.Connector
	plant     *plant
	store     *embedded.Store
	timeout   time.Duration
	say       io.Writer // for people

	simulator *simulator.Simulator
	address   string
	listening chan struct{} // closed when address is set
}

// tourKey opens the simulated Fathom; it guards nothing.
const tourKey = "demo-key-0123456789"

// newTour prepares the simulator. Without a folder the meetings and customers
// are the sample that comes with the program.
func newTour(org, meetings, customers string) (*tour, error) {
	t := &tour{org: org, meetings: demo.Meetings(), directory: demo.Directory(), listening: make(chan struct{})}
	if meetings != "" {
		t.meetings = os.DirFS(meetings)
		t.directory = nil
	}
	if customers != "" {
		raw, err := os.ReadFile(customers)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--directory: %w", err)}
		}
		t.directory = raw
	}
	var err error
	t.simulator, err = simulator.New(simulator.Options{
		Keys: map[string]string{tourKey: ""}, Meetings: t.meetings, Pending: true,
		// Quicker than Svix, so that a webhook that met a starting process is
		// tried again while somebody watches.
		Schedule: []time.Duration{0, 200 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second},
	})
	if err != nil {
		return nil, &usageError{fmt.Errorf("--meetings: %w", err)}
	}
	return t, nil
}

// Run serves the simulator until ctx ends.
func (t *tour) Run(ctx context.Context) error {
	ln, err := listen(ctx, 0, "the simulated Fathom")
	if err != nil {
		return err
	}
	t.address = ln.Addr().String()
	close(t.listening)
	return t.simulator.Run(ctx, ln)
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
	conn, err := t.connect(ctx)
	if err != nil {
		return summary{}, err
	}
	fmt.Fprintf(t.say, "connected to a simulated Fathom at http://%s; webhook %s\n", t.address, conn.WebhookURL)

	if err := t.synced(ctx, conn); err != nil {
		return summary{}, err
	}
	expected, err := t.recordings()
	if err != nil {
		return summary{}, err
	}
	// First they end, one after the other, and come by webhook; then a sync
	// finds the same ones by poll.
	t.simulator.EndAll(40)
	if err := t.watch(ctx, "webhook", len(expected), func(tally schemas.Tally) int { return seen(tally) - seen(before) }); err != nil {
		return summary{}, err
	}
	if err := t.simulator.Drained(ctx); err != nil {
		return summary{}, context.Cause(ctx)
	}
	if err := t.sync(ctx); err != nil {
		return summary{}, err
	}
	if err := t.watch(ctx, "poll", 2*len(expected), func(tally schemas.Tally) int { return seen(tally) - seen(before) }); err != nil {
		return summary{}, err
	}
	if err := t.landed(ctx, expected); err != nil {
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

func (t *tour) connect(ctx context.Context) (schemas.Connection, error) {
	return t.connector.Connect(ctx, connection.Request{
		Org: t.org, Provider: schemas.Fathom, Name: connection.First,
		BaseURL: "http://" + t.address + simulator.BasePath, Credential: recorder.NewSecret(tourKey),
		PublicURL: t.publicURL, LookBackDays: everything,
	})
}

// leaveTime is for one call to the simulator and two small transactions.
const leaveTime = 15 * time.Second

// leave ends the tour's connection.
func (t *tour) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	if err := t.connector.Disconnect(ctx, t.org, schemas.Fathom, connection.First, false); err != nil {
		return fmt.Errorf("ending the demonstration: %w", err)
	}
	return nil
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

// sync asks for a poll, as `leadline sync` does.
func (t *tour) sync(ctx context.Context) error {
	return t.connector.Sync(ctx, t.org, schemas.Fathom, connection.First, time.Unix(0, 0))
}

// recordings are the ids that the simulator serves.
func (t *tour) recordings() ([]string, error) {
	names, err := fs.Glob(t.meetings, "*.json")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		raw, err := fs.ReadFile(t.meetings, name)
		if err != nil {
			return nil, err
		}
		var m struct {
			RecordingID json.Number `json:"recording_id"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ids = append(ids, m.RecordingID.String())
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
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
func (t *tour) landed(ctx context.Context, recordings []string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	scope := schemas.Scope{Org: t.org, HeldBack: true}
	for missing := slices.Clone(recordings); ; {
		var left []string
		for _, id := range missing {
			m, found, err := t.store.Meeting(ctx, scope, schemas.MeetingID(t.org, schemas.Fathom, id))
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

// ready waits until the simulator listens.
func (t *tour) ready(ctx context.Context) error {
	select {
	case <-t.listening:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
