package sink

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// longestWait is what still counts as on its way. A replay of the raw records,
// or of a topic into a new store, is not: it says how old the meetings are.
const longestWait = 24 * time.Hour

// sources are the values that the label may have, whatever a header says.
var sources = map[string]bool{
	string(schemas.SourceWebhook): true, string(schemas.SourcePoll): true, string(schemas.SourceManual): true,
	string(schemas.SourceFetch): true, // every delivery of Zoom's
}

// arrival is what a record says of how its meeting came.
type arrival struct {
	meeting, source, received, ended string
}

// clock observes how long the written records were on their way, once for each
// meeting of a write: one with a hundred entries is one meeting.
//
// Records that no receipt led to, as those of a change of the directory, have no
// headers and are not counted. The end of the meeting counts for webhooks alone.
// A recorder sends one when the recording is ready; a poll also finds what is as
// old as its look-back, and would tell of that and not of us.
func (r *running[T]) clock(written []*kgo.Record, now time.Time) {
	seen := make(map[arrival]bool)
	for _, rec := range written {
		a := arrival{
			meeting: string(schemas.PartitionKey(r.Topic.PartitionBy, rec.Key)), source: schemas.Header(rec, schemas.HeaderSource),
			received: schemas.Header(rec, schemas.HeaderReceived), ended: schemas.Header(rec, schemas.HeaderEnded),
		}
		if seen[a] || !sources[a.source] {
			continue
		}
		seen[a] = true
		received, err := schemas.TimeHeader(rec, schemas.HeaderReceived)
		if err != nil {
			continue
		}
		waited := max(0, now.Sub(received)) // clocks differ
		if waited > longestWait {
			r.Metrics.untimed.WithLabelValues(r.Name).Inc()
			continue
		}
		r.Metrics.sinceReceipt.WithLabelValues(r.Name, a.source).Observe(waited.Seconds())
		ended, err := schemas.TimeHeader(rec, schemas.HeaderEnded)
		if err != nil || a.source != string(schemas.SourceWebhook) {
			continue
		}
		if waited = max(0, now.Sub(ended)); waited > longestWait {
			r.Metrics.untimed.WithLabelValues(r.Name).Inc()
			continue
		}
		r.Metrics.sinceEnd.WithLabelValues(r.Name).Observe(waited.Seconds())
	}
}
