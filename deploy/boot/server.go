package boot

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// mostConnections of one listener: far more than recorders and readers have, and some 100 MB of buffers at worst.
const mostConnections = 2048

// Server serves until ctx ends, and then lets requests finish. The limits are
// against senders that are slow on purpose; a body has its own, where it is
// read. reg may be nil.
func Server(name string, listener net.Listener, handler http.Handler, reg prometheus.Registerer) Role {
	return serverOf(name, listener, handler, newCrowd(name, mostConnections, reg))
}

func serverOf(name string, listener net.Listener, handler http.Handler, connections *crowd) Role {
	return Role{Name: name, Run: func(ctx context.Context) error {
		server := &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: 10 * time.Second,
			ReadTimeout:       60 * time.Second,
			WriteTimeout:      60 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
			ConnState:         connections.follow,
		}
		stopped := make(chan error, 1)
		go func() {
			<-ctx.Done()
			drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			stopped <- server.Shutdown(drain)
		}()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return <-stopped
	}}
}
