package poller

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

const (
	// mostPending bounds what is kept of a connection. Hourly runs find the meetings beyond it, for as long as they
	// overlap.
	mostPending = 1000

	// askSlowest is the longest pause between two questions. Doubling from 5 minutes, 48 hours are 14 questions.
	askSlowest = 6 * time.Hour
)

// ledger holds the meetings of a connection that are not complete, by their recordings.
type ledger map[string]pending

type pending struct {
	schemas.PendingMeeting
	queued time.Time // when this process asked for it last
}

// Results of questions for meetings that are not complete, and what is counted of meetings.
const (
	resultWaiting    = "waiting"    // something is still missing
	resultCompleted  = "completed"  // all is there now
	resultIncomplete = "incomplete" // its time is over
	resultUntracked  = "untracked"  // there are too many
)

// observe keeps the books of a meeting that was read. What an earlier run judged when its time was over is not judged
// again: for that, through is the time before which everything has been listed.
func (s *session) observe(o *outcome, d recorder.Document, through time.Time) error {
	if d.Recording == "" || schemas.CheckSegment("recording", d.Recording) != nil {
		return nil // a dead letter of normalize
	}
	p, known := o.pending[d.Recording]
	if d.Complete() {
		if !known {
			return nil
		}
		return s.settlePending(o, p.PendingMeeting, schemas.OutcomeDone, fmt.Sprintf("complete after it was asked for %d more times", p.Asked))
	}
	if known {
		if p.Transcript == d.Transcript && p.Summary == d.Summary {
			return nil
		}
		p.Transcript, p.Summary = d.Transcript, d.Summary
		return s.putPending(o, p.PendingMeeting)
	}
	v, now := o.request.value, time.Now().UTC().Truncate(time.Millisecond)
	m := schemas.PendingMeeting{
		Org: v.Org, Provider: v.Provider, Connection: v.Connection, Recording: d.Recording, CreatedAt: d.CreatedAt.UTC(),
		Transcript: d.Transcript, Summary: d.Summary,
	}
	// An end in the future is that of a calendar, or of a wrong clock.
	ended := d.EndedAt
	if ended.IsZero() {
		ended = d.CreatedAt
	}
	if ended.IsZero() || ended.After(now) {
		ended = now
	}
	m.Deadline = ended.UTC().Truncate(time.Millisecond).Add(s.CompleteWithin)
	switch {
	case !now.Before(m.Deadline):
		if !d.CreatedAt.IsZero() && d.CreatedAt.Before(through) {
			return nil
		}
		return s.settlePending(o, m, schemas.OutcomeIncomplete, missing(m)+" when it was first read, and its time is over")
	case len(o.pending) >= mostPending:
		o.count(resultUntracked)
		return nil
	}
	m.AskAt = s.askAt(m, now)
	o.count(resultWaiting)
	return errors.Join(s.putPending(o, m), s.tell(o, m, schemas.OutcomeWaiting,
		missing(m)+" yet; asked for again until "+m.Deadline.Format(time.RFC3339)))
}

// missing says what a meeting lacks.
func missing(m schemas.PendingMeeting) string {
	switch {
	case m.Transcript:
		return "no summary"
	case m.Summary:
		return "no transcript"
	}
	return "no transcript and no summary"
}

// askAt is when a meeting is asked for next, once at its deadline.
func (s *session) askAt(m schemas.PendingMeeting, now time.Time) time.Time {
	pause := min(s.AskAgain<<min(m.Asked, 16), max(s.AskAgain, askSlowest))
	if next := now.Add(pause); next.Before(m.Deadline) {
		return next
	}
	return m.Deadline
}

// unanswered takes a question that was not answered in full into the books: it is asked again, or the meeting stays as it
// is. why is a result, or empty if the recorder knew no more.
func (s *session) unanswered(o *outcome, recording, why string) error {
	p, known := o.pending[recording]
	if !known {
		return nil
	}
	m, now := p.PendingMeeting, time.Now().UTC().Truncate(time.Millisecond)
	m.Asked++
	if now.Before(m.Deadline) {
		m.AskAt = s.askAt(m, now)
		return s.putPending(o, m)
	}
	o.result = resultIncomplete
	detail := fmt.Sprintf("%s after it was asked for %d more times", missing(m), m.Asked)
	if why != "" {
		detail += "; the last answer: " + why
	}
	return s.settlePending(o, m, schemas.OutcomeIncomplete, detail)
}

func (s *session) putPending(o *outcome, m schemas.PendingMeeting) error {
	value, err := schemas.Encode(s.Codec, schemas.PendingMeetings, &m)
	if err != nil {
		return err
	}
	o.pending[m.Recording] = pending{PendingMeeting: m}
	o.records = append(o.records, pendingRecord(o.request.id, m.Recording, value))
	return nil
}

// settlePending ends the waiting for a meeting and says how.
func (s *session) settlePending(o *outcome, m schemas.PendingMeeting, ending, detail string) error {
	if _, known := o.pending[m.Recording]; known {
		delete(o.pending, m.Recording)
		o.records = append(o.records, pendingRecord(o.request.id, m.Recording, nil))
	}
	if ending == schemas.OutcomeDone {
		o.count(resultCompleted)
	} else {
		o.count(resultIncomplete)
	}
	return s.tell(o, m, ending, detail)
}

func pendingRecord(connection, recording string, value []byte) *kgo.Record {
	return &kgo.Record{Topic: schemas.PendingMeetings.Name, Key: []byte(schemas.PendingKey(connection, recording)), Value: value}
}

// tell reports what becomes of a meeting. The request's place is the event's identity.
func (s *session) tell(o *outcome, m schemas.PendingMeeting, ending, detail string) error {
	r := o.request.record
	id := schemas.MeetingID(m.Org, m.Provider, m.Recording)
	value, err := schemas.Encode(s.Codec, schemas.MeetingProgress, &schemas.Progress{
		MeetingID: id, Org: m.Org, Stage: Group, Outcome: ending, Detail: detail, Source: o.request.value.Source,
		At: time.Now().UTC(), Topic: r.Topic, Partition: r.Partition, Offset: r.Offset,
	})
	if err == nil {
		o.records = append(o.records, &kgo.Record{Topic: schemas.MeetingProgress.Name, Key: []byte(id), Value: value})
	}
	return err
}

func (o *outcome) count(what string) {
	if o.counted == nil {
		o.counted = make(map[string]int)
	}
	o.counted[what]++
}

// loadPending reads the books of all connections.
func (s *session) loadPending(ctx context.Context) (map[string]ledger, error) {
	books := make(map[string]ledger)
	err := s.readToEnd(ctx, schemas.PendingMeetings.Name, func(r *kgo.Record) error {
		key := string(r.Key)
		cut := strings.LastIndexByte(key, '/')
		if cut < 0 {
			return nil // nobody's
		}
		id, recording := key[:cut], key[cut+1:]
		if r.Value == nil {
			delete(books[id], recording)
			return nil
		}
		m, err := schemas.Decode(s.Codec, schemas.PendingMeetings, r.Value)
		if _, unreadable := errors.AsType[*schemas.Rejected](err); unreadable {
			// The next run of its connection sees the meeting again.
			s.metrics.unreadable.Inc()
			s.Log.Warn("meeting that is not complete cannot be read and is not asked for", "partition", r.Partition, "offset", r.Offset,
				"err", schemas.Excerpt(err.Error()))
			delete(books[id], recording)
			return nil
		}
		if err != nil {
			return err
		}
		if books[id] == nil {
			books[id] = make(ledger)
		}
		books[id][recording] = pending{PendingMeeting: *m}
		return nil
	})
	return books, err
}
