-- Whether feedback is good or bad, and what a renewal signal is about. Rows
-- from before have neither.
ALTER TABLE meetings
    ADD COLUMN IF NOT EXISTS distillates.polarity Array(LowCardinality(String)) AFTER distillates.owner,
    ADD COLUMN IF NOT EXISTS distillates.signal Array(LowCardinality(String)) AFTER distillates.polarity;

CREATE OR REPLACE VIEW distillates AS
SELECT org, meeting_id, version, provider, state, started_at, distiller,
    n, d.kind AS kind, d.sentence AS sentence, d.quote AS quote, d.turn AS turn, d.speaker AS speaker, d.email AS email,
    d.start_ms AS start_ms, d.owner AS owner, d.polarity AS polarity, d.signal AS signal
FROM meetings FINAL ARRAY JOIN distillates AS d, arrayEnumerate(distillates.kind) AS n;
