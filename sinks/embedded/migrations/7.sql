-- The words of a batch are indexed together, at its end (indexing.go). A row
-- here, within a transaction, says that its writer does so; an earlier build
-- writes none, and its words are indexed by the triggers as they were.
CREATE TABLE entries_together (writer INTEGER PRIMARY KEY) STRICT;

DROP TRIGGER entries_inserted;
CREATE TRIGGER entries_inserted AFTER INSERT ON entries WHEN new.live AND NOT EXISTS (SELECT 1 FROM entries_together) BEGIN
    INSERT INTO entries_fts (rowid, title, text, grams) VALUES (new.id, new.title, new.text, new.grams);
END;
DROP TRIGGER entries_updated;
CREATE TRIGGER entries_updated AFTER UPDATE ON entries WHEN NOT EXISTS (SELECT 1 FROM entries_together) BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, text, grams)
        SELECT 'delete', old.id, old.title, old.text, old.grams WHERE old.live;
    INSERT INTO entries_fts (rowid, title, text, grams)
        SELECT new.id, new.title, new.text, new.grams WHERE new.live;
END;

-- A build that knows version 6 may write this file.
PRAGMA application_id = 6;
