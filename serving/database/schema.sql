-- name: unreadable
-- $1: tables and views.  The first that is not there, or may not be read.
SELECT 'discogs.' || name FROM unnest($1::text[]) AS name
WHERE to_regclass('discogs.' || name) IS NULL
    OR NOT has_table_privilege(to_regclass('discogs.' || name), 'SELECT')
LIMIT 1;
