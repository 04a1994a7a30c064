package poller

// CrashAt makes the poller end as a kill would.
func (p *Poller) CrashAt(f func(step int) error) { p.crash = f }
