-- name: state
SELECT entity, dump, run, state, sequence, identity::text AS identity FROM discogs.state;

-- name: changes
-- $1: entity, $2: the last sequence that is known, $3: how many rows at most.
SELECT sequence, run, dump, ids FROM discogs.change
WHERE entity = $1 AND sequence > $2 ORDER BY sequence LIMIT $3;

-- name: kept
-- $1: entity.  The lowest sequence of which there still is a row.
SELECT min(sequence) FROM discogs.change WHERE entity = $1;

-- name: deletions
-- $1: entity, $2: dump, $3: the last id that is known, $4: how many rows at most.
SELECT id FROM discogs.deletion
WHERE entity = $1 AND dump = $2 AND id > $3 ORDER BY id LIMIT $4;
