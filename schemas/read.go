package schemas

import "time"

// Scope says whose words may come back. A store applies it inside the query: a
// result outside of it never leaves the store.
type Scope struct {
	Org string // always; nothing crosses organisations
	// Company or EndUser narrows to one customer's entries; both empty is the
	// organisation's staff, who see every customer's.
	Company string
	EndUser string
	// HeldBack lets staff also see unmatched and internal meetings, which are
	// nobody's otherwise. It never widens a customer's scope.
	HeldBack bool
	// Unmatched lets staff see unmatched meetings and not internal ones: the
	// organisation chose that they are general knowledge. It never widens a
	// customer's scope either.
	Unmatched bool
}

// States are those that the scope has; nil is every one.
func (s Scope) States() []State {
	switch customer := s.Company != "" || s.EndUser != ""; {
	case s.HeldBack && !customer:
		return nil
	case s.Unmatched && !customer:
		return []State{StateMatched, StateUnmatched}
	}
	return []State{StateMatched}
}

// MeetingQuery asks for meetings, newest first.
type MeetingQuery struct {
	Scope Scope
	State State // empty for any but StateGrouped, so that each call is listed once
	// Learning is one of LearningDone and its like; empty for any. A customer's
	// scope has none with it: what is learned by which rules is not theirs to see.
	Learning string
	// Address is that of an end user of the scope whom the meeting is linked to by
	// it, in its one form (schemas/address); empty for any.
	Address  string
	Provider string    // recorder; empty for any
	Since    time.Time // of the meeting's start, inclusive; zero for any
	Until    time.Time // likewise, exclusive
	Limit    int       // at most 500; 0 is 50
	Before   string    // MeetingID of the last meeting of the page before; empty for the first
}

// StoredMeeting is a meeting as a store has it.
type StoredMeeting struct {
	Row     MeetingRow
	Version uint64
	Entries int // counted in the knowledge store, not what the row says
}

// CostQuery asks what learning cost.
type CostQuery struct {
	Org   string
	Since time.Time // answers of then or later; zero for all
}

// Costs is what learning cost an organisation. A meeting of two customers counts
// for both, and an answer for every rule that it had a part in: neither adds up
// to the total.
type Costs struct {
	Total     Spending
	Parked    Spending // of it, what gave no usable answer
	ByRule    map[string]Spending
	ByCompany map[string]Spending
}

// SearchQuery asks for passages. What is empty does not narrow; of a list any
// one is enough. Companies narrow what staff see; whose words may come back at
// all is for Scope to say.
type SearchQuery struct {
	Scope     Scope
	Text      string
	Kinds     []string
	Providers []string  // recorders
	Speakers  []string  // names, as the transcript has them
	Companies []string  // ids of which a meeting is about one
	Languages []string  // tags: en is en and en-GB, en-GB only itself
	Since     time.Time // of the meeting's start, inclusive
	Until     time.Time // likewise, exclusive
	Limit     int       // at most 100; 0 is 10
	After     string    // Cursor of the last hit of the page before; empty for the first
}

// Hit is a passage that answers a query.
type Hit struct {
	Entry   Entry
	Version uint64
	Score   float64 // the higher the better; comparable within one answer only
	Cursor  string  // what SearchQuery.After wants, to go on behind this hit
	// Marks are the byte ranges of Entry.Text that matched, rising and apart.
	Marks [][2]int
}

// DirectoryQuery asks for an organisation's entries of one sort, by rising id.
type DirectoryQuery struct {
	Org   string
	Sort  string // SortCompany, ...
	After string // the id of the last entry of the page before; empty for the first
	Limit int    // at most 1000; 0 is 100
}

// Customer sums up a company: what the directory says of it, and its meetings.
type Customer struct {
	Company   Company
	EndUsers  []EndUser
	Meetings  int
	LastMet   *time.Time
	Distilled map[string]int // kind -> number of distillates
}

// Holding is what a store holds of an organisation's meetings of one recorder.
type Holding struct {
	Provider   string
	Meetings   int
	Searchable int            // of them, those that have entries
	Newest     time.Time      // when the newest started; zero where there is none
	Entries    map[string]int // kind of entry -> number
}

// Tally counts what a store holds of an organisation.
type Tally struct {
	Meetings  map[State]int  // each call once: those that are grouped are not among them
	ByCompany map[string]int // company id -> meetings
	Entries   map[string]int // kind of entry -> number
	Progress  map[string]int // stage/outcome -> number of records
}
