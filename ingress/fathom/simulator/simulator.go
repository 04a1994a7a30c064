// Package simulator answers like Fathom's external API, closely enough that Fathom's own SDKs work against it
// unchanged, and delivers signed webhooks when a meeting is made to end. It is a developer's tool: it serves meetings
// from a folder, keeps webhooks in memory, and posts to whatever URL it is given.
//
// Where Fathom's pages are silent (developers.fathom.ai, September 2026) these are the rulings: 401 comes before
// anything else, then 429, then 404 and 400; created_after and created_before are exclusive; meetings come newest
// first; a meeting's associated company is the domain of its first external invitee. /users and downloads are not served.
package simulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// BasePath is where the API lives, as at Fathom.
const BasePath = "/external/v1"

// drainTime is longer than one delivery attempt (15 s), so that a stop cuts none short.
const drainTime = 20 * time.Second

// Options of a Simulator. Keys is required.
type Options struct {
	// Keys maps each API key to its owner's e-mail address. A key with an owner sees what its owner recorded and what
	// others shared with a team; a key without one ("") sees everything.
	Keys map[string]string

	Meetings fs.FS // one Fathom meeting in each *.json of its root; nil for none
	Pending  bool  // meetings of the folder have not ended yet: nobody sees them until the control endpoint ends them

	Limits Limits // off if zero

	// Schedule is the wait before each attempt of a delivery; its length is the number of attempts. SvixSchedule if empty.
	Schedule []time.Duration
	Timeout  time.Duration // of one attempt; 15 s if 0

	Clock func() time.Time                                 // time.Now if nil: stamps, rate limits
	Wait  func(ctx context.Context, d time.Duration) error // waits between attempts; a timer if nil
}

// Simulator is one account of a simulated Fathom. Make it with New.
type Simulator struct {
	keys    map[string]string
	archive *archive
	hooks   *registry
	courier *courier
	quota   *quota
	clock   func() time.Time
	handler http.Handler
}

// New reads the meetings. It opens no port and sends nothing.
func New(o Options) (*Simulator, error) {
	if len(o.Keys) == 0 {
		return nil, errors.New("simulator needs at least one API key")
	}
	if _, found := o.Keys[""]; found {
		return nil, errors.New("an API key of the simulator is empty")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if len(o.Schedule) == 0 {
		o.Schedule = SvixSchedule()
	}
	if err := o.Limits.validate(); err != nil {
		return nil, err
	}
	archive := newArchive()
	if o.Meetings != nil {
		if err := archive.load(o.Meetings, !o.Pending); err != nil {
			return nil, fmt.Errorf("loading meetings: %w", err)
		}
	}
	s := &Simulator{
		keys:    o.Keys,
		archive: archive,
		hooks:   newRegistry(),
		quota:   newQuota(o.Limits, o.Clock),
		clock:   o.Clock,
	}
	s.courier = newCourier(o, s.hooks)
	s.handler = s.routes()
	return s, nil
}

// Handler serves the API below BasePath and the control endpoints below /control. Whoever serves it without Run
// calls Close in the end.
func (s *Simulator) Handler() http.Handler { return s.handler }

func (s *Simulator) routes() http.Handler {
	root := mux.NewRouter().UseEncodedPath().SkipClean(true)
	root.NotFoundHandler = http.HandlerFunc(notFound)
	root.PathPrefix(BasePath).Handler(s.authenticated(s.limited(s.api())))
	root.PathPrefix("/control").Handler(local(s.control()))
	return root
}

// Run serves on ln until ctx ends. Then it answers the open requests, lets running delivery attempts finish, gives up
// those that wait for another attempt, and returns nil. It may be called once.
func (s *Simulator) Run(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(ln) }()

	var err error
	select {
	case err = <-stopped:
		err = fmt.Errorf("serving simulated Fathom: %w", err)
	case <-ctx.Done():
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if err = server.Shutdown(drain); err != nil {
			err = errors.Join(fmt.Errorf("stopping simulated Fathom: %w", err), server.Close())
		}
	}
	s.Close()
	return err
}

// Close gives up deliveries that wait for another attempt and returns when the running attempts have ended, which
// takes one attempt's time-out at most. Nothing is delivered after it. It may be called more than once.
func (s *Simulator) Close() { s.courier.stop() }

// Drained waits until every meeting that was told to end has ended and every delivery was acknowledged or given up.
// It returns ctx's error if that comes first.
func (s *Simulator) Drained(ctx context.Context) error { return s.courier.drained(ctx) }
