package poller

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// turn is how long a request may wait between its tries before it goes to the
// end of the queue: the batch, and every connection behind it, waits with it.
const turn = 2 * time.Second

// trying is what a request that went to the end of the queue takes along.
type trying struct {
	since     time.Time     // the first try; zero: there was none
	notBefore time.Time     // the next one
	pause     time.Duration // before that
}

// postponedError says that a request has had its turn.
type postponedError struct {
	trying
	err error
}

func (e *postponedError) Error() string { return "postponed: " + e.err.Error() }
func (e *postponedError) Unwrap() error { return e.err }

// tried reads what postpone wrote; of anything else, nothing.
func tried(r *kgo.Record) trying {
	part := strings.Fields(schemas.Header(r, schemas.HeaderTrying))
	if len(part) != 3 {
		return trying{}
	}
	since, err := time.Parse(time.RFC3339Nano, part[0])
	notBefore, err2 := time.Parse(time.RFC3339Nano, part[1])
	pause, err3 := time.ParseDuration(part[2])
	if errors.Join(err, err2, err3) != nil || pause < 0 || pause > maxPause {
		return trying{}
	}
	return trying{since, notBefore, pause}
}

// postpone puts the request at the end of the queue, as it came.
func (o *outcome) postpone(t trying) *outcome {
	from := o.request.record
	again := &kgo.Record{Topic: from.Topic, Key: from.Key, Value: from.Value}
	again.Headers = slices.DeleteFunc(slices.Clone(from.Headers), func(h kgo.RecordHeader) bool { return h.Key == schemas.HeaderTrying })
	again.Headers = append(again.Headers, kgo.RecordHeader{
		Key: schemas.HeaderTrying, Value: fmt.Appendf(nil, "%s %s %s", t.since.UTC().Format(time.RFC3339Nano), t.notBefore.UTC().Format(time.RFC3339Nano), t.pause),
	})
	o.result, o.records = resultPostponed, append(o.records, again)
	return o
}
