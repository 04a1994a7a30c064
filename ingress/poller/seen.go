package poller

import (
	"slices"
	"strings"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

const (
	// seenFor is how long it is known of a meeting whether a delivery announced it and whether the listing still has it:
	// two weeks, so that one can be compared with the other. It is the default overlap, too: hourly runs list all of it.
	seenFor = 14 * 24 * time.Hour

	// mostSeen keeps a cursor, which is written with every page, to some 30 KB.
	mostSeen = 500

	// missedTwice is how many whole listings in a row have to lack a meeting that they should have.
	missedTwice = 2

	// mostVanished is the part of a connection's meetings, one in so many, that may vanish at a time. More is no deletion
	// of meetings but a key that sees less.
	mostVanished = 4
)

// Results of looking for meetings that a listing lacks, for the metrics.
const (
	vanishedErased = "erased"
	vanishedHeld   = "held_back"
)

// announced notes a delivery in the cursor. A connection that was never read has none: its first run lists the meeting.
func (s *session) announced(o *outcome, at cursor) error {
	v, c := o.request.value, at
	received := v.RequestedAt.UTC().Truncate(time.Millisecond)
	if c.DeliveredAt == nil || received.After(*c.DeliveredAt) {
		c.DeliveredAt = &received
	}
	c.Seen = slices.Clone(c.Seen)
	if v.Recording != "" && !v.Gone && schemas.CheckSegment("recording", v.Recording) == nil {
		e := entry(&c.Seen, v.Recording)
		e.Announced = true
		if e.CreatedAt.IsZero() {
			e.CreatedAt = received
		}
	}
	c.Seen = recent(c.Seen, time.Now())
	return s.putCursor(o, c)
}

// listed notes in a run's cursor what a page of it has.
func listed(seen []schemas.SeenRecording, run time.Time, documents []recorder.Document) []schemas.SeenRecording {
	now := time.Now().UTC().Truncate(time.Millisecond)
	seen = slices.Clone(seen)
	for _, d := range documents {
		created := d.CreatedAt.UTC().Truncate(time.Millisecond)
		if d.CreatedAt.IsZero() || now.Sub(created) > seenFor || schemas.CheckSegment("recording", d.Recording) != nil {
			continue
		}
		e := entry(&seen, d.Recording)
		if e.FoundAt == nil {
			e.FoundAt = &now
		}
		e.CreatedAt, e.ListedBy, e.Missed = created, &run, 0
	}
	return recent(seen, now)
}

func entry(seen *[]schemas.SeenRecording, recording string) *schemas.SeenRecording {
	i := slices.IndexFunc(*seen, func(e schemas.SeenRecording) bool { return e.Recording == recording })
	if i < 0 {
		i = len(*seen)
		*seen = append(*seen, schemas.SeenRecording{Recording: recording})
	}
	return &(*seen)[i]
}

// recent drops what is old, and of too many the oldest.
func recent(seen []schemas.SeenRecording, now time.Time) []schemas.SeenRecording {
	seen = slices.DeleteFunc(seen, func(e schemas.SeenRecording) bool { return now.Sub(e.CreatedAt) > seenFor })
	slices.SortFunc(seen, func(a, b schemas.SeenRecording) int {
		if by := b.CreatedAt.Compare(a.CreatedAt); by != 0 {
			return by
		}
		return strings.Compare(a.Recording, b.Recording)
	})
	return seen[:min(len(seen), mostSeen)]
}

// lacking looks, at the end of a run, for meetings that its listing should have had and has not. It returns those to
// erase, or how many would be if that were not too many at a time. One that was listed last for an earlier account of the
// connection says nothing: this one may never have seen it.
func lacking(seen []schemas.SeenRecording, r run, connectedAt time.Time, alone bool) (kept []schemas.SeenRecording, gone []string, held int) {
	should := 0
	for _, e := range seen {
		// The hour is for clocks and for recorders that list by days.
		if e.ListedBy != nil && !e.ListedBy.Before(connectedAt) && e.CreatedAt.After(r.since.Add(time.Hour)) {
			should++
			if !e.ListedBy.Equal(r.id) {
				e.Missed++
			}
			if e.Missed >= missedTwice {
				gone = append(gone, e.Recording)
			}
		}
		kept = append(kept, e)
	}
	if !alone || len(gone)*mostVanished > should {
		return kept, nil, len(gone)
	}
	return slices.DeleteFunc(kept, func(e schemas.SeenRecording) bool { return slices.Contains(gone, e.Recording) }), gone, 0
}

// vanished erases what two listings in a row lacked, or holds it back: where there are too many, and where the organisation
// has another connection, which may see what this one does not.
func (s *session) vanished(o *outcome, r run, at *cursor, of schemas.Connection) {
	alone := !slices.ContainsFunc(s.Connections.List(), func(c schemas.Connection) bool {
		return c.Org == of.Org && c.Provider == of.Provider && c.Name != of.Name
	})
	kept, gone, held := lacking(at.Seen, r, of.ConnectedAt, alone)
	at.Seen, at.Vanished = kept, int64(held)
	o.held = held
	for _, recording := range gone {
		o.erased++
		o.records = append(o.records, schemas.ErasedRecord(schemas.Origin{
			Provider: of.Provider, Org: of.Org, Connection: of.Name, Delivery: r.name(), Recording: recording, Received: time.Now(),
		}))
	}
}
