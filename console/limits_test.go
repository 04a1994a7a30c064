package console

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// Tokens come and go for years; who asks is limited all the same.
func TestLimitsOfTokensThatAskNoMoreAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(2)
		eager := 0
		for i := range 10_000 {
			if wait := l.wait("harbour/" + strconv.Itoa(i)); wait > 0 {
				t.Fatalf("the first request of token %d waits for %s", i, wait)
			}
			if l.wait("harbour/eager") == 0 {
				eager++
			}
			time.Sleep(10 * time.Millisecond)
		}
		if most := 2*100 + burst*2; eager > most { // in a hundred seconds
			t.Errorf("%d requests of one token are let in, want %d", eager, most)
		}
		if n := len(l.all); n > 500 {
			t.Errorf("%d limiters are kept of tokens that are gone", n)
		}
	})
}
