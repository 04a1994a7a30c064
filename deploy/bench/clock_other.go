//go:build !unix

package bench

import "time"

// processorTime is not to be had.
func processorTime() time.Duration { return 0 }
