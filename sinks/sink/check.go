package sink

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
)

// The checks are for stores, before they write: a value that names another
// organisation or another identity than its key would be shown in a scope that
// is not its own. What they return makes a row Unstorable.

// Check applies one of the checks to each row and returns those that fail.
func Check[T any](b Batch[T], check func(Row[T]) error) map[int]error {
	bad := make(map[int]error)
	for i, r := range b {
		err := check(r)
		if err == nil && r.Version > MaxVersion {
			err = schemas.Reject(schemas.ReasonInvalid, fmt.Errorf("version %d is above %d", r.Version, uint64(MaxVersion)))
		}
		if err != nil {
			bad[i] = err
		}
	}
	return bad
}

// Meeting checks a row of meetings.
func Meeting(r Row[schemas.MeetingRow]) error {
	org, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil {
		err = errors.Join(same("id", r.Value.ID, r.Key), same("org", r.Value.Org, org))
	}
	return invalid(err)
}

// Entry checks a knowledge entry.
func Entry(r Row[schemas.Entry]) error {
	meeting, entry, ok := schemas.SplitEntryKey(r.Key)
	if !ok || entry == "" {
		return invalid(fmt.Errorf("entry key %.200q: want meeting/entry", r.Key))
	}
	org, _, _, err := schemas.SplitMeetingID(meeting)
	if err == nil && r.Value != nil {
		err = errors.Join(same("id", r.Value.ID, entry), same("meeting_id", r.Value.MeetingID, meeting),
			same("org", r.Value.Org, org))
	}
	return invalid(err)
}

// Progress checks an event of progress. Its key is its place, so that there is
// no deleting one.
func Progress(r Row[schemas.Progress]) error {
	if r.Value == nil {
		return invalid(errors.New("an event cannot be deleted"))
	}
	org, _, _ := strings.Cut(r.Value.MeetingID, "/")
	return invalid(same("org", r.Value.Org, org))
}

// Usage checks what learning cost, which nobody can take back.
func Usage(r Row[schemas.Usage]) error {
	if r.Value == nil {
		return invalid(errors.New("what was paid cannot be deleted"))
	}
	org, _, _, err := schemas.SplitMeetingID(r.Value.MeetingID)
	if err == nil {
		err = errors.Join(same("org", r.Value.Org, org),
			same("key", r.Key, schemas.UsageKey(r.Value.MeetingID, r.Value.Memo, r.Value.At)))
	}
	return invalid(err)
}

// RuleHit checks what a learning rule did.
func RuleHit(r Row[schemas.RuleHit]) error {
	meeting, id, ok := schemas.SplitEntryKey(r.Key)
	if !ok || id == "" {
		return invalid(fmt.Errorf("key of a hit %.200q: want meeting/hit", r.Key))
	}
	org, _, _, err := schemas.SplitMeetingID(meeting)
	if err == nil && r.Value != nil {
		err = errors.Join(same("id", r.Value.ID, id), same("meeting_id", r.Value.MeetingID, meeting), same("org", r.Value.Org, org))
	}
	return invalid(err)
}

// DirectoryEntry checks an entry of the directory.
func DirectoryEntry(r Row[schemas.DirectoryEntry]) error {
	parts := strings.SplitN(r.Key, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" || !slices.Contains(schemas.DirectorySorts, parts[1]) {
		return invalid(fmt.Errorf("directory key %.200q: want organisation/%s/id", r.Key, strings.Join(schemas.DirectorySorts, "|")))
	}
	if r.Value == nil {
		return nil
	}
	sort, id, one := r.Value.Identity()
	if !one {
		return invalid(fmt.Errorf("want one %s and nothing else", parts[1]))
	}
	return invalid(errors.Join(same("org", r.Value.Org, parts[0]), same("sort", sort, parts[1]), same("id", id, parts[2])))
}

func same(field, value, key string) error {
	if value != key {
		return fmt.Errorf("%s is %.200q, its key says %.200q", field, value, key)
	}
	return nil
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	return schemas.Reject(schemas.ReasonInvalid, err)
}
