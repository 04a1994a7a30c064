//go:build race

package command

import "time"

// patience stretches a limit of time: under the race detector the local distiller
// takes twenty times as long, and everything else waits for it.
func patience(limit time.Duration) time.Duration { return 5 * limit }
