package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"leadline/deploy/demo"
	"leadline/ingress/fathom/simulator"
)

// chaosKey opens the simulator; it guards nothing.
const chaosKey = "chaos-key-0123456789"

// chaosSource is the simulated recorder of a campaign.
type chaosSource struct {
	*simulator.Simulator
	address string
	refused atomic.Int64 // answers 429

	mu      sync.Mutex
	waiting []int64          // have not ended yet
	over    map[int64][]byte // have, and how they are now
	edits   int
}

// newChaosSource has so many meetings, none of which has ended.
func newChaosSource(n int) (*chaosSource, error) {
	samples, err := fs.Glob(demo.Meetings(), "*.json")
	if err != nil {
		return nil, err
	}
	files, s := make(fstest.MapFS), &chaosSource{over: make(map[int64][]byte)}
	for i := range n {
		raw, err := fs.ReadFile(demo.Meetings(), samples[i%len(samples)])
		if err != nil {
			return nil, err
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		id, err := strconv.ParseInt(string(m["recording_id"]), 10, 64)
		if err != nil {
			return nil, err
		}
		id += int64(i/len(samples)) * 1_000_000
		m["recording_id"] = strconv.AppendInt(nil, id, 10)
		if raw, err = json.Marshal(m); err != nil {
			return nil, err
		}
		files[fmt.Sprintf("%d.json", id)] = &fstest.MapFile{Data: raw}
		s.waiting = append(s.waiting, id)
		s.over[id] = raw
	}
	// A delivery is given up after some minutes, as real ones are after hours: what is lost then is the poll's to find.
	schedule := slices.Repeat([]time.Duration{500 * time.Millisecond}, 120)
	if s.Simulator, err = simulator.New(simulator.Options{
		Keys: map[string]string{chaosKey: ""}, Meetings: files, Pending: true, Schedule: schedule,
	}); err != nil {
		return nil, err
	}
	return s, nil
}

// serve answers until ctx ends.
func (s *chaosSource) serve(ctx context.Context) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = ln.Addr().String()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Handler().ServeHTTP(counted{w, &s.refused}, r)
	})}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(ln) }()
	return nil
}

// counted counts the answers that say too many requests.
type counted struct {
	http.ResponseWriter
	refused *atomic.Int64
}

func (c counted) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		c.refused.Add(1)
	}
	c.ResponseWriter.WriteHeader(status)
}

// ended are the meetings that the recorder lists.
func (s *chaosSource) ended() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	listed := maps.Clone(s.over)
	for _, id := range s.waiting {
		delete(listed, id)
	}
	return slices.Sorted(maps.Keys(listed))
}

// traffic ends meetings, edits some that have ended, and sends some again.
func (s *chaosSource) traffic(perSecond float64) func(context.Context, *rand.Rand) error {
	return func(ctx context.Context, random *rand.Rand) error {
		tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			if err := s.step(random); err != nil {
				return fmt.Errorf("sending meetings: %w", err)
			}
		}
	}
}

func (s *chaosSource) step(random *rand.Rand) error {
	ended := s.ended()
	if len(ended) > 0 {
		id := ended[random.IntN(len(ended))]
		switch random.IntN(10) {
		case 0:
			return s.edit(id, random.IntN(2) == 0)
		case 1:
			_, err := s.Deliver(id, random.IntN(2) == 0)
			return err
		}
	}
	s.mu.Lock()
	if len(s.waiting) == 0 {
		s.mu.Unlock()
		return nil
	}
	id := s.waiting[0]
	s.waiting = s.waiting[1:]
	s.mu.Unlock()
	_, err := s.End(id)
	return err
}

// edit changes a title; some edits come by webhook, and all by poll.
func (s *chaosSource) edit(id int64, tell bool) error {
	s.mu.Lock()
	s.edits++
	raw := bytes.Replace(s.over[id], []byte(`"title":"`), fmt.Appendf(nil, `"title":"Edit %d of `, s.edits), 1)
	s.over[id] = raw
	s.mu.Unlock()
	if _, _, err := s.Put(raw, true); err != nil {
		return err
	}
	if !tell {
		return nil
	}
	_, err := s.Deliver(id, false)
	return err
}

// again delivers any meeting once more.
func (s *chaosSource) again() error {
	ended := s.ended()
	if len(ended) == 0 {
		return fmt.Errorf("no meeting has ended yet")
	}
	_, err := s.Deliver(ended[0], false)
	return err
}
