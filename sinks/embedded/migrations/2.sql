-- What a search can be narrowed by, beside scope and kind.
ALTER TABLE entries ADD COLUMN provider TEXT;
ALTER TABLE entries ADD COLUMN language TEXT;
ALTER TABLE entries ADD COLUMN speakers TEXT;      -- names, a JSON array
ALTER TABLE entries ADD COLUMN meeting_at INTEGER; -- ms since 1970

-- The words do not change: without the trigger none is indexed again.
DROP TRIGGER entries_updated;
UPDATE entries SET
    provider = json_extract(CAST(body AS TEXT), '$.Provider'),
    language = json_extract(CAST(body AS TEXT), '$.Language'),
    speakers = ifnull(json_extract(CAST(body AS TEXT), '$.Speakers'), '[]'),
    meeting_at = CAST(round(unixepoch(json_extract(CAST(body AS TEXT), '$.MeetingAt'), 'subsec') * 1000) AS INTEGER)
WHERE live = 1;
CREATE TRIGGER entries_updated AFTER UPDATE ON entries BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, text, grams)
        SELECT 'delete', old.id, old.title, old.text, old.grams WHERE old.live;
    INSERT INTO entries_fts (rowid, title, text, grams)
        SELECT new.id, new.title, new.text, new.grams WHERE new.live;
END;
