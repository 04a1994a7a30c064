package local

import (
	"context"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/kadm"
)

// unread says from which offset on somebody has still to read a partition, and who it is.
type unread map[string]map[int32]reader

type reader struct {
	at    int64
	group string
}

// by is above all offsets where nobody reads.
func (u unread) by(topic string, partition int32) reader {
	if r, known := u[topic][partition]; known {
		return r
	}
	return reader{at: math.MaxInt64}
}

// unreadOf asks the broker. Every group that ever read here counts, with members or without: a stage that has halted has left its
// group, and what it has to read must be there when it is mended.
func unreadOf(ctx context.Context, admin *kadm.Client) (unread, error) {
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
		for topic, partitions := range lag.Lag {
			if u[topic] == nil {
				u[topic] = make(map[int32]reader)
			}
			for p, l := range partitions {
				at := max(0, l.Commit.At) // -1: it has the partition, and committed nothing yet
				if at < u.by(topic, p).at {
					u[topic][p] = reader{at, name}
				}
			}
		}
	}
	return u, nil
}
