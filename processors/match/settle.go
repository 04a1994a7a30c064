package match

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"leadline/processors/stage"
	"leadline/schemas"
)

// A step of settling judges no more than this: it shares its transaction, and
// its place in the line, with new meetings and with other organisations. At 30
// transactions a second, which is what Kafka gives, 2 MiB are 500 meetings of
// 125 KB a second.
const (
	stepBytes    = 2 << 20
	stepMeetings = 256
)

// touchName marks a domain's or an address's meetings.
func (c *change) touchName(name string) error {
	if strings.Contains(name, "@") {
		return c.touch(sortAttendee, name)
	}
	return c.touch(sortVisited, name)
}

// touch marks the meetings that hang on a name as due, where there are any.
// Marking them again while they are under way starts over.
func (c *change) touch(sort, name string) error {
	var found bool
	var err error
	if sort == sortMeeting || sort == sortRecording {
		_, found, err = c.Get(key(c.org, sort, name))
	} else {
		found, err = anySecond(c, c.org, sort, name)
	}
	if err != nil || !found {
		return err
	}
	c.Set(pair(c.org, sortDue, sort, name), nil)
	c.marked = true
	return nil
}

// wake starts settling what was marked, unless it is under way.
func wake(tx *stage.Tx, c *change) error {
	if !c.marked {
		return nil
	}
	_, under, err := tx.Get(key(c.org, sortStep, ""))
	if err != nil || under {
		return err
	}
	return ask(tx, c.org)
}

// ask sends the stage the next step, in the transaction that leaves the work
// behind: neither is there without the other. The step's name is drawn at
// random, so that it says which transaction asked: one that was cut and done
// again has sent a step that nobody waits for.
func ask(tx *stage.Tx, org string) error {
	step := rand.Text()
	tx.Set(key(org, sortStep, ""), []byte(step))
	return stage.Emit(tx, schemas.Settling, org, &schemas.Settle{Org: org, Step: step})
}

// onSettle judges meetings again that are due, and asks for more steps while
// there are any left.
//
// A meeting that comes out otherwise is noted in one step and emitted in a later
// one, which is never of the same transaction. The embedded broker can be killed when it has taken what a step emitted
// and not its state. The step is done again then, perhaps after a change that
// takes the first one back: comparing with what was emitted last would find no
// news, and those behind would keep what nobody remembers to have said.
func onSettle(_ context.Context, r stage.Record[schemas.Settle], tx *stage.Tx) error {
	if r.Value == nil {
		return nil
	}
	if r.Value.Org != r.Key {
		return schemas.Reject(schemas.ReasonInvalid, fmt.Errorf("the step %.140q is of the organisation %.140q", r.Key, r.Value.Org))
	}
	raw, under, err := tx.Get(key(r.Key, sortStep, ""))
	if err != nil || !under || string(raw) != r.Value.Step {
		return err // it came twice, or was cut
	}
	s := &settling{tx: tx, change: change{writer: tx, org: r.Key}, judged: make(map[string]bool)}
	if err := s.news(); err != nil {
		return err
	}
	for !s.full() {
		sort, name, at, found, err := s.due()
		if err != nil {
			return err
		}
		if !found {
			break
		}
		if err := s.take(sort, name, at); err != nil {
			return err
		}
	}
	// A mark may be taken in part, or be new and stand before the last one.
	if s.full() || s.noted || s.marked {
		return ask(tx, r.Key)
	}
	tx.Delete(key(r.Key, sortStep, ""))
	return nil
}

// settling is one step.
type settling struct {
	tx *stage.Tx
	change
	judged map[string]bool // in this step; the directory is the same for all of it
	passed string          // the last mark that was taken
	noted  bool            // a meeting was, to be emitted in a later step
	taken  int             // meetings and end users
	bytes  int
}

func (s *settling) full() bool { return s.taken >= stepMeetings || s.bytes >= stepBytes }

