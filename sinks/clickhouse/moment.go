package clickhouse

import "time"

// The driver refuses times outside of these with the whole batch. They are
// DateTime64's own first year, and the last that its nanoseconds reach.
var (
	firstMoment = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
)

// moment is a time as a column holds it: nil for one that is not known or that
// ClickHouse cannot hold. The body has it in any case.
func moment(t time.Time) *time.Time {
	if t.Before(firstMoment) || t.After(lastMoment) {
		return nil
	}
	return &t
}
