package boot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"leadline/schemas"
)

// Layout says how topics are to be on this broker.
type Layout struct {
	Partitions  int32
	Replication int16
	// Config are a topic's settings. A checked topic must have these values for
	// the settings that Checked names.
	Config  func(schemas.Spec) map[string]*string
	Checked []string
}

// weekMS is how long a delete topic is kept on Kafka: time to mend what was
// down over a weekend and a holiday.
const weekMS = 7 * 24 * 3600 * 1000

// KafkaLayout is for a real broker.
func KafkaLayout(partitions int32, replication int16) Layout {
	return Layout{
		Partitions: partitions, Replication: replication,
		Checked: []string{"cleanup.policy", largestSetting, "min.insync.replicas", tombstonesSetting},
		Config: func(s schemas.Spec) map[string]*string {
			policy, retention := "delete", strconv.Itoa(weekMS)
			if s.Compacted {
				policy = "compact"
			}
			if s.Compacted || s.Replay {
				retention = "-1"
			}
			largest, acked := strconv.Itoa(schemas.MaxRecordBytes), strconv.Itoa(insync(replication))
			if s.AreDeadLetters() {
				largest = strconv.Itoa(schemas.MaxLetterBytes)
			}
			config := map[string]*string{
				"cleanup.policy": &policy, "retention.ms": &retention, largestSetting: &largest,
				"compression.type": new("producer"), "min.insync.replicas": &acked,
			}
			if s.Compacted {
				config[tombstonesSetting] = new(strconv.FormatInt(schemas.TombstonesKept.Milliseconds(), 10))
			}
			return config
		},
	}
}

// insync is how many copies must have a record before it counts as stored. One
// more than the broker that may fail at the time, and one less than there are,
// so that a broker can be restarted.
func insync(replication int16) int { return min(2, max(1, int(replication)-1)) }

// EnsureTopics makes the topics that are missing and checks those that exist. Of
// those it raises what raised names, where that is too little.
// The error names every topic that differs, how, and what to do.
func EnsureTopics(ctx context.Context, admin *kadm.Client, specs []schemas.Spec, layout Layout) error {
	existing, err := admin.ListTopics(ctx, names(specs)...)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	var present []schemas.Spec
	for _, s := range specs {
		if existing.Has(s.Name) {
			present = append(present, s)
			continue
		}
		_, err := admin.CreateTopic(ctx, layout.Partitions, layout.Replication, layout.Config(s), s.Name)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) { // another process was quicker
			return fmt.Errorf("creating topic %s: %w", s.Name, err)
		}
	}
	if err := raise(ctx, admin, present, layout); err != nil {
		return err
	}
	problems, err := deviations(ctx, admin, present, existing, layout)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	return visible(ctx, admin, names(specs))
}

// visible waits until the brokers tell of topics that were just made: whoever
// comes next would find them missing.
func visible(ctx context.Context, admin *kadm.Client, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		// Not ListTopics: the client remembers for 5 s that it did not see one.
		configs, err := admin.DescribeTopicConfigs(ctx, names...)
		for _, c := range configs {
			err = errors.Join(err, c.Err)
		}
		if err == nil {
			return nil
		}
		again := time.NewTimer(200 * time.Millisecond)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return fmt.Errorf("waiting for the brokers to tell of the topics that were made: %w", errors.Join(err, ctx.Err()))
		}
	}
}

// CheckTopics changes nothing. It returns what differs, one error for each with
// what to do about it; err says that it could not be found out.
func CheckTopics(ctx context.Context, admin *kadm.Client, specs []schemas.Spec, layout Layout) (problems []error, err error) {
	existing, err := admin.ListTopics(ctx, names(specs)...)
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	var present []schemas.Spec
	for _, s := range specs {
		if existing.Has(s.Name) {
			present = append(present, s)
			continue
		}
		problems = append(problems, fmt.Errorf("topic %s is missing: leadline topics ensure makes it", s.Name))
	}
	more, err := deviations(ctx, admin, present, existing, layout)
	return append(problems, more...), err
}

// deviations are of topics that exist.
func deviations(ctx context.Context, admin *kadm.Client, present []schemas.Spec, existing kadm.TopicDetails, layout Layout) ([]error, error) {
	var problems []error
	for _, s := range present {
		if have := len(existing[s.Name].Partitions); have != int(layout.Partitions) {
			problems = append(problems, fmt.Errorf("topic %s has %d partitions, want %d: start with --partitions=%d; a topic's partitions cannot be changed afterwards, because they decide where each organisation's records are",
				s.Name, have, layout.Partitions, have))
		}
		if have := existing[s.Name].Partitions.NumReplicas(); have < int(layout.Replication) {
			problems = append(problems, fmt.Errorf("topic %s has %d copies of a partition, want %d: kafka-reassign-partitions moves it, or start with --replication=%d",
				s.Name, have, layout.Replication, have))
		}
	}
	differing, err := differences(ctx, admin, present, layout)
	return append(problems, differing...), err
}

func differences(ctx context.Context, admin *kadm.Client, specs []schemas.Spec, layout Layout) ([]error, error) {
	if len(specs) == 0 || len(layout.Checked) == 0 {
		return nil, nil
	}
	byName := make(map[string]schemas.Spec)
	for _, s := range specs {
		byName[s.Name] = s
	}
	configs, err := admin.DescribeTopicConfigs(ctx, names(specs)...)
	if err != nil {
		return nil, fmt.Errorf("reading topics' settings: %w", err)
	}
	var problems []error
	for _, c := range configs {
		if c.Err != nil {
			return nil, fmt.Errorf("reading the settings of %s: %w", c.Name, c.Err)
		}
		want := layout.Config(byName[c.Name])
		for _, have := range c.Configs {
			if !slices.Contains(layout.Checked, have.Key) || have.Value == nil || want[have.Key] == nil || suffices(have.Key, *have.Value, *want[have.Key]) {
				continue
			}
			problems = append(problems, fmt.Errorf("topic %s has %s=%s, want %s: kafka-configs --alter --topic %s --add-config %s=%s",
				c.Name, have.Key, *have.Value, *want[have.Key], c.Name, have.Key, *want[have.Key]))
		}
	}
	return problems, nil
}

// suffices compares a setting: sizes may be larger than wanted, and deletions kept
// for longer; all else must be equal.
func suffices(key, have, want string) bool {
	if strings.HasSuffix(key, ".bytes") || key == tombstonesSetting {
		h, err1 := strconv.ParseInt(have, 10, 64)
		w, err2 := strconv.ParseInt(want, 10, 64)
		return err1 == nil && err2 == nil && h >= w
	}
	return have == want
}
