package zoom

import (
	"encoding/json"
	"errors"
	"time"
)

// cursor is where a listing goes on. Zoom lists by user and by days at most a month apart, so a listing is a month, the
// newest first, and in it one user after the other, by id: who comes or goes meanwhile moves nobody else.
type cursor struct {
	To    string    `json:"to"`             // last day of the month under way
	User  string    `json:"user,omitempty"` // whose turn it is; the first one's if empty
	Token string    `json:"token,omitempty"`
	Given time.Time `json:"given,omitzero"` // when Zoom gave the token
}

// tokenLife is shorter than Zoom's 15 minutes, for the clocks and for the call that uses it.
const tokenLife = 14 * time.Minute

func (c cursor) text() (string, error) {
	raw, err := json.Marshal(c)
	return string(raw), err
}

func parseCursor(text string, until time.Time) (c cursor, to time.Time, err error) {
	if text == "" {
		to = until.UTC().Truncate(24 * time.Hour)
		return cursor{To: to.Format(time.DateOnly)}, to, nil
	}
	if err = json.Unmarshal([]byte(text), &c); err == nil {
		to, err = time.Parse(time.DateOnly, c.To)
	}
	if err != nil {
		return cursor{}, time.Time{}, errors.New("cursor is not one of ours")
	}
	return c, to, nil
}

// window is the month that ends with a day, or what of it is not before since.
func window(since, to time.Time) (from time.Time) {
	from = time.Date(to.Year(), to.Month(), 1, 0, 0, 0, 0, time.UTC)
	if day := since.UTC().Truncate(24 * time.Hour); day.After(from) && !day.After(to) {
		from = day
	}
	return from
}

// beginning is when Zoom began to record in its cloud, or a little before.
var beginning = time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)

// earliest is where a listing of everything ends: when the first of all users came.
func earliest(users []User) time.Time {
	first := time.Time{}
	for _, u := range users {
		if u.CreatedAt.IsZero() {
			return beginning
		}
		if first.IsZero() || u.CreatedAt.Before(first) {
			first = u.CreatedAt
		}
	}
	if first.Before(beginning) {
		return beginning
	}
	return first
}
