package pages

import (
	"strings"
	"time"

	"leadline/schemas"
)

// need is something that does not mend itself, for who opens the flow at night.
type need struct {
	What string
	Path string // where it is seen closer; empty is the page itself
}

// needs are the hops that do not keep up and the connections that want somebody.
// How old a record is changes each second, and so is in the table alone.
func needs(hops []hopRow, unknown string, all []schemas.ConnectionStatus) (found []need) {
	if unknown != "" {
		found = append(found, need{What: "How far the pipeline is, is not known. " + unknown})
	}
	for _, h := range hops {
		switch {
		case h.Unread():
			found = append(found, need{What: "Nobody reads " + h.Topic + ", where records wait: no process has the part " + h.Name + "."})
		case h.Late():
			found = append(found, need{What: h.Name + " does not keep up with " + h.Topic + ": a record has waited for longer than " + spoken(late) + "."})
		}
	}
	for _, c := range all {
		for _, p := range c.Problems {
			found = append(found, need{What: recorderName(c.Provider) + ", " + c.Name + ": " + p.Text, Path: connectionPath("/integration", c)})
		}
	}
	return found
}

// spoken is a time as people say it.
func spoken(d time.Duration) string {
	minutes := int(d.Minutes())
	switch {
	case d < time.Minute:
		return count(int(d.Seconds()), "second")
	case minutes < 60:
		return count(minutes, "minute")
	case minutes%60 == 0:
		return count(minutes/60, "hour")
	}
	return strings.Join([]string{count(minutes/60, "hour"), count(minutes%60, "minute")}, " ")
}
