package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	addresses "leadline/schemas/address"
)

// Why says why a meeting is a customer's, or why it is not.
type Why struct {
	MeetingID  string   `json:"meeting_id" doc:"of the recording that stands for the call"`
	Title      string   `json:"title"`
	Customer   string   `json:"customer" doc:"company/ID or end_user/ID"`
	Name       string   `json:"name"`
	Linked     bool     `json:"linked"`
	Because    []string `json:"because" doc:"in words"`
	Links      []Link   `json:"links" doc:"those that lead to the customer"`
	Considered []Step   `json:"considered" doc:"what was found of everybody"`
}

// Step is what matching found of an attendee.
type Step struct {
	Attendee string   `json:"attendee" doc:"empty for a decision"`
	Finding  string   `json:"finding"`
	Name     string   `json:"name" doc:"the domain or address that decided"`
	Entries  []string `json:"entries" doc:"of the directory"`
	Says     string   `json:"says" doc:"in words"`
}

// WhyReader explains. A customer is a company's id, name or domain, or an end
// user's id or e-mail address.
type WhyReader interface {
	Why(ctx context.Context, org, meeting, customer string) (Why, error)
}

// subject is the customer that is asked about.
type subject struct {
	entry   string // company/ID
	name    string
	domains []string
	emails  []string // of the person, or of the company's people
	known   bool
}

// Why explains from what the meeting keeps: matching wrote it down when it
// judged the meeting, so the answer is the very reason and not a second opinion.
func (l Local) Why(ctx context.Context, org, meeting, customer string) (Why, error) {
	m, err := l.row(ctx, schemas.Scope{Org: org, HeldBack: true}, meeting)
	if err != nil {
		return Why{}, err
	}
	s, err := l.subject(ctx, org, customer)
	if err != nil {
		return Why{}, err
	}
	var grouped []string
	if c := m.Row.Call; c != nil && c.Canonical != meeting {
		grouped = append(grouped, m.Row.Reason)
		meeting = c.Canonical
		if m, err = l.row(ctx, schemas.Scope{Org: org, HeldBack: true}, meeting); err != nil {
			return Why{}, err
		}
	}
	why, err := l.because(ctx, m, meeting, s)
	why.Because = slices.Concat(grouped, why.Because)
	return why, err
}

// because says why the meeting is the customer's.
func (l Local) because(ctx context.Context, m schemas.StoredMeeting, meeting string, s subject) (Why, error) {
	org := m.Row.Org
	var err error
	why := Why{
		MeetingID: meeting, Title: m.Row.Title, Customer: s.entry, Name: s.name, Because: []string{}, Links: []Link{}, Considered: []Step{},
	}
	sort, id, _ := strings.Cut(s.entry, "/")
	for _, link := range m.Row.Links {
		if to := link.CompanyID; sort == schemas.SortEndUser {
			to = link.EndUserID
			if to == nil || *to != id {
				continue
			}
		} else if to == nil || *to != id {
			continue
		}
		why.Links = append(why.Links, Link{
			CompanyID: link.CompanyID, EndUserID: link.EndUserID, Attendee: link.Attendee, Rule: link.Rule, Matched: link.Matched,
		})
		says := because(link)
		if link.Rule == schemas.RuleHand {
			if says, err = l.byHand(ctx, org, strings.TrimPrefix(link.Entry, schemas.SortDecision+"/"), "put it there"); err != nil {
				return Why{}, err
			}
		}
		why.Because = append(why.Because, says)
	}
	why.Linked = len(why.Links) > 0
	if m.Row.Matching != nil {
		why.Considered = each(m.Row.Matching.Considered, shapeStep)
	}
	if why.Linked {
		return why, nil
	}
	why.Because = s.whyNot(why.Considered)
	if slices.ContainsFunc(why.Considered, func(step Step) bool {
		return step.Finding == schemas.FindingHandUnlinked && slices.Contains(step.Entries, s.entry)
	}) {
		_, about, _ := strings.Cut(meeting, "/")
		says, err := l.byHand(ctx, org, about+"/"+s.entry, "took it off")
		if err != nil {
			return Why{}, err
		}
		why.Because = []string{says}
	}
	return why, nil
}

// byHand says who decided and when. A decision that is being taken back may be
// gone before the meeting is judged again.
func (l Local) byHand(ctx context.Context, org, id, did string) (string, error) {
	e, found, err := l.Store.DirectoryEntry(ctx, org, schemas.SortDecision, id)
	if err != nil {
		return "", err
	}
	who, when := "somebody", ""
	if found && e.Decision.By != "" {
		who = e.Decision.By
	}
	if found {
		when = " on " + e.Decision.At.UTC().Format(time.DateOnly)
	}
	return who + " " + did + " by hand" + when, nil
}

func (l Local) subject(ctx context.Context, org, customer string) (subject, error) {
	c, found, err := l.Store.Customer(ctx, schemas.Scope{Org: org}, customer)
	if err != nil {
		return subject{}, err
	}
	if found {
		s := subject{entry: schemas.SortCompany + "/" + c.Company.ID, name: c.Company.Name, domains: c.Company.Domains, known: true}
		for _, u := range c.EndUsers {
			s.emails = append(s.emails, u.Emails...)
		}
		return s, nil
	}
	id := customer
	if strings.Contains(customer, "@") {
		who, _, err := l.endUser(ctx, schemas.Scope{Org: org}, customer)
		if absent := (*NotFound)(nil); err != nil && !errors.As(err, &absent) {
			return subject{}, err
		}
		if err == nil {
			id = who.ID
		}
	}
	e, found, err := l.Store.DirectoryEntry(ctx, org, schemas.SortEndUser, id)
	if err != nil {
		return subject{}, err
	}
	if !found {
		return subject{}, l.noCustomer(ctx, schemas.Scope{Org: org}, customer)
	}
	return subject{entry: schemas.SortEndUser + "/" + e.EndUser.ID, name: e.EndUser.Name, emails: e.EndUser.Emails, known: true}, nil
}

