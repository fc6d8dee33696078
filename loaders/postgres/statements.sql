-- The statements of the sink, by name.  {entity} is one of artist, label, master and release.

-- name: find
SELECT id, fingerprint FROM discogs.{entity} WHERE id = ANY($1::integer[]);

-- name: is_prepared
SELECT EXISTS (SELECT FROM waxline.prepared WHERE entity = '{entity}');

-- name: set_prepared
INSERT INTO waxline.prepared (entity) VALUES ('{entity}') ON CONFLICT DO NOTHING;

-- name: settle_write
-- One statement, for each costs every batch.  The row of the run is locked from here to the commit,
-- so that sequences have no gaps and ascend as transactions commit.  What a first load adds ($7 says
-- whether anything else was done) is told at its end, as everything; so are $6, ids, that are NULL.
WITH settled AS (
    UPDATE waxline.run
    SET loaded = loaded + $2, unchanged = unchanged + $3, rejected = rejected + $4,
        deleted = deleted + $5,
        sequence = sequence + (
            coalesce(cardinality($6::integer[]) > 0, true) AND (sequence > 0 OR $7)
        )::integer
    WHERE entity = '{entity}' AND run = $1
    RETURNING run, dump, sequence
), told AS (
    INSERT INTO discogs.change (entity, sequence, run, dump, ids)
    SELECT '{entity}', sequence, run, dump, CASE WHEN sequence > 1 THEN $6::integer[] END
    FROM settled WHERE coalesce(cardinality($6::integer[]) > 0, true) AND sequence > 0
    RETURNING sequence
)
SELECT run, (SELECT pg_notify($8, '{entity}:' || sequence) FROM told) FROM settled;

-- name: tell
-- A verdict, which changes no record: but the first ones end a first load.  $1: everything else may
-- have changed as well.
WITH moved AS (
    UPDATE waxline.run SET sequence = sequence + 1 WHERE entity = '{entity}'
    RETURNING run, dump, sequence, complete_run
), told AS (
    INSERT INTO discogs.change (entity, sequence, run, dump, ids)
    SELECT '{entity}', sequence, run, dump,
        CASE WHEN complete_run > 0 AND NOT $1::boolean THEN '{}'::integer[] END
    FROM moved
    RETURNING sequence
)
SELECT pg_notify($2, '{entity}:' || sequence) FROM told;

-- name: prune_changes
DELETE FROM discogs.change WHERE entity = '{entity}' AND sequence <= (
    SELECT sequence - $1 FROM waxline.run WHERE entity = '{entity}'
);

-- name: lock_run
SELECT run FROM waxline.run WHERE entity = '{entity}' AND run = $1 FOR NO KEY UPDATE;

-- name: lock_row
SELECT FROM waxline.run WHERE entity = '{entity}' FOR NO KEY UPDATE;

-- name: advance
INSERT INTO waxline.run AS held (
    entity, run, dump, state, detail, loaded, unchanged, rejected, deleted, exceptions,
    rows_at_complete, complete_run
)
VALUES ('{entity}', $1, $2, 'loading', '', 0, 0, 0, 0, 0, 0, 0)
ON CONFLICT (entity) DO UPDATE
SET run = excluded.run, dump = excluded.dump, state = excluded.state, detail = excluded.detail,
    loaded = 0, unchanged = 0, rejected = 0, deleted = 0, exceptions = 0
WHERE held.run < excluded.run AND (held.dump <= excluded.dump OR $3)
    AND NOT EXISTS (SELECT FROM waxline.refused WHERE entity = '{entity}' AND run = $1);

-- name: forget_ranges
DELETE FROM waxline.range
WHERE entity = '{entity}' AND run < (SELECT run FROM waxline.run WHERE entity = '{entity}');

-- name: forget_kept
DELETE FROM waxline.rejected
WHERE entity = '{entity}' AND fingerprint = 0
    AND run < (SELECT run FROM waxline.run WHERE entity = '{entity}');

-- name: run_rows
SELECT entity, run, dump, state, detail, loaded, unchanged, rejected, deleted, exceptions,
    rows_at_complete, complete_run
FROM waxline.run;

-- name: declare
UPDATE waxline.run SET state = $2, detail = $3, exceptions = $4
WHERE entity = '{entity}' AND run = $1
RETURNING run;

