package local

import (
	"bytes"
	"context"
	"maps"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// fill writes n records of 4 MiB, each a batch of its own: four fill a segment.
func fill(t *testing.T, e *Engines, topic string, n int) {
	t.Helper()
	c := client(t, e, kgo.ProducerBatchCompression(kgo.NoCompression()))
	value := bytes.Repeat([]byte{'x'}, 4<<20)
	for range n {
		produce(t, c, &kgo.Record{Topic: topic, Key: []byte("k"), Value: value})
	}
}

func size(t *testing.T, e *Engines) int64 {
	t.Helper()
	_, total, err := logSegments(e.log)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func TestRetentionByBytesRunsAfterARestartAndKeepsOffsets(t *testing.T) {
	t.Parallel()
	topic := Topic{Name: "in", RetentionBytes: minRetentionBytes}
	cfg := Config{Dir: t.TempDir(), Topics: []Topic{topic}}
	e := openAt(t, cfg)
	createTopics(t, e, topic)
	fill(t, e, "in", 16)
	closeNow(t, e)

	e = openAt(t, cfg)
	e.trimInterval = time.Millisecond
	before := size(t, e)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- e.Run(ctx) }()
	eventually(t, "retention", func() bool {
		return size(t, e) <= minRetentionBytes+segmentBytes+8<<20 && count(t, e.metrics.trimmedBytes) > 0
	})
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v when it was asked to stop", err)
	}
	if got, want := count(t, e.metrics.trimmedBytes), float64(before-size(t, e)); got != want {
		t.Errorf("%v bytes counted, %v trimmed", got, want)
	}
	start := startOffset(t, e, "in")
	if start == 0 || startOffset(t, e, "in") >= 16 {
		t.Errorf("start offset is %d", start)
	}
	e = openAt(t, Config{Dir: killedCopy(t, e), Topics: cfg.Topics})
	if got := endOffset(t, e, "in"); got != 16 {
		t.Errorf("next offset is %d after a restart, want 16", got)
	}
}

// Kafka's default of seven days would empty the partition, and it would begin again at offset 0.
func TestOldRecordsStay(t *testing.T) {
	t.Parallel()
	topic := Topic{Name: "in", RetentionBytes: 1 << 30}
	e := openAt(t, Config{Dir: t.TempDir(), Topics: []Topic{topic}})
	createTopics(t, e, topic)
	if _, err := admin(t, e).CreateTopic(t.Context(), 1, 1, nil, "bare"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in", "bare"} {
		r := rec(name, "a", "1")
		r.Timestamp = time.Now().Add(-100 * 24 * time.Hour)
		produce(t, client(t, e), r)
	}
	if err := e.trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	e = openAt(t, Config{Dir: killedCopy(t, e)})
	for _, name := range []string{"in", "bare"} {
		if got := endOffset(t, e, name); got != 1 {
			t.Errorf("next offset of %s is %d, want 1", name, got)
		}
	}
}

func TestCapDeletesFromTrimmedTopicsOnly(t *testing.T) {
	t.Parallel()
	topics := []Topic{{Name: "in", RetentionBytes: 1 << 30}, {Name: "state", Compacted: true}, {Name: "kept"}}
	cfg := Config{Dir: t.TempDir(), Topics: topics, MaxLogBytes: 64 << 20, FoldBytes: 1 << 40}
	e := openAt(t, cfg)
	createTopics(t, e, topics...)
	fill(t, e, "in", 13)
	fill(t, e, "state", 5)
	fill(t, e, "kept", 5)
	if err := e.trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := size(t, e); got > cfg.MaxLogBytes || count(t, e.metrics.capExceeded) != 0 {
		t.Errorf("log has %d bytes with a cap of %d", got, cfg.MaxLogBytes)
	}
	starts := make(map[string]int64)
	for _, topic := range topics {
		starts[topic.Name] = startOffset(t, e, topic.Name)
	}
	if starts["in"] == 0 || starts["state"] != 0 || starts["kept"] != 0 {
		t.Errorf("start offsets are %v: only the trimmed topic may give", starts)
	}

	e.cfg.MaxLogBytes = 1
	for range 2 {
		if err := e.trim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, e.metrics.capExceeded); n != 2 {
		t.Errorf("%v checks counted over the cap, want 2", n)
	}
	e = openAt(t, Config{Dir: killedCopy(t, e), Topics: topics})
	for name, want := range map[string]int64{"in": 13, "state": 5, "kept": 5} {
		if got := endOffset(t, e, name); got != want {
			t.Errorf("next offset of %s is %d after a restart, want %d", name, got, want)
		}
	}
}

