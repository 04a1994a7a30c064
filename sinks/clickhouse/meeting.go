package clickhouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// scanMeeting leaves Entries at 0: they are counted in the knowledge store.
func scanMeeting(row interface{ Scan(...any) error }) (schemas.StoredMeeting, error) {
	var (
		m    schemas.StoredMeeting
		body string
	)
	if err := row.Scan(&body, &m.Version); err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(body), &m.Row)
}

// The inner query chooses by small columns; only the bodies of the page are
// read. It names versions and not only meetings: one that leaves the scope
// between the two is shown as it was within it, or not at all.
const listMeetings = `SELECT body, version FROM meetings
	WHERE org = {org:String} AND (meeting_id, version) IN (
		SELECT meeting_id, version FROM meetings FINAL
		WHERE ` + inScope + ` AND if({state:String} = '', state <> 'grouped', state = {state:String}) AND ({learning:String} = '' OR learning = {learning:String})
			AND ({provider:String} = '' OR provider = {provider:String}) AND started_ms >= {since:Int64} AND started_ms < {until:Int64}
			AND ({address:String} = '' OR arrayExists((address, rule, user, company) -> address = {address:String} AND rule = 'email' AND isNotNull(user)
				AND multiIf({company:String} != '', company = {company:String}, {end_user:String} != '', user = {end_user:String}, true),
				links.attendee, links.rule, links.end_user_id, links.company_id))
			AND ({first:Bool} OR (started_ms, meeting_id) < ({at:Int64}, {before:String}))
		ORDER BY started_ms DESC, meeting_id DESC LIMIT {limit:UInt32})
	ORDER BY started_ms DESC, meeting_id DESC LIMIT 1 BY meeting_id`

// Meetings lists meetings, newest first; those that started at the same
// instant by falling id. Their Entries are 0: they are in the knowledge store.
func (s *Store) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	q, err := sink.CheckMeetings(q)
	if err != nil {
		return nil, err
	}
	var at int64
	if q.Before != "" {
		// Gone or out of scope, the place is still a place: so no FINAL here.
		err := s.conn.QueryRow(ctx, `SELECT started_ms FROM meetings WHERE org = {org:String} AND meeting_id = {id:String}
			ORDER BY version DESC LIMIT 1`, named("org", q.Scope.Org), named("id", q.Before)).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, &schemas.InvalidQuery{Field: "before", Problem: "names no meeting"}
		}
		if err != nil {
			return nil, failed(ctx, "finding where the page begins", err)
		}
	}
	since, until := int64(math.MinInt64), int64(math.MaxInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixMilli()
	}
	all, err := collect(ctx, s, func(r driver.Rows) (schemas.StoredMeeting, error) { return scanMeeting(r) }, listMeetings,
		scoped(q.Scope, named("state", string(q.State)), named("learning", q.Learning), named("first", q.Before == ""), named("at", at),
			named("before", q.Before), named("address", q.Address), named("limit", q.Limit), named("provider", q.Provider), named("since", since), named("until", until))...)
	if err != nil {
		return nil, failed(ctx, "listing meetings", err)
	}
	return all, nil
}

// Meeting returns one meeting. One that is out of scope is not there.
func (s *Store) Meeting(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, bool, error) {
	if err := sink.CheckScope(scope); err != nil {
		return schemas.StoredMeeting{}, false, err
	}
	m, err := scanMeeting(s.conn.QueryRow(ctx, `SELECT body, version FROM meetings FINAL WHERE meeting_id = {id:String} AND `+inScope,
		scoped(scope, named("id", id))...))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return schemas.StoredMeeting{}, false, nil
	case err != nil:
		return schemas.StoredMeeting{}, false, failed(ctx, "reading a meeting", err)
	}
	return m, true, nil
}
