package pages

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// liveEvery is how often a part is looked at; it is sent when it has changed.
	liveEvery = time.Second
	// silence is the longest without a byte: proxies end what is quiet for a minute.
	silence = 15 * time.Second
	// maxStreams are the tabs of a whole team; each reads the store once a second.
	maxStreams = 200
	// maxOrgStreams leaves room for other organisations.
	maxOrgStreams = maxStreams / 4
)

// streams are the parts that are being kept up to date.
type streams struct {
	mu      sync.Mutex
	open    int
	of      map[string]int // by organisation
	stopped chan struct{}  // closed when the process stops
}

func newStreams() *streams { return &streams{of: make(map[string]int), stopped: make(chan struct{})} }

func (t *streams) begin(org string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open >= maxStreams || t.of[org] >= maxOrgStreams {
		return false
	}
	t.open++
	t.of[org]++
	return true
}

func (t *streams) end(org string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	if t.of[org]--; t.of[org] == 0 {
		delete(t.of, org)
	}
}

// Run waits until ctx ends, and then ends what is kept up to date: the server
// would wait for it. Call it once.
func (s *Site) Run(ctx context.Context) error {
	<-ctx.Done()
	close(s.streams.stopped)
	return nil
}

// live sends a part of a page as server-sent events: at once, and again
// whenever it has changed, for as long as the session lasts. An event's data is
// what the template "live" of the page makes.
func (s *Site) live(t route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of, err := s.current(r)
		v := &visit{Request: r, session: of}
		switch {
		case err != nil || of == nil || v.checkRole(t.role) != nil:
			s.metrics.count(t.pattern, http.StatusForbidden)
			w.WriteHeader(http.StatusForbidden) // the browser does not come again after that
			return
		case !s.streams.begin(of.org):
			s.metrics.count(t.pattern, http.StatusServiceUnavailable)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		defer s.streams.end(of.org)
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		s.metrics.count(t.pattern, http.StatusOK)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no") // nginx would wait for more
		s.follow(w, v, t)
	})
}

// follow ends when the visitor has gone, the session has ended or the part
// cannot be made: the browser comes again by itself and shows meanwhile that it
// is not up to date.
func (s *Site) follow(w http.ResponseWriter, v *visit, t route) {
	control := http.NewResponseController(w)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	var last []byte
	sent := time.Now()
	for first := true; ; first = false {
		part, err := s.part(v, t)
		if v.Context().Err() != nil {
			return // who has gone is no failure
		}
		if err != nil {
			s.Log.Warn("keeping a page up to date failed", "page", t.pattern, "err", err)
			return
		}
		var message string
		switch {
		case first || !bytes.Equal(part, last):
			message = "data: " + strings.ReplaceAll(string(part), "\n", "\ndata: ") + "\n\n"
		case time.Since(sent) >= silence:
			message = ":\n\n"
		}
		if message != "" {
			last, sent = part, time.Now()
			_ = control.SetReadDeadline(time.Time{})            // the server's is for a request
			_ = control.SetWriteDeadline(sent.Add(2 * silence)) // and so is that for the answer
			if _, err := fmt.Fprint(w, message); err != nil || control.Flush() != nil {
				return
			}
		}
		select {
		case <-v.Context().Done():
			return
		case <-s.streams.stopped:
			return
		case <-tick.C:
		}
		if of, err := s.current(v.Request); err != nil || of != v.session {
			return
		}
	}
}

func (s *Site) part(v *visit, t route) ([]byte, error) {
	ctx, cancel := context.WithTimeout(v.Context(), patience)
	defer cancel()
	a, err := t.do(ctx, v)
	if err != nil {
		return nil, err
	}
	var made bytes.Buffer
	err = templates[a.name].ExecuteTemplate(&made, "live", a.data)
	return bytes.ReplaceAll(made.Bytes(), []byte("\r"), nil), err
}