-- name: note_complete
UPDATE waxline.run
SET rows_at_complete = (SELECT count(*) FROM discogs.{entity}), complete_run = run
WHERE entity = '{entity}' AND run = $1;

-- name: note_run
INSERT INTO waxline.history AS past (
    entity, run, dump, outcome, detail, loaded, unchanged, rejected, deleted, exceptions,
    started, ended
)
SELECT entity, run, dump, state, detail, loaded, unchanged, rejected, deleted, exceptions,
    CASE WHEN $1 THEN now() END, CASE WHEN $2 THEN now() END
FROM waxline.run WHERE entity = '{entity}' FOR NO KEY UPDATE
ON CONFLICT (entity, run) DO UPDATE
SET outcome = excluded.outcome, detail = excluded.detail, loaded = excluded.loaded,
    unchanged = excluded.unchanged, rejected = excluded.rejected, deleted = excluded.deleted,
    exceptions = excluded.exceptions, started = coalesce(past.started, excluded.started),
    ended = coalesce(excluded.ended, past.ended);

-- name: note_refused
INSERT INTO waxline.history (entity, run, dump, outcome, detail, started, ended)
VALUES ('{entity}', $1, $2, $3, $4, now(), now())
ON CONFLICT (entity, run) DO NOTHING;

-- name: prune_history
DELETE FROM waxline.history WHERE entity = '{entity}' AND run <= (
    SELECT run FROM waxline.history WHERE entity = '{entity}' ORDER BY run DESC OFFSET $1 LIMIT 1
);

-- name: history
SELECT entity, run, dump, outcome, detail, loaded, unchanged, rejected, deleted, exceptions,
    coalesce(extract(epoch FROM started), 0)::float8 AS started,
    coalesce(extract(epoch FROM ended), 0)::float8 AS ended
FROM waxline.history ORDER BY run DESC LIMIT $1;

-- name: note_deletions
INSERT INTO discogs.deletion (entity, id, dump)
SELECT '{entity}', id, $2 FROM discogs.{entity} WHERE id = ANY($1::integer[])
ON CONFLICT DO NOTHING;

-- name: what_is_due
SELECT EXISTS (SELECT FROM waxline.rejected WHERE entity = '{entity}') AS rejected,
    EXISTS (SELECT FROM discogs.deletion WHERE entity = '{entity}' AND dump = $1) AS deleted,
    EXISTS (SELECT FROM waxline.search WHERE entity = '{entity}') AS searched,
    EXISTS (SELECT FROM waxline.run WHERE entity = '{entity}' AND sequence > 0) AS told;

-- name: take_back_deletions
DELETE FROM discogs.deletion
WHERE entity = '{entity}' AND id = ANY($1::integer[]) AND dump = $2;

-- name: store_range
INSERT INTO waxline.range (entity, run, index, body) VALUES ('{entity}', $1, $2, $3)
ON CONFLICT (entity, run, index) DO UPDATE SET body = excluded.body;

-- name: ranges
SELECT body FROM waxline.range
WHERE entity = '{entity}' AND run = $1 AND index NOT IN (SELECT unnest($2::integer[]))
ORDER BY index;

-- name: refuse
INSERT INTO waxline.refused (entity, run, dump, reason) VALUES ('{entity}', $1, $2, $3)
ON CONFLICT (entity, run) DO UPDATE SET reason = excluded.reason;

-- name: refusals
SELECT run, reason FROM waxline.refused ORDER BY run DESC LIMIT 48;

-- name: reject
INSERT INTO waxline.rejected (entity, id, fingerprint, reason, run, dump, record)
SELECT '{entity}', id, fingerprint, reason, run, dump, record
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::integer[], $6::text[])
    AS given (id, fingerprint, reason, run, dump, record)
ON CONFLICT (entity, id) DO UPDATE
SET fingerprint = excluded.fingerprint, reason = excluded.reason, run = excluded.run,
    dump = excluded.dump, record = excluded.record;

-- name: unreject
DELETE FROM waxline.rejected WHERE entity = '{entity}' AND id = ANY($1::bigint[]);

-- name: rejections
SELECT id, fingerprint, reason, run, dump FROM waxline.rejected
WHERE entity = '{entity}' ORDER BY id;

-- name: rejected_record
SELECT record FROM waxline.rejected WHERE entity = '{entity}' AND id = $1;

