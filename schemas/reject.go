package schemas

// Rejected is the error of a record that can never succeed: it becomes a dead
// letter, and the records behind it go on. Any other error means that the same
// record is tried again later.
type Rejected struct {
	Reason Reason
	Err    error
}

func (r *Rejected) Error() string { return string(r.Reason) + ": " + r.Err.Error() }
func (r *Rejected) Unwrap() error { return r.Err }

// Reject marks an error as final.
func Reject(reason Reason, err error) error { return &Rejected{Reason: reason, Err: err} }
