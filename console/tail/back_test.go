package tail

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What the bound's time cuts is not whole, and no error; what the caller's cuts
// is one.
func TestLookingBackEndsInTime(t *testing.T) {
	t.Parallel()
	r := &Reader{Kafka: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}} // which answers nothing
	kept := map[string]map[int32]span{"t": {0: {0, 10}}}
	b := bound{records: 10, bytes: 10, wanted: 10, time: time.Millisecond}
	whole, err := r.back(t.Context(), kept, b, func(*kgo.Record) bool { return true })
	if whole || err != nil {
		t.Errorf("whole: %t, %v", whole, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = r.back(ctx, kept, b, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
