package index

import (
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/schemas/address"
)

// speakersOf sums up the voices in the order in which they are first heard. A
// voice is known by its address, or else by its name; a name that has one
// address anywhere in the transcript has it everywhere. Turns with neither are
// nobody's. words are those of each turn.
func speakersOf(turns []schemas.Turn, words []int32) []schemas.Speaker {
	addresses := make(map[string]*string) // name -> its address, nil when there are several
	for _, t := range turns {
		if firstText(t.Email) == "" {
			continue
		}
		if other, seen := addresses[t.Speaker]; seen && (other == nil || fold(*other) != fold(*t.Email)) {
			addresses[t.Speaker] = nil
		} else if !seen {
			addresses[t.Speaker] = t.Email
		}
	}
	var speakers []schemas.Speaker
	at := make(map[string]int)
	for turn, t := range turns {
		email := t.Email
		if firstText(email) == "" {
			email = addresses[t.Speaker]
		}
		if email == nil && t.Speaker == "" {
			continue
		}
		key := "name " + t.Speaker
		if email != nil {
			key = "address " + fold(*email)
		}
		i, seen := at[key]
		if !seen {
			i = len(speakers)
			at[key] = i
			speakers = append(speakers, schemas.Speaker{Name: t.Speaker, Email: email})
		}
		speakers[i].Turns++
		speakers[i].Questions += int32(countQuestions(t.Text)) //nolint:gosec // bounded by a record's size
		speakers[i].Words += words[turn]
	}
	return speakers
}

// people unites those who are the same by address, or else by name.
type people struct {
	all       []schemas.Attendee
	byAddress map[string]int
	byName    map[string]int
}

// attendeesOf unites invitees with speakers.
func attendeesOf(invited []schemas.Invitee, speakers []schemas.Speaker, ours own) []schemas.Attendee {
	p := people{byAddress: make(map[string]int), byName: make(map[string]int)}
	for _, i := range invited {
		p.add(schemas.Attendee{
			Name: firstText(i.Name, i.SpeakerName), Email: i.Email, External: i.External || ours.excludes(i.Email),
		}, firstText(i.SpeakerName))
	}
	for _, s := range speakers {
		p.add(schemas.Attendee{Name: s.Name, Email: s.Email, External: outsider(s.Email, ours), Spoke: true}, "")
	}
	return p.all
}

// add takes in a person, who may be heard under another name than the own.
// Whether somebody is an outsider is the recorder's judgement where there is one,
// so the first to say it is heard.
func (p *people) add(a schemas.Attendee, heardAs string) {
	if firstText(a.Email) == "" {
		a.Email = nil
	}
	if a.Email == nil && a.Name == "" {
		return
	}
	i, known := p.find(a)
	if !known {
		i = len(p.all)
		p.all = append(p.all, a)
	}
	one := &p.all[i]
	one.Spoke = one.Spoke || a.Spoke
	if one.Name == "" {
		one.Name = a.Name
	}
	if one.Email == nil {
		one.Email = a.Email
	}
	if one.Email != nil {
		p.byAddress[fold(*one.Email)] = i
	}
	for _, name := range []string{a.Name, heardAs} {
		if _, taken := p.byName[fold(name)]; !taken && name != "" {
			p.byName[fold(name)] = i
		}
	}
}

// find looks for the person. Of two with different addresses the name decides
// nothing.
func (p *people) find(a schemas.Attendee) (int, bool) {
	if a.Email != nil {
		if i, known := p.byAddress[fold(*a.Email)]; known {
			return i, true
		}
	}
	i, known := p.byName[fold(a.Name)]
	if known && a.Email != nil && p.all[i].Email != nil {
		return 0, false
	}
	return i, known
}

// own tells our own people from others.
type own struct {
	names   []string // domains and addresses
	outside string   // the host's address, where the directory calls it outside
}

// excludes says whether an address is that of a host who is not ours. The
// recorder, whose account it is, takes him for one of ours.
func (o own) excludes(email *string) bool {
	return o.outside != "" && email != nil && plain(*email) == plain(o.outside)
}

// outsider says whether an address is none of ours, and at none of our domains.
func outsider(email *string, ours own) bool {
	if email == nil {
		return false
	}
	if ours.excludes(email) {
		return true
	}
	who := plain(*email)
	// Of the domain alone: mary.ann@gmail.com ends like ann@gmail.com, who is ours.
	domain := who[strings.LastIndexByte(who, '@')+1:]
	return !slices.ContainsFunc(ours.names, func(name string) bool {
		name = fold(name)
		return name != "" && (who == name || domain == name || strings.HasSuffix(domain, "."+name))
	})
}

// plain is the one form of an address.
func plain(email string) string {
	if m, ok := address.Parse(email); ok {
		return m.String()
	}
	return fold(email)
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
