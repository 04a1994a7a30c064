package schemas

import (
	"strings"
	"time"
)

// DirectoryEntry is a company, an end user, a decision on one meeting, the side
// of a domain, a setting or a word on two recordings; exactly one of them is set.
// Its key is DirectoryKey; a nil value removes the entry.
type DirectoryEntry struct {
	Org      string    `avro:"org"`
	Company  *Company  `avro:"company"`
	EndUser  *EndUser  `avro:"end_user"`
	Decision *Decision `avro:"decision"`
	Side     *Side     `avro:"side"`
	Setting  *Setting  `avro:"setting"`
	SameCall *SameCall `avro:"same_call"`
}

// Company is a customer.
type Company struct {
	ID      string            `avro:"id"`
	Name    string            `avro:"name"`
	Domains []string          `avro:"domains"`
	Traits  map[string]string `avro:"traits"`
}

// EndUser is a person at a customer.
type EndUser struct {
	ID        string            `avro:"id"`
	CompanyID *string           `avro:"company_id"`
	Name      string            `avro:"name"`
	Emails    []string          `avro:"emails"`
	Traits    map[string]string `avro:"traits"`
}

// Decision is a person's word on whether a meeting is about a customer. It wins
// over the rules for as long as it stands; removing it restores them.
type Decision struct {
	MeetingID string    `avro:"meeting_id"`
	CompanyID *string   `avro:"company_id"`  // of both
	EndUserID *string   `avro:"end_user_id"` // exactly one is set
	Linked    bool      `avro:"linked"`      // false: the meeting is not theirs, whatever the rules say
	By        string    `avro:"by"`          // who said so, for people
	At        time.Time `avro:"at"`
}

// Side says whose a domain with all below it is, or a single address, where
// the recorders' hosts do not tell: the most specific one counts.
type Side struct {
	Name string `avro:"name"` // in the one form of package address
	Is   string `avro:"is"`   // one of the Sides
}

// Sides.
const (
	SideOwn     = "own"     // the organisation's, although nobody records from there
	SideOutside = "outside" // not the organisation's, although somebody records from there
	SideIgnored = "ignored" // of no interest: never matches by domain, and is no outsider either
)

// Setting is a choice of the organisation. Without an entry it is the default.
type Setting struct {
	Name  string `avro:"name"`
	Value string `avro:"value"`
}

// SettingUnmatched says what becomes of meetings that are nobody's.
const (
	SettingUnmatched  = "unmatched"
	UnmatchedHeldBack = "held_back" // the default: they are in no search unless it asks for them
	UnmatchedGeneral  = "general"   // staff find them like the others; a customer's scope never has them
)

// Sorts of directory entries, as they stand in keys.
const (
	SortCompany  = "company"
	SortEndUser  = "end_user"
	SortDecision = "decision"
	SortSide     = "side"
	SortSetting  = "setting"
	SortSameCall = "same_call"
)

// DirectorySorts lists them.
var DirectorySorts = []string{SortCompany, SortEndUser, SortDecision, SortSide, SortSetting, SortSameCall}

// DecisionID is the id of a decision, so that there is one for a meeting and a
// customer: recorder/recording/company/ID or recorder/recording/end_user/ID.
func DecisionID(d *Decision) string {
	_, meeting, _ := strings.Cut(d.MeetingID, "/")
	if d.CompanyID != nil {
		return meeting + "/" + SortCompany + "/" + *d.CompanyID
	}
	if d.EndUserID != nil {
		return meeting + "/" + SortEndUser + "/" + *d.EndUserID
	}
	return ""
}

// DirectoryKey is the key of an entry in Directory: org/company/ID,
// org/end_user/ID, org/decision/ID with DecisionID, org/side/NAME,
// org/setting/NAME, org/same_call/ID with SameCallID.
func DirectoryKey(org, sort, id string) string { return org + "/" + sort + "/" + id }

// Identity is the sort and the id of what the entry holds, as they stand in its
// key; ok only where it holds exactly one thing.
func (e *DirectoryEntry) Identity() (sort, id string, ok bool) {
	held := 0
	if e.Company != nil {
		sort, id = SortCompany, e.Company.ID
		held++
	}
	if e.EndUser != nil {
		sort, id = SortEndUser, e.EndUser.ID
		held++
	}
	if e.Decision != nil {
		sort, id = SortDecision, DecisionID(e.Decision)
		held++
	}
	if e.Side != nil {
		sort, id = SortSide, e.Side.Name
		held++
	}
	if e.Setting != nil {
		sort, id = SortSetting, e.Setting.Name
		held++
	}
	if e.SameCall != nil {
		sort, id = SortSameCall, SameCallID(e.SameCall)
		held++
	}
	return sort, id, held == 1 && id != ""
}
