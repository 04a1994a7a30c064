package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/console/audit"
	"leadline/ingress/rules"
	"leadline/schemas"
)

// noted tells the log of changes what a command did on Kafka itself; the API
// notes what it is asked for. failed is what came of it, and is returned. What
// could not be noted is told to who gave the command: their change is made.
func (r reach) noted(ctx context.Context, g *Globals, action, about string, failed error) error {
	e := schemas.AuditEntry{Org: g.Org, Who: commandLine(), Action: action, About: about, Result: schemas.AuditDone}
	if failed != nil {
		e.Result = schemas.AuditFailed
		if isRefusal(failed) {
			e.Result = schemas.AuditRefused
		}
	}
	log, err := audit.New(audit.Options{Kafka: r.kafka, Codec: r.codec, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err == nil {
		err = log.Note(ctx, e)
		log.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "This is not in the log of changes:", err)
	}
	return failed
}

// commandLine is who gives a command, as the log of changes names them. What
// stands before the name keeps a user called operator from passing for who came
// by the instance's link.
func commandLine() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "command line: " + u.Username
	}
	return "command line"
}

// isRefusal says that nothing was changed.
func isRefusal(err error) bool {
	_, connection := errors.AsType[*console.ConnectionRefused](err)
	_, absent := errors.AsType[*console.NotFound](err)
	_, query := errors.AsType[*schemas.InvalidQuery](err)
	_, rule := errors.AsType[*rules.Invalid](err)
	_, usage := errors.AsType[*usageError](err)
	return connection || absent || query || rule || usage || errors.Is(err, rules.ErrChanged)
}

// notedConnections are connections whose changes the log is told of.
type notedConnections struct {
	known   console.Connections
	reach   reach
	globals *Globals
}

// Connections lists them.
func (c notedConnections) Connections(ctx context.Context, org string) ([]schemas.ConnectionStatus, error) {
	return c.known.Connections(ctx, org)
}

// Connect connects.
func (c notedConnections) Connect(ctx context.Context, org string, n console.NewConnection) (schemas.ConnectionStatus, error) {
	made, err := c.known.Connect(ctx, org, n)
	return made, c.reach.noted(ctx, c.globals, "connect", n.Provider+"/"+n.Name, err)
}

// Change changes.
func (c notedConnections) Change(ctx context.Context, org, provider, name string, change console.ConnectionChange) (schemas.ConnectionStatus, error) {
	s, err := c.known.Change(ctx, org, provider, name, change)
	about := change.Do + " " + provider + "/" + name
	if change.Erase {
		about += " and erase"
	}
	return s, c.reach.noted(ctx, c.globals, "connections", strings.TrimSpace(about), err)
}
