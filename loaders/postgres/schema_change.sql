-- What each transaction changed: for those who follow the catalogue while it is loaded.

CREATE TABLE discogs.change (
    entity   text NOT NULL,
    sequence bigint NOT NULL,
    run      bigint NOT NULL,
    dump     integer NOT NULL,
    ids      integer[],
    CONSTRAINT change_pkey PRIMARY KEY (entity, sequence)
) WITH (toast_tuple_target = 8160);
-- Ids hardly shrink, and to try costs each batch.
ALTER TABLE discogs.change ALTER COLUMN ids SET STORAGE EXTERNAL;
COMMENT ON TABLE discogs.change IS
    'What each transaction changed, written in that transaction: one row for each that changed records, and one for each verdict. The last hundred thousand of each entity are kept.';
COMMENT ON COLUMN discogs.change.entity IS 'artist, label, master or release';
COMMENT ON COLUMN discogs.change.sequence IS 'from 1, for each entity without gaps, in the order of the commits';
COMMENT ON COLUMN discogs.change.run IS 'the run that changed it';
COMMENT ON COLUMN discogs.change.dump IS 'date of its dump, as in 20260801';
COMMENT ON COLUMN discogs.change.ids IS 'records added, changed or deleted, ascending; none: a verdict on the run; NULL: any may have changed';
