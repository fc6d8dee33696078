-- Of which entities the words are kept.

CREATE TABLE waxline.search (
    entity text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE waxline.search IS
    'Entities whose search tables are filled: from then on every transaction that writes records keeps their words.';
COMMENT ON COLUMN waxline.search.entity IS 'artist, label, master or release';
COMMENT ON COLUMN waxline.search.at IS 'when';
