package bench

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

const line = "%-54s %-11s %10s %10s %6s %13s %9s\n"

// PrintHead prints what the columns are.
func PrintHead(w io.Writer) {
	fmt.Fprintf(w, line, "", "unit", "leadline", "yardstick", "ratio", "low to high", "goal")
}

// Print prints one row of the table.
func Print(w io.Writer, r Row) {
	ratio, spread, goal, yardstick := "", "", "", ""
	if r.Ratio > 0 {
		yardstick = number(r.Yardstick)
		ratio, spread = fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.2f to %.2f", r.Low, r.High)
	}
	switch {
	case r.Goal > 0:
		goal = fmt.Sprintf("%.2f", r.Goal)
	case r.Most > 0:
		goal = fmt.Sprintf("<= %g", r.Most)
	}
	fmt.Fprintf(w, line, r.Name, r.Unit, number(r.Leadline), yardstick, ratio, spread, goal)
}

// number has three digits that count: the rest is the machine's mood.
func number(v float64) string {
	digits := max(0, 2-int(math.Floor(math.Log10(math.Max(v, 0.001)))))
	return strconv.FormatFloat(v, 'f', digits, 64)
}
