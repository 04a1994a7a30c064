-- What became of learning from a meeting: the parked ones are listed.
ALTER TABLE meetings ADD COLUMN learning TEXT;
UPDATE meetings SET learning = json_extract(CAST(body AS TEXT), '$.Learning') WHERE live = 1;
CREATE INDEX meetings_learning ON meetings (org, learning, started_at DESC, id DESC) WHERE live = 1;

-- What an answer cost is paid for good: nothing is deleted with its meeting.
CREATE TABLE distill_usage (
    id         TEXT PRIMARY KEY, -- schemas.UsageKey
    org        TEXT NOT NULL,
    version    INTEGER NOT NULL,
    at         INTEGER NOT NULL, -- ms since 1970
    parked     INTEGER NOT NULL, -- paid for no usable answer
    calls      INTEGER NOT NULL,
    tokens_in  INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    micros     INTEGER NOT NULL,
    rules      TEXT NOT NULL,    -- ids, a JSON array
    companies  TEXT NOT NULL     -- likewise
) STRICT;
CREATE INDEX distill_usage_org ON distill_usage (org, at);
