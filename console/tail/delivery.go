package tail

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// lookDeliveries is how many records of an organisation's partition are gone
// through: some 20 MB of meetings of an hour.
const lookDeliveries = 300

// Delivery is a meeting as a connection brought it.
type Delivery struct {
	Place
	Received  time.Time
	Source    schemas.Source
	ID        string // the sender's; of a poll, its page
	Recording string // empty where it could not be read
	Bytes     int
}

// Deliveries are the last ones of a connection, newest first.
func (r *Reader) Deliveries(ctx context.Context, org, recorder, name string, most int) ([]Delivery, error) {
	var all []Delivery
	err := r.tail(ctx, []string{schemas.RawMeetings.Name}, org, lookDeliveries, func(record *kgo.Record) {
		o := schemas.OriginOf(record)
		if o.Org != org || o.Provider != recorder || o.Connection != name {
			return
		}
		all = append(all, Delivery{
			Place: Place{record.Topic, record.Partition, record.Offset}, Received: o.Received, Source: o.Source,
			ID: o.Delivery, Recording: o.Recording, Bytes: len(record.Value),
		})
	})
	slices.SortFunc(all, func(a, b Delivery) int { return cmp.Compare(b.Offset, a.Offset) })
	return all[:min(most, len(all))], err
}
