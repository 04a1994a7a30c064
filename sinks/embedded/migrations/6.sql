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
