package normalize

import (
	"cmp"
	"slices"
	"strings"

	"leadline/schemas"
)

// zoomPerson is a join of a participant: who comes back has two.
type zoomPerson struct {
	ID       string `json:"id"` // empty for people outside of the account
	Name     string `json:"name"`
	Session  string `json:"user_id"` // the same in both lists
	Email    string `json:"user_email"`
	JoinTime string `json:"join_time"`
	Status   string `json:"status"`
	Internal *bool  `json:"internal_user"` // not in the report
}

// people lists who was there, each once, in the order in which they came. The
// report fills in addresses that the list of participants does not have.
func (z *zoomRecording) people() []zoomPerson {
	type join struct{ session, name, at string }
	joinOf := func(p zoomPerson) join { return join{p.Session, p.Name, p.JoinTime} }
	reported := make(map[join]zoomPerson)
	for _, p := range z.Report {
		reported[joinOf(p)] = p
	}
	var joins []zoomPerson
	listed := make(map[join]bool)
	for _, p := range z.Participants {
		listed[joinOf(p)] = true
		p.Email = cmp.Or(p.Email, reported[joinOf(p)].Email)
		joins = append(joins, p)
	}
	for _, p := range z.Report {
		if !listed[joinOf(p)] {
			joins = append(joins, p)
		}
	}
	// Zoom promises no order, and another one must not look like an edit.
	slices.SortStableFunc(joins, func(a, b zoomPerson) int {
		return cmp.Or(strings.Compare(a.JoinTime, b.JoinTime), strings.Compare(a.Session, b.Session), strings.Compare(a.Name, b.Name))
	})
	var people []zoomPerson
	place := make(map[string]int)
	for _, p := range joins {
		p.Name, p.Email = strings.TrimSpace(p.Name), strings.TrimSpace(p.Email)
		if p.Status == "in_waiting_room" || p.Name == "" && p.Email == "" {
			continue
		}
		// Without address and id, two who have one name are one: there is nothing else to tell them by.
		key := "email " + strings.ToLower(p.Email)
		if p.Email == "" {
			key = cmp.Or(p.ID, "name "+p.Name)
		}
		i, known := place[key]
		if !known {
			place[key] = len(people)
			people = append(people, p)
			continue
		}
		people[i].Name = cmp.Or(people[i].Name, p.Name)
		people[i].ID = cmp.Or(people[i].ID, p.ID)
		if people[i].Internal == nil {
			people[i].Internal = p.Internal
		}
	}
	return slices.DeleteFunc(people, func(p zoomPerson) bool {
		// Who is there with an address need not be there again by name alone.
		return p.Email == "" && slices.ContainsFunc(people, func(q zoomPerson) bool { return q.Email != "" && q.Name == p.Name && q.ID == p.ID })
	})
}

// host is who owns the recording. Zoom names him in several places, and in none
// of them always.
func (z *zoomRecording) host(people []zoomPerson) schemas.Host {
	h := schemas.Host{Name: z.Past.HostName, Email: cmp.Or(z.Past.HostEmail, z.Recording.HostEmail)}
	if z.Summary != nil {
		h.Email = cmp.Or(h.Email, z.Summary.HostEmail)
	}
	for _, p := range people {
		if p.ID != "" && p.ID == z.Recording.HostID || h.Email != "" && strings.EqualFold(p.Email, h.Email) {
			h.Name, h.Email = cmp.Or(h.Name, p.Name), cmp.Or(h.Email, p.Email)
		}
	}
	h.EmailDomain = domainOf(h.Email)
	return h
}

func domainOf(email string) *string {
	_, domain, ok := strings.Cut(email, "@")
	if !ok || domain == "" {
		return nil
	}
	return new(strings.ToLower(domain))
}

// invitees are the participants: Zoom does not tell who was invited and did not
// come.
func invitees(people []zoomPerson, m schemas.Meeting) []schemas.Invitee {
	heard := make(map[string]bool)
	for _, t := range m.Turns {
		heard[strings.ToLower(t.Speaker)] = true
	}
	var all []schemas.Invitee
	for _, p := range people {
		i := schemas.Invitee{EmailDomain: domainOf(p.Email)}
		if p.Name != "" {
			i.Name = &p.Name
		}
		if p.Email != "" {
			i.Email = &p.Email
		}
		if heard[strings.ToLower(p.Name)] {
			i.SpeakerName = i.Name
		}
		switch {
		case p.Internal != nil:
			i.External = !*p.Internal
		case i.EmailDomain != nil && m.Host.EmailDomain != nil:
			i.External = *i.EmailDomain != *m.Host.EmailDomain
		default:
			i.External = p.ID == ""
		}
		all = append(all, i)
	}
	return all
}

// emailsByName finds the address of a speaker: that of the one participant who
// has the name. Of two who have it, it may be either's.
func emailsByName(people []zoomPerson) map[string]*string {
	emails, shared := make(map[string]*string), make(map[string]bool)
	for _, p := range people {
		name := strings.ToLower(p.Name)
		if _, twice := emails[name]; twice || shared[name] {
			shared[name] = true
			delete(emails, name)
			continue
		}
		if p.Email != "" {
			emails[name] = &p.Email
		} else {
			shared[name] = true
		}
	}
	return emails
}
