package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// MeetingSink takes the rows of schemas.MeetingRows.
func (s *Store) MeetingSink() sink.Sink[schemas.MeetingRow] {
	return into(s, sink.Meeting, s.putMeeting)
}

func (s *Store) putMeeting(ctx context.Context, w *writing, r sink.Row[schemas.MeetingRow]) error {
	org, _, _, err := schemas.SplitMeetingID(r.Key)
	if err != nil {
		return err
	}
	raw, err := body(r.Value)
	if err != nil {
		return err
	}
	m := r.Value
	if m == nil {
		m = &schemas.MeetingRow{}
	}
	if err := w.begin(ctx, s.put.newestMeeting); err != nil {
		return err
	}
	var row int64
	err = w.on(ctx, s.put.meeting).QueryRowContext(ctx,
		r.Key, org, int64(r.Version), r.Value != nil, m.State, m.StartedAt.UnixMilli(), raw, m.Learning).Scan(&row) //nolint:gosec // at most sink.MaxVersion
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if !w.fresh(row) {
		for _, old := range []*sql.Stmt{s.put.unlinkMeeting, s.put.leaveMeeting} {
			if _, err := w.on(ctx, old).ExecContext(ctx, r.Key); err != nil {
				return err
			}
		}
	}
	link, reach := w.on(ctx, s.put.linkMeeting), w.on(ctx, s.put.reachMeeting)
	for _, l := range m.Links {
		if l.Rule == schemas.RuleEmail && l.EndUserID != nil {
			company := ""
			if l.CompanyID != nil {
				company = *l.CompanyID
			}
			if _, err := reach.ExecContext(ctx, r.Key, l.Attendee, *l.EndUserID, company); err != nil {
				return err
			}
		}
		for sort, id := range map[string]*string{schemas.SortCompany: l.CompanyID, schemas.SortEndUser: l.EndUserID} {
			if id == nil {
				continue
			}
			if _, err := link.ExecContext(ctx, r.Key, sort, *id); err != nil {
				return err
			}
		}
	}
	return nil
}

const selectMeeting = `SELECT m.body, m.version, (SELECT count(*) FROM entries e WHERE e.meeting = m.id AND e.live = 1) FROM meetings m WHERE `

func scanMeeting(rows interface{ Scan(...any) error }) (schemas.StoredMeeting, error) {
	var (
		m       schemas.StoredMeeting
		raw     []byte
		version int64
	)
	if err := rows.Scan(&raw, &version, &m.Entries); err != nil {
		return m, err
	}
	m.Version = uint64(version) //nolint:gosec // was written from a uint64
	return m, json.Unmarshal(raw, &m.Row)
}

// Meetings lists meetings, newest first; those that started at the same
// instant by falling id.
func (s *Store) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	q, err := sink.CheckMeetings(q)
	if err != nil {
		return nil, err
	}
	f := meetingRows.within(q.Scope)
	if q.State != "" {
		f.and("m.state = ?", string(q.State))
	} else {
		f.and("m.state <> ?", string(schemas.StateGrouped))
	}
	if q.Learning != "" {
		f.and("m.learning = ?", q.Learning)
	}
	if q.Address != "" {
		const reached = "EXISTS (SELECT 1 FROM meeting_addresses a WHERE a.address = ? AND a.meeting = m.id"
		switch {
		case q.Scope.Company != "":
			f.and(reached+" AND a.company = ?)", q.Address, q.Scope.Company)
		case q.Scope.EndUser != "":
			f.and(reached+" AND a.end_user = ?)", q.Address, q.Scope.EndUser)
		default:
			f.and(reached+")", q.Address)
		}
	}
	if q.Provider != "" {
		from, to := recordedBy(q)
		f.and("m.id >= ? AND m.id < ?", from, to)
	}
	if !q.Since.IsZero() {
		f.and("m.started_at >= ?", q.Since.UnixMilli())
	}
	if !q.Until.IsZero() {
		f.and("m.started_at < ?", q.Until.UnixMilli())
	}
	if q.Before != "" {
		// Gone or out of scope, the place is still a place.
		var at int64
		err := s.read.QueryRowContext(ctx, `SELECT started_at FROM meetings WHERE id = ? AND org = ?`, q.Before, q.Scope.Org).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, &schemas.InvalidQuery{Field: "before", Problem: "names no meeting"}
		}
		if err != nil {
			return nil, fmt.Errorf("finding where the page begins: %w", err)
		}
		f.and("(m.started_at, m.id) < (?, ?)", at, q.Before)
	}
	const newest = ` ORDER BY m.started_at DESC, m.id DESC`
	query, args := selectMeeting+f.where+newest+` LIMIT ?`, append(f.args, q.Limit)
	first, named, err := s.few(ctx, q)
	if err == nil && first != "" {
		query = selectMeeting + `m.id IN (SELECT m.id FROM (` + first + `) first CROSS JOIN meetings m ON m.id = first.id WHERE ` +
			f.where + newest + ` LIMIT ?)` + newest
		args = slices.Concat(named, args)
	}
	var all []schemas.StoredMeeting
	if err == nil {
		all, err = collect(ctx, s.read, func(r *sql.Rows) (schemas.StoredMeeting, error) { return scanMeeting(r) }, query, args...)
	}
	if err != nil {
		return nil, fmt.Errorf("listing meetings: %w", err)
	}
	return all, nil
}

// fewMeetings are put in order quicker than the newest are gone through for them.
const fewMeetings = 1000

// few names the meetings of the address, the customer or the recorder that the query wants, where they are few: going through the
// newest would pass by everybody else's. Otherwise it names none.
func (s *Store) few(ctx context.Context, q schemas.MeetingQuery) (first string, args []any, err error) {
	const linked = `SELECT meeting AS id FROM meeting_links WHERE sort = ? AND customer = ?`
	switch {
	case q.Address != "":
		first, args = `SELECT DISTINCT meeting AS id FROM meeting_addresses WHERE address = ?`, []any{q.Address}
	case q.Scope.EndUser != "":
		first, args = linked, []any{schemas.SortEndUser, q.Scope.EndUser}
	case q.Scope.Company != "":
		first, args = linked, []any{schemas.SortCompany, q.Scope.Company}
	case q.Provider != "":
		from, to := recordedBy(q)
		first, args = `SELECT id FROM meetings WHERE id >= ? AND id < ?`, []any{from, to}
	default:
		return "", nil, nil
	}
	found, err := collect(ctx, s.read, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, first+` LIMIT ?`, append(slices.Clone(args), fewMeetings+1)...)
	if err != nil || len(found) > fewMeetings {
		return "", nil, err
	}
	return first, args, nil
}

// recordedBy are the bounds of the ids of the recorder's meetings: 0 is the character after the slash.
func recordedBy(q schemas.MeetingQuery) (from, to string) {
	return q.Scope.Org + "/" + q.Provider + "/", q.Scope.Org + "/" + q.Provider + "0"
}

// Meeting returns one meeting. One that is out of scope is not there.
func (s *Store) Meeting(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, bool, error) {
	if err := sink.CheckScope(scope); err != nil {
		return schemas.StoredMeeting{}, false, err
	}
	f := meetingRows.within(scope)
	f.and("m.id = ?", id)
	m, err := scanMeeting(s.read.QueryRowContext(ctx, selectMeeting+f.where, f.args...))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return schemas.StoredMeeting{}, false, nil
	case err != nil:
		return schemas.StoredMeeting{}, false, fmt.Errorf("reading a meeting: %w", err)
	}
	return m, true, nil
}
