package distill

import (
	"testing"

	"leadline/schemas"
)

// A host whom the directory calls outside speaks for the customer: by address, by
// name, and whatever his domain; and what was remembered of him as ours is not.
func TestAHostWhomTheDirectoryCallsOutsideSpeaksForTheCustomer(t *testing.T) {
	t.Parallel()
	m := matched()
	m.Matching = &schemas.Matching{}
	before := memo(m, schemas.RuleSet{}, "x/1")
	m.Meeting.Turns = append(m.Meeting.Turns, schemas.Turn{Speaker: "hana  berg", Text: "And one more thing."})
	for _, outside := range []bool{false, true} {
		m.Matching.HostOutside = outside
		in := InputOfMatched(m)
		for i, turn := range m.Meeting.Turns {
			customer := turn.Speaker == "Mara Lind" || outside
			if v := in.Voice(i); v.Customer != customer || v.Email == nil {
				t.Errorf("host outside %v: turn %d is of %+v", outside, i, v)
			}
		}
	}
	if memo(m, schemas.RuleSet{}, "x/1") == before {
		t.Error("what was distilled of a host who was ours counts for one who is not")
	}
	m.Matching = nil
	if memo(m, schemas.RuleSet{}, "x/1") != before {
		t.Error("a meeting from before is distilled and paid again")
	}
}
