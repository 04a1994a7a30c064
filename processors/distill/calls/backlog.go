package calls

import (
	"slices"
	"time"

	"leadline/schemas"
)

// job is a request without its content, which is read when its turn comes: a
// backlog of 100,000 meetings is 20 MB.
type job struct {
	meeting, org, memo string
	asked              time.Time
	partition          int32
	offset             int64
	seen               time.Time
	source             string
	running            bool
	paid               schemas.Spending // and not told of yet
	late               int              // calls in a row without an answer in time
	toldOf             string           // the day whose budget was said to be spent
}

// backlog is what is left to do, in turn by organisation.
type backlog struct {
	jobs  map[string]*job // by meeting
	orgs  map[string]*org
	turns []string // organisations, the next one first
}

type org struct {
	queue    []*job
	running  int
	failures int
	paid     int64     // millionths, by its jobs and told of by no answer yet
	until    time.Time // nothing is started before
}

func newBacklog() *backlog {
	return &backlog{jobs: make(map[string]*job), orgs: make(map[string]*org)}
}

// add puts a request behind the others of its organisation. A newer one for the
// same meeting replaces it.
func (b *backlog) add(j *job) {
	if old := b.jobs[j.meeting]; old != nil {
		if old.memo == j.memo && old.asked.Equal(j.asked) {
			old.partition, old.offset = j.partition, j.offset
			return
		}
		b.remove(j.meeting)
	}
	b.jobs[j.meeting] = j
	o := b.orgs[j.org]
	if o == nil {
		o = &org{}
		b.orgs[j.org] = o
		b.turns = append(b.turns, j.org)
	}
	o.queue = append(o.queue, j)
}

// remove forgets a request; a call for it that is under way goes on.
func (b *backlog) remove(meeting string) {
	j := b.jobs[meeting]
	if j == nil {
		return
	}
	delete(b.jobs, meeting)
	o := b.orgs[j.org]
	o.paid -= j.paid.Micros
	o.queue = slices.DeleteFunc(o.queue, func(q *job) bool { return q == j })
}

// drop forgets partitions that are another caller's now.
func (b *backlog) drop(partitions []int32) {
	for meeting, j := range b.jobs {
		if slices.Contains(partitions, j.partition) {
			b.remove(meeting)
		}
	}
}

// next takes the next job that may start, in turn by organisation; mayOrg is
// asked for each organisation that has one. wait is when to look again where
// there is none now.
func (b *backlog) next(now time.Time, perOrg int, mayOrg func(string, *org) time.Time) (j *job, wait time.Time) {
	for i, name := range b.turns {
		o := b.orgs[name]
		if len(o.queue) == 0 || o.running >= perOrg {
			continue
		}
		until := o.until
		if t := mayOrg(name, o); t.After(until) {
			until = t
		}
		if until.After(now) {
			if wait.IsZero() || until.Before(wait) {
				wait = until
			}
			continue
		}
		j, o.queue = o.queue[0], o.queue[1:]
		j.running = true
		o.running++
		b.turns = append(slices.Delete(b.turns, i, i+1), name)
		return j, time.Time{}
	}
	return nil, wait
}

// ended notes that a call is over. Where it failed, the job goes behind the
// others of its organisation, which starts nothing before the time.
func (b *backlog) ended(j *job, again bool, until time.Time) {
	o := b.orgs[j.org]
	o.running--
	j.running = false
	if !again {
		o.failures = 0
		if b.jobs[j.meeting] == j {
			delete(b.jobs, j.meeting)
			o.paid -= j.paid.Micros
		}
		return
	}
	if until.After(o.until) {
		o.until = until
	}
	if b.jobs[j.meeting] == j {
		o.queue = append(o.queue, j)
	}
}
