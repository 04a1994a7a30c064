package webhook

import "sync"

// budget bounds the bytes that all deliveries together hold. It counts what has arrived and not what was announced: who
// announces much and sends nothing holds nothing.
type budget struct {
	mu    sync.Mutex
	total int64
	left  int64
}

func newBudget(bytes int64) *budget { return &budget{total: bytes, left: bytes} }

func (b *budget) held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.total - b.left
}

func (b *budget) lease() *lease { return &lease{of: b} }

// lease is one delivery's part. It is used by one goroutine at a time.
type lease struct {
	of   *budget
	held int64
}

func (l *lease) take(n int64) bool {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	if l.of.left < n {
		return false
	}
	l.of.left -= n
	l.held += n
	return true
}

// end gives everything back; a second time changes nothing.
func (l *lease) end() {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	l.of.left += l.held
	l.held = 0
}
