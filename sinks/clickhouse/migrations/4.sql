-- What people said beside the customers: decisions, sides, settings.
CREATE TABLE IF NOT EXISTS directory_words (
    org     LowCardinality(String),
    sort    LowCardinality(String) COMMENT 'decision, side or setting',
    id      String,
    version UInt64,
    deleted UInt8,
    body    String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (org, sort, id)
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1;
