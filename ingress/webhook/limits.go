package webhook

import (
	"errors"
	"time"
)

// Limits keep a sender, or somebody who plays one, from taking more than his share. Zero fields get the default.
type Limits struct {
	Body        int64         // of one delivery; 8 MiB. Captured ones with transcripts have some 200 KB
	InFlight    int64         // of all deliveries that are being read or stored; 256 MiB
	ReadTime    time.Duration // for a whole body; 30 s
	ProduceTime time.Duration // until Kafka has acknowledged; 10 s, since Fathom's senders give up after 15
}

func (l Limits) complete() (Limits, error) {
	if l.Body == 0 {
		l.Body = 8 << 20
	}
	if l.InFlight == 0 {
		l.InFlight = 256 << 20
	}
	if l.ReadTime == 0 {
		l.ReadTime = 30 * time.Second
	}
	if l.ProduceTime == 0 {
		l.ProduceTime = 10 * time.Second
	}
	if l.Body < 0 || l.ReadTime < 0 || l.ProduceTime < 0 || l.InFlight < l.Body {
		return Limits{}, errors.New("limits of webhooks: want positive ones, and room for one delivery in flight")
	}
	return l, nil
}
