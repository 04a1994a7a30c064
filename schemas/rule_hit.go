package schemas

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"time"
)

// What a learning rule did to a meeting.
const (
	HitExcluded = LearningExcluded // the keyword keeps it out
	HitAbout    = "about"          // it is about the topic
	HitOffTopic = LearningOffTopic // it is about none of the topics
	HitGiven    = "given"          // the instruction went to the model
)

// HitEffects are all of them.
var HitEffects = []string{HitExcluded, HitAbout, HitOffTopic, HitGiven}

// Where in a meeting a rule was met.
const (
	PlaceTitle         = "title"
	PlaceCalendarTitle = "calendar_title"
	PlaceSummary       = "summary"
	PlaceActionItem    = "action_item"
	PlaceTranscript    = "transcript"
)

// RuleHit is an event: a rule did something to a meeting. Its key is RuleHitKey;
// nil says that the meeting is erased.
type RuleHit struct {
	ID        string `avro:"id"` // HitID
	MeetingID string `avro:"meeting_id"`
	Org       string `avro:"org"`
	Title     string `avro:"title"` // of the meeting, at that time
	// Rules has the rule's id; those of all topics where the meeting is about none
	// of them.
	Rules        []string `avro:"rules"`
	RuleType     string   `avro:"rule_type"`
	RulesVersion int64    `avro:"rules_version"`
	Effect       string   `avro:"effect"`
	// Judge is the distiller that judged the topic or was given the instruction,
	// words/N where words judged, and empty where a phrase decides.
	Judge   string    `avro:"judge"`
	Place   string    `avro:"place"`   // empty where nothing was met
	Turn    int32     `avro:"turn"`    // -1: not in the transcript
	Excerpt string    `avro:"excerpt"` // verbatim, and of a keyword the phrase alone
	At      time.Time `avro:"at"`
}

// HitID names a hit by all that it follows from, so that the same content under
// the same rules is one event, however often it is judged.
func HitID(contentHash []byte, h *RuleHit) string {
	sum := sha256.New()
	rules := slices.Sorted(slices.Values(h.Rules))
	for _, part := range append([]string{string(contentHash), strconv.FormatInt(h.RulesVersion, 10), h.Effect, h.Judge}, rules...) {
		// With its length, or "ab","c" would be "a","bc".
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // hashes, names and ids
		sum.Write([]byte(part))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// RuleHitKey is the key of a hit: its meeting's id and its own.
func RuleHitKey(meetingID, id string) string { return meetingID + "/" + id }

// Cursor is what RuleHitQuery.Before wants, to go on behind this hit, also when
// it is gone by then.
func (h *RuleHit) Cursor() string {
	return strconv.FormatInt(h.At.UnixMilli(), 10) + "/" + RuleHitKey(h.MeetingID, h.ID)
}

// RuleHitQuery asks for hits, newest first. They are for an organisation's staff:
// an excerpt may be another customer's words.
type RuleHitQuery struct {
	Org    string
	Rule   string    // empty for any
	Effect string    // likewise
	Since  time.Time // zero for all
	Limit  int       // at most 500; 0 is 50
	Before string    // Cursor of the last hit of the page before; empty for the first
	// Each keeps the newest of each rule and effect, so many; 0 keeps all.
	Each int
}
