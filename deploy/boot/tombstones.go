package boot

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/schemas"
)

// tombstonesSetting is for how long a compacted topic says that a key is gone. A
// store that was away for longer never hears of what was erased meanwhile.
const tombstonesSetting = "delete.retention.ms"

// keepTombstones lengthens that time where an earlier build made the topics with
// Kafka's own day. Nothing is lost by it; so nobody is asked to do it by hand. Who
// may not change settings is told what differs, as of every other setting.
func keepTombstones(ctx context.Context, admin *kadm.Client, present []schemas.Spec, layout Layout) error {
	var compacted []string
	wanted := make(map[string]*string)
	for _, s := range present {
		if want := layout.Config(s)[tombstonesSetting]; want != nil {
			compacted, wanted[s.Name] = append(compacted, s.Name), want
		}
	}
	if len(compacted) == 0 {
		return nil
	}
	configs, err := admin.DescribeTopicConfigs(ctx, compacted...)
	if err != nil {
		return fmt.Errorf("reading topics' settings: %w", err)
	}
	for _, c := range configs {
		for _, have := range c.Configs {
			want := wanted[c.Name]
			if have.Key != tombstonesSetting || have.Value == nil || suffices(have.Key, *have.Value, *want) {
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
