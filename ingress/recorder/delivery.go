package recorder

// Delivery is what a verified webhook asks for. At most one of Event, Fetch and Answer is set; with none it is of no
// interest, and is acknowledged.
type Delivery struct {
	ID string // the sender's, the same when it tries again; for people
	// Object says that the body was read to its end, and is a JSON object: nobody has to look again.
	Object bool
	// Event says that the body is a raw record of that event. Recording is the meeting's, where it can be read.
	Event     string
	Recording string
	// Complete says that the body has all that a recording will have but edits.
	Complete bool
	// Fetch names a recording that has to be fetched, because the body is not all of it or holds what must not be stored.
	Fetch string
	// Gone says that the recording which Fetch names is said not to be there any more.
	Gone bool
	// Answer is sent at once, as JSON: a challenge.
	Answer []byte
}
