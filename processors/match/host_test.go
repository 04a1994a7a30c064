package match

import (
	"testing"

	"leadline/schemas"
)

// The directory's word on an address wins over the assumption that a host is ours.
func TestAHostWhomTheDirectoryCallsOutsideIsOutside(t *testing.T) {
	t.Parallel()
	const host = "kim@gmail.com"
	ours := verdictOf(t, meeting(host), company("acme", "acme.example"))
	if ours.Matching.HostOutside || ours.State != schemas.StateInternal {
		t.Errorf("nothing is said of the host: %+v", ours)
	}
	v := verdictOf(t, meeting(host), sided(host, schemas.SideOutside), company("acme", "acme.example"), endUser("kim", "acme", host))
	if !v.Matching.HostOutside || told(v.Links) != "acme/kim/email/"+host || v.State != schemas.StateMatched || len(v.Matching.OwnAddresses) != 0 {
		t.Errorf("%+v", v)
	}
	invited := verdictOf(t, meeting(host, host), sided(host, schemas.SideOutside), company("acme", "acme.example"), endUser("kim", "acme", host))
	if told(invited.Links) != told(v.Links) || len(invited.Matching.Considered) != 1 {
		t.Errorf("who is invited, too, counts once: %+v", invited)
	}
	unknown := verdictOf(t, meeting("kim@own.example", "ida@own.example"), sided("kim@own.example", schemas.SideOutside))
	if !unknown.Matching.HostOutside || unknown.State != schemas.StateUnmatched || len(unknown.OwnDomains) != 0 {
		t.Errorf("%+v", unknown)
	}
}
