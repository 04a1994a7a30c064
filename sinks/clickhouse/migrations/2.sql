CREATE VIEW IF NOT EXISTS meetings_current AS
SELECT org, meeting_id, version, provider, recording_id, state, reason, title, url, share_url, language,
    created_at, started_at, ended_at, received_at, host_name, host_email, host_team, turns, words, entries, distiller
FROM meetings FINAL;

CREATE VIEW IF NOT EXISTS meeting_attendees AS
SELECT org, meeting_id, version, provider, state, started_at,
    n, a.name AS name, a.email AS email, a.external AS external, a.spoke AS spoke
FROM meetings FINAL ARRAY JOIN attendees AS a, arrayEnumerate(attendees.name) AS n;

CREATE VIEW IF NOT EXISTS meeting_links AS
SELECT org, meeting_id, version, provider, state, started_at,
    n, l.company_id AS company_id, l.end_user_id AS end_user_id, l.attendee AS attendee, l.rule AS rule, l.matched AS matched
FROM meetings FINAL ARRAY JOIN links AS l, arrayEnumerate(links.attendee) AS n;

CREATE VIEW IF NOT EXISTS speakers AS
SELECT org, meeting_id, version, provider, state, started_at, host_email,
    n, s.name AS name, s.email AS email, s.turns AS turns, s.words AS words
FROM meetings FINAL ARRAY JOIN speakers AS s, arrayEnumerate(speakers.name) AS n;

CREATE VIEW IF NOT EXISTS action_items AS
SELECT org, meeting_id, version, provider, state, started_at,
    n, i.description AS description, i.user_generated AS user_generated, i.completed AS completed, i.at_ms AS at_ms,
    i.playback_url AS playback_url, i.assignee_name AS assignee_name, i.assignee_email AS assignee_email,
    i.assignee_team AS assignee_team
FROM meetings FINAL ARRAY JOIN action_items AS i, arrayEnumerate(action_items.description) AS n;

CREATE VIEW IF NOT EXISTS distillates AS
SELECT org, meeting_id, version, provider, state, started_at, distiller,
    n, d.kind AS kind, d.sentence AS sentence, d.quote AS quote, d.turn AS turn, d.speaker AS speaker, d.email AS email,
    d.start_ms AS start_ms, d.owner AS owner
FROM meetings FINAL ARRAY JOIN distillates AS d, arrayEnumerate(distillates.kind) AS n;

CREATE VIEW IF NOT EXISTS meeting_progress_current AS
SELECT org, meeting_id, stage, outcome, detail, source, at, record_topic, record_partition, record_offset
FROM meeting_progress FINAL;

CREATE VIEW IF NOT EXISTS companies_current AS
SELECT org, company_id, version, name, domains, traits FROM companies FINAL;

CREATE VIEW IF NOT EXISTS end_users_current AS
SELECT org, end_user_id, version, company_id, name, emails, traits FROM end_users FINAL;
