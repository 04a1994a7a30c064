//go:build !unix

package pages_test

import (
	"testing"
	"time"
)

// processor is not known here.
func processor(*testing.T) time.Duration { return 0 }
