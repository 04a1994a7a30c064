package people_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console/audit"
	"leadline/console/people"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func kafka(t *testing.T) []kgo.Opt {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, schemas.Users.Name, schemas.AuditLog.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}
}

func TestUsersAreAddedChangedAndRemoved(t *testing.T) {
	t.Parallel()
	b := people.New(people.Options{Kafka: kafka(t), Codec: schematest.Codec(t), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if _, _, err := b.User("harbour", "ida@harbour.example"); !errors.Is(err, people.ErrStale) {
		t.Errorf("before it was read: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if err := b.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	for _, u := range []schemas.User{
		{Org: "harbour", Email: "Ida@Harbour.example", Role: schemas.RoleMember}, {Org: "other", Email: "ida@harbour.example", Role: schemas.RoleReadOnly},
		{Org: "harbour", Email: "ida@harbour.example", Role: schemas.RoleAdmin},
	} {
		if err := b.Put(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	if u, found, err := b.User("harbour", "IDA@harbour.example"); err != nil || !found || u.Role != schemas.RoleAdmin {
		t.Errorf("%+v, %t, %v", u, found, err)
	}
	if all, err := b.Users("", "ida@harbour.example"); err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	if err := b.Remove(ctx, "harbour", "ida@harbour.example"); err != nil {
		t.Fatal(err)
	}
	if all, err := b.Users("harbour", ""); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	for field, u := range map[string]schemas.User{
		"org": {Org: "a/b", Email: "ida@harbour.example", Role: schemas.RoleAdmin}, "role": {Org: "harbour", Email: "ida@harbour.example", Role: "root"},
		"email": {Org: "harbour", Email: "a/b@harbour.example", Role: schemas.RoleAdmin},
	} {
		if invalid, ok := errors.AsType[*schemas.InvalidQuery](b.Put(ctx, u)); !ok || invalid.Field != field {
			t.Errorf("%+v: %v, want an invalid %s", u, invalid, field)
		}
	}
}

func TestTheAuditLogHasWhatWasNotedNewestFirst(t *testing.T) {
	t.Parallel()
	l, err := audit.New(audit.Options{Kafka: kafka(t), Codec: schematest.Codec(t), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	for _, e := range []schemas.AuditEntry{
		{Org: "harbour", Who: "ida@harbour.example", Action: "rules", About: "add\x1b[2J", Result: schemas.AuditDone},
		{Org: "other", Who: "operator", Action: "rules"}, {Org: "harbour", Who: "operator", Action: "users", Result: schemas.AuditRefused},
	} {
		if err := l.Note(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Last(ctx, "harbour", 10)
	if err != nil || len(got) != 2 || got[0].Action != "users" || got[1].About != "add [2J" || time.Since(got[1].At) > time.Minute {
		t.Errorf("%+v, %v", got, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if l.Note(t.Context(), schemas.AuditEntry{Org: "harbour"}) == nil {
		t.Error("an entry that could not be written is no error")
	}
}
