//go:build !unix

package bench

import "errors"

// hold cannot be done.
func (*program) hold() error { return errors.New("two processes beside one are measured on Unix only") }

func (*program) release(float64) {}
