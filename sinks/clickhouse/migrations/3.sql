ALTER TABLE meetings ADD COLUMN IF NOT EXISTS learning LowCardinality(String) COMMENT 'learned, waiting, off_topic, excluded or parked; empty in rows from before there were rules';

ALTER TABLE meetings ADD COLUMN IF NOT EXISTS learning_why String;

ALTER TABLE meetings ADD COLUMN IF NOT EXISTS rules_version Int64;

CREATE OR REPLACE VIEW meetings_current AS
SELECT org, meeting_id, version, provider, recording_id, state, reason, title, url, share_url, language,
    created_at, started_at, ended_at, received_at, host_name, host_email, host_team, turns, words, entries, distiller,
    learning, learning_why, rules_version
FROM meetings FINAL;

-- What an answer cost is paid for good: nothing is deleted with its meeting.
CREATE TABLE IF NOT EXISTS distill_usage (
    org           LowCardinality(String),
    meeting_id    String,
    memo          String COMMENT 'names content, rules, model and prompt',
    at            DateTime64(3, 'UTC'),
    distiller     LowCardinality(String),
    calls         Int32,
    tokens_in     Int64,
    tokens_out    Int64,
    micros        Int64 COMMENT 'millionths of the currency that the prices are in',
    parked        Bool COMMENT 'paid for no usable answer',
    rules_version Int64,
    rules         Array(String) COMMENT 'topics that it was about, instructions that were followed',
    companies     Array(String),
    end_users     Array(String),
    told          UInt64
)
ENGINE = ReplacingMergeTree(told)
ORDER BY (org, meeting_id, memo, at)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW IF NOT EXISTS distill_usage_current AS
SELECT org, meeting_id, memo, at, distiller, calls, tokens_in, tokens_out, micros, parked, rules_version, rules, companies, end_users
FROM distill_usage FINAL;
