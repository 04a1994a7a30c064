package local

import (
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func ptr(s string) *string { return &s }

func TestTopicsNeitherCompactNorExpire(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	topics := []Topic{{Name: "compacted", Compacted: true, RetentionBytes: 1 << 30}, {Name: "trimmed", RetentionBytes: 1 << 30}, {Name: "kept"}}
	createTopics(t, e, topics...)
	configs, err := admin(t, e).DescribeTopicConfigs(t.Context(), "compacted", "trimmed", "kept")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs {
		got := make(map[string]string)
		for _, kv := range c.Configs {
			got[kv.Key] = kv.MaybeValue()
		}
		for key, value := range map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1",
			"segment.bytes": "16777216", "max.message.bytes": "16777216"} {
			if got[key] != value {
				t.Errorf("%s of %s is %q, want %q", key, c.Name, got[key], value)
			}
		}
	}
}

func TestBrokerSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, start := range []string{"first", "second"} {
		e := openAt(t, Config{Dir: dir})
		configs, err := admin(t, e).DescribeBrokerConfigs(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for _, kv := range configs[0].Configs {
			got[kv.Key] = kv.MaybeValue()
		}
		for key, want := range map[string]string{"log.retention.ms": "-1", "message.max.bytes": "16777216",
			"offsets.retention.minutes": "525600", "log.segment.bytes": "16777216"} {
			if got[key] != want {
				t.Errorf("%s start: %s is %q, want %q", start, key, got[key], want)
			}
		}
		closeNow(t, e)
	}
}

func TestGuardRefusesSettingsThatLoseData(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "in"})
	adm := admin(t, e)
	bad := map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "1000", "retention.bytes": "1000",
		"segment.bytes": "1073741824", "max.message.bytes": "100000000"}
	for key, value := range bad {
		_, err := adm.CreateTopic(t.Context(), 1, 1, map[string]*string{key: &value}, "new")
		if !errors.Is(err, kerr.PolicyViolation) {
			t.Errorf("creating a topic with %s=%s: %v", key, value, err)
		}
		alter, err := adm.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, "in")
		if err != nil || !errors.Is(alter[0].Err, kerr.PolicyViolation) {
			t.Errorf("altering %s to %s: %v, %v", key, value, err, alter)
		}
		replace, err := adm.AlterTopicConfigsState(t.Context(), []kadm.AlterConfig{{Name: key, Value: &value}}, "in")
		if err != nil || !errors.Is(replace[0].Err, kerr.PolicyViolation) {
			t.Errorf("replacing %s by %s: %v, %v", key, value, err, replace)
		}
	}
	for key := range brokerConfigs() {
		for _, op := range []kadm.IncrementalOp{kadm.SetConfig, kadm.DeleteConfig} {
			alter, err := adm.AlterBrokerConfigs(t.Context(), []kadm.AlterConfig{{Op: op, Name: key, Value: ptr("1")}}, 0)
			if err != nil || !errors.Is(alter[0].Err, kerr.PolicyViolation) {
				t.Errorf("altering the broker's %s: %v, %v", key, err, alter)
			}
		}
	}
	if n := count(t, e.metrics.refused); n != float64(3*len(bad)+2*len(brokerConfigs())) {
		t.Errorf("%v refusals counted", n)
	}
	topics, err := adm.ListTopics(t.Context())
	if err != nil || topics.Has("new") {
		t.Errorf("a refused topic exists: %v, %v", topics.Names(), err)
	}
	fine := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.bytes", Value: ptr("100000000")},
		{Op: kadm.DeleteConfig, Name: "retention.ms"}, {Op: kadm.SetConfig, Name: "cleanup.policy", Value: ptr("delete")}}
	if alter, err := adm.AlterTopicConfigs(t.Context(), fine, "in"); err != nil || alter[0].Err != nil {
		t.Errorf("harmless settings are refused: %v, %v", err, alter)
	}
}

func TestGuardSaysWhy(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	req := kmsg.NewCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "new", 1, 1
	config := kmsg.NewCreateTopicsRequestTopicConfig()
	config.Name, config.Value = "cleanup.policy", ptr("compact")
	topic.Configs = append(topic.Configs, config)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(t.Context(), client(t, e))
	if err != nil {
		t.Fatal(err)
	}
	if why := resp.Topics[0].ErrorMessage; why == nil || !strings.Contains(*why, "folded at start") {
		t.Errorf("reason is %v", why)
	}
}

func TestGuardKeepsTheOffsetsOfAPurgedPartition(t *testing.T) {
	t.Parallel()
	topics := []Topic{{Name: "in"}, {Name: "state", Compacted: true}}
	e := openAt(t, Config{Dir: t.TempDir(), Topics: topics})
	createTopics(t, e, topics...)
	for _, topic := range topics {
		produce(t, client(t, e), rec(topic.Name, "a", "1"), rec(topic.Name, "b", "2"))
		for _, at := range []int64{-1, 2} {
			offsets := kadm.Offsets{}
			offsets.Add(kadm.Offset{Topic: topic.Name, At: at})
			if resps, err := admin(t, e).DeleteRecords(t.Context(), offsets); err != nil || !errors.Is(resps.Error(), kerr.PolicyViolation) {
				t.Errorf("purging %s to %d: %v, %v", topic.Name, at, err, resps.Error())
			}
		}
	}
	e = openAt(t, Config{Dir: killedCopy(t, e)})
	if got := endOffset(t, e, "in"); got != 2 {
		t.Errorf("next offset is %d after a purge and a restart, was 2", got)
	}
}
