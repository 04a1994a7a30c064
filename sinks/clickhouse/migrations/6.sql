-- What the learning rules did to meetings. A hit goes with its meeting: an
-- excerpt is what somebody said.
CREATE TABLE IF NOT EXISTS rule_hits (
    org           LowCardinality(String),
    meeting_id    String,
    id            String COMMENT 'names content, rules version, effect, rules and judge',
    version       UInt64,
    deleted       UInt8,
    at            DateTime64(3, 'UTC'),
    title         String COMMENT 'of the meeting, at that time',
    rules         Array(String) COMMENT 'the id of the rule; of all topics where effect is off_topic',
    rule_type     LowCardinality(String),
    rules_version Int64,
    effect        LowCardinality(String) COMMENT 'excluded, about, off_topic or given',
    judge         LowCardinality(String) COMMENT 'the distiller, or words/N; empty for a keyword',
    place         LowCardinality(String) COMMENT 'title, calendar_title, summary, action_item or transcript; empty where nothing was met',
    turn          Int32 COMMENT '-1: not in the transcript',
    excerpt       String COMMENT 'verbatim'
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (org, meeting_id, id)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW IF NOT EXISTS rule_hits_current AS
SELECT org, meeting_id, id, at, title, rules, rule_type, rules_version, effect, judge, place, turn, excerpt
FROM rule_hits FINAL;
