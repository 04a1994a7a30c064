package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// landing is how far the topics that stores read have been read. A row and what goes with it are in one transaction, and whoever reads
// the row has not yet read the rest: that is in other topics, which are fetched in any order.
type landing struct {
	at    map[place]int64 // next offset
	until map[place]int64 // where the topics ended when the last row was seen to go; nil before that
}

type place struct {
	topic     string
	partition int32
}

func newLanding(from kadm.ListedOffsets) *landing {
	l := &landing{at: make(map[place]int64)}
	from.Each(func(o kadm.ListedOffset) { l.at[place{o.Topic, o.Partition}] = o.Offset })
	return l
}

// saw also counts control records: the end of a topic of transactions is one.
func (l *landing) saw(r *kgo.Record) { l.at[place{r.Topic, r.Partition}] = r.Offset + 1 }

// through says whether all is read that there was when it was first asked.
func (l *landing) through(ctx context.Context, admin *kadm.Client) (bool, error) {
	if l.until == nil {
		ends, err := admin.ListEndOffsets(ctx, landed...)
		if err = errors.Join(err, ends.Error()); err != nil {
			return false, fmt.Errorf("finding the ends of what stores read: %w", err)
		}
		l.until = make(map[place]int64)
		ends.Each(func(o kadm.ListedOffset) { l.until[place{o.Topic, o.Partition}] = o.Offset })
	}
	return len(l.missing()) == 0, nil
}

// missing names the topics that were not read as far.
func (l *landing) missing() []string {
	topics := []string{}
	for p, end := range l.until {
		if l.at[p] < end && !slices.Contains(topics, p.topic) {
			topics = append(topics, p.topic)
		}
	}
	slices.Sort(topics)
	return topics
}