-- name: digests
-- All rows of each span are summed up; taken off are those that are left out, and those in whose
-- place a rejection counts.  Spans ascend, so a search finds that of an id, unless it is between.
WITH instead AS (
    SELECT id, fingerprint FROM waxline.rejected
    WHERE entity = '{entity}' AND id >= ($1::bigint[])[1]
        AND id < ($2::bigint[])[cardinality($2::bigint[])]
), left_out AS (
    SELECT id FROM unnest($3::bigint[]) AS given (id)
    UNION
    SELECT id FROM instead
), part (id, count, total) AS (
    SELECT left_out.id, -1, -(fingerprint::numeric)
    FROM left_out JOIN discogs.{entity} AS held ON held.id = left_out.id
    UNION ALL
    SELECT id, 1, fingerprint FROM instead
    WHERE fingerprint <> 0
        AND NOT EXISTS (SELECT FROM unnest($3::bigint[]) AS given (id) WHERE given.id = instead.id)
)
SELECT sum(count)::bigint AS count, coalesce(sum(total), 0) AS total
FROM (
    SELECT place, held.count, held.total
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS span (first, last, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, sum(fingerprint) AS total FROM discogs.{entity}
        WHERE id >= span.first AND id < span.last
    ) AS held
    UNION ALL
    SELECT width_bucket(id, $1::bigint[]), count, total FROM part
    WHERE id < ($2::bigint[])[width_bucket(id, $1::bigint[])]
) AS counted
GROUP BY place ORDER BY place;

-- name: held
SELECT held.id
FROM unnest($1::bigint[], $2::bigint[]) AS span (first, last)
CROSS JOIN LATERAL (
    SELECT id::bigint FROM discogs.{entity} WHERE id >= span.first AND id < span.last
    UNION
    SELECT id FROM waxline.rejected
    WHERE entity = '{entity}' AND id >= span.first AND id < span.last
) AS held
ORDER BY held.id;

-- name: rows
SELECT count(*) FROM discogs.{entity};

-- name: update_own
-- Columns, here and below, are put in from the declaration of a record.
UPDATE discogs.{entity} AS held SET {assignments}
FROM unnest({arrays}) AS given ({columns})
WHERE held.id = given.id AND held.fingerprint <> given.fingerprint;

-- name: make_given
-- Of all columns: behind a pooler the next client may keep documents.
CREATE TEMPORARY TABLE IF NOT EXISTS waxline_{entity} ({typed}) ON COMMIT DELETE ROWS;

-- name: update_given
UPDATE discogs.{entity} AS held SET {assignments}
FROM pg_temp.waxline_{entity} AS given
WHERE held.id = given.id AND held.fingerprint <> given.fingerprint;

-- name: stands_otherwise
SELECT EXISTS (
    SELECT FROM discogs.{entity} AS held
    JOIN unnest($1::integer[], $2::bigint[]) AS given (id, fingerprint) USING (id)
    WHERE held.fingerprint <> given.fingerprint
);

-- name: places
SELECT ctid, {columns} FROM discogs.{table} WHERE {parent} = ANY($1::integer[]);

-- name: delete_places
DELETE FROM discogs.{table} WHERE ctid = ANY($1::tid[]);

-- name: lock_schema
SELECT pg_advisory_xact_lock(hashtext('waxline schema'));

-- name: has_schema
SELECT to_regclass('waxline.sink') IS NOT NULL;

-- name: missing_relations
-- In the order in which they are given.
SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS given (name, place)
WHERE to_regclass(name) IS NULL ORDER BY place;

-- name: has_search
SELECT to_regclass('waxline.search') IS NOT NULL;

-- name: missing_namespaces
SELECT name FROM unnest('{discogs,waxline}'::text[]) AS name WHERE to_regnamespace(name) IS NULL;

-- name: create_sink
INSERT INTO waxline.sink (identity, version, document, namespace)
VALUES (gen_random_uuid(), $1, $2, $3);

-- name: sink
-- A database of an earlier waxline has no column namespace.
SELECT identity, version, document,
    coalesce(to_jsonb(held) ->> 'namespace', 'waxline') AS namespace
FROM waxline.sink AS held;

-- name: document
SELECT document FROM waxline.sink;

-- name: allow_change
-- Until November 2026 it could not be NULL.
ALTER TABLE waxline.sink ALTER COLUMN document DROP NOT NULL;

-- name: set_document
UPDATE waxline.sink SET document = $1;

