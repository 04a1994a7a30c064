package pages

import (
	"context"
	"time"

	"leadline/console/hops"
)

// Hops says how far each part of the pipeline is, of all organisations
// together. The pages call it again and again, for everybody who looks.
type Hops interface {
	Hops(ctx context.Context) ([]hops.Hop, error)
}

// late is when a record that waits is worth a colour: the promise is seconds.
const late = time.Minute

// hopRow is a hop as it is shown.
type hopRow struct {
	hops.Hop
	Messages string // where the topic's records are shown; empty is nowhere
}

// Late says that somebody should look.
func (h hopRow) Late() bool { return h.Oldest > late || h.Unread() }

// Unread says that something waits and nobody is there to read it.
func (h hopRow) Unread() bool { return h.Behind > 0 && h.Members == 0 }

// Seconds is the age of what waits.
func (h hopRow) Seconds() float64 { return h.Oldest.Seconds() }

// hopRows are all of them, or why there are none. Kafka may be away while the
// rest can be shown.
func (s *Site) hopRows(ctx context.Context) (rows []hopRow, unknown string) {
	if s.Hops == nil {
		return nil, "This process does not read Kafka."
	}
	all, err := s.Hops.Hops(ctx)
	if err != nil {
		// Everybody who looks asks once a second, so a warning each would drown the log.
		s.metrics.hopFailures.Inc()
		s.Log.Debug("asking how far the pipeline is failed", "err", err)
		return nil, "Kafka does not tell this time. It is asked again."
	}
	for _, h := range all {
		rows = append(rows, hopRow{h, kafkaUI(s.KafkaUI).Messages(h.Topic)})
	}
	return rows, ""
}
