package pages

import (
	"context"
	"net/url"

	"leadline/console"
	"leadline/schemas"
)

const (
	pageMeetings = 50
	// The stores know no filter by recorder: a page reads this many meetings, this
	// many times, and then lets the visitor go on.
	readMeetings, readTimes = 250, 8
)

// meetingFilter is what the form asks for.
type meetingFilter struct {
	Customer string // as it was typed: id, name or domain
	Recorder string
	State    string
}

func (f meetingFilter) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"customer": f.Customer, "recorder": f.Recorder, "state": f.State} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

type meetingsPage struct {
	meetingFilter
	Meetings []console.Meeting
	Names    map[string]string // company id -> name
	First    bool              // there is no page before
	Older    string            // where the next page is; empty on the last
	Newest   string            // where the first page is
}

func (s *Site) meetings(ctx context.Context, v *visit) (answer, error) {
	asked := v.URL.Query()
	made := meetingsPage{
		meetingFilter: meetingFilter{Customer: asked.Get("customer"), Recorder: asked.Get("recorder"), State: asked.Get("state")},
		First:         asked.Get("before") == "",
	}
	made.Newest = "/meetings?" + made.values().Encode()
	a := answer{name: "meetings", title: "Meetings"}
	q := schemas.MeetingQuery{Scope: v.scope(), State: schemas.State(made.State), Before: asked.Get("before")}
	var err error
	if made.Customer != "" {
		if q.Scope.Company, err = console.CustomerID(ctx, s.local, q.Scope.Org, made.Customer); isNotFound(err) {
			a.problem, a.data = sentence(err), made
			return a, nil
		}
	}
	var last string
	if err == nil {
		made.Meetings, last, err = s.meetingsOf(ctx, q, made.Recorder)
	}
	if err != nil {
		return answer{}, err
	}
	if last != "" {
		next := made.values()
		next.Set("before", last)
		made.Older = "/meetings?" + next.Encode()
	}
	made.Names = s.names(ctx, v, made.Meetings)
	a.data = made
	return a, nil
}

// meetingsOf is a page of a recorder's meetings, and the meeting after which
// the next one begins; empty after the last.
func (s *Site) meetingsOf(ctx context.Context, q schemas.MeetingQuery, recorder string) (found []console.Meeting, last string, err error) {
	q.Limit = pageMeetings
	if recorder != "" {
		q.Limit = readMeetings
	}
	for range readTimes {
		some, err := s.local.Meetings(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for i, m := range some {
			if recorder != "" && m.Provider != recorder {
				continue
			}
			if found = append(found, m); len(found) == pageMeetings && (i+1 < len(some) || len(some) == q.Limit) {
				return found, m.ID, nil
			}
		}
		if len(some) < q.Limit {
			return found, "", nil
		}
		q.Before = some[len(some)-1].ID
	}
	return found, q.Before, nil
}

// names are those of the meetings' customers. One that cannot be read is shown
// by its id.
func (s *Site) names(ctx context.Context, v *visit, all []console.Meeting) map[string]string {
	names := make(map[string]string)
	for _, m := range all {
		for _, id := range m.Companies {
			if _, known := names[id]; known {
				continue
			}
			names[id] = id
			if c, found, err := s.Store.Customer(ctx, v.scope(), id); err == nil && found && c.Company.Name != "" {
				names[id] = c.Company.Name
			}
		}
	}
	return names
}
