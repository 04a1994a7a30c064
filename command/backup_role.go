package command

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"leadline/deploy/boot"
	"leadline/deploy/local"
)

// snapshotPath is where leadline backup asks the Leadline that runs.
const snapshotPath = "/local/snapshot"

// snapshots makes one at a time, for whoever has the token of the data
// directory. The answer says where in that directory it is: meetings and keys go
// through no connection. It is removed when the connection ends.
type snapshots struct {
	data    string
	token   string
	engines *local.Engines
	log     *slog.Logger
	one     chan struct{} // has an element while there is one
	stopped chan struct{}
}

func newSnapshots(data, token string, engines *local.Engines, log *slog.Logger) *snapshots {
	return &snapshots{data: data, token: token, engines: engines, log: log, one: make(chan struct{}, 1), stopped: make(chan struct{})}
}

// role lets nobody hold up the end of the process.
func (s *snapshots) role() boot.Role {
	return boot.Role{Name: "snapshots", Run: func(ctx context.Context) error {
		<-ctx.Done()
		close(s.stopped)
		return nil
	}}
}

// ServeHTTP answers POST.
func (s *snapshots) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	is, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.token))
	switch {
	case r.Method != http.MethodPost:
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	case s.token == "" || subtle.ConstantTimeCompare(is[:], want[:]) != 1:
		http.Error(w, "the token of the data directory is wanted", http.StatusUnauthorized)
		return
	}
	select {
	case s.one <- struct{}{}:
		defer func() { <-s.one }()
	default:
		http.Error(w, "another backup is being made", http.StatusConflict)
		return
	}
	// As long as it takes to pack.
	control := http.NewResponseController(w)
	if control.SetWriteDeadline(time.Time{}) != nil || control.SetReadDeadline(time.Time{}) != nil {
		http.Error(w, "no deadline can be set", http.StatusInternalServerError)
		return
	}
	taken, err := takeRunning(r.Context(), s.data, s.engines)
	if err != nil {
		s.log.Warn("no snapshot could be made", "error", err)
		http.Error(w, "no snapshot could be made; the log of this process says why", http.StatusInternalServerError)
		return
	}
	defer func() {
		if err := taken.remove(); err != nil {
			s.log.Warn("a snapshot could not be removed; the next start does", "error", err)
		}
	}()
	w.Header().Set("Content-Type", "application/json")
	if json.NewEncoder(w).Encode(taken) != nil || control.Flush() != nil {
		return // the client is gone
	}
	select {
	case <-r.Context().Done():
	case <-s.stopped:
	}
}
