// Package simulator answers like Zoom's REST API for cloud recordings, with server-to-server OAuth, and delivers signed
// webhooks when a meeting is made to end. It is a developer's tool: it serves meetings from a folder, keeps what it is
// told in memory, and posts to whatever URL it is given.
//
// Where Zoom's pages are silent (developers.zoom.us, September 2026) these are the rulings: 401 comes before 429, and
// that before 404 and 400; a page_size above 300 is 300; a UUID with a slash in front or two in a row that is escaped
// once is not found; downloads redirect once, to the same host; only 200 and 204 acknowledge a delivery.
package simulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	"leadline/ingress/zoom"
)

// BasePath is where the API lives, as at Zoom.
const BasePath = "/v2"

// drainTime is longer than one delivery attempt (3 s), so that a stop cuts none short.
const drainTime = 8 * time.Second

// Options of a Simulator. Credential and SecretToken are required.
type Options struct {
	Credential  zoom.Credential
	SecretToken string // signs deliveries

	Meetings fs.FS // one meeting in each *.json of its root, see meeting; nil for none
	Pending  bool  // meetings of the folder have not ended yet: nobody sees them until they are made to end

	Limits Limits // off if zero

	// Schedule is the wait before each attempt of a delivery; its length is the number of attempts. ZoomSchedule if empty.
	Schedule []time.Duration

	Clock func() time.Time                                 // time.Now if nil: stamps, tokens, limits
	Wait  func(ctx context.Context, d time.Duration) error // waits between attempts; a timer if nil
}

// Simulator is one account of a simulated Zoom. Make it with New.
type Simulator struct {
	credential zoom.Credential
	secret     string
	clock      func() time.Time
	archive    *archive
	tokens     *tokens
	quota      *quota
	faults     *faults
	courier    *courier
}

// New reads the meetings. It opens no port and sends nothing.
func New(o Options) (*Simulator, error) {
	if _, err := o.Credential.Text(); err != nil {
		return nil, err
	}
	if o.SecretToken == "" {
		return nil, errors.New("simulator needs a secret token")
	}
	if err := o.Limits.validate(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if len(o.Schedule) == 0 {
		o.Schedule = ZoomSchedule()
	}
	s := &Simulator{
		credential: o.Credential, secret: o.SecretToken, clock: o.Clock, archive: newArchive(),
		tokens: newTokens(o.Clock), quota: newQuota(o.Limits, o.Clock), faults: new(faults), courier: newCourier(o),
	}
	if o.Meetings != nil {
		if err := s.archive.load(o.Meetings, !o.Pending); err != nil {
			return nil, fmt.Errorf("loading meetings: %w", err)
		}
	}
	return s, nil
}

// Handler serves the API below BasePath, /oauth/token, the files below /rec, and the control endpoints below /control.
// Whoever serves it without Run calls Close in the end.
func (s *Simulator) Handler() http.Handler {
	control := local(s.control())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.EscapedPath(); {
		case strings.HasPrefix(path, "/control/"):
			control.ServeHTTP(w, r)
		case s.faults.answer(w, r):
		case path == "/oauth/token":
			s.giveToken(w, r)
		case strings.HasPrefix(path, "/rec/"):
			s.download(w, r)
		case strings.HasPrefix(path, BasePath+"/"):
			s.api(w, r, strings.TrimPrefix(path, BasePath))
		default:
			answerError(w, http.StatusNotFound, 2300, "This API endpoint is not recognized.")
		}
	})
}

// Run serves on ln until ctx ends. Then it answers the open requests, lets running delivery attempts finish, gives up
// those that wait for another attempt, and returns nil. It may be called once.
func (s *Simulator) Run(ctx context.Context, ln net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(ln) }()
	var err error
	select {
	case err = <-stopped:
		err = fmt.Errorf("serving simulated Zoom: %w", err)
	case <-ctx.Done():
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if err = server.Shutdown(drain); err != nil {
			err = errors.Join(fmt.Errorf("stopping simulated Zoom: %w", err), server.Close())
		}
	}
	s.Close()
	return err
}

// Close gives up deliveries that wait for another attempt and returns when the running attempts have ended. Nothing is
// delivered after it. It may be called more than once.
func (s *Simulator) Close() { s.courier.stop() }

// Drained waits until every delivery was acknowledged or given up. It returns ctx's error if that comes first.
func (s *Simulator) Drained(ctx context.Context) error { return s.courier.drained(ctx) }
