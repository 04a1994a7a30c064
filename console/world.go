package console

import (
	"context"
	"errors"
	"slices"
	"time"

	"leadline/schemas"
	addresses "leadline/schemas/address"
)

// simulateAgain is when it is worth trying again while another one is under way.
const simulateAgain = 5 * time.Second

// simulate compares the newest meetings under the directory as it is and as it
// would be. An organisation has one at a time: it may hold 50,000 meetings.
func (a *api) simulate(ctx context.Context, org string, changes []schemas.DirectoryLine, limit int) (Simulation, error) {
	if a.Simulate == nil {
		return Simulation{}, errReadOnly
	}
	if _, busy := a.simulating.LoadOrStore(org, true); busy {
		return Simulation{}, &tooMany{simulateAgain, "somebody of this organisation simulates: one at a time"}
	}
	defer a.simulating.Delete(org)
	w, more, err := a.local.world(ctx, org, limit)
	if err != nil {
		return Simulation{}, err
	}
	made := Simulation{Meetings: len(w.Meetings), More: more}
	if made.Differences, err = a.Simulate(ctx, w, changes); err != nil {
		return Simulation{}, err
	}
	made.Differences = listed(made.Differences)
	for _, d := range made.Differences {
		made.Linked += len(d.Linked)
		made.Unlinked += len(d.Unlinked)
	}
	return made, nil
}

// world gathers what a simulation starts from. Of a large directory it keeps
// the people who were in the meetings: the others link nothing.
func (l Local) world(ctx context.Context, org string, limit int) (World, bool, error) {
	w, more := World{Org: org}, false
	present := make(map[addresses.Mailbox]bool)
	ids := make(map[string]bool)
	q := schemas.MeetingQuery{Scope: schemas.Scope{Org: org, HeldBack: true}}
	err := l.eachRow(ctx, q, func(m schemas.StoredMeeting) error {
		if len(w.Meetings) == limit {
			more = true
			return errEnough
		}
		ids[m.Row.ID] = true
		// The rest is the words, and need not be held for thousands of meetings.
		w.Meetings = append(w.Meetings, schemas.MeetingRow{
			ID: m.Row.ID, Org: org, Provider: m.Row.Provider, RecordingID: m.Row.RecordingID, Title: m.Row.Title,
			Host: m.Row.Host, Attendees: m.Row.Attendees,
		})
		for _, p := range m.Row.Attendees {
			if box, ok := addresses.Parse(or(p.Email, "")); ok {
				present[box] = true
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return w, more, err
	}
	hosts, err := l.Store.Hosts(ctx, org)
	if err != nil {
		return w, more, err
	}
	for h := range hosts {
		w.Hosts = append(w.Hosts, h)
	}
	slices.Sort(w.Hosts)
	decided := make(map[string]bool) // end users whom decisions name
	keep := func(e schemas.DirectoryLine) bool {
		switch e.Type {
		case schemas.SortDecision:
			if !ids[e.MeetingID] {
				return false
			}
			decided[or(e.EndUserID, "")] = true
		case schemas.SortEndUser:
			return decided[e.ID] || slices.ContainsFunc(e.Emails, func(email string) bool {
				box, ok := addresses.Parse(email)
				return ok && present[box]
			})
		}
		return true
	}
	for _, sort := range []string{schemas.SortDecision, schemas.SortSide, schemas.SortCompany, schemas.SortEndUser} {
		err := EachEntry(ctx, l, org, sort, func(line schemas.DirectoryLine) error {
			if !keep(line) {
				return nil
			}
			e, err := line.Entry(org)
			if err == nil {
				w.Directory = append(w.Directory, *e)
			}
			return err
		})
		if err != nil {
			return w, more, err
		}
	}
	return w, more, nil
}
