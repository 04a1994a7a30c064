package sink

import (
	"context"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// tenure knows which partitions are still those that a batch was polled from.
//
// What it prevents: a batch is polled, the store fails for a minute, meanwhile
// the partition goes to another member, which reads on and commits offset 900;
// the store recovers, and the commit of this batch sets the group back to 500.
// The broker refuses commits of an older generation, but not those of a member
// that has rejoined and no longer owns the partition.
//
// So mu is held during every effect, and the group's callbacks wait for it: a
// partition cannot change hands in the middle of one. Between two tries it is
// free: an outage of the store must not stop the group from rebalancing. Who
// takes it again asks which partitions were lost meanwhile, and lets go of
// their records; their new owner reads them from the last commit. A callback
// that waits for longer than the rebalance timeout gets the member expelled,
// and then its commit has an older generation and is refused.
type tenure struct {
	mu    sync.Mutex
	ended map[int32]uint64 // partition -> how often it was taken from us
}

func newTenure() *tenure { return &tenure{ended: make(map[int32]uint64)} }

// end is the group's callback for partitions that go, politely or not.
func (t *tenure) end(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, partitions := range lost { // a loop reads one topic
		for _, p := range partitions {
			t.ended[p]++
		}
	}
}

// terms notes under which terms the records were polled. mu is held.
func (t *tenure) terms(records []*kgo.Record) map[int32]uint64 {
	now := make(map[int32]uint64)
	for _, r := range records {
		now[r.Partition] = t.ended[r.Partition]
	}
	return now
}

// holds says whether the partition has been ours all along. mu is held.
func (t *tenure) holds(partition int32, terms map[int32]uint64) bool {
	return t.ended[partition] == terms[partition]
}
