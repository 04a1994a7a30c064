package schemas

import "time"

// What became of the learning from a meeting.
const (
	LearningDone     = "learned"
	LearningWaiting  = "waiting"   // a model is still to be asked; what was said is searchable
	LearningOffTopic = "off_topic" // about none of the topics: searchable, with nothing drawn out
	LearningExcluded = "excluded"  // a keyword keeps it out: neither searchable nor distilled
	LearningGrouped  = "grouped"   // the recording that stands for the call is learned from
	LearningParked   = "parked"    // the model gave no usable answer; leadline replay asks again
)

// Learnings are all of them.
var Learnings = []string{LearningDone, LearningWaiting, LearningOffTopic, LearningExcluded, LearningGrouped, LearningParked}

// DistillationRequest asks for a meeting to be distilled. Its key is the
// MeetingID; nil says that nothing is wanted any more, so that what the topic
// holds is the work that is left.
type DistillationRequest struct {
	MeetingID string         `avro:"meeting_id"`
	Memo      string         `avro:"memo"`      // names content, rules, model and prompt
	Distiller string         `avro:"distiller"` // who is to do it
	Matched   MatchedMeeting `avro:"matched"`
	Rules     RuleSet        `avro:"rules"` // those that are on and for its recorder
	AskedAt   time.Time      `avro:"asked_at"`
}

// Distillation is a distiller's answer to a request, as it came: nobody has held
// its quotes against the transcript yet. Its key is the MeetingID.
type Distillation struct {
	MeetingID   string       `avro:"meeting_id"`
	Memo        string       `avro:"memo"` // of the request; empty: no answer, and tells what a call in vain cost
	Distiller   string       `avro:"distiller"`
	Distillates []Distillate `avro:"distillates"`
	Topics      []TopicHit   `avro:"topics"`
	Parked      string       `avro:"parked"` // why there is no answer; empty where there is one
	Spent       Spending     `avro:"spent"`
	AskedAt     time.Time    `avro:"asked_at"` // of the request: one that was parked and is asked again is another
	At          time.Time    `avro:"at"`
}

// TopicHit says that a meeting is about a topic, and by which words.
type TopicHit struct {
	Rule    string `avro:"rule"`
	Excerpt string `avro:"excerpt"`
	Turn    int32  `avro:"turn"` // -1: not in the transcript
}

// Spending is what an answer cost.
type Spending struct {
	Calls     int32 `avro:"calls"`
	TokensIn  int64 `avro:"tokens_in"`
	TokensOut int64 `avro:"tokens_out"`
	Micros    int64 `avro:"micros"` // millionths of the currency that the prices are in
}

// Plus adds up.
func (s Spending) Plus(o Spending) Spending {
	return Spending{s.Calls + o.Calls, s.TokensIn + o.TokensIn, s.TokensOut + o.TokensOut, s.Micros + o.Micros}
}

// Usage is what learning from a meeting cost once. Its key is UsageKey.
type Usage struct {
	MeetingID    string    `avro:"meeting_id"`
	Org          string    `avro:"org"`
	Memo         string    `avro:"memo"`
	Distiller    string    `avro:"distiller"`
	At           time.Time `avro:"at"`
	Spent        Spending  `avro:"spent"`
	Parked       bool      `avro:"parked"` // paid for nothing
	RulesVersion int64     `avro:"rules_version"`
	Rules        []string  `avro:"rules"` // topics that it was about, and instructions that were followed
	Companies    []string  `avro:"companies"`
	EndUsers     []string  `avro:"end_users"`
}

// UsageKey names a usage by what was asked and when it was answered.
func UsageKey(meetingID, memo string, at time.Time) string {
	return meetingID + "/" + memo + "/" + at.UTC().Format("20060102T150405.000")
}

// ReplayRequested asks for a stored meeting to go through a stage once more,
// under today's rules. Its key is the MeetingID.
type ReplayRequested struct {
	MeetingID string    `avro:"meeting_id"`
	Stage     string    `avro:"stage"`
	At        time.Time `avro:"at"`
}

// HeaderReplay on a matched meeting says that it comes for a ReplayRequested,
// and not because anything about it has changed.
const HeaderReplay = "replay"
