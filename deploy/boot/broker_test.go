package boot

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"leadline/schemas"
)

func TestABrokerThatCannotDoItIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version *kversion.Versions
		want    string
	}{
		"4.1": {kversion.V4_1_0(), ""},
		"3.9": {kversion.V3_9_0(), "upgrade --feature transaction.version=2"},
		"2.4": {kversion.V2_4_0(), "want Kafka 4.0 or newer"},
	} {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.MaxVersions(c.version))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Close)
		client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		err = CheckBroker(t.Context(), kadm.NewClient(client))
		var hopeless *Hopeless
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &hopeless) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEachDeviationOfATopicIsOneLineWithWhatToDo(t *testing.T) {
	t.Parallel()
	a := admin(t)
	specs := []schemas.Spec{schemas.RawMeetings, schemas.Directory.Spec, schemas.Connections.Spec, schemas.MeetingRows.Spec}
	layout := KafkaLayout(3, 3)
	create := func(s schemas.Spec, partitions int32, changed map[string]string) {
		config := layout.Config(s)
		for k, v := range changed {
			config[k] = &v
		}
		if _, err := a.CreateTopic(t.Context(), partitions, 1, config, s.Name); err != nil {
			t.Fatal(err)
		}
	}
	create(schemas.RawMeetings, 5, nil)
	create(schemas.Directory.Spec, 3, map[string]string{"cleanup.policy": "delete", "min.insync.replicas": "1"})
	create(schemas.Connections.Spec, 3, map[string]string{"max.message.bytes": "1000"})
	problems, err := CheckTopics(t.Context(), a, specs, layout)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error())
		if strings.Contains(p.Error(), "\n") {
			t.Errorf("more than one line: %q", p)
		}
	}
	for _, want := range []string{
		"meetings.rows.v1 is missing: leadline topics ensure",
		"meetings.raw.v1 has 5 partitions, want 3",
		"meetings.raw.v1 has 1 copies of a partition, want 3: kafka-reassign-partitions",
		"directory.v1 has cleanup.policy=delete, want compact",
		"directory.v1 has min.insync.replicas=1, want 2",
		"connections.v1 has max.message.bytes=1000, want 16777216",
	} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, want) }) {
			t.Errorf("missing %q", want)
		}
	}
	if len(lines) != 8 { // the number of copies is wrong for all three
		t.Errorf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	if topics, err := a.ListTopics(t.Context(), schemas.MeetingRows.Name); err != nil || topics.Has(schemas.MeetingRows.Name) {
		t.Errorf("a check made a topic: %v", err)
	}
}

func TestRolesWaitForTopicsAndRefuseThoseThatAreSplitDifferently(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	opts := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	specs := []schemas.Spec{schemas.RawMeetings, schemas.Directory.Spec}
	both, one := KafkaNeed(opts, specs), KafkaNeed(opts, specs[:1])
	var hopeless *Hopeless
	if err := both.Check(t.Context()); err == nil || errors.As(err, &hopeless) || !strings.Contains(err.Error(), "topics ensure makes meetings.raw.v1, directory.v1") {
		t.Errorf("none: %v", err)
	}
	for partitions, s := range specs {
		if _, err := kadm.NewClient(client).CreateTopic(t.Context(), int32(partitions+3), 1, nil, s.Name); err != nil {
			t.Fatal(err)
		}
	}
	if err := both.Check(t.Context()); !errors.As(err, &hopeless) || !strings.Contains(err.Error(), "directory.v1 4, meetings.raw.v1 3") {
		t.Errorf("split differently: %v", err)
	}
	if err := one.Check(t.Context()); err != nil {
		t.Errorf("as it should be: %v", err)
	}
}
