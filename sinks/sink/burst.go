package sink

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/burst"
	"leadline/schemas"
)

// letters are the dead letters that a loop made one after the other. Those of one
// meeting count once: a meeting that the store refuses has hundreds of entries,
// and holds up nobody else.
type letters struct {
	row     burst.Row
	meeting string // of the last; "" where it is of none
}

// after is where a batch leads; *burst.Error says that it is a burst.
func (l letters) after(all []outcome, most int) (letters, error) {
	var dead []bool
	for _, o := range all {
		if o.dead && o.meeting != "" && o.meeting == l.meeting {
			continue
		}
		dead = append(dead, o.dead)
		l.meeting = ""
		if o.dead {
			l.meeting = o.meeting
		}
	}
	var err error
	l.row, err = l.row.After(slices.Values(dead), most)
	return l, err
}

// outcome is whether a record became a dead letter.
type outcome struct {
	meeting string // "" where the topic is not one of meetings
	dead    bool
}

// outcomes are those of the batch in the order of its records. A record that a
// later one of its key has replaced has none, nor has a tombstone that was stored:
// a store whose mapping somebody has changed may take those still.
func (c *cargo[T]) outcomes(by schemas.Partitioning) []outcome {
	dead := make(map[*kgo.Record]bool, len(c.records))
	for _, rec := range c.stored {
		if rec.Value != nil {
			dead[rec] = false
		}
	}
	if len(c.dead) == 0 && len(dead) > 0 {
		return []outcome{{}}
	}
	for _, l := range c.dead {
		dead[l.record] = true
	}
	var all []outcome
	for _, rec := range c.records {
		dead, known := dead[rec]
		if !known {
			continue
		}
		o := outcome{dead: dead}
		if by == schemas.ByMeeting {
			o.meeting = string(schemas.PartitionKey(by, rec.Key))
		}
		all = append(all, o)
	}
	return all
}
