package schemas

import "slices"

// State says what matching made of a meeting.
type State string

// The states of a meeting.
const (
	StateMatched   State = "matched"   // linked to at least one customer
	StateInternal  State = "internal"  // everybody in it is our own, or nobody is known to be from outside
	StateUnmatched State = "unmatched" // an outsider took part whom the directory does not know
	StateGrouped   State = "grouped"   // another recording of the same call stands for it; see Call
)

// Rules by which an attendee leads to a customer.
const (
	RuleEmail  = "email"
	RuleDomain = "domain"
	RuleHand   = "hand" // a Decision; no attendee leads there
)

// Link joins a meeting to a customer and says why.
type Link struct {
	CompanyID *string `avro:"company_id"` // nil for an end user without a company
	EndUserID *string `avro:"end_user_id"`
	Attendee  string  `avro:"attendee"` // the e-mail address that led here
	Rule      string  `avro:"rule"`
	// Matched is what in the directory the attendee met: an address or a domain.
	Matched string `avro:"matched"`
	// Entry is the key in the directory, without the organisation, that says so,
	// and EntryVersion names what it said: a hash of all that matching reads of it.
	Entry        string `avro:"entry,default="`
	EntryVersion string `avro:"entry_version,default="`
}

// MatchedMeeting is a meeting with its customers.
type MatchedMeeting struct {
	Meeting Meeting `avro:"meeting"`
	State   string  `avro:"state"`
	Reason  string  `avro:"reason"` // why there is no link, for people; empty when matched
	Links   []Link  `avro:"links"`
	// OwnDomains are those of the organisation's domains that somebody in the
	// meeting is at: everybody there is ours, so that later stages tell the
	// customer's side from our own by the same rule.
	OwnDomains []string `avro:"own_domains"`
	// Matching says what became of everybody; nil from builds before it.
	Matching *Matching `avro:"matching"`
	// Call is nil where no other recording is of the same call.
	Call *Call `avro:"call"`
}

// Own are the names by which our own people are told, beside the host's address:
// OwnDomains and single addresses.
func (m *MatchedMeeting) Own() []string {
	if m.Matching == nil {
		return m.OwnDomains
	}
	return slices.Concat(m.OwnDomains, m.Matching.OwnAddresses)
}

// HostIsOurs says whether the host is one of our own people.
func (m *MatchedMeeting) HostIsOurs() bool { return m.Matching == nil || !m.Matching.HostOutside }

// Kinds of distillates.
const (
	CustomerFeedback = "customer_feedback"
	ActionItem       = "action_item"
	ProductAsk       = "product_ask"
	RenewalSignal    = "renewal_signal"
)

// Polarities of feedback.
const (
	Positive = "positive"
	Negative = "negative"
)

// Kinds lists the kinds of distillates in the order in which they are shown.
var Kinds = []string{CustomerFeedback, ActionItem, ProductAsk, RenewalSignal}

// Distillate is one thing learned from a meeting, with its evidence.
type Distillate struct {
	Kind     string  `avro:"kind"`
	Sentence string  `avro:"sentence"` // what was learned, to be read alone
	Quote    string  `avro:"quote"`    // verbatim from the turn; empty only where Turn is -1
	Turn     int32   `avro:"turn"`     // index into the transcript; -1 for an action item that the recorder noted without one
	Speaker  string  `avro:"speaker"`
	Email    *string `avro:"email"`
	StartMS  int64   `avro:"start_ms"`
	Owner    *string `avro:"owner"` // who is to do it, where it is an action item
	// Polarity of feedback, Positive or Negative; Signal is what a renewal signal
	// is about, in words for people. Empty where the kind has none, or where
	// nobody judged it.
	Polarity string `avro:"polarity,default="`
	Signal   string `avro:"signal,default="`
}

// DistilledMeeting is a matched meeting with what was learned from it.
type DistilledMeeting struct {
	Matched     MatchedMeeting `avro:"matched"`
	Distiller   string         `avro:"distiller"` // name and version of what distilled
	Distillates []Distillate   `avro:"distillates"`
	// Learning is what the rules and the distiller made of it; empty, in records
	// from before there were rules, is LearningDone.
	Learning     string `avro:"learning,default="`
	LearningWhy  string `avro:"learning_why,default="` // for people; empty when learned
	RulesVersion int64  `avro:"rules_version,default=0"`
	// Topics are those that it is about, with the words that say so.
	Topics []TopicHit `avro:"topics,default=[]"`
}
