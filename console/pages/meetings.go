package pages

import (
	"context"
	"net/http"
	"net/url"

	"leadline/console"
	"leadline/schemas"
)

const pageMeetings = 50

// meetingFilter is what the form asks for.
type meetingFilter struct {
	Customer string // as it was typed: id, name or domain
	Recorder string
	State    string
	Since    string // days, both whole
	Until    string
}

func (f meetingFilter) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"customer": f.Customer, "recorder": f.Recorder, "state": f.State, "since": f.Since, "until": f.Until} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Narrow says that it leaves meetings out.
func (f meetingFilter) Narrow() bool { return f != meetingFilter{} }

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
		meetingFilter: meetingFilter{
			Customer: asked.Get("customer"), Recorder: asked.Get("recorder"), State: asked.Get("state"), Since: asked.Get("since"), Until: asked.Get("until"),
		},
		First: asked.Get("before") == "",
	}
	made.Newest = "/meetings?" + made.values().Encode()
	a := answer{name: "meetings", title: "Meetings"}
	q := schemas.MeetingQuery{
		Scope: v.scope(), State: schemas.State(made.State), Provider: made.Recorder, Before: asked.Get("before"), Limit: pageMeetings,
	}
	var err error
	if q.Since, q.Until, err = days(made.Since, made.Until); err == nil && made.Customer != "" {
		q.Scope.Company, err = console.CustomerID(ctx, s.local, q.Scope.Org, made.Customer)
	}
	if err == nil {
		made.Meetings, err = s.local.Meetings(ctx, q)
	}
	if isNotFound(err) || isInvalid(err) {
		a.status, a.problem, a.data = http.StatusUnprocessableEntity, sentence(err), made
		return a, nil
	}
	if err != nil {
		return answer{}, err
	}
	if n := len(made.Meetings); n == pageMeetings {
		next := made.values()
		next.Set("before", made.Meetings[n-1].ID)
		made.Older = "/meetings?" + next.Encode()
	}
	made.Names = s.names(ctx, v, made.Meetings)
	a.data = made
	return a, nil
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
			// The store sums up a customer's meetings with its name, which is more than is wanted here.
			if e, found, err := s.Store.DirectoryEntry(ctx, v.session.org, schemas.SortCompany, id); err == nil && found && e.Company.Name != "" {
				names[id] = e.Company.Name
			}
		}
	}
	return names
}
