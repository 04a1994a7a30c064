-- One row is a version of a meeting with everything in it, so that a meeting
-- and its attendees, links and distillates change in one instant.
--
-- There is no PARTITION BY: rows of different partitions never replace each
-- other, and whatever the date of a meeting is, its next version may have
-- another. By a hash of the id, a batch would be as many parts as there are
-- partitions, each paid for and none atomic with the others.
--
-- fsync: Kafka's offsets are committed after an insert, so that what a loss of
-- power takes would not come again.
CREATE TABLE IF NOT EXISTS meetings (
    org          LowCardinality(String),
    meeting_id   String,
    version      UInt64,
    deleted      UInt8,
    provider     LowCardinality(String),
    recording_id String,
    state        LowCardinality(String) COMMENT 'matched, internal or unmatched',
    reason       String COMMENT 'why there is no customer; empty when matched',
    title        String,
    url          String,
    share_url    String,
    language     LowCardinality(String),
    created_at   Nullable(DateTime64(3, 'UTC')),
    started_at   Nullable(DateTime64(3, 'UTC')),
    ended_at     Nullable(DateTime64(3, 'UTC')),
    received_at  Nullable(DateTime64(3, 'UTC')),
    host_name    String,
    host_email   String,
    host_team    Nullable(String),
    turns        Int32,
    words        Int32,
    entries      Int32 COMMENT 'knowledge entries of this version',
    distiller    LowCardinality(String),
    attendees Nested (
        name     String,
        email    Nullable(String),
        external Bool,
        spoke    Bool
    ),
    links Nested (
        company_id  Nullable(String),
        end_user_id Nullable(String),
        attendee    String,
        rule        LowCardinality(String),
        matched     String
    ),
    speakers Nested (
        name  String,
        email Nullable(String),
        turns Int32,
        words Int32
    ),
    action_items Nested (
        description    String,
        user_generated Bool,
        completed      Bool,
        at_ms          Nullable(Int64),
        playback_url   String,
        assignee_name  Nullable(String),
        assignee_email Nullable(String),
        assignee_team  Nullable(String)
    ),
    distillates Nested (
        kind     LowCardinality(String),
        sentence String,
        quote    String,
        turn     Int32,
        speaker  String,
        email    Nullable(String),
        start_ms Int64,
        owner    Nullable(String)
    ),
    started_ms Int64 COMMENT 'the place among the pages; a deleted meeting keeps it',
    body       String COMMENT 'the whole row as JSON, for Leadline itself' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (org, meeting_id)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;

-- The first telling of an event counts, and the engine keeps the highest
-- number: seniority falls as the place of the telling rises.
CREATE TABLE IF NOT EXISTS meeting_progress (
    org              LowCardinality(String),
    meeting_id       String,
    stage            LowCardinality(String),
    outcome          LowCardinality(String) COMMENT 'done, duplicate, stale or rejected',
    detail           String,
    source           LowCardinality(String),
    at               Nullable(DateTime64(3, 'UTC')),
    record_topic     LowCardinality(String),
    record_partition Int32,
    record_offset    Int64,
    told             UInt64,
    seniority        UInt64,
    body             String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(seniority)
ORDER BY (org, meeting_id, stage, record_topic, record_partition, record_offset)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS companies (
    org        LowCardinality(String),
    company_id String,
    version    UInt64,
    deleted    UInt8,
    name       String,
    domains    Array(String),
    traits     Map(String, String),
    names      Array(String) COMMENT 'the name and the domains as they are looked up, the name first',
    body       String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (org, company_id)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS end_users (
    org         LowCardinality(String),
    end_user_id String,
    version     UInt64,
    deleted     UInt8,
    company_id  Nullable(String),
    name        String,
    emails      Array(String),
    traits      Map(String, String),
    body        String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (org, end_user_id)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;
