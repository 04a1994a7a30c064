package recorder

import "time"

// Kind sorts failed calls by what can be done about them.
type Kind string

// The kinds, a closed list.
const (
	Denied      Kind = "denied"      // the credential is wrong, ended, or may not do this: somebody has to connect again
	Limited     Kind = "limited"     // too many calls: later
	Unavailable Kind = "unavailable" // no answer, or none that makes sense: later
	BadCursor   Kind = "bad_cursor"  // the listing has to be read from its start
	Invalid     Kind = "invalid"     // the recorder does not understand the call; again is no help
	TooLarge    Kind = "too_large"   // the answer is larger than we read; again is no help
	Gone        Kind = "gone"        // no such thing, or none that this account sees
)

// Failure is a call to a recorder that failed.
type Failure struct {
	Kind   Kind
	Status int           // of HTTP; 0 when no whole answer arrived
	After  time.Duration // wait at least that long before the same call; 0 when not said
	Err    error         // with the recorder's own words, made fit for a log, and without the credential
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Temporary says that the same call may succeed later.
func (f *Failure) Temporary() bool { return f.Kind == Limited || f.Kind == Unavailable }
