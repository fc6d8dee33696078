-- What each dump no longer had: for those who follow the catalogue without reading all of it.

CREATE TABLE discogs.deletion (
    entity text NOT NULL,
    id     integer NOT NULL,
    dump   integer NOT NULL,
    CONSTRAINT deletion_pkey PRIMARY KEY (entity, id, dump)
);
COMMENT ON TABLE discogs.deletion IS
    'Records that a dump no longer had, written in the transaction that deletes them. A record that a later dump has again keeps its lines here.';
COMMENT ON COLUMN discogs.deletion.entity IS 'artist, label, master or release';
COMMENT ON COLUMN discogs.deletion.id IS 'the id that was deleted';
COMMENT ON COLUMN discogs.deletion.dump IS 'date of the dump that did not have it, as in 20260801';

CREATE INDEX deletion_dump ON discogs.deletion (dump, entity, id);
