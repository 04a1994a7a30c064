package webhook

import "sync"

// budget bounds the bytes that all deliveries together hold, and what one organisation's do. It counts what has arrived
// and not what was announced: who announces much and sends nothing holds nothing.
type budget struct {
	share int64 // of one organisation

	mu   sync.Mutex
	left int64
	all  int64
	held map[string]int64 // by organisation
}

func newBudget(bytes int64) *budget {
	return &budget{share: bytes / shares, left: bytes, all: bytes, held: make(map[string]int64)}
}

func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all - b.left
}

func (b *budget) lease(org string) *lease { return &lease{of: b, org: org} }

// lease is one delivery's part. It is used by one goroutine at a time.
type lease struct {
	of   *budget
	org  string
	held int64
}

func (l *lease) take(n int64) bool {
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n || b.held[l.org]+n > b.share {
		return false
	}
	b.left -= n
	b.held[l.org] += n
	l.held += n
	return true
}

// end gives everything back; a second time changes nothing.
func (l *lease) end() {
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += l.held
	if b.held[l.org] -= l.held; b.held[l.org] == 0 {
		delete(b.held, l.org)
	}
	l.held = 0
}
