-- What makes a server or a database unable to hold the catalogue, each in words that end a
-- sentence; no row where all is well.

-- name: server
SELECT problem FROM (
    VALUES
    (
        current_setting('server_version_num')::integer < 130000,
        format('is version %s: 13 is the oldest that will do', current_setting('server_version'))
    ),
    (
        getdatabaseencoding() <> 'UTF8',
        format(
            'has the encoding %s, which cannot hold all names: make a database with ENCODING ''UTF8''',
            getdatabaseencoding()
        )
    ),
    (pg_is_in_recovery(), 'is a standby, which is read-only'),
    (
        current_setting('transaction_read_only')::boolean,
        'makes transactions read-only (default_transaction_read_only)'
    )
) AS checks (fails, problem)
WHERE fails;

-- name: tables
-- $1 to $3: tables of the schema discogs, their columns, and the types of these; besides, those that
-- hold no records.
WITH ours (relname, attname, type) AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
    UNION ALL VALUES
    ('deletion', 'entity', 'text'), ('deletion', 'id', 'integer'), ('deletion', 'dump', 'integer'),
    ('change', 'entity', 'text'), ('change', 'sequence', 'bigint'), ('change', 'run', 'bigint'),
    ('change', 'dump', 'integer'), ('change', 'ids', 'integer[]')
),
held AS (
    SELECT pg_class.oid, nspname, relname, relowner, relreplident,
        format('%I.%I', nspname, relname) AS name
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p')
        AND (nspname = 'waxline' OR nspname = 'discogs' AND relname IN (SELECT relname FROM ours))
),
columns AS (
    SELECT held.name || '.' || quote_ident(attname) AS name, held.relname, attname,
        format_type(atttypid, NULL) AS type, attnotnull AND NOT atthasdef AND attidentity = '' AS bound
    FROM held JOIN pg_attribute ON attrelid = held.oid AND attnum > 0 AND NOT attisdropped
    WHERE nspname = 'discogs'
)
SELECT format('has no table discogs.%I any more', relname) AS problem FROM ours
WHERE relname NOT IN (SELECT relname FROM held)
UNION ALL
SELECT format('has no column discogs.%I.%I any more', relname, attname) FROM ours
WHERE relname IN (SELECT relname FROM held)
    AND NOT EXISTS (SELECT FROM columns WHERE columns.relname = ours.relname AND columns.attname = ours.attname)
UNION ALL
SELECT format('has a column %s of type %s, not %s', name, columns.type, ours.type)
FROM columns JOIN ours USING (relname, attname)
WHERE columns.type <> ours.type
    AND NOT (ours.type = 'text' AND columns.type = 'character varying')
UNION ALL
SELECT format('has a column %s that must not be NULL and has no default, and no dump fills it', name)
FROM columns WHERE bound AND NOT EXISTS (
    SELECT FROM ours WHERE ours.relname = columns.relname AND ours.attname = columns.attname
)
UNION ALL
SELECT format('does not let the role %I %s %s', current_user, lower(privilege), name)
FROM held, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
WHERE NOT has_table_privilege(oid, privilege)
UNION ALL
SELECT format('has row security on %s, which COPY cannot do with', name) FROM held
WHERE row_security_active(oid)
UNION ALL
SELECT format('lets only the owner of %s build its indexes, and the role %I is not that', name, current_user)
FROM held
WHERE nspname = 'discogs' AND NOT pg_has_role(relowner, 'USAGE')
    AND (SELECT count(*) FROM waxline.prepared) < 4
UNION ALL
SELECT format(
    'publishes changes of %s (%s), which has no replica identity: give it one, or publish inserts only',
    name, pubname
)
FROM held
JOIN pg_publication_tables AS published
    ON published.schemaname = nspname AND published.tablename = relname
JOIN pg_publication USING (pubname)
WHERE (pubupdate OR pubdelete) AND (
    relreplident = 'n'
    OR relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = held.oid AND indisprimary)
    AND to_regclass(format('discogs.%I', relname || '_key')) IS NOT NULL
)
LIMIT 1;

-- name: is_prepared
SELECT count(*) = 4 FROM waxline.prepared;

-- name: try_to_make
-- Rights may allow what an event trigger forbids.
BEGIN;
CREATE TABLE discogs.waxline_tries ();
ROLLBACK;
