package clickhouse

import (
	"context"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// MeetingSink takes the rows of schemas.MeetingRows.
//
// A Write has two steps, and a crash after each leaves:
//
//  1. The places of the meetings that are to go were read. Nothing has changed.
//  2. The batch was inserted, whole. It comes again and changes nothing: by its
//     token while the server remembers that, by its versions for ever.
func (s *Store) MeetingSink() sink.Sink[schemas.MeetingRow] {
	return into(sink.Meeting, func(ctx context.Context, records []record[schemas.MeetingRow]) error {
		places, err := s.places(ctx, records)
		if err != nil {
			return failed(ctx, "finding the places of deleted meetings", err)
		}
		return insert(ctx, s, "meetings", records, meetingColumns(records, places))
	})
}

// places finds when the meetings started that are to go: a page of meetings may
// end at one that is gone by the time the next page is asked for.
func (s *Store) places(ctx context.Context, records []record[schemas.MeetingRow]) (map[string]int64, error) {
	places := make(map[string]int64)
	gone := []string{}
	for _, r := range records {
		if r.Value == nil {
			gone = append(gone, r.Key)
		}
	}
	if len(gone) == 0 {
		return places, nil
	}
	orgs := each(gone, func(key string) string { org, _, _ := cutMeeting(key); return org })
	found, err := s.conn.Query(ctx, `SELECT meeting_id, argMax(started_ms, version) FROM meetings
		WHERE org IN {orgs:Array(String)} AND meeting_id IN {ids:Array(String)} GROUP BY meeting_id`,
		named("orgs", orgs), named("ids", gone))
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err has said it
	for found.Next() {
		var (
			id string
			at int64
		)
		if err := found.Scan(&id, &at); err != nil {
			return nil, err
		}
		places[id] = at
	}
	return places, found.Err()
}

// cutMeeting takes apart an id that was checked.
func cutMeeting(id string) (org, provider, recording string) {
	org, provider, recording, _ = schemas.SplitMeetingID(id)
	return org, provider, recording
}
