package bench

import "time"

// clock measures a piece of work that has the process to itself.
type clock struct {
	began     time.Time
	processor time.Duration
}

func start() clock { return clock{time.Now(), processorTime()} }

// each returns the values of throughput's metrics: how many pieces there were a
// second, and how many milliseconds of processor time one took.
func (c clock) each(pieces int) []float64 {
	n := float64(pieces)
	return []float64{n / time.Since(c.began).Seconds(), milliseconds(processorTime()-c.processor) / n}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
