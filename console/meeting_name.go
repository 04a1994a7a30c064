package console

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leadline/schemas"
)

// recorders are tried in this order for a recording that is named alone.
var recorders = []string{schemas.Fathom, schemas.Zoom}

// FindMeeting returns the meeting that a person named: by its id
// (organisation/recorder/recording), by recorder/recording, or by the recording
// alone, where only one recorder has it.
func FindMeeting(ctx context.Context, r MeetingReader, scope schemas.Scope, name string) (MeetingDetail, error) {
	ids, err := meetingIDs(scope.Org, name)
	if err != nil {
		return MeetingDetail{}, err
	}
	var found []MeetingDetail
	for _, id := range ids {
		m, err := r.Meeting(ctx, scope, id)
		var absent *NotFound
		switch {
		case errors.As(err, &absent):
		case err != nil:
			return MeetingDetail{}, err
		default:
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return MeetingDetail{}, &NotFound{What: "meeting", Name: name}
	case 1:
		return found[0], nil
	}
	return MeetingDetail{}, &schemas.InvalidQuery{
		Field: "id", Problem: fmt.Sprintf("%q is a recording of several recorders: say %s or %s", name, found[0].ID, found[1].ID),
	}
}

// meetingIDs lists the ids that the name can stand for.
func meetingIDs(org, name string) ([]string, error) {
	parts := strings.Split(name, "/")
	for _, p := range parts {
		if err := schemas.CheckSegment("part of a meeting's id", p); err != nil {
			return nil, &schemas.InvalidQuery{Field: "id", Problem: err.Error()}
		}
	}
	switch len(parts) {
	case 1:
		ids := make([]string, len(recorders))
		for i, recorder := range recorders {
			ids[i] = schemas.MeetingID(org, recorder, name)
		}
		return ids, nil
	case 2:
		return []string{schemas.MeetingID(org, parts[0], parts[1])}, nil
	case 3:
		if parts[0] != org {
			return nil, &schemas.InvalidQuery{
				Field: "id", Problem: fmt.Sprintf("%q is of organisation %s, and %s was asked", name, parts[0], org),
			}
		}
		return []string{name}, nil
	}
	return nil, &schemas.InvalidQuery{Field: "id", Problem: fmt.Sprintf("%.140q: want a recording, recorder/recording or organisation/recorder/recording", name)}
}
