package boot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// CheckBroker says whether the brokers can do what the stages need. Waiting does
// not mend what they cannot: the error is then Hopeless.
//
//   - Transactions whose offsets are fenced by the group's generation (KIP-447,
//     Kafka 2.5).
//   - The finalized feature transaction.version 2 (KIP-890, Kafka 4.0): before
//     it, a write of a transaction that was given up may arrive in the next one.
func CheckBroker(ctx context.Context, admin *kadm.Client) error {
	versions, err := admin.ApiVersions(ctx)
	if err != nil {
		return fmt.Errorf("asking the brokers for their versions: %w", err)
	}
	if len(versions) == 0 {
		return errors.New("asking the brokers for their versions: there is none")
	}
	const txnOffsetCommit, fenced = 28, 3
	for _, broker := range versions.Sorted() {
		if broker.Err != nil {
			return fmt.Errorf("asking broker %d for its version: %w", broker.NodeID, broker.Err)
		}
		if highest, ok := broker.KeyMaxVersion(txnOffsetCommit); !ok || highest < fenced {
			return &Hopeless{fmt.Errorf("broker %d is %s: want Kafka 4.0 or newer, for transactions that a moved partition fences", broker.NodeID, broker.VersionGuess())}
		}
		if level := finalized(&broker, "transaction.version"); level < 2 {
			return &Hopeless{fmt.Errorf("broker %d has transaction.version %d, want 2 or more: with all brokers on Kafka 4.0 or newer, kafka-features --bootstrap-server HOST:PORT upgrade --feature transaction.version=2", broker.NodeID, level)}
		}
	}
	return nil
}

// finalized is the level of a feature that the whole cluster has agreed on; 0
// where it has none.
func finalized(broker *kadm.BrokerApiVersions, feature string) int16 {
	for _, f := range broker.Raw().FinalizedFeatures {
		if f.Name == feature {
			return f.MaxVersionLevel
		}
	}
	return 0
}

// KafkaNeed is met when the brokers suffice and have the topics. That one is
// missing is waited for: at the first deployment, whoever makes them starts at
// the same time.
func KafkaNeed(opts []kgo.Opt, specs []schemas.Spec) *Need {
	return &Need{Name: "kafka", Check: func(ctx context.Context) error {
		client, err := kgo.NewClient(opts...)
		if err != nil {
			return &Hopeless{fmt.Errorf("building the admin client: %w", err)}
		}
		defer client.Close()
		admin := kadm.NewClient(client)
		if err := CheckBroker(ctx, admin); err != nil {
			return err
		}
		return present(ctx, admin, specs)
	}}
}

// present says which topics are missing, and whether those that are there are
// split alike: a stage that joins two, or keeps its state beside one, would look
// for records where they are not.
func present(ctx context.Context, admin *kadm.Client, specs []schemas.Spec) error {
	topics, err := admin.ListTopics(ctx, names(specs)...)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	var missing []string
	split := make(map[int]string) // number of partitions -> a topic with it
	for _, s := range specs {
		if !topics.Has(s.Name) {
			missing = append(missing, s.Name)
		} else if n := len(topics[s.Name].Partitions); split[n] == "" {
			split[n] = s.Name
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("topics are missing: leadline topics ensure makes %s", strings.Join(missing, ", "))
	}
	if len(split) > 1 {
		var all []string
		for n, name := range split {
			all = append(all, fmt.Sprintf("%s %d", name, n))
		}
		slices.Sort(all)
		return &Hopeless{fmt.Errorf("topics have different numbers of partitions (%s), and all need the same: leadline topics check says which are wrong", strings.Join(all, ", "))}
	}
	return nil
}

func names(specs []schemas.Spec) []string {
	all := make([]string, len(specs))
	for i, s := range specs {
		all[i] = s.Name
	}
	return all
}
