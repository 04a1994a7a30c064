package match

import "fmt"

// near is where recordings of the same call left traces.
type near struct {
	evidence string // a room or an address
	from, to int64  // of their starts, in ms
}

// nearby bounds what is looked at: in a room everything that can overlap, at a
// person who was in both what began together.
func nearby(r recording) []near {
	var all []near
	if r.Start == 0 {
		return nil
	}
	if r.Room != "" {
		all = append(all, near{r.Room, r.Start - longestCall.Milliseconds(), r.End})
	}
	for _, a := range r.Outside {
		all = append(all, near{a, r.Start - startsApart.Milliseconds(), r.Start + startsApart.Milliseconds()})
	}
	return all
}

// traces are the keys under which others find a recording.
func (c *change) traces(r recording) []string {
	if r.Start == 0 {
		return nil
	}
	var all []string
	at := moment(r.Start) + " " + r.ID
	if r.Room != "" {
		all = append(all, pair(c.org, sortTrace, r.Room, at))
	}
	for _, a := range r.Outside {
		all = append(all, pair(c.org, sortTrace, a, at))
	}
	return all
}

// trace leaves them; is says whether another recording stands for it.
func (c *change) trace(r recording, is bool) {
	for _, at := range c.traces(r) {
		if is {
			c.Set(at, []byte(grouped))
		} else {
			c.Set(at, nil)
		}
	}
}

// momentDigits let moments compare as text until the year 5138.
const momentDigits = 14

func moment(ms int64) string { return fmt.Sprintf("%0*d", momentDigits, max(ms, 0)) }
