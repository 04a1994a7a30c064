package sink

import "log/slog"

// outage logs the first failure and the recovery. What lies between is in
// leadline_sink_retries_total.
type outage struct {
	log   *slog.Logger
	doing string
	tries int
}

func (o *outage) note(err error) {
	if o.tries++; o.tries == 1 {
		o.log.Warn("trying again until it works", "doing", o.doing, "err", err)
	}
}

func (o *outage) over() {
	if o.tries > 0 {
		o.log.Info("works again", "doing", o.doing, "tries", o.tries)
	}
	o.tries = 0
}