-- name: lock_change
SELECT document IS NULL FROM waxline.sink FOR UPDATE;

-- name: change_documents
-- A row without a document becomes unknown (0 is no fingerprint), and is written anew although its
-- record has not changed; or its document goes.
WITH part AS (SELECT id FROM discogs.{entity} WHERE id > $1 ORDER BY id LIMIT $2),
changed AS (
    UPDATE discogs.{entity} AS held
    SET fingerprint = CASE WHEN $3 THEN 0 ELSE held.fingerprint END, document = NULL
    FROM part
    WHERE held.id = part.id AND CASE
        WHEN $3 THEN held.document IS NULL AND held.fingerprint <> 0
        ELSE held.document IS NOT NULL
    END
)
SELECT max(id) FROM part;

-- name: overtake
-- A number that no reading has: what still comes of the run before is dropped, and not written.
UPDATE waxline.run
SET run = run + 1, state = 'loading', detail = $1, loaded = 0, unchanged = 0, rejected = 0,
    deleted = 0, exceptions = 0
WHERE entity = '{entity}';

-- name: try_prepare
-- One session leads the building of indexes; all that build share the other lock, to their end.
SELECT pg_try_advisory_lock(hashtext('waxline prepare {entity}'));

-- name: join_builders
SELECT pg_advisory_lock_shared(hashtext('waxline build {entity}'));

-- name: builders_are_gone
SELECT CASE WHEN pg_try_advisory_lock(hashtext('waxline build {entity}'))
    THEN pg_advisory_unlock(hashtext('waxline build {entity}')) ELSE false END;

-- name: settings_to_prepare
SELECT set_config('statement_timeout', '0', false),
    set_config('maintenance_work_mem', '256MB', false);

-- name: remove_doubles
-- Which of a record's child rows are those it has now, nobody can tell: it becomes unknown (0 is no
-- fingerprint), and is written anew.  A build of the entity's own indexes is waited for.
SET LOCAL lock_timeout = 0;
WITH doubled AS (
    SELECT DISTINCT many.id
    FROM (
        SELECT {parent} AS id FROM discogs.{table} GROUP BY {key} HAVING count(*) > 1
    ) AS many
),
removed AS (DELETE FROM discogs.{table} USING doubled WHERE {parent} = doubled.id)
UPDATE discogs.{entity} SET fingerprint = 0 FROM doubled WHERE {entity}.id = doubled.id;

-- name: is_at_work
SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE pid = $1 AND coalesce(state, '') NOT LIKE 'idle%'
);

-- name: create_trigrams
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- name: unusable_trigrams
SELECT nspname FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_trgm' AND NOT has_schema_privilege(pg_namespace.oid, 'USAGE');

-- name: find_trigrams
SELECT set_config('search_path', quote_ident(nspname), false) FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_trgm';

-- name: without_identity
-- A table that is published needs something to tell its rows by, before any of them may go.
SELECT format(
    'ALTER TABLE discogs.%I REPLICA IDENTITY USING INDEX %I', held.relname, key.relname
) AS change
FROM pg_class AS held
JOIN pg_index ON indrelid = held.oid
JOIN pg_class AS key ON key.oid = indexrelid
WHERE held.relnamespace = 'discogs'::regnamespace AND key.relname = held.relname || '_key'
    AND held.relreplident = 'd' AND indisunique AND indisvalid AND indimmediate
    AND pg_has_role(held.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_index AS other WHERE other.indrelid = held.oid AND indisprimary)
ORDER BY held.relname;

-- name: distrust
UPDATE discogs.{entity} SET fingerprint = 0 WHERE id = ANY($1::integer[]);

-- name: read_rows
SELECT {columns} FROM discogs.{table} WHERE {parent} = ANY($1::integer[]) ORDER BY {key};

-- name: own_ids
SELECT id FROM discogs.{entity} WHERE id >= $1::bigint AND id < $2::bigint;

-- name: child_ids
SELECT DISTINCT {parent} AS id FROM discogs.{table} AS child
WHERE {parent} >= $1::bigint AND {parent} < $2::bigint
    AND NOT EXISTS (SELECT FROM discogs.{entity} WHERE {entity}.id = child.{parent});

-- name: fingerprints
SELECT id, fingerprint FROM discogs.{entity} WHERE id >= $1::bigint AND id < $2::bigint;
