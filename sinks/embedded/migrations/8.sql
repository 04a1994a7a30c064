-- The addresses by which meetings are linked to end users, so that whoever has
-- one is found without going through the meetings.
CREATE TABLE meeting_addresses (
    meeting  TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    address  TEXT NOT NULL, -- in its one form, as links have it
    end_user TEXT NOT NULL,
    company  TEXT NOT NULL, -- '': none
    PRIMARY KEY (meeting, address, end_user)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_addresses_address ON meeting_addresses (address, meeting);

INSERT INTO meeting_addresses (meeting, address, end_user, company)
    SELECT m.id, value ->> '$.Attendee', value ->> '$.EndUserID', ifnull(value ->> '$.CompanyID', '')
    FROM meetings m, json_each(CAST(m.body AS TEXT), '$.Links')
    WHERE m.live AND value ->> '$.Rule' = 'email' AND value ->> '$.EndUserID' IS NOT NULL
    ON CONFLICT DO NOTHING;

-- The version whose addresses its writer wrote. An earlier build leaves it
-- behind, and triggers take the addresses out of what it wrote.
ALTER TABLE meetings ADD COLUMN addressed INTEGER;
UPDATE meetings SET addressed = version;

CREATE TRIGGER meetings_inserted AFTER INSERT ON meetings WHEN new.live AND new.addressed IS NOT new.version BEGIN
    INSERT INTO meeting_addresses (meeting, address, end_user, company)
        SELECT new.id, value ->> '$.Attendee', value ->> '$.EndUserID', ifnull(value ->> '$.CompanyID', '')
        FROM json_each(CAST(new.body AS TEXT), '$.Links')
        WHERE value ->> '$.Rule' = 'email' AND value ->> '$.EndUserID' IS NOT NULL
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER meetings_updated AFTER UPDATE ON meetings WHEN new.addressed IS NOT new.version BEGIN
    DELETE FROM meeting_addresses WHERE meeting = new.id;
    INSERT INTO meeting_addresses (meeting, address, end_user, company)
        SELECT new.id, value ->> '$.Attendee', value ->> '$.EndUserID', ifnull(value ->> '$.CompanyID', '')
        FROM json_each(CAST(new.body AS TEXT), '$.Links')
        WHERE new.live AND value ->> '$.Rule' = 'email' AND value ->> '$.EndUserID' IS NOT NULL
        ON CONFLICT DO NOTHING;
END;

-- A build that knows version 6 may write this file.
PRAGMA application_id = 6;
