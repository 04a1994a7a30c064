package local

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// settling is how long after a start every group that ever committed counts: by then those of this build have joined. One that has
// not is of an earlier build, or of what is switched off, and would hold back the log for ever.
const settling = time.Minute

// readers remembers which consumer groups read here.
type readers struct {
	since time.Time
	seen  map[string]bool // groups that had members since then
}

func newReaders() *readers { return &readers{since: time.Now(), seen: make(map[string]bool)} }

// unread says from which offset on somebody has still to read a partition.
type unread map[string]map[int32]int64

// from is above all offsets where nobody reads.
func (u unread) from(topic string, partition int32) int64 {
	if at, known := u[topic][partition]; known {
		return at
	}
	return math.MaxInt64
}

// unread asks the broker.
func (r *readers) unread(ctx context.Context, admin *kadm.Client) (unread, error) {
	groups, err := admin.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing groups: %w", err)
	}
	if len(groups) == 0 {
		return nil, nil
	}
	lags, err := admin.Lag(ctx, groups.Groups()...)
	if err != nil {
		return nil, fmt.Errorf("asking how far groups have read: %w", err)
	}
	u := make(unread)
	for name, lag := range lags {
		if err := lag.Error(); err != nil {
			return nil, fmt.Errorf("asking how far %s has read: %w", name, err)
		}
		if len(lag.Members) > 0 {
			r.seen[name] = true
		}
		if !r.seen[name] && time.Since(r.since) > settling {
			continue
		}
		for topic, partitions := range lag.Lag {
			if u[topic] == nil {
				u[topic] = make(map[int32]int64)
			}
			for p, l := range partitions {
				u[topic][p] = min(u.from(topic, p), max(0, l.Commit.At)) // -1: it has the partition, and committed nothing yet
			}
		}
	}
	return u, nil
}
