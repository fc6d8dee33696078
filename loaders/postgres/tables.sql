-- What is done to each table of the catalogue; made for it by table_statements.py.
-- Child tables have no key until the first load is done.  References are no foreign keys: the dumps
-- are full of ids that no record has.

-- name: create
CREATE TABLE discogs.{table} (
{columns}
);

-- name: own_key
CONSTRAINT {table}_pkey PRIMARY KEY (id) INCLUDE (fingerprint)

-- name: longest
CONSTRAINT {table}_short CHECK (octet_length({column}) <= {longest})

-- name: comment
COMMENT ON {kind} discogs.{of} IS {about};

-- name: key
CREATE UNIQUE INDEX IF NOT EXISTS {table}_key ON discogs.{table} ({key});

-- name: own_statistics
VACUUM (ANALYZE) discogs.{table};

-- name: statistics
ANALYZE discogs.{table};

-- name: delete
WITH {children},
words AS (DELETE FROM discogs.{table}_search WHERE id = ANY($1::integer[])),
gone AS (DELETE FROM discogs.{table} WHERE id = ANY($1::integer[]) RETURNING id)
SELECT id FROM gone;

-- name: delete_children
{table} AS (DELETE FROM discogs.{table} WHERE {parent} = ANY($1::integer[]))
