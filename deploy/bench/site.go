package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

// Site is where it is measured: a broker with Leadline's topics, for nothing
// else, and what of Leadline only its own wiring can make.
type Site struct {
	Kafka       []kgo.Opt
	Codec       *schemas.Codec
	Log         *slog.Logger
	Dir         string // that the run may fill
	Incarnation string // ends the names of the run's groups and transactional ids

	Partitions  int32
	Replication int16
	TopicConfig map[string]*string

	// Processors are the stages and what they need, as a process runs them.
	Processors []boot.Role
	// Webhooks are the options of the handler; its connections and metrics are
	// the run's own.
	Webhooks webhook.Options

	ClickHouse    string   // a DSN; empty: is not measured
	Elasticsearch []string // addresses; likewise
	Binary        string   // leadline, to be started as a process; likewise
	Environment   []string // with which one finds real engines; nil: they are embedded
	Distiller     string   // of the stages

	brokers []string // of a process that has its own
}

// Refuse returns an error when somebody's meetings are there: a run writes its
// own beside them.
func (s *Site) Refuse(ctx context.Context) error {
	return s.administer(func(admin *kadm.Client) error {
		ends, err := admin.ListEndOffsets(ctx, schemas.RawMeetings.Name)
		if err = errors.Join(err, ends.Error()); err != nil {
			return fmt.Errorf("looking whether the broker is empty: %w", err)
		}
		for _, o := range ends.Offsets().Sorted() {
			if o.At > 0 {
				return fmt.Errorf("%s holds meetings: bench wants a broker of its own", o.Topic)
			}
		}
		return nil
	})
}

func (s *Site) administer(do func(*kadm.Client) error) error {
	client, err := kgo.NewClient(s.Kafka...)
	if err != nil {
		return fmt.Errorf("building the admin client: %w", err)
	}
	defer client.Close()
	return do(kadm.NewClient(client))
}

// topics makes topics of the run's own.
func (s *Site) topics(ctx context.Context, names ...string) error {
	layout := boot.Layout{
		Partitions: s.Partitions, Replication: s.Replication,
		Config: func(schemas.Spec) map[string]*string { return s.TopicConfig },
	}
	specs := make([]schemas.Spec, len(names))
	for i, n := range names {
		specs[i] = schemas.Spec{Name: n}
	}
	return s.administer(func(admin *kadm.Client) error { return boot.EnsureTopics(ctx, admin, specs, layout) })
}

// client is one with the options that all of Leadline's clients have.
func (s *Site) client(opts ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(slices.Clone(s.Kafka), opts...)...)
}

// produce writes records outside of the clock.
func (s *Site) produce(ctx context.Context, records []*kgo.Record, opts ...kgo.Opt) error {
	client, err := s.client(opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ProduceSync(ctx, records...).FirstErr()
}

// background runs loops until stop is called. When one of them fails, the
// context that is returned ends: what waits for its results would wait for ever.
func background(ctx context.Context, loops ...func(context.Context) error) (watched context.Context, stop func() error) {
	watched, fail := context.WithCancelCause(ctx)
	running, cancel := context.WithCancel(watched)
	ended := make(chan error, len(loops))
	for _, run := range loops {
		go func() {
			err := run(running)
			if err != nil {
				fail(err)
			}
			ended <- err
		}()
	}
	return watched, func() error {
		cancel()
		var all error
		for range loops {
			all = errors.Join(all, <-ended)
		}
		fail(nil)
		return all
	}
}

// patience is how long anything may take: what is not there by then is lost.
const patience = 2 * time.Minute
