package webhook

import (
	"errors"
	"time"
)

// Limits keep a sender, or somebody who plays one, from taking more than his share. Zero fields get the default.
type Limits struct {
	Body        int64         // of one delivery; 8 MiB. Captured ones with transcripts have some 200 KB
	InFlight    int64         // of all deliveries that are being read or stored; 256 MiB. One organisation's have a quarter
	Requests    int           // of one organisation at a time; 128, which at 10 ms each are more than 10,000 a second
	ReadTime    time.Duration // for a whole body; 30 s
	ProduceTime time.Duration // until Kafka has acknowledged; 10 s, since Fathom's senders give up after 15
}

// shares is how many organisations it takes at least to use all of InFlight: what one sends does not shut out the others.
const shares = 4

// gather is how long a request to the poller waits for others that are written with it.
const gather = 5 * time.Millisecond

// linger is how long the rest of a body is read that is refused before its end: a sender that is not attacking has sent it
// by then, and sees the answer; net/http would read on for as long as the server's own limit lets it.
const linger = 2 * time.Second

func (l Limits) complete() (Limits, error) {
	if l.Body == 0 {
		l.Body = 8 << 20
	}
	if l.InFlight == 0 {
		l.InFlight = 256 << 20
	}
	if l.Requests == 0 {
		l.Requests = 128
	}
	if l.ReadTime == 0 {
		l.ReadTime = 30 * time.Second
	}
	if l.ProduceTime == 0 {
		l.ProduceTime = 10 * time.Second
	}
	if l.Body < 0 || l.ReadTime < 0 || l.ProduceTime < 0 || l.Requests < 0 || l.InFlight/shares < l.Body {
		return Limits{}, errors.New("limits of webhooks: want positive ones, and room for one delivery in a quarter of what is in flight")
	}
	return l, nil
}
