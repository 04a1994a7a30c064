package simulator

import (
	"crypto/rand"
	"fmt"
	"slices"

	"golang.org/x/time/rate"
)

// End ends a meeting: from now on it is listed, and it fires the webhooks that match it. It returns how many. Fathom
// fires once, so ending a meeting again fires none; Deliver does that.
func (s *Simulator) End(recordingID int64) (fired int, err error) {
	m, first, err := s.archive.end(recordingID)
	if err != nil || !first {
		return 0, err
	}
	return s.fire(m, func(webhook) string { return newDeliveryID() }), nil
}

// EndAll ends every meeting that has not ended, the oldest first, and returns how many there are. With perSecond
// above 0 it returns at once and ends that many a second; Drained waits for them, too.
func (s *Simulator) EndAll(perSecond float64) int {
	waiting := s.archive.list(func(_ *meeting, ended bool) bool { return !ended })
	slices.Reverse(waiting)
	pace := rate.NewLimiter(rate.Inf, 1)
	if perSecond > 0 {
		pace.SetLimit(rate.Limit(perSecond))
	}
	end := func() {
		for _, m := range waiting {
			if pace.Wait(s.courier.ctx) != nil {
				return
			}
			// The only error says that somebody deleted the meeting meanwhile; then there is nothing to end.
			_, _ = s.End(m.RecordingID)
		}
	}
	if perSecond <= 0 {
		end()
	} else if s.courier.begin() {
		go func() {
			defer s.courier.finish()
			end()
		}()
	}
	return len(waiting)
}

// Deliver fires the webhooks of an ended meeting again, under new ids or, with sameID, under those of their last
// delivery, as a retry whose acknowledgement was lost.
func (s *Simulator) Deliver(recordingID int64, sameID bool) (fired int, err error) {
	m, ended := s.archive.get(recordingID)
	if m == nil {
		return 0, errUnknownMeeting
	}
	if !ended {
		return 0, fmt.Errorf("meeting %d has not ended", recordingID)
	}
	return s.fire(m, func(h webhook) string {
		if last := s.courier.lastID(recordingID, h.id); sameID && last != "" {
			return last
		}
		return newDeliveryID()
	}), nil
}

// Put adds a meeting, which is one Fathom meeting as JSON, or replaces the one of the same recording. A new one has
// ended or not as told and fires nothing; a replaced one keeps its state.
func (s *Simulator) Put(raw []byte, ended bool) (recordingID int64, added bool, err error) {
	m, err := parseMeeting(raw)
	if err != nil {
		return 0, false, err
	}
	return m.RecordingID, s.archive.put(m, ended), nil
}

// SetLimits replaces the rate limits and begins new windows.
func (s *Simulator) SetLimits(l Limits) error {
	if err := l.validate(); err != nil {
		return err
	}
	s.quota.set(l)
	return nil
}

func (s *Simulator) fire(m *meeting, id func(webhook) string) int {
	hooks := s.hooks.firing(m)
	for _, h := range hooks {
		s.courier.fire(h, m, id(h))
	}
	return len(hooks)
}

// newDeliveryID has no dot, as Standard Webhooks asks.
func newDeliveryID() string { return "msg_" + rand.Text() }
