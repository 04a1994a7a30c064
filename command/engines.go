package command

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/ingress/fathom"
	"leadline/ingress/zoom"
	"leadline/schemas"
)

// openEngines starts the embedded broker and registry on the data directory,
// which cfg.Dir names. Topics and schemas are this build's.
func openEngines(ctx context.Context, cfg local.Config) (*local.Engines, error) {
	manifest, err := schemas.Manifest()
	if err != nil {
		return nil, err
	}
	cfg.Dir = filepath.Join(cfg.Dir, "kafka")
	for _, s := range schemas.Topics() {
		cfg.Topics = append(cfg.Topics, localTopic(s))
	}
	for _, r := range manifest {
		cfg.Schemas = append(cfg.Schemas, local.Schema{Subject: r.Subject, Version: r.Version, ID: r.ID, Text: r.Text})
	}
	return local.Open(ctx, cfg)
}

// keptBytes is what each partition of a topic keeps in embedded mode: enough
// for consumers to be away for thousands of meetings. Raw records and dead
// letters stay until the cap on the whole log takes the oldest.
const keptBytes = 64 << 20

func localTopic(s schemas.Spec) local.Topic {
	t := local.Topic{Name: s.Name, Compacted: s.Compacted}
	if !s.Compacted && !s.Replay {
		t.RetentionBytes = keptBytes
	}
	return t
}

// openPlant connects a process to the embedded engines.
func openPlant(ctx context.Context, g *Globals, e *local.Engines, partitions int32, reg *prometheus.Registry, log *slog.Logger) (*plant, error) {
	kafka := boot.Kafka{Brokers: e.Brokers(), RegistryURL: e.RegistryURL(), ClientID: "leadline"}
	p := &plant{kafka: kafka.Options(reg, log), registry: reg, log: log, data: g.Data, recorders: recorders(fathom.Recorder{}, zoom.Pro), incarnation: e.BootID()}
	if err := p.trace(ctx, "leadline"); err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		return nil, fmt.Errorf("building the admin client: %w", err)
	}
	defer client.Close()
	layout := boot.Layout{
		Partitions: partitions, Replication: 1,
		Config:  func(schemas.Spec) map[string]*string { return local.TopicConfig() },
		Checked: []string{"cleanup.policy", "retention.ms", "max.message.bytes"},
	}
	if err := boot.EnsureTopics(ctx, kadm.NewClient(client), schemas.Topics(), layout); err != nil {
		return nil, &usageError{err}
	}
	p.codec, err = kafka.Codec(ctx)
	return p, err
}