// due is the next name that is marked, and how far its meetings are judged.
func (s *settling) due() (sort, name, at string, found bool, err error) {
	prefix := escape.Replace(s.org) + "/" + sortDue + "/"
	err = s.ScanAfter(prefix, s.passed, func(k string, v []byte) error {
		s.passed = k
		sort, name, _ = strings.Cut(k[len(prefix):], "/")
		name, at, found = unescape.Replace(name), string(v), true
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return sort, name, at, found, err
}

// take goes on with the meetings of a marked name, up to where the step is full.
func (s *settling) take(sort, name, at string) error {
	mark := pair(s.org, sortDue, sort, name)
	switch sort {
	case sortMeeting:
		s.Delete(mark)
		delete(s.judged, name) // its call may have changed in this step
		return s.again(name)
	case sortRecording:
		s.Delete(mark)
		s.taken++
		return s.regroup(name)
	}
	// A scan must not be read or written under, so the names are taken first.
	var ids []string
	more := false
	err := secondsAfter(s, s.org, sort, name, at, func(id string, _ []byte) error {
		if more = len(ids) == stepMeetings-s.taken; more {
			return errEnough
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		if sort == sortEmployee {
			err = s.employee(id)
		} else {
			err = s.again(id)
		}
		if err != nil {
			return err
		}
		if last := i == len(ids)-1; last && more || !last && s.full() {
			s.Set(mark, []byte(id))
			s.marked = true
			return nil
		}
	}
	s.Delete(mark)
	return nil
}

// employee marks the meetings of somebody whose company has come or gone.
func (s *settling) employee(id string) error {
	s.taken++
	p, known, err := newView(s, s.org).facts(id)
	if err != nil || !known {
		return err
	}
	for _, a := range p.Addresses {
		if err := s.touch(sortAttendee, a); err != nil {
			return err
		}
	}
	return s.touch(sortDecided, entryName(schemas.SortEndUser, id))
}

// news emits what earlier steps have noted.
func (s *settling) news() error {
	var ids []string
	prefix := escape.Replace(s.org) + "/" + sortNews + "/"
	err := s.ScanAfter(prefix, "", func(k string, _ []byte) error {
		if len(ids) == stepMeetings {
			return errEnough
		}
		ids = append(ids, unescape.Replace(k[len(prefix):]))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	for _, id := range ids {
		if s.full() {
			return nil
		}
		err := s.assess(id, func(f finding) error {
			if err := f.publish(s.tx, s.org); err != nil {
				return err
			}
			return s.tx.Report(id, schemas.OutcomeDone, "judged again: "+f.summary())
		})
		if err != nil {
			return err
		}
		s.Delete(key(s.org, sortNews, id))
	}
	return nil
}

// again judges a remembered meeting, and the recording that stands for it: the
// attendees of the one are those of the other.
func (s *settling) again(id string) error {
	if err := s.judge(id); err != nil {
		return err
	}
	by, is, err := s.standsFor(id)
	if err != nil || !is {
		return err
	}
	return s.judge(by.MeetingID)
}

// judge notes the meeting where what is to be said of it is news.
func (s *settling) judge(id string) error {
	if s.judged[id] {
		return nil
	}
	return s.assess(id, func(f finding) error {
		if f.news {
			s.noted = true
			s.Set(key(s.org, sortNews, id), nil)
		}
		return nil
	})
}

// assess says what is to be said of a remembered meeting now. One that cannot be
// judged or emitted any more is passed over and told of: it would hold up all
// others for ever.
func (s *settling) assess(id string, with func(finding) error) error {
	s.judged[id] = true
	s.taken++
	m, size, err := remembered(s.tx, s.org, id)
	if err == nil && m == nil {
		return nil
	}
	s.bytes += size
	if err == nil {
		var f finding
		if f, err = assess(s.tx, s.org, m); err == nil {
			s.bytes += f.read
			err = with(f)
		}
	}
	var rejected *schemas.Rejected
	if errors.As(err, &rejected) {
		return s.tx.Report(id, schemas.OutcomeRejected, schemas.Excerpt(rejected.Error()))
	}
	return err
}
