package webhook_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"leadline/schemas"
)

// A delivery is acknowledged only by a broker that has it on all replicas; while it cannot say so the answer is 503,
// within the bound, and later deliveries succeed.
func TestNothingIsAcknowledgedThatKafkaDidNotAcknowledge(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var acks atomic.Int32
	r.Cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		r.Cluster.KeepControl()
		acks.Store(int32(req.(*kmsg.ProduceRequest).Acks))
		return nil, nil, false
	})
	fault := r.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	began := time.Now()
	resp, _ := r.send(r.signed(path, secret, began, meeting))
	if took := time.Since(began); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || took > 4*time.Second {
		t.Errorf("status %d after %v", resp.StatusCode, took)
	}
	if acks.Load() != -1 {
		t.Errorf("produced with acks=%d", acks.Load())
	}
	if n := len(r.Read(schemas.RawMeetings.Name)); n != 0 {
		t.Errorf("%d records", n)
	}
	fault.Remove()
	r.Until("the broker is well again", func() bool {
		resp, _ := r.send(r.signed(path, secret, time.Now(), meeting))
		return resp.StatusCode == http.StatusAccepted
	})
	if n := len(r.Read(schemas.RawMeetings.Name)); n == 0 {
		t.Error("no record")
	}
}

func TestABrokerThatIsGoneIs503WithinTheBound(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.Cluster.Close()
	began := time.Now()
	resp, _ := r.send(r.signed(path, secret, began, meeting))
	if took := time.Since(began); resp.StatusCode != http.StatusServiceUnavailable || took > 4*time.Second {
		t.Errorf("status %d after %v", resp.StatusCode, took)
	}
}
