package sink

// Part is what the records of one topic fill in a store.
type Part string

// The parts. Which of them a store has is its own affair.
const (
	PartMeetings  Part = "meetings"
	PartProgress  Part = "progress"
	PartUsage     Part = "usage"
	PartHits      Part = "hits"
	PartDirectory Part = "directory"
	PartEntries   Part = "entries"
)
