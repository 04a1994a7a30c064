package schemas

// Matching is how a meeting came to its links, and why it has no others.
type Matching struct {
	// OwnAddresses are those of our own people, in the form of package address,
	// whom neither the host's address nor OwnDomains tells.
	OwnAddresses []string     `avro:"own_addresses"`
	Considered   []Considered `avro:"considered"`
	// HostOutside says that a side entry calls the host's address outside; else
	// the host is one of ours.
	HostOutside bool `avro:"host_outside,default=false"`
}

// Considered is one step of matching: an attendee and what was found. Somebody
// may have two, one for the address and one for the domain.
type Considered struct {
	// Attendee is the address in the form of package address; where there is none,
	// what the recorder wrote; empty for a decision.
	Attendee string `avro:"attendee"`
	Finding  string `avro:"finding"` // one of Findings
	// Name is the domain or address that decided; empty where none did.
	Name    string   `avro:"name"`
	Entries []string `avro:"entries"` // of the directory, as in Link.Entry
}

// Findings is the closed list of what matching says of an attendee.
var Findings = []string{
	FindingConflict, FindingDomain, FindingEmail, FindingFreeMail, FindingHandGone, FindingHandLinked, FindingHandUnlinked,
	FindingIgnored, FindingNoAddress, FindingNotAnAddress, FindingOwn, FindingPublicSuffix, FindingRole, FindingNobody, FindingUnknown,
}

// The findings.
const (
	FindingConflict     = "conflict"       // several companies claim Name; none gets the meeting by it
	FindingDomain       = "domain"         // a company has Name: linked
	FindingEmail        = "email"          // end users have the address: linked
	FindingFreeMail     = "free_mail"      // no end user has the address, and anybody can get one at its domain
	FindingHandGone     = "hand_gone"      // linked by hand to a customer whom the directory does not have
	FindingHandLinked   = "hand_linked"    // a person put the meeting here
	FindingHandUnlinked = "hand_unlinked"  // a person took the meeting off
	FindingIgnored      = "ignored"        // the organisation ignores Name
	FindingNoAddress    = "no_address"     // invited without an e-mail address; names match nothing
	FindingNobody       = "room_or_bot"    // a room, a calendar or a note-taking program
	FindingNotAnAddress = "not_an_address" // what stands for the address is none
	FindingOwn          = "own"            // one of ours, by Name
	FindingPublicSuffix = "public_suffix"  // no end user has the address, and nobody can register its domain
	FindingRole         = "role_mailbox"   // no end user has the address, and a team reads it
	FindingUnknown      = "unknown"        // no end user has the address and no company its domains
)