func TestWhatIsDeleted(t *testing.T) {
	t.Parallel()
	part := func(topic string, sizes ...int64) (out []logSegment) {
		for i, s := range sizes {
			out = append(out, logSegment{partitionDir{topic: topic, dir: topic}, segment{int64(i * 10), s}})
		}
		return out
	}
	for name, c := range map[string]struct {
		segs      [][]logSegment
		limit     int64
		retention int64
		unread    unread
		starts    map[string]int64
		left      int64
	}{
		"under the cap":             {[][]logSegment{part("a", 5, 5)}, 10, 99, nil, map[string]int64{}, 10},
		"the largest pays":          {[][]logSegment{part("a", 5, 5, 5), part("b", 5, 5)}, 20, 99, nil, map[string]int64{"a": 10}, 20},
		"then both are level":       {[][]logSegment{part("a", 5, 5, 5), part("b", 5, 5)}, 12, 99, nil, map[string]int64{"a": 20, "b": 10}, 10},
		"the last segment stays":    {[][]logSegment{part("a", 5, 50)}, 10, 99, nil, map[string]int64{"a": 10}, 50},
		"other topics give nothing": {[][]logSegment{part("c", 50, 50), part("a", 1, 1)}, 10, 99, nil, map[string]int64{"a": 10}, 101},
		"retention without a cap":   {[][]logSegment{part("a", 5, 5, 5), part("b", 5)}, 99, 10, nil, map[string]int64{"a": 10}, 15},
		"what is not read stays": {
			[][]logSegment{part("a", 5, 5, 5), part("b", 5, 5)}, 1, 99, unread{"a": {0: {19, "x"}}, "b": {0: {9, "y"}}},
			map[string]int64{"a": 10}, 20,
		},
		"nor does retention take it": {[][]logSegment{part("a", 5, 5, 5)}, 99, 5, unread{"a": {0: {10, "x"}}}, map[string]int64{"a": 10}, 10},
		"another partition's reader": {[][]logSegment{part("a", 5, 5)}, 1, 99, unread{"a": {1: {0, "x"}}, "b": {0: {0, "x"}}}, map[string]int64{"a": 10}, 5},
	} {
		var all []logSegment
		var total int64
		for _, s := range c.segs {
			all = append(all, s...)
		}
		for _, s := range all {
			total += s.size
		}
		chosen := newChoice(all, map[string]int64{"a": c.retention, "b": c.retention})
		chosen.unread = c.unread
		chosen.retain()
		left := chosen.limit(total, c.limit)
		got := make(map[string]int64)
		for _, o := range chosen.starts.Sorted() {
			got[o.Topic] = o.At
		}
		if !maps.Equal(got, c.starts) || left != c.left {
			t.Errorf("%s: start offsets %v and %d bytes left, want %v and %d", name, got, left, c.starts, c.left)
		}
	}
}

// What a group has not read stays, whether it has committed or only joined; what it has read goes. A group that has
// left, as that of a stage that halted, will come back.
func TestWhatIsNotReadStays(t *testing.T) {
	t.Parallel()
	topic := Topic{Name: "in", RetentionBytes: minRetentionBytes}
	e := openAt(t, Config{Dir: t.TempDir(), Topics: []Topic{topic}, MaxLogBytes: 1})
	createTopics(t, e, topic)
	fill(t, e, "in", 16)
	trimmed := func() int64 {
		t.Helper()
		if err := e.trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		return startOffset(t, e, "in")
	}
	// One that has a partition, and has committed nothing.
	c := client(t, e, kgo.ConsumerGroup("slow"), kgo.ConsumeTopics("in"), kgo.DisableAutoCommit(),
		kgo.FetchMaxBytes(1), kgo.FetchMaxPartitionBytes(1), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	read := c.PollRecords(t.Context(), 1)
	if err := read.Err(); err != nil {
		t.Fatal(err)
	}
	if start := trimmed(); start != 0 {
		t.Errorf("the log starts at %d, and a member has read nothing", start)
	}
	if n := count(t, e.metrics.capExceeded); n != 1 {
		t.Errorf("%v checks counted over the cap, want 1", n)
	}
	for read.NumRecords() == 0 || read.Records()[0].Offset < 6 {
		read = c.PollRecords(t.Context(), 1)
		if err := read.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.CommitRecords(t.Context(), read.Records()...); err != nil {
		t.Fatal(err)
	}
	if start := trimmed(); start == 0 || start > 7 {
		t.Errorf("the log starts at %d, and a group goes on at 7", start)
	}
	c.Close()
	if start := trimmed(); start > 7 {
		t.Errorf("the log starts at %d, and a group that will come back goes on at 7", start)
	}
}

// An earlier build's topics have a retention that the broker itself applies.
func TestAnEarlierBuildsRetentionIsTakenBack(t *testing.T) {
	t.Parallel()
	topic := Topic{Name: "in", RetentionBytes: minRetentionBytes}
	e := openAt(t, Config{Dir: t.TempDir(), Topics: []Topic{topic}})
	retention := "67108864"
	if _, err := admin(t, e).CreateTopic(t.Context(), 1, 1, map[string]*string{"retention.bytes": &retention}, "in"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		e = openAt(t, Config{Dir: killedCopy(t, e), Topics: []Topic{topic}})
		configs, err := admin(t, e).DescribeTopicConfigs(t.Context(), "in")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range configs[0].Configs {
			if c.Key == "retention.bytes" && c.MaybeValue() != "-1" {
				t.Errorf("retention.bytes is %s", c.MaybeValue())
			}
		}
	}
}
