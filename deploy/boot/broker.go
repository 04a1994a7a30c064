package boot

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
)

// CheckBroker says whether the brokers can do what the stages need: transactions
// whose offsets are fenced by the group's generation (KIP-447, Kafka 2.5). Since
// transaction.version 2 (KIP-890, Kafka 4.0) a producer's late write cannot end
// up in the next transaction either; older ones work, with that gap.
func CheckBroker(ctx context.Context, admin *kadm.Client) error {
	versions, err := admin.ApiVersions(ctx)
	if err != nil {
		return fmt.Errorf("asking the brokers for their versions: %w", err)
	}
	const txnOffsetCommit, fenced = 28, 3
	for _, broker := range versions.Sorted() {
		if broker.Err != nil {
			return fmt.Errorf("asking broker %d for its version: %w", broker.NodeID, broker.Err)
		}
		if highest, ok := broker.KeyMaxVersion(txnOffsetCommit); !ok || highest < fenced {
			return fmt.Errorf("broker %d is %s: want Kafka 2.5 or newer, for transactions that a moved partition fences", broker.NodeID, broker.VersionGuess())
		}
	}
	return nil
}
