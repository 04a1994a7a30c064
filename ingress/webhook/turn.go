package webhook

import (
	"slices"
	"sync"
)

// turns bound how many deliveries of one organisation are under way. Where there are as many, the newest takes the place
// of the one that is being read for longest: a recorder sends a body within milliseconds, and whoever trickles one keeps
// nobody out.
type turns struct {
	most int

	mu  sync.Mutex
	all map[string][]*turn // by organisation, in the order in which they began
}

type turn struct {
	of  *turns
	org string
	cut func() // ends the reading; nil when that is over

	wasCut bool
}

func newTurns(most int) *turns { return &turns{most: most, all: make(map[string][]*turn)} }

// begin returns nil where every delivery of the organisation is past reading. cut is called at most once, before read or
// end has been called.
func (t *turns) begin(org string, cut func()) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all[org]) >= t.most && !t.cutFirst(org, nil) {
		return nil
	}
	made := &turn{of: t, org: org, cut: cut}
	t.all[org] = append(t.all[org], made)
	return made
}

// cutFirst cuts the one that is being read for longest, but not the one that is spared. false: there is none.
func (t *turns) cutFirst(org string, spared *turn) bool {
	all := t.all[org]
	i := slices.IndexFunc(all, func(one *turn) bool { return one.cut != nil && one != spared })
	if i < 0 {
		return false
	}
	all[i].cut()
	all[i].cut, all[i].wasCut = nil, true
	t.all[org] = slices.Delete(all, i, i+1)
	return true
}

// makeRoom cuts one of the same organisation, whose memory is wanted.
func (t *turn) makeRoom() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.of.cutFirst(t.org, t)
}

// read says that the body is there, or that it was cut off.
func (t *turn) read() (whole bool) {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.cut = nil
	return !t.wasCut
}

func (t *turn) end() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.cut = nil
	left := slices.DeleteFunc(t.of.all[t.org], func(one *turn) bool { return one == t })
	if t.of.all[t.org] = left; len(left) == 0 {
		delete(t.of.all, t.org)
	}
}
