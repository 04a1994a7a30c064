package schemas

import "time"

// PendingMeeting is a meeting that a recorder told of before it had a transcript or a summary. Its key is PendingKey; it
// is deleted once the meeting is complete or nobody asks for it any more.
type PendingMeeting struct {
	Org        string    `avro:"org"`
	Provider   string    `avro:"provider"`
	Connection string    `avro:"connection"`
	Recording  string    `avro:"recording"`
	CreatedAt  time.Time `avro:"created_at"` // as the listing has it; zero where nobody knows
	Transcript bool      `avro:"transcript"` // there was one when it was last read
	Summary    bool      `avro:"summary"`    // likewise
	Asked      int32     `avro:"asked"`      // how often it was asked for again
	AskAt      time.Time `avro:"ask_at"`     // when it is asked for next
	Deadline   time.Time `avro:"deadline"`   // the last time
}

// PendingKey is the key of a PendingMeeting: what it waits for belongs to the connection that can ask.
func PendingKey(connection, recording string) string { return connection + "/" + recording }
