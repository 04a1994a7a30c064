package schemas

import (
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Headers of raw records: where the bytes came from.
const (
	HeaderEvent      = "event"      // fathom/meeting.received
	HeaderProvider   = "provider"   // fathom, zoom
	HeaderOrg        = "org"        //
	HeaderConnection = "connection" // which of the organisation's connections
	HeaderSource     = "source"     // webhook, poll, manual, fetch
	HeaderDelivery   = "delivery"   // the sender's id of the delivery; of a poll, its page
	HeaderReceived   = "received"   // RFC 3339 with milliseconds, UTC
	HeaderRecording  = "recording"  // the recorder's id of the recording; absent where it could not be read
)

// Headers of dead letters: what happened to the record and where it was.
const (
	HeaderReason    = "dead-reason"    // one of Reasons
	HeaderError     = "dead-error"     // for people, at most 1 KiB
	HeaderStage     = "dead-stage"     // who refused it
	HeaderTopic     = "dead-topic"     // where it was,
	HeaderPartition = "dead-partition" // so that it
	HeaderOffset    = "dead-offset"    // can be found
)

// HeaderVersion is the version of a row or an entry, on values and on
// tombstones alike: a tombstone has no value that could hold it.
const HeaderVersion = "version"

// HeaderTrying is on a request to a recorder that had its turn and went to the
// end of the queue: since when it is tried, not before when again, after which
// pause.
const HeaderTrying = "trying"

// HeaderCovers is on records of a state topic: per input topic, the offset
// after the last record that the transaction had consumed.
const HeaderCovers = "covers"

// Events of raw records.
const (
	FathomMeetingReceived = "fathom/meeting.received"
)

// erased ends the event of a raw record without a body: the meeting is gone, whatever was received of it before.
const erased = "/meeting.erased"

// ErasedProvider returns the recorder of an event that erases a meeting.
func ErasedProvider(event string) (provider string, ok bool) { return strings.CutSuffix(event, erased) }

// ErasedRecord makes a record of RawMeetings that erases o.Recording; what is received of it after o.Received is a new
// meeting.
func ErasedRecord(o Origin) *kgo.Record {
	o.Event, o.Source = o.Provider+erased, SourceErase
	return RawRecord(o, nil)
}

// gone ends the event of a raw record without a body: when it was received, the recorder did not have the recording any more.
const gone = "/meeting.gone"

// GoneProvider returns the recorder of an event that marks a meeting as gone.
func GoneProvider(event string) (provider string, ok bool) { return strings.CutSuffix(event, gone) }

// GoneRecord makes a record of RawMeetings that marks o.Recording as gone; what was read of it after o.Received ends that.
func GoneRecord(o Origin) *kgo.Record {
	o.Event = o.Provider + gone
	return RawRecord(o, nil)
}

// Source says how a recording reached us.
type Source string

// The sources of raw records.
const (
	SourceWebhook Source = "webhook"
	SourcePoll    Source = "poll"
	SourceManual  Source = "manual"
	SourceErase   Source = "erase"
	SourceFetch   Source = "fetch" // asked for by its id, because a delivery or a gap named it
)

// Reason says why a record is a dead letter.
type Reason string

// Reasons is the closed list: a program may count on it, and a person knows
// what to do for each.
const (
	ReasonMalformed     Reason = "malformed"      // not the JSON or the registered format it should be
	ReasonUnknownSchema Reason = "unknown_schema" // framed with an id that the registry does not know
	ReasonInvalid       Reason = "invalid"        // well-formed, but a field breaks the rules; the error names it
	ReasonUnknownEvent  Reason = "unknown_event"  // a raw record of a kind that no stage handles
	ReasonTooLarge      Reason = "too_large"      // what it becomes does not fit into a record
)

// Reasons are all of them.
var Reasons = []Reason{ReasonMalformed, ReasonUnknownSchema, ReasonInvalid, ReasonUnknownEvent, ReasonTooLarge}

// Header returns the value of the first header of that name, or "".
func Header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// Origin is what the headers of a raw record say.
type Origin struct {
	Event, Provider, Org, Connection, Delivery string
	Recording                                  string // empty where it could not be read
	Source                                     Source
	Received                                   time.Time
}

const receivedFormat = "2006-01-02T15:04:05.000Z"

// RawRecord makes a record of RawMeetings. The body is kept as it is.
func RawRecord(o Origin, body []byte) *kgo.Record {
	h := func(k, v string) kgo.RecordHeader { return kgo.RecordHeader{Key: k, Value: []byte(v)} }
	r := &kgo.Record{
		Topic: RawMeetings.Name, Key: []byte(o.Org), Value: body,
		Headers: []kgo.RecordHeader{
			h(HeaderEvent, o.Event), h(HeaderProvider, o.Provider), h(HeaderOrg, o.Org),
			h(HeaderConnection, o.Connection), h(HeaderSource, string(o.Source)),
			h(HeaderDelivery, o.Delivery), h(HeaderReceived, o.Received.UTC().Format(receivedFormat)),
		},
	}
	if o.Recording != "" {
		r.Headers = append(r.Headers, h(HeaderRecording, o.Recording))
	}
	return r
}

// OriginOf reads the headers that RawRecord wrote. A missing or malformed one
// leaves its field empty: what the reader cannot do without, it must check.
func OriginOf(r *kgo.Record) Origin {
	received, err := time.Parse(receivedFormat, Header(r, HeaderReceived))
	if err != nil {
		received = r.Timestamp.UTC()
	}
	return Origin{
		Event: Header(r, HeaderEvent), Provider: Header(r, HeaderProvider), Org: Header(r, HeaderOrg),
		Connection: Header(r, HeaderConnection), Source: Source(Header(r, HeaderSource)),
		Delivery: Header(r, HeaderDelivery), Received: received, Recording: Header(r, HeaderRecording),
	}
}

// VersionHeader is the header that carries a version.
func VersionHeader(v uint64) kgo.RecordHeader {
	return kgo.RecordHeader{Key: HeaderVersion, Value: strconv.AppendUint(nil, v, 10)}
}

// VersionOf reads the version from a record's headers.
func VersionOf(r *kgo.Record) (uint64, error) {
	return strconv.ParseUint(Header(r, HeaderVersion), 10, 64)
}
