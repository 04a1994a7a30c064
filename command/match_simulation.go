package command

import (
	"context"

	"leadline/console"
	"leadline/ingress/directory"
	"leadline/processors/match"
	"leadline/schemas"
)

// simulateMatching asks the rules of match themselves: what it says is what the
// stage would do.
func simulateMatching(_ context.Context, w console.World, changes []schemas.DirectoryLine) ([]console.Difference, error) {
	before, err := match.NewDirectory(w.Org, w.Directory)
	if err != nil {
		return nil, err
	}
	after, err := match.NewDirectory(w.Org, w.Directory)
	if err != nil {
		return nil, err
	}
	for i := range changes {
		key, e, err := directory.Change(w.Org, &changes[i])
		if err != nil {
			return nil, err
		}
		if err := after.Put(key, e); err != nil {
			return nil, err
		}
	}
	for _, host := range w.Hosts {
		recorded := &schemas.Meeting{ID: schemas.MeetingID(w.Org, "host", host), Org: w.Org, Host: schemas.Host{Email: host}}
		for _, d := range []*match.Directory{before, after} {
			if err := d.Recorded(recorded); err != nil {
				return nil, err
			}
		}
	}
	meetings := make([]*schemas.Meeting, len(w.Meetings))
	titles := make(map[string]string, len(w.Meetings))
	for i := range w.Meetings {
		meetings[i] = match.MeetingOf(&w.Meetings[i])
		titles[w.Meetings[i].ID] = w.Meetings[i].Title
	}
	found, err := match.Simulate(meetings, before, after)
	if err != nil {
		return nil, err
	}
	all := make([]console.Difference, len(found))
	for i, d := range found {
		all[i] = console.Difference{
			MeetingID: d.MeetingID, Title: titles[d.MeetingID], Before: string(d.Before.State), After: string(d.After.State),
			Linked: append([]string{}, d.Linked...), Unlinked: append([]string{}, d.Unlinked...), Reason: d.After.Reason,
		}
	}
	return all, nil
}
