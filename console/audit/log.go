// Package audit keeps who changed what: a topic that is never compacted and has
// no end of retention.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console/tail"
	"leadline/schemas"
)

const (
	// maxField keeps an entry short, whatever somebody names a thing.
	maxField = 500
	// writeTime bounds what somebody waits for after their change is made.
	writeTime = 5 * time.Second
)

// Options are what a Log works with. All are required.
type Options struct {
	Kafka   []kgo.Opt
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Log writes and reads entries. It is safe for concurrent use.
type Log struct {
	options Options
	client  *kgo.Client
	reader  *tail.Reader
	failed  prometheus.Counter
}

// New does not dial. Run it, or Close it.
func New(o Options) (*Log, error) {
	client, err := kgo.NewClient(append(slices.Clone(o.Kafka), kgo.RequiredAcks(kgo.AllISRAcks()))...)
	if err != nil {
		return nil, fmt.Errorf("building the producer of the audit log: %w", err)
	}
	l := &Log{options: o, client: client, reader: &tail.Reader{Kafka: o.Kafka, Codec: o.Codec}, failed: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "leadline_audit_failures_total", Help: "Changes that were made or tried and could not be written to the audit log.",
	})}
	o.Metrics.MustRegister(l.failed)
	return l, nil
}

// Run keeps the log until ctx ends.
func (l *Log) Run(ctx context.Context) error {
	<-ctx.Done()
	l.Close()
	return nil
}

// Close is for who writes a few entries and does not Run it.
func (l *Log) Close() { l.client.Close() }

// Note writes an entry, also for somebody who has gone meanwhile. An error says
// that the change is not in the log; it has been counted and logged.
func (l *Log) Note(ctx context.Context, e schemas.AuditEntry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	e.At = time.Now().UTC().Truncate(time.Millisecond)
	for _, field := range []*string{&e.Who, &e.About, &e.Action} {
		*field = short(*field)
	}
	value, err := schemas.Encode(l.options.Codec, schemas.AuditLog, &e)
	if err == nil {
		err = l.client.ProduceSync(ctx, &kgo.Record{Topic: schemas.AuditLog.Name, Key: []byte(e.Org), Value: value}).FirstErr()
	}
	if err != nil {
		l.failed.Inc()
		l.options.Log.Error("a change is not in the audit log", "org", e.Org, "who", e.Who, "action", e.Action, "result", e.Result, "err", err)
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

func short(s string) string {
	s = schemas.Excerpt(s)
	if len(s) <= maxField {
		return s
	}
	return schemas.Excerpt(s[:maxField])
}

// Last are the newest entries of an organisation, newest first.
func (l *Log) Last(ctx context.Context, org string, most int) ([]schemas.AuditEntry, error) {
	return l.reader.Audit(ctx, org, most)
}
