package boot

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/schemas"
)

const (
	// tombstonesSetting is for how long a compacted topic says that a key is gone. A
	// store that was away for longer never hears of what was erased meanwhile.
	tombstonesSetting = "delete.retention.ms"
	// largestSetting is how large a batch of a topic may be, and so a record.
	largestSetting = "max.message.bytes"
)

// raised is the setting of a topic that an earlier build made with less: Kafka's
// own day for deletions, and for dead letters as much as for what they are of.
// Empty where there is none.
func raised(s schemas.Spec) string {
	switch {
	case s.Compacted:
		return tombstonesSetting
	case s.AreDeadLetters():
		return largestSetting
	}
	return ""
}

// raise changes those settings. Nothing is lost by it; so nobody is asked to do it
// by hand. Who may not change settings is told what differs, as of every other
// setting.
func raise(ctx context.Context, admin *kadm.Client, present []schemas.Spec, layout Layout) error {
	var topics []string
	setting, wanted := make(map[string]string), make(map[string]*string)
	for _, s := range present {
		key := raised(s)
		if want := layout.Config(s)[key]; want != nil {
			topics, setting[s.Name], wanted[s.Name] = append(topics, s.Name), key, want
		}
	}
	if len(topics) == 0 {
		return nil
	}
	configs, err := admin.DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		return fmt.Errorf("reading topics' settings: %w", err)
	}
	for _, c := range configs {
		for _, have := range c.Configs {
			want := wanted[c.Name]
			if have.Key != setting[c.Name] || have.Value == nil || suffices(have.Key, *have.Value, *want) {
				continue
			}
			// Each topic's own refusal shows in the check that follows.
			if _, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: have.Key, Value: want}}, c.Name); err != nil {
				return fmt.Errorf("changing %s of %s: %w", have.Key, c.Name, err)
			}
		}
	}
	return nil
}
