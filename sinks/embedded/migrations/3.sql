-- Which languages an organisation's entries are in: each query is stemmed in
-- those.
CREATE INDEX entries_language ON entries (org, language) WHERE live = 1;
