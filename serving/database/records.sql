-- name: record
-- $1: ids.  A row for each of them, in no order: one that is absent has no fingerprint.
-- The bodies are put in from the declaration of a record.  All of it is of one snapshot.
SELECT wanted.id, own.fingerprint, state.dump, state.sequence,
    CASE WHEN own.id IS NOT NULL THEN json_strip_nulls({body})::text END AS body,
    {nested} AS nested
FROM unnest($1::integer[]) AS wanted (id)
LEFT JOIN discogs.{entity} AS own ON own.id = wanted.id
CROSS JOIN (
    SELECT coalesce(max(dump), 0) AS dump, coalesce(max(sequence), 0) AS sequence
    FROM discogs.state WHERE entity = '{entity}'
) AS state;

-- name: list
(
        SELECT json_agg({item} ORDER BY {alias}.sequence)
        FROM discogs.{table} AS {alias}{joins}
        WHERE {alias}.{parent} = own.id
    )

-- name: inner_list
-- Of all items at once: one look into an index, instead of one for each of them.

        LEFT JOIN (
            SELECT {alias}.{place} AS place, json_agg({item} ORDER BY {alias}.sequence) AS items
            FROM discogs.{table} AS {alias}
            WHERE {alias}.{parent} = own.id
            GROUP BY {alias}.{place}
        ) AS {alias} ON {alias}.place = {outer}.sequence

-- name: nested
EXISTS (
        SELECT FROM discogs.{table} AS inside
        WHERE inside.{parent} = own.id AND inside.parent_sequence IS NOT NULL
    )
