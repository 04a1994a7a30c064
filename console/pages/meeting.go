package pages

import (
	"cmp"
	"context"
	"strings"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// findings says what matching found, to people; see schemas.Findings.
var findings = map[string]string{
	schemas.FindingConflict:     "several customers claim this, so none gets the meeting by it",
	schemas.FindingDomain:       "a customer has this domain",
	schemas.FindingEmail:        "an end user has this address",
	schemas.FindingFreeMail:     "a free mail address that no end user has",
	schemas.FindingHandGone:     "linked by hand to a customer who is not in the directory",
	schemas.FindingHandLinked:   "a person put the meeting here",
	schemas.FindingHandUnlinked: "a person took the meeting off",
	schemas.FindingIgnored:      "ignored, as this organisation wants it",
	schemas.FindingNoAddress:    "invited without an address",
	schemas.FindingNobody:       "a room, a calendar or a note-taking program",
	schemas.FindingNotAnAddress: "this is no e-mail address",
	schemas.FindingOwn:          "one of our own people",
	schemas.FindingPublicSuffix: "a domain that nobody can own, and no end user has the address",
	schemas.FindingRole:         "a team's mailbox that no end user has",
	schemas.FindingUnknown:      "nobody in the directory",
}

// attendee is somebody with what matching made of them.
type attendee struct {
	console.Attendee
	Found []found
}

type found struct {
	Who     string // only where no attendee is named
	Finding string
	Name    string
	Entries []directoryEntry
}

// learned is a distillate with where it was said.
type learned struct {
	console.Distillate
	Line string // where the transcript says it: a link; empty without a place
	URL  string // that second of the recording
}

type group struct {
	Kind string
	All  []learned
}

// hop is a stage with the time since the one before.
type hop struct {
	console.Stage
	After string
}

type meetingPage struct {
	console.MeetingDetail
	Path         string // of this page
	VersionsPath string
	Names        map[string]string
	People       []attendee
	Others       []found // decisions, and whom no attendee stands for
	Summary      []block
	Learned      []group
	LearningWhy  string
	Transcript   transcript
	Whole        bool
	Hops         []hop
}

func (s *Site) meeting(ctx context.Context, v *visit) (answer, error) {
	asked := v.URL.Query()
	id := schemas.MeetingID(v.session.org, asked.Get("recorder"), asked.Get("recording"))
	m, err := s.local.Meeting(ctx, v.scope(), id)
	if err != nil {
		return answer{}, err
	}
	// Why it has these links is for staff alone, and not in what the API shapes.
	scope := v.scope()
	scope.HeldBack = true
	stored, _, err := s.Store.Meeting(ctx, scope, id)
	if err != nil {
		return answer{}, err
	}
	made := meetingPage{
		MeetingDetail: m, Path: meetingPath(id), VersionsPath: versionsPath(id), Names: s.names(ctx, v, []console.Meeting{m.Meeting}),
		LearningWhy: stored.Row.LearningWhy, Whole: asked.Get("all") != "", Hops: hopsOf(m.Stages),
	}
	made.People, made.Others = peopleOf(m.Attendees, stored.Row.Matching)
	for _, e := range m.EntryList {
		if e.Kind == schemas.EntrySummary {
			made.Summary = append(made.Summary, blocksOf(clip(maxSummary, e.Text))...)
		}
	}
	made.Transcript = transcriptOf(m, made.Whole)
	made.Learned = learnedOf(m, made.Transcript, made.Path)
	return answer{name: "meeting", title: console.Titled(m.Title), data: made}, nil
}

// peopleOf puts what was considered beside whom it is about.
func peopleOf(all []console.Attendee, why *schemas.Matching) (people []attendee, others []found) {
	if why == nil {
		why = new(schemas.Matching)
	}
	taken := make(map[int]bool)
	for _, a := range all {
		one := attendee{Attendee: a}
		for i, c := range why.Considered {
			if !taken[i] && c.Attendee != "" && (strings.EqualFold(c.Attendee, deref(a.Email)) || c.Attendee == a.Name) {
				taken[i] = true
				one.Found = append(one.Found, foundOf(c))
			}
		}
		people = append(people, one)
	}
	for i, c := range why.Considered {
		if !taken[i] {
			f := foundOf(c)
			f.Who = c.Attendee
			others = append(others, f)
		}
	}
	return people, others
}

func foundOf(c schemas.Considered) found {
	return found{Finding: findingText(c.Finding), Name: c.Name, Entries: entriesOf(c.Entries)}
}

// findingText is what was found, to people.
func findingText(name string) string { return cmp.Or(findings[name], words(name)) }

// directoryEntry is one that a finding names, with where it is shown.
type directoryEntry struct {
	ID   string
	Path string // empty for a person: only companies have a page
}

func entriesOf(ids []string) (all []directoryEntry) {
	for _, id := range ids {
		one := directoryEntry{ID: id}
		if company, is := strings.CutPrefix(id, schemas.SortCompany+"/"); is {
			one.Path = customerPath(company)
		}
		all = append(all, one)
	}
	return all
}

// learnedOf sorts the distillates by kind and finds their lines, also in the
// part of the transcript that is not shown: the link then opens it.
func learnedOf(m console.MeetingDetail, t transcript, path string) []group {
	whole := transcriptOf(m, true)
	urls := make(map[string]string)
	for _, e := range m.EntryList {
		if e.Kind == schemas.EntryDistilled && e.Start != nil {
			urls[deref(e.Distilled)+*e.Start] = e.URL
		}
	}
	var groups []group
	for _, kind := range schemas.Kinds {
		g := group{Kind: kind}
		for _, d := range m.Distillates {
			if d.Kind != kind {
				continue
			}
			l := learned{Distillate: d}
			if d.Turn != nil {
				l.URL = urls[kind+deref(d.Start)]
				if id := find(whole.Passages, int(*d.Turn), d.Quote); id != "" {
					l.Line = "#" + id
					if !t.shown[id] {
						l.Line = path + "&all=1#" + id
					}
				}
			}
			g.All = append(g.All, l)
		}
		if len(g.All) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// Took is how long the meeting was; empty where nobody knows.
func (m meetingPage) Took() string {
	if d := m.EndedAt.Sub(m.StartedAt); d >= time.Minute && d < 24*time.Hour {
		return spoken(d)
	}
	return ""
}

func hopsOf(all []console.Stage) []hop {
	hops := make([]hop, len(all))
	for i, stage := range all {
		hops[i].Stage = stage
		if i > 0 {
			hops[i].After = stage.At.Sub(all[i-1].At).Round(time.Millisecond).String()
		}
	}
	return hops
}
