package recorder

import "time"

// Query asks for a page of what was created in a window of time, both ends widened rather than narrowed.
type Query struct {
	Since, Until time.Time // zero: open
	Cursor       string    // Page.Next of the page before; empty for the first
	// Spare says which meetings need not be read this time, because an earlier listing has read them: where each costs
	// calls of its own, its Body may be left out. nil: none.
	Spare func(recording string, createdAt time.Time) bool
}

// Page is one page of a listing. A recording may come twice in a listing, or move between pages while it is read.
type Page struct {
	Documents []Document
	Next      string // opaque; empty on the last page
}

// Ref names a recording. CreatedAt is its creation as the listing told it, for a recorder that can be asked by time only;
// zero where nobody knows.
type Ref struct {
	Recording string
	CreatedAt time.Time
}

// Document is one meeting as it goes to meetings.raw.v1.
type Document struct {
	Event string // of the raw record: fathom/meeting.received
	// Recording is the id that normalize will find, a segment of the meeting's id; empty where it cannot be read. The
	// body is stored all the same: what cannot be read becomes a dead letter, whole.
	Recording  string
	CreatedAt  time.Time // zero where it cannot be read
	EndedAt    time.Time // of the meeting; likewise
	Transcript bool      // the body has one
	Summary    bool      // likewise
	// Body is the recorder's exact bytes, or what its package assembled of several answers. It is empty where the listing has
	// a meeting that is spared, or of which nothing can be read now: that one is not gone.
	Body []byte
}

// Complete says that nothing is to come but edits.
func (d Document) Complete() bool { return d.Transcript && d.Summary }
