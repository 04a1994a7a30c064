package schemas

import (
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// registry serves the manifest and what else is given.
func registry(t *testing.T, more ...Registered) (*sr.Client, *httptest.Server) {
	t.Helper()
	fake := srfake.NewRegistry()
	all, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(all, more...) {
		fake.SeedSchema(r.Subject, r.Version, r.ID, sr.Schema{Schema: r.Text})
	}
	server := httptest.NewServer(fake.Handler())
	t.Cleanup(server.Close)
	client, err := sr.NewClient(sr.URLs(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

func TestValuesRoundTrip(t *testing.T) {
	t.Parallel()
	client, _ := registry(t)
	codec, err := OpenCodec(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	want := Meeting{
		ID: "a/fathom/1", Title: "Größe \x01 日本", StartedAt: now, ScheduledStart: &now, ContentHash: []byte{0, 1},
		Turns: []Turn{{Speaker: "S", Text: "t", StartMS: 1 << 40}}, CRM: &CRM{Deals: []CRMDeal{{Name: "d", Amount: new(1.5)}}},
	}
	raw, err := Encode(codec, NormalizedMeetings, &want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(codec, NormalizedMeetings, raw)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != want.Title || !got.StartedAt.Equal(now) || !got.ScheduledStart.Equal(now) || got.Summary != nil ||
		got.Turns[0].StartMS != 1<<40 || *got.CRM.Deals[0].Amount != 1.5 {
		t.Errorf("%+v", got)
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "no frame": []byte("{}{}{}"), "cut": raw[:len(raw)-3], "too long": append(raw[:len(raw):len(raw)], 0),
	} {
		var rejected *Rejected
		if _, err := Decode(codec, NormalizedMeetings, bad); !errors.As(err, &rejected) || rejected.Reason != ReasonMalformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What an older or newer build wrote is read by its own schema's id. An id that
// nobody knows is final; a registry that does not answer is not.
func TestDecodeAsksTheRegistryForForeignIDs(t *testing.T) {
	t.Parallel()
	mine, err := Subjects()
	if err != nil {
		t.Fatal(err)
	}
	subject := MeetingProgress.Subject()
	text := mine[subject].String()
	grown := strings.Replace(text, `"fields":[`, `"fields":[{"name":"added","type":"string","default":""},`, 1)
	client, server := registry(t, Registered{Subject: subject, Version: 2, ID: 900, Text: grown},
		Registered{Subject: "other", Version: 1, ID: 901, Text: `{"type":"record","name":"leadline.Progress","fields":[]}`})
	codec, err := OpenCodec(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	raw := func(id uint32) []byte {
		body, err := avro.MustParse(grown).Encode(map[string]any{
			"added": "x", "meeting_id": "m", "org": "o", "stage": "s", "outcome": "done", "detail": "", "source": "",
			"at": time.Now(), "topic": "t", "partition": int32(1), "offset": int64(2),
		})
		if err != nil {
			t.Fatal(err)
		}
		return append(binary.BigEndian.AppendUint32([]byte{0}, id), body...)
	}
	p, err := Decode(codec, MeetingProgress, raw(900))
	if err != nil || p.MeetingID != "m" || p.Offset != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	var rejected *Rejected
	for _, id := range []uint32{901, 999} {
		if _, err := Decode(codec, MeetingProgress, raw(id)); !errors.As(err, &rejected) || rejected.Reason != ReasonUnknownSchema {
			t.Errorf("id %d: %v", id, err)
		}
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if _, err := Decode(codec, MeetingProgress, raw(902)); err == nil || errors.As(err, &rejected) {
		t.Errorf("a registry that is away: %v", err)
	}
	server.Config.Handler = srfake.NewRegistry().Handler()
	if _, err := Decode(codec, MeetingProgress, raw(902)); err == nil || errors.As(err, &rejected) {
		t.Errorf("a registry that has not read its schemas yet: %v", err)
	}
	if _, err := Decode(codec, MeetingProgress, raw(900)); err != nil {
		t.Errorf("what is known needs no registry: %v", err)
	}
}

func TestOpenCodecNamesTheSchemaThatIsMissing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(srfake.NewRegistry().Handler())
	defer server.Close()
	client, err := sr.NewClient(sr.URLs(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCodec(t.Context(), client); err == nil || !strings.Contains(err.Error(), "-value") {
		t.Errorf("%v", err)
	}
}

func FuzzDecode(f *testing.F) {
	fake := srfake.NewRegistry()
	all, err := Manifest()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range all {
		fake.SeedSchema(r.Subject, r.Version, r.ID, sr.Schema{Schema: r.Text})
	}
	server := httptest.NewServer(fake.Handler())
	f.Cleanup(server.Close)
	client, err := sr.NewClient(sr.URLs(server.URL))
	if err != nil {
		f.Fatal(err)
	}
	codec, err := OpenCodec(f.Context(), client)
	if err != nil {
		f.Fatal(err)
	}
	seed, err := Encode(codec, MatchedMeetings, &MatchedMeeting{Meeting: Meeting{Turns: make([]Turn, 2)}, Links: make([]Link, 1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) >= frame { // the id of the schema is not what is tried here
			copy(raw, seed[:frame])
		}
		v, err := Decode(codec, MatchedMeetings, raw)
		if err != nil {
			return
		}
		if _, err := Encode(codec, MatchedMeetings, v); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPartitionKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		by        Partitioning
		key, want string
	}{
		{ByOrg, "acme", "acme"}, {ByOrg, "acme/company/c/1", "acme"}, {ByOrg, "", ""},
		{ByMeeting, "acme/fathom/1", "acme/fathom/1"}, {ByMeeting, "acme/fathom/1/fathom:1:summary", "acme/fathom/1"},
		{ByMeeting, "acme", "acme"}, {0, "a/b/c/d", "a/b/c/d"},
	} {
		if got := string(PartitionKey(c.by, []byte(c.key))); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.by, c.key, got, c.want)
		}
	}
}

// What is joined must meet: raw, normalized and directory records of one
// organisation are in the partition of the same number, and so is what a
// program hashes that knows Kafka's default partitioner and the organisation.
func TestOneOrganisationIsInOnePartition(t *testing.T) {
	t.Parallel()
	const n = 12
	ours, kafkas := Partitioner(), kgo.StickyKeyPartitioner(nil)
	used := make(map[int]bool)
	for _, org := range []string{"acme", "globex", "initech", "umbrella", "hooli", "stark"} {
		want := kafkas.ForTopic("any").Partition(&kgo.Record{Key: []byte(org)}, n)
		used[want] = true
		for topic, key := range map[string]string{
			RawMeetings.Name: org, NormalizedMeetings.Name: MeetingID(org, Fathom, "77"),
			Directory.Name: DirectoryKey(org, SortEndUser, "u/1"), RawMeetings.DeadLetters(): org,
		} {
			if got := ours.ForTopic(topic).Partition(&kgo.Record{Key: []byte(key)}, n); got != want {
				t.Errorf("%s of %s is in partition %d, want %d", key, topic, got, want)
			}
		}
	}
	if len(used) < 3 {
		t.Errorf("six organisations share %d partitions", len(used))
	}
	if got := ours.ForTopic("state.match.v1").Partition(&kgo.Record{Key: []byte("k"), Partition: 7}, n); got != 7 {
		t.Errorf("a state's record went to partition %d, want the one it carries", got)
	}
}

func TestDeadLettersKeepEverything(t *testing.T) {
	t.Parallel()
	r := RawRecord(Origin{Event: "e", Org: "acme", Source: SourcePoll, Received: time.Unix(1, 5e6)}, []byte("\xff\x00 bytes"))
	r.Partition, r.Offset = 3, 9
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: HeaderOffset, Value: []byte("7")}, kgo.RecordHeader{Key: HeaderReason, Value: []byte("too_large")}) // it died before
	letter := DeadLetter(r, "normalize", &Rejected{Reason: ReasonInvalid, Err: errors.New("bad\r\nHeader: x " + strings.Repeat("é", 2000))})
	if letter.Topic != "meetings.raw.v1.dead" || string(letter.Value) != "\xff\x00 bytes" || string(letter.Key) != "acme" {
		t.Errorf("%+v", letter)
	}
	if o := OriginOf(letter); o.Event != "e" || o.Source != SourcePoll || o.Received.UnixMilli() != 1005 {
		t.Errorf("origin %+v", o)
	}
	if e := Header(letter, HeaderError); len(e) > 1024 || strings.ContainsAny(e, "\r\n") || !strings.HasPrefix(e, "bad  Header: x é") {
		t.Errorf("error %q", e)
	}
	if Header(letter, HeaderOffset) != "9" || Header(letter, HeaderPartition) != "3" || Header(letter, HeaderReason) != "invalid" {
		t.Errorf("%v", letter.Headers)
	}
}
