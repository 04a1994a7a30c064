-- What the learning rules did to meetings. A hit goes with its meeting: an
-- excerpt is what somebody said.
CREATE TABLE rule_hits (
    id      TEXT PRIMARY KEY, -- schemas.RuleHitKey
    org     TEXT NOT NULL,
    version INTEGER NOT NULL,
    live    INTEGER NOT NULL,
    at      INTEGER NOT NULL, -- ms since 1970
    effect  TEXT NOT NULL,
    rules   TEXT NOT NULL,    -- ids, a JSON array
    body    BLOB              -- schemas.RuleHit as JSON
) STRICT;
CREATE INDEX rule_hits_newest ON rule_hits (org, at DESC, id DESC) WHERE live = 1;
