package boot

import (
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// crowd bounds a server's connections. Where there are too many, one makes room: that which sends the head of its first
// request for longest, or else that which is idle for longest. A client sends a head within milliseconds of connecting,
// so hundreds that trickle theirs push each other out and nobody else. A listener that stops accepting would shut out
// everybody until they are done.
type crowd struct {
	most int
	cuts prometheus.Counter

	mu   sync.Mutex
	open int
	new  []net.Conn // that have sent no whole head yet, the oldest first
	idle []net.Conn // likewise, between two requests
}

func newCrowd(name string, most int, reg prometheus.Registerer) *crowd {
	c := &crowd{most: most, cuts: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "leadline_http_connections_cut_total", Help: "Connections that made room for new ones.",
		ConstLabels: prometheus.Labels{"listener": name},
	})}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "leadline_http_connections", Help: "Connections that are open.", ConstLabels: prometheus.Labels{"listener": name},
	}, func() float64 {
		c.mu.Lock()
		defer c.mu.Unlock()
		return float64(c.open)
	})
	if reg != nil {
		reg.MustRegister(c.cuts, open)
	}
	return c
}

// follow is the server's ConnState.
func (c *crowd) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is := func(other net.Conn) bool { return other == conn }
	c.new, c.idle = slices.DeleteFunc(c.new, is), slices.DeleteFunc(c.idle, is)
	switch state {
	case http.StateNew:
		if c.open++; c.open > c.most {
			c.cut(conn)
		}
		c.new = append(c.new, conn)
	case http.StateIdle:
		c.idle = append(c.idle, conn)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

// cut closes one; the newcomer itself where all others have a request under way.
// The server notices, and says StateClosed.
func (c *crowd) cut(newcomer net.Conn) {
	first := newcomer
	switch {
	case len(c.new) > 0:
		first, c.new = c.new[0], c.new[1:]
	case len(c.idle) > 0:
		first, c.idle = c.idle[0], c.idle[1:]
	}
	c.cuts.Inc()
	_ = first.Close() // whoever it was has nothing to be told
}
