-- Every table of values keeps a row for what is gone, with live = 0, no words
-- and the version: without it an older value that comes late would come back.

CREATE TABLE meetings (
    id         TEXT PRIMARY KEY, -- org/provider/recording
    org        TEXT NOT NULL,
    version    INTEGER NOT NULL,
    live       INTEGER NOT NULL,
    state      TEXT NOT NULL,
    started_at INTEGER NOT NULL, -- ms since 1970; kept when gone, so that a page can still continue behind it
    body       BLOB              -- schemas.MeetingRow as JSON
) STRICT;
CREATE INDEX meetings_newest ON meetings (org, started_at DESC, id DESC) WHERE live = 1;

CREATE TABLE meeting_links (
    meeting  TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    sort     TEXT NOT NULL, -- company, end_user
    customer TEXT NOT NULL,
    PRIMARY KEY (meeting, sort, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_links_customer ON meeting_links (sort, customer, meeting);

CREATE TABLE meeting_progress (
    meeting   TEXT NOT NULL,
    stage     TEXT NOT NULL,
    topic     TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    org       TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    at        INTEGER NOT NULL, -- ms since 1970
    body      BLOB NOT NULL,    -- schemas.Progress as JSON
    -- One record of a topic can concern many meetings: a new customer does.
    PRIMARY KEY (meeting, stage, topic, partition, offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_progress_outcome ON meeting_progress (org, stage, outcome);

CREATE TABLE directory (
    org     TEXT NOT NULL,
    sort    TEXT NOT NULL, -- company, end_user
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    live    INTEGER NOT NULL,
    company TEXT,          -- of an end user
    body    BLOB,          -- schemas.DirectoryEntry as JSON
    PRIMARY KEY (org, sort, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_company ON directory (org, company) WHERE company IS NOT NULL;

-- Names under which a company is found, in lower case.
CREATE TABLE company_names (
    org     TEXT NOT NULL,
    name    TEXT NOT NULL,
    sort    TEXT NOT NULL, -- name, domain
    company TEXT NOT NULL,
    PRIMARY KEY (org, name, sort, company)
) STRICT, WITHOUT ROWID;
CREATE INDEX company_names_company ON company_names (org, company);

CREATE TABLE entries (
    id        INTEGER PRIMARY KEY,
    org       TEXT NOT NULL,
    live      INTEGER NOT NULL,
    state     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    distilled TEXT,
    version   INTEGER NOT NULL,
    meeting   TEXT NOT NULL,
    entry     TEXT NOT NULL,
    title     TEXT,
    text      TEXT,
    grams     TEXT,          -- what the tokenizer cannot find in title and text; see grams.go
    body      BLOB,          -- schemas.Entry as JSON, without title and text
    UNIQUE (meeting, entry)
) STRICT;
CREATE INDEX entries_kind ON entries (org, kind, distilled) WHERE live = 1;
CREATE INDEX entries_meeting ON entries (meeting) WHERE live = 1;

CREATE TABLE entry_links (
    entry    INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    sort     TEXT NOT NULL,
    customer TEXT NOT NULL,
    PRIMARY KEY (entry, sort, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_links_customer ON entry_links (sort, customer, entry);

-- The index is of what lives: a rebuild or a check reads its content from here.
CREATE VIEW live_entries AS SELECT id, title, text, grams FROM entries WHERE live = 1;
CREATE VIRTUAL TABLE entries_fts USING fts5 (
    title, text, grams,
    content = 'live_entries', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
-- Otherwise the words of a deleted entry stay in the index's pages until some
-- later merge.
INSERT INTO entries_fts (entries_fts, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER entries_inserted AFTER INSERT ON entries WHEN new.live BEGIN
    INSERT INTO entries_fts (rowid, title, text, grams) VALUES (new.id, new.title, new.text, new.grams);
END;
-- One trigger, because the old words must go before the new ones come, and the
-- order of two triggers is not defined.
CREATE TRIGGER entries_updated AFTER UPDATE ON entries BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, text, grams)
        SELECT 'delete', old.id, old.title, old.text, old.grams WHERE old.live;
    INSERT INTO entries_fts (rowid, title, text, grams)
        SELECT new.id, new.title, new.text, new.grams WHERE new.live;
END;
CREATE TRIGGER entries_deleted AFTER DELETE ON entries WHEN old.live BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, text, grams)
        VALUES ('delete', old.id, old.title, old.text, old.grams);
END;
