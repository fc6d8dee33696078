-- Runs that have been, beside the current ones of waxline.run.

CREATE TABLE waxline.history (
    entity     text NOT NULL,
    run        bigint NOT NULL,
    dump       integer NOT NULL,
    outcome    text NOT NULL,
    detail     text NOT NULL,
    started    timestamptz,
    ended      timestamptz,
    loaded     bigint NOT NULL DEFAULT 0,
    unchanged  bigint NOT NULL DEFAULT 0,
    rejected   bigint NOT NULL DEFAULT 0,
    deleted    bigint NOT NULL DEFAULT 0,
    exceptions bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (entity, run)
);
COMMENT ON TABLE waxline.history IS
    'The last two hundred runs of each entity. The counts of a current run stand in waxline.run until another follows it.';
COMMENT ON COLUMN waxline.history.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.history.run IS 'the run';
COMMENT ON COLUMN waxline.history.dump IS 'date of its dump, as in 20260801';
COMMENT ON COLUMN waxline.history.outcome IS 'loading (no verdict before the next run began), unequal, blocked, complete or refused';
COMMENT ON COLUMN waxline.history.detail IS 'one sentence on the outcome';
COMMENT ON COLUMN waxline.history.started IS 'when its first message came; NULL: not known';
COMMENT ON COLUMN waxline.history.ended IS 'when its last verdict was given; NULL: none was';
COMMENT ON COLUMN waxline.history.loaded IS 'records written';
COMMENT ON COLUMN waxline.history.unchanged IS 'records found equal';
COMMENT ON COLUMN waxline.history.rejected IS 'records that could not be written';
COMMENT ON COLUMN waxline.history.deleted IS 'rows deleted because its dump has them no more';
COMMENT ON COLUMN waxline.history.exceptions IS 'quarantined or rejected records when it was complete';
