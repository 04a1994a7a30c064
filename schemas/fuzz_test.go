package schemas

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// fuzzCodec is a codec on a registry that knows every schema.
func fuzzCodec(f *testing.F) *Codec {
	f.Helper()
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
	return codec
}

// transcoder reads a value of one topic, whose id it puts in, and writes what it read.
type transcoder func(raw []byte) (again []byte, err error)

func transcode[T any](c *Codec, t Topic[T]) transcoder {
	return func(raw []byte) ([]byte, error) {
		own, err := Encode(c, t, new(T))
		if err != nil {
			return nil, err
		}
		v, err := Decode(c, t, append(own[:frame:frame], raw...))
		if err != nil {
			return nil, err
		}
		again, err := Encode(c, t, v)
		return again[min(frame, len(again)):], err
	}
}

// FuzzEveryTopic reads anything as a value of each topic: what is accepted is written and read again the same, and is
// no longer than what it was read from. A few bytes that announce a million elements must not become a million.
func FuzzEveryTopic(f *testing.F) {
	codec := fuzzCodec(f)
	topics := []transcoder{
		transcode(codec, SyncRequests), transcode(codec, Connections), transcode(codec, SyncCursors), transcode(codec, PendingMeetings),
		transcode(codec, APITokens), transcode(codec, Users), transcode(codec, AuditLog), transcode(codec, Directory),
		transcode(codec, NormalizedMeetings), transcode(codec, Settling), transcode(codec, DistilledMeetings), transcode(codec, MeetingRows),
		transcode(codec, KnowledgeEntries), transcode(codec, MeetingProgress), transcode(codec, Rules), transcode(codec, Replays),
		transcode(codec, DistillationRequests), transcode(codec, Distillations), transcode(codec, DistillationUsage), transcode(codec, RuleHits),
	}
	for i := range topics {
		f.Add(byte(i), make([]byte, 64))
		f.Add(byte(i), bytes.Repeat([]byte{2}, 64))
	}
	f.Fuzz(func(t *testing.T, topic byte, raw []byte) {
		through := topics[int(topic)%len(topics)]
		once, err := through(raw)
		if err != nil {
			return
		}
		// A count that is written with its size in bytes may be a byte longer without it.
		if len(once) > len(raw)+8 {
			t.Fatalf("%d bytes become %d", len(raw), len(once))
		}
		twice, err := through(once)
		if err != nil || len(once) != len(twice) {
			t.Fatalf("%x is read as %x, and that as %x, %v", raw, once, twice, err)
		}
	})
}

// FuzzHeaders puts anything into the headers of records: what is written is read again, and what is not ours is none.
func FuzzHeaders(f *testing.F) {
	f.Add("event", "acme", "2026-09-01T09:00:00.000Z", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "7")
	f.Add("a\nb", "\xff", "2026-09-01T09:00:00Z", "00-0", "-1")
	f.Add("", "", "9999-12-31T23:59:59.999Z", "ff-x", "18446744073709551616")
	f.Fuzz(func(t *testing.T, event, delivery, at, parent, version string) {
		r := RawRecord(Origin{Event: event, Provider: Fathom, Org: "acme", Delivery: delivery, Recording: delivery}, []byte(event))
		if o := OriginOf(r); o.Event != event || o.Delivery != delivery || o.Recording != delivery || string(r.Value) != event {
			t.Fatalf("%+v", o)
		}
		r.Headers = append([]kgo.RecordHeader{
			{Key: HeaderEnded, Value: []byte(at)}, {Key: HeaderTrace, Value: []byte(parent)}, {Key: HeaderVersion, Value: []byte(version)},
		}, r.Headers...)
		if ended, err := TimeHeader(r, HeaderEnded); err == nil && string(EndedHeader(ended).Value) != at {
			t.Fatalf("%q is read as %v", at, ended)
		}
		if span := TraceOf(r); span.IsValid() && !strings.Contains(parent, span.TraceID().String()) {
			t.Fatalf("%q is read as %v", parent, span)
		}
		if v, err := VersionOf(r); err == nil {
			if again, err := VersionOf(&kgo.Record{Headers: []kgo.RecordHeader{VersionHeader(v)}}); err != nil || again != v {
				t.Fatalf("%q is read as %d, and that as %d, %v", version, v, again, err)
			}
		}
		letter := DeadLetter(r, "fuzz", &Rejected{Reason: ReasonMalformed, Err: &InvalidQuery{Field: delivery, Problem: event}})
		if !bytes.Equal(letter.Value, r.Value) || !bytes.Equal(letter.Key, r.Key) || Header(letter, HeaderEvent) != event {
			t.Fatal("a dead letter is not its record")
		}
		said := Header(letter, HeaderError)
		if len(said) > excerptBytes || !utf8.ValidString(said) || strings.ContainsFunc(said, func(r rune) bool { return r < ' ' || r == 0x7f }) || Excerpt(said) != said {
			t.Fatalf("the excerpt is %q", said)
		}
	})
}

// FuzzMeetingID takes apart anything: what is accepted is the same when it is put together again.
func FuzzMeetingID(f *testing.F) {
	for _, id := range []string{"acme/fathom/1", "a//b", "a/b/c/d", "/", ""} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		org, provider, recording, err := SplitMeetingID(id)
		if err == nil && MeetingID(org, provider, recording) != id {
			t.Fatalf("%q is %q, %q, %q", id, org, provider, recording)
		}
		if CheckOrg(id) == nil && CheckSegment("organisation", id) != nil {
			t.Fatalf("%q names an organisation and is no segment of a key", id)
		}
	})
}
