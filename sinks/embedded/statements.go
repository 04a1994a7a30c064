package embedded

import (
	"context"
	"database/sql"
	"fmt"
)

// statements of the sinks, prepared once on the writing connection.
type statements struct {
	newestMeeting, meeting, unlinkMeeting, linkMeeting                   *sql.Stmt
	leaveMeeting, reachMeeting                                           *sql.Stmt
	newestEntry, oldEntry, newEntry, changeEntry, unlinkEntry, linkEntry *sql.Stmt
	progress, usage, ruleHit                                             *sql.Stmt
	directory, unnameCompany, nameCompany                                *sql.Stmt
}

// The upserts of meeting and directory give back a row exactly when
// they changed one: then the value was newer, and its links follow.
func prepare(ctx context.Context, db *sql.DB) (statements, error) {
	var s statements
	for _, p := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&s.newestMeeting, `SELECT ifnull(max(rowid), 0) FROM meetings`},
		{&s.meeting, `
			INSERT INTO meetings (id, org, version, live, state, started_at, body, learning, addressed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?3)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, live = excluded.live, state = excluded.state,
				started_at = iif(excluded.live, excluded.started_at, started_at), body = excluded.body,
				learning = excluded.learning, addressed = excluded.addressed
			WHERE excluded.version > version RETURNING rowid`},
		{&s.unlinkMeeting, `DELETE FROM meeting_links WHERE meeting = ?`},
		{&s.linkMeeting, `INSERT INTO meeting_links (meeting, sort, customer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.leaveMeeting, `DELETE FROM meeting_addresses WHERE meeting = ?`},
		{&s.reachMeeting, `INSERT INTO meeting_addresses (meeting, address, end_user, company) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},

		{&s.newestEntry, `SELECT ifnull(max(id), 0) FROM entries`},
		{&s.newEntry, `
			INSERT INTO entries (org, live, state, kind, distilled, version, meeting, entry, title, text, grams, body,
				provider, language, speakers, meeting_at, changed)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT ifnull(max(changed), 0) + 1 FROM entries))
			ON CONFLICT (meeting, entry) DO NOTHING RETURNING id`},
		{&s.oldEntry, `SELECT id, version, live, title, text, grams FROM entries WHERE meeting = ? AND entry = ?`},
		{&s.changeEntry, `
			UPDATE entries SET live = ?, state = ?, kind = ?, distilled = ?, version = ?, title = ?, text = ?, grams = ?, body = ?,
				provider = ?, language = ?, speakers = ?, meeting_at = ?, changed = (SELECT max(changed) + 1 FROM entries)
			WHERE id = ?`},
		{&s.unlinkEntry, `DELETE FROM entry_links WHERE entry = ?`},
		{&s.linkEntry, `INSERT INTO entry_links (entry, sort, customer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`},

		// The first telling of an event counts: a record that is processed
		// again after a crash is by then its own duplicate.
		{&s.progress, `
			INSERT INTO meeting_progress (meeting, stage, topic, partition, offset, version, org, outcome, at, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET version = excluded.version, outcome = excluded.outcome, at = excluded.at, body = excluded.body
			WHERE excluded.version < version`},

		{&s.usage, `
			INSERT INTO distill_usage (id, org, version, at, parked, calls, tokens_in, tokens_out, micros, rules, companies)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, parked = excluded.parked, calls = excluded.calls,
				tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out, micros = excluded.micros,
				rules = excluded.rules, companies = excluded.companies
			WHERE excluded.version > version`},

		{&s.ruleHit, `
			INSERT INTO rule_hits (id, org, version, live, at, effect, rules, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, live = excluded.live, at = excluded.at,
				effect = excluded.effect, rules = excluded.rules, body = excluded.body
			WHERE excluded.version > version`},

		{&s.directory, `
			INSERT INTO directory (org, sort, id, version, live, company, body) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (org, sort, id) DO UPDATE SET version = excluded.version, live = excluded.live,
				company = excluded.company, body = excluded.body
			WHERE excluded.version > version RETURNING 0`},
		{&s.unnameCompany, `DELETE FROM company_names WHERE org = ? AND company = ?`},
		{&s.nameCompany, `INSERT INTO company_names (org, name, sort, company) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
	} {
		var err error
		if *p.into, err = db.PrepareContext(ctx, p.query); err != nil {
			return s, fmt.Errorf("preparing %s: %w", p.query, err)
		}
	}
	return s, nil
}
