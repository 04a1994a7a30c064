package local

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestMeasureStart prints what a start costs with a log of LEADLINE_LOCAL_MEASURE megabytes, for the README:
//
//	LEADLINE_LOCAL_MEASURE=500 go test ./deploy/local -run TestMeasureStart -count=1 -v
//
// Half of the log is in a compacted topic with 10,000 keys. The starts are processes of their own, so that their memory is
// theirs: the first folds, the second does not.
func TestMeasureStart(t *testing.T) {
	mb, err := strconv.Atoi(os.Getenv("LEADLINE_LOCAL_MEASURE"))
	if err != nil {
		t.Skip("set LEADLINE_LOCAL_MEASURE to a number of megabytes")
	}
	dir := t.TempDir()
	e := openAt(t, neverFold(dir))
	createTopics(t, e, foldTopics...)
	value := make([]byte, 4<<10)
	c := client(t, e, kgo.ProducerBatchCompression(kgo.NoCompression()))
	for range mb {
		records := make([]*kgo.Record, 0, 256)
		for i := range 256 {
			records = append(records, &kgo.Record{Topic: foldTopics[i%2].Name, Key: []byte(strconv.Itoa(rand.IntN(10_000))), Value: value})
		}
		produce(t, c, records...)
	}
	t.Logf("log of %d MB", size(t, e)>>20)
	closeNow(t, e)
	for _, what := range []string{"unfolded", "with a fold", "folded"} {
		role := "start"
		if what == "with a fold" {
			role = "start-fold"
		}
		out, err := childCommand(t, role, dir, 0).Output()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		t.Logf("start %s: %s", what, bytes.TrimSpace(out))
	}
}

// measureStart opens the engines and prints how long it took and how much memory the process has had and has.
func measureStart(cfg Config) error {
	start := time.Now()
	e, err := Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	took := time.Since(start)
	_, total, err := logSegments(e.log)
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	var memory []string
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "VmRSS") {
			memory = append(memory, strings.Join(strings.Fields(line), " "))
		}
	}
	fmt.Printf("%v for %d MB, %s\n", took.Round(time.Millisecond), total>>20, strings.Join(memory, ", "))
	return e.Close()
}
