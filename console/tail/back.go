package tail

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// bound is how far somebody looks back into each of several partitions, those of
// other organisations in the same one included.
type bound struct {
	records int64         // offsets of a partition
	bytes   int64         // of a partition's values, after which no more of it is begun
	wanted  int           // records of a partition that each takes
	time    time.Duration // for all together
}

const (
	// firstStep is of how many offsets the first one is: nobody knows yet how
	// large records are there. The steps behind it go by what was found.
	firstStep  = 2
	stepGrowth = 4
)

// stretch is how far a partition has been looked back into.
type stretch struct {
	start, read          int64 // offsets: where the partition starts, and the earliest that was read
	records, bytes, took int64
}

// step is what is to be read next; false is nothing, for want of records or of
// room.
func (s *stretch) step(b bound) (span, bool) {
	most := min(s.read-s.start, b.records-s.records)
	if most <= 0 || s.bytes >= b.bytes || s.took >= int64(b.wanted) {
		return span{}, false
	}
	n := int64(firstStep)
	if s.records > 0 {
		n = stepGrowth * s.records
		if s.bytes > 0 {
			n = min(n, max(1, (b.bytes-s.bytes)*s.records/s.bytes))
		}
	}
	return span{s.read - min(n, most), s.read}, true
}

// back calls take for records of what is kept, from the ends of partitions
// backwards, until it has enough: take says whether it wanted a record. It is
// whole where nothing is left that was not looked at. What the bound's time cuts
// is no error.
func (r *Reader) back(ctx context.Context, kept map[string]map[int32]span, b bound, take func(*kgo.Record) bool) (whole bool, err error) {
	all := make(map[string]map[int32]*stretch)
	for topic, spans := range kept {
		all[topic] = make(map[int32]*stretch)
		for partition, s := range spans {
			all[topic][partition] = &stretch{start: s.from, read: s.to}
		}
	}
	timed, cancel := context.WithTimeout(ctx, b.time)
	defer cancel()
	for {
		wanted := make(map[string]map[int32]span)
		whole = true
		for topic, stretches := range all {
			for partition, s := range stretches {
				next, more := s.step(b)
				if !more {
					whole = whole && s.read == s.start
					continue
				}
				if wanted[topic] == nil {
					wanted[topic] = make(map[int32]span)
				}
				wanted[topic][partition] = next
				s.records += next.to - next.from
				s.read = next.from
			}
		}
		if len(wanted) == 0 {
			return whole, nil
		}
		reached, err := r.read(timed, wanted, func(record *kgo.Record) {
			s := all[record.Topic][record.Partition]
			s.bytes += int64(len(record.Value))
			if take(record) {
				s.took++
			}
		})
		if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return false, nil
		}
		if err != nil || !reached {
			return false, err
		}
	}
}
