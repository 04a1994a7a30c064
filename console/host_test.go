package console

import (
	"testing"

	"leadline/schemas"
)

// The address of a host who is no one of ours is not for another customer.
func TestAnOutsideHostsAddressIsTheirCustomersToSee(t *testing.T) {
	t.Parallel()
	const host = "kim@birch.example"
	for outside, want := range map[bool]string{false: host, true: ""} {
		m := schemas.StoredMeeting{Row: schemas.MeetingRow{
			ID: "o/zoom/1", Host: schemas.Host{Name: "Kim", Email: host}, Speakers: []schemas.Speaker{{Name: "Kim", Email: new(host)}},
			Links:    []schemas.Link{{CompanyID: new("acme"), Attendee: "ann@acme.example"}, {CompanyID: new("birch"), Attendee: host}},
			Matching: &schemas.Matching{HostOutside: outside},
		}}
		for company, want := range map[string]string{"acme": want, "birch": host, "": host} {
			d := shapeDetail(seen(schemas.Scope{Org: "o", Company: company}, m), nil, nil)
			email := ""
			if e := d.Speakers[0].Email; e != nil {
				email = *e
			}
			if d.Host.Email != want || email != want {
				t.Errorf("host outside %v: %q sees %q and %q", outside, company, d.Host.Email, email)
			}
		}
		if m.Row.Host.Email != host {
			t.Error("what is stored was changed")
		}
	}
}
