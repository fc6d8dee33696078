-- What waxline notes about itself, in the same transactions as the catalogue.

CREATE TABLE waxline.sink (
    identity uuid NOT NULL,
    version  integer NOT NULL,
    document boolean,
    created  timestamptz NOT NULL DEFAULT now(),
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    namespace text NOT NULL
);
COMMENT ON TABLE waxline.sink IS
    'One row: what this database is to waxline.';
COMMENT ON COLUMN waxline.sink.identity IS 'random, made with the schema: tells this database from one recreated';
COMMENT ON COLUMN waxline.sink.version IS 'version of the schema';
COMMENT ON COLUMN waxline.sink.document IS 'whether every entity row has its document; NULL while that is being changed';
COMMENT ON COLUMN waxline.sink.created IS 'when the schema was made';
COMMENT ON COLUMN waxline.sink.one IS 'always true: there is one row';
COMMENT ON COLUMN waxline.sink.namespace IS 'the setting namespace of those who load it';

CREATE TABLE waxline.run (
    entity           text PRIMARY KEY,
    run              bigint NOT NULL,
    dump             integer NOT NULL,
    state            text NOT NULL,
    detail           text NOT NULL,
    loaded           bigint NOT NULL,
    unchanged        bigint NOT NULL,
    rejected         bigint NOT NULL,
    deleted          bigint NOT NULL,
    exceptions       bigint NOT NULL,
    rows_at_complete bigint NOT NULL,
    complete_run     bigint NOT NULL,
    sequence         bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);
COMMENT ON TABLE waxline.run IS
    'The current run of each entity. Every writing transaction ends by locking its row here.';
COMMENT ON COLUMN waxline.run.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.run.run IS 'the current run; a lower one no longer writes';
COMMENT ON COLUMN waxline.run.dump IS 'date of its dump, as in 20260801';
COMMENT ON COLUMN waxline.run.state IS 'loading, unequal, blocked or complete';
COMMENT ON COLUMN waxline.run.detail IS 'one sentence on the state';
COMMENT ON COLUMN waxline.run.loaded IS 'records of this run written';
COMMENT ON COLUMN waxline.run.unchanged IS 'records of this run found equal';
COMMENT ON COLUMN waxline.run.rejected IS 'records of this run that could not be written';
COMMENT ON COLUMN waxline.run.deleted IS 'rows deleted because this run''s dump has them no more';
COMMENT ON COLUMN waxline.run.exceptions IS 'records that a complete run could not read, write or safely delete';
COMMENT ON COLUMN waxline.run.rows_at_complete IS 'rows when a run was last complete; 0: never';
COMMENT ON COLUMN waxline.run.complete_run IS 'the run that was last complete; 0: none';
COMMENT ON COLUMN waxline.run.sequence IS 'number of the last row of discogs.change, over all runs; 0: none yet';

CREATE TABLE waxline.range (
    entity text NOT NULL,
    run    bigint NOT NULL,
    index  integer NOT NULL,
    body   bytea NOT NULL,
    PRIMARY KEY (entity, run, index)
);
COMMENT ON TABLE waxline.range IS
    'What the current run''s dump holds, a block of ids per row.';
COMMENT ON COLUMN waxline.range.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.range.run IS 'the run';
COMMENT ON COLUMN waxline.range.index IS 'number of the range, from 0';
COMMENT ON COLUMN waxline.range.body IS 'the range as it came through the broker';

CREATE TABLE waxline.rejected (
    entity      text NOT NULL,
    id          bigint NOT NULL,
    fingerprint bigint NOT NULL,
    reason      text NOT NULL,
    run         bigint NOT NULL,
    dump        integer NOT NULL DEFAULT 0,
    record      text NOT NULL DEFAULT '',
    PRIMARY KEY (entity, id)
);
COMMENT ON TABLE waxline.rejected IS
    'Records that could not be written: each counts in place of its row until its id is written or found equal.';
COMMENT ON COLUMN waxline.rejected.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.rejected.id IS 'the record''s id';
COMMENT ON COLUMN waxline.rejected.fingerprint IS 'the record''s fingerprint';
COMMENT ON COLUMN waxline.rejected.reason IS 'why it could not be written';
COMMENT ON COLUMN waxline.rejected.run IS 'the run that brought it';
COMMENT ON COLUMN waxline.rejected.dump IS 'date of its dump; 0: not noted';
COMMENT ON COLUMN waxline.rejected.record IS 'its data as JSON in ASCII, cut where it is very long';

CREATE TABLE waxline.refused (
    entity text NOT NULL,
    run    bigint NOT NULL,
    dump   integer NOT NULL,
    reason text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entity, run)
);
COMMENT ON TABLE waxline.refused IS
    'Runs that were not loaded at all.';
COMMENT ON COLUMN waxline.refused.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.refused.run IS 'the run';
COMMENT ON COLUMN waxline.refused.dump IS 'date of its dump';
COMMENT ON COLUMN waxline.refused.reason IS 'why it was refused';
COMMENT ON COLUMN waxline.refused.at IS 'when';

CREATE TABLE waxline.prepared (
    entity text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE waxline.prepared IS
    'Entities whose indexes are built: from then on rows may be replaced and deleted.';
COMMENT ON COLUMN waxline.prepared.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.prepared.at IS 'when';
