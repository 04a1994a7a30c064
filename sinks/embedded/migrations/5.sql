-- A number that rises with each change of any entry: what is kept in memory
-- follows the file by it.
ALTER TABLE entries ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- The words do not change: without the trigger none is indexed again.
DROP TRIGGER entries_updated;
UPDATE entries SET changed = id;
CREATE TRIGGER entries_updated AFTER UPDATE ON entries BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, text, grams)
        SELECT 'delete', old.id, old.title, old.text, old.grams WHERE old.live;
    INSERT INTO entries_fts (rowid, title, text, grams)
        SELECT new.id, new.title, new.text, new.grams WHERE new.live;
END;
CREATE INDEX entries_changed ON entries (changed);

-- Vectors of entries, optional: those of a model are a space. Of the spaces one
-- is served, and another may be on its way.
CREATE TABLE vector_spaces (
    id          TEXT PRIMARY KEY, -- embedding.Space.ID
    generation  TEXT NOT NULL,    -- another one each time the space is made
    model       TEXT NOT NULL,
    query_model TEXT NOT NULL,
    dimension   INTEGER NOT NULL,
    serving     INTEGER NOT NULL
) STRICT;

-- A row of what is gone stays, without its vector, like one of entries.
CREATE TABLE vectors (
    id      INTEGER PRIMARY KEY,
    space   TEXT NOT NULL REFERENCES vector_spaces (id) ON DELETE CASCADE,
    org     TEXT NOT NULL,
    meeting TEXT NOT NULL,
    entry   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL, -- rises with each change of any vector
    digest  TEXT,             -- of the text; null: gone
    vector  BLOB,             -- the scale, 32 bits, and a byte for each number
    UNIQUE (space, meeting, entry)
) STRICT;
CREATE INDEX vectors_digest ON vectors (space, digest) WHERE digest IS NOT NULL;
CREATE INDEX vectors_changed ON vectors (space, changed);