func because(l schemas.Link) string {
	switch l.Rule {
	case schemas.RuleEmail:
		says := fmt.Sprintf("%s is an address of the end user %q", l.Attendee, or(l.EndUserID, ""))
		if l.CompanyID != nil {
			says += fmt.Sprintf(" of the company %q", *l.CompanyID)
		}
		return says
	case schemas.RuleDomain:
		return fmt.Sprintf("%s is at %s, a domain of the company %q", l.Attendee, l.Matched, or(l.CompanyID, ""))
	}
	return fmt.Sprintf("%s led there by the rule %s", l.Attendee, l.Rule)
}

func shapeStep(c schemas.Considered) Step {
	return Step{Attendee: c.Attendee, Finding: c.Finding, Name: c.Name, Entries: listed(c.Entries), Says: says(c)}
}

// says is a finding in words.
func says(c schemas.Considered) string {
	entries := quoted(c.Entries)
	switch c.Finding {
	case schemas.FindingConflict:
		return fmt.Sprintf("%s is at %s, which several companies claim: %s; none gets the meeting by it", c.Attendee, c.Name, entries)
	case schemas.FindingDomain:
		return fmt.Sprintf("%s is at %s, a domain of %s", c.Attendee, c.Name, entries)
	case schemas.FindingEmail:
		return fmt.Sprintf("%s is an address of %s", c.Attendee, entries)
	case schemas.FindingFreeMail:
		return c.Attendee + " is no end user's address, and anybody can get one at its domain"
	case schemas.FindingHandGone:
		return fmt.Sprintf("somebody put the meeting on %s by hand, and the directory does not have them any more", entries)
	case schemas.FindingHandLinked:
		return fmt.Sprintf("somebody put the meeting on %s by hand", entries)
	case schemas.FindingHandUnlinked:
		return fmt.Sprintf("somebody took the meeting off %s by hand", entries)
	case schemas.FindingIgnored:
		return fmt.Sprintf("%s is at %s, which the organisation ignores", c.Attendee, c.Name)
	case schemas.FindingNoAddress:
		return fmt.Sprintf("%q was invited without an e-mail address, and names match nothing", c.Attendee)
	case schemas.FindingNobody:
		return c.Attendee + " is a room, a calendar or a note-taking program"
	case schemas.FindingNotAnAddress:
		return fmt.Sprintf("%.80q is not an e-mail address", c.Attendee)
	case schemas.FindingOwn:
		return fmt.Sprintf("%s is one of our own, by %s", c.Attendee, c.Name)
	case schemas.FindingPublicSuffix:
		return c.Attendee + " is no end user's address, and nobody can register its domain"
	case schemas.FindingRole:
		return c.Attendee + " is no end user's address, and a shared mailbox"
	case schemas.FindingUnknown:
		return c.Attendee + " is no end user's address, and no company has its domain"
	}
	return c.Attendee + ": " + c.Finding
}

func quoted(ids []string) string {
	const most = 5
	var all []string
	for _, id := range ids[:min(len(ids), most)] {
		all = append(all, fmt.Sprintf("%.140q", id))
	}
	if len(ids) > most {
		all = append(all, fmt.Sprintf("%d more", len(ids)-most))
	}
	return strings.Join(all, " and ")
}

// whyNot says what kept the meeting from the customer: first a decision, then
// those whom the customer's own domains and addresses name.
func (s subject) whyNot(steps []Step) []string {
	var told []string
	for _, step := range steps {
		if step.Attendee == "" && slices.Contains(step.Entries, s.entry) {
			told = append(told, step.Says)
		}
	}
	if len(told) > 0 {
		return told
	}
	for _, step := range steps {
		if s.concerns(step) {
			told = append(told, step.Says)
		}
	}
	if len(told) > 0 {
		return told
	}
	switch {
	case len(s.domains)+len(s.emails) == 0:
		told = append(told, fmt.Sprintf("the directory has no domain and no address for %q: only a link by hand could lead there", s.entry))
	default:
		told = append(told, fmt.Sprintf("nobody in the meeting has one of their addresses (%d) or is at one of their domains (%s)",
			len(s.emails), or(first(strings.Join(s.domains, ", ")), "none")))
	}
	if len(steps) == 0 {
		told = append(told, "nobody was invited or spoke whose name or address is known")
	}
	return told
}

func first(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// concerns says whether the step's attendee has an address of theirs or is at
// one of their domains.
func (s subject) concerns(step Step) bool {
	m, ok := addresses.Parse(step.Attendee)
	if !ok {
		return false
	}
	same := func(email string) bool {
		theirs, ok := addresses.Parse(email)
		return ok && theirs == m
	}
	if slices.ContainsFunc(s.emails, same) {
		return true
	}
	return slices.ContainsFunc(s.domains, func(typed string) bool {
		d, err := addresses.CompanyDomain(typed)
		return err == nil && slices.Contains(addresses.Lineage(m.Domain), d)
	})
}
