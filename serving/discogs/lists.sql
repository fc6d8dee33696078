-- The lists of Discogs' API.  Each list ends at a number of items, its second parameter: what
-- comes before is found by an index alone, in the order of ids.

-- name: exists
SELECT EXISTS (SELECT FROM discogs.{entity} WHERE id = $1)

-- name: counts
-- About: as the server counted them last.
SELECT c.relname::text AS entity, greatest(0, c.reltuples)::bigint AS records
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'discogs' AND c.relname = ANY($1::text[])

-- name: most_recent
-- Of a master: the release with the latest date, as text, as the dump has it.
SELECT id
FROM discogs.release
WHERE master_id = $1
ORDER BY year DESC NULLS LAST, released DESC NULLS LAST, id DESC
LIMIT 1

-- name: versions
SELECT r.id, r.title, r.country, r.released, r.year, labels.said AS labels, formats.said AS formats
FROM (SELECT id FROM discogs.release WHERE master_id = $1 ORDER BY id LIMIT $2) AS version
JOIN discogs.release AS r ON r.id = version.id
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object('name', l.name, 'catno', l.catno))
            ORDER BY l.sequence),
        '[]'
    )::text AS said
    FROM discogs.release_label AS l
    WHERE l.release_id = r.id
) AS labels
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object(
            'name', f.name, 'qty', f.qty, 'text', f.text, 'descriptions', f.descriptions
        )) ORDER BY f.sequence),
        '[]'
    )::text AS said
    FROM discogs.release_format AS f
    WHERE f.release_id = r.id
) AS formats

-- name: discography
-- Of an artist.  Parts: 0 Main, 1 Remix, 2 Producer, 3 Appearance, 4 TrackAppearance,
-- 5 UnofficialRelease.  What has a master stands there as it, once for each part; what is the
-- artist's own is no appearance besides.
WITH credit AS (
    (
        SELECT release_id, 0 AS part
        FROM discogs.release_artist
        WHERE artist_id = $1
        ORDER BY release_id
        LIMIT $2
    )
    UNION
    (
        SELECT
            release_id,
            CASE WHEN role ILIKE '%remix%' THEN 1 WHEN role ILIKE '%producer%' THEN 2 ELSE 3 END
        FROM discogs.release_credit
        WHERE artist_id = $1
        ORDER BY release_id
        LIMIT $2
    )
    UNION
    (
        SELECT
            release_id,
            CASE WHEN role ILIKE '%remix%' THEN 1 WHEN role ILIKE '%producer%' THEN 2 ELSE 3 END
        FROM discogs.release_track_credit
        WHERE artist_id = $1
        ORDER BY release_id
        LIMIT $2
    )
    UNION
    (
        SELECT release_id, 4
        FROM discogs.release_track_artist
        WHERE artist_id = $1
        ORDER BY release_id
        LIMIT $2
    )
),
item AS (
    SELECT
        m.id IS NOT NULL AS is_master,
        coalesce(m.id, r.id) AS id,
        -- By each release's own rows: EXISTS might have all formats of the catalogue hashed.
        CASE WHEN credit.part = 0 AND (
            SELECT bool_or('Unofficial Release' = ANY(f.descriptions))
            FROM discogs.release_format AS f
            WHERE f.release_id = r.id
        ) THEN 5 ELSE credit.part END AS part,
        CASE WHEN m.id IS NULL THEN r.title ELSE m.title END AS title,
        CASE WHEN m.id IS NULL THEN r.year ELSE m.year END AS year,
        CASE WHEN $3 = 'format' THEN (
            SELECT string_agg(concat_ws(', ', f.name, array_to_string(f.descriptions, ', ')), ' + '
                ORDER BY f.sequence)
            FROM discogs.release_format AS f
            WHERE f.release_id = coalesce(m.main_release_id, r.id)
        ) END AS format
    FROM credit
    JOIN discogs.release AS r ON r.id = credit.release_id
    LEFT JOIN discogs.master AS m ON m.id = r.master_id
),
own AS (
    SELECT is_master, id, min(part) AS part
    FROM item
    WHERE part IN (0, 5)
    GROUP BY is_master, id
),
listed AS (
    SELECT item.is_master, item.id, item.part, min(item.title) AS title, min(item.year) AS year,
        min(item.format) AS format
    FROM item
    LEFT JOIN own ON own.is_master = item.is_master AND own.id = item.id
    WHERE own.id IS NULL OR own.part = item.part
    GROUP BY item.is_master, item.id, item.part
)
SELECT is_master, id, part, title, year, count(*) OVER () AS items
FROM listed
ORDER BY
    part,
    CASE WHEN $3 = 'year' AND NOT $4 THEN year END ASC NULLS LAST,
    CASE WHEN $3 = 'year' AND $4 THEN year END DESC NULLS LAST,
    CASE WHEN $3 = 'title' AND NOT $4 THEN lower(title) END ASC NULLS LAST,
    CASE WHEN $3 = 'title' AND $4 THEN lower(title) END DESC NULLS LAST,
    CASE WHEN $3 = 'format' AND NOT $4 THEN format END ASC NULLS LAST,
    CASE WHEN $3 = 'format' AND $4 THEN format END DESC NULLS LAST,
    year ASC NULLS LAST,
    is_master,
    id
LIMIT $5 OFFSET $6

-- name: label_releases
-- Of a label, a series or a company.
WITH named AS (
    (
        SELECT release_id, sequence, catno
        FROM discogs.release_label
        WHERE label_id = $1
        ORDER BY release_id
        LIMIT $2
    )
    UNION ALL
    (
        SELECT release_id, 1000 + sequence, catno
        FROM discogs.release_series
        WHERE series_id = $1
        ORDER BY release_id
        LIMIT $2
    )
    UNION ALL
    (
        SELECT release_id, 2000 + sequence, catno
        FROM discogs.release_company
        WHERE company_id = $1
        ORDER BY release_id
        LIMIT $2
    )
),
listed AS (
    SELECT release_id, string_agg(catno, ', ' ORDER BY first) AS catno
    FROM (
        SELECT release_id, catno, min(sequence) AS first FROM named GROUP BY release_id, catno
    ) AS once
    GROUP BY release_id
)
SELECT FALSE AS is_master, r.id, r.title, r.year, listed.catno, count(*) OVER () AS items
FROM listed
JOIN discogs.release AS r ON r.id = listed.release_id
ORDER BY
    CASE WHEN $3 = 'year' AND NOT $4 THEN r.year END ASC NULLS LAST,
    CASE WHEN $3 = 'year' AND $4 THEN r.year END DESC NULLS LAST,
    CASE WHEN $3 = 'title' AND NOT $4 THEN lower(r.title) END ASC NULLS LAST,
    CASE WHEN $3 = 'title' AND $4 THEN lower(r.title) END DESC NULLS LAST,
    CASE WHEN $3 = 'catno' AND NOT $4 THEN lower(listed.catno) END ASC NULLS LAST,
    CASE WHEN $3 = 'catno' AND $4 THEN lower(listed.catno) END DESC NULLS LAST,
    lower(listed.catno) ASC NULLS LAST,
    r.id
LIMIT $5 OFFSET $6

-- name: details
-- What a list says of releases ($1) and masters ($2) beside their titles; $3 is the artist whose
-- tracks are named.
SELECT
    FALSE AS is_master,
    r.id,
    NULL::integer AS main_release,
    artists.said AS artists,
    labels.said AS labels,
    formats.said AS formats,
    tracks.said AS tracks
FROM unnest($1::integer[]) AS r (id)
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object(
            'name', a.name, 'anv', a.anv, 'join', a.join_phrase
        )) ORDER BY a.sequence),
        '[]'
    )::text AS said
    FROM discogs.release_artist AS a
    WHERE a.release_id = r.id
) AS artists
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object('name', l.name, 'catno', l.catno))
            ORDER BY l.sequence),
        '[]'
    )::text AS said
    FROM discogs.release_label AS l
    WHERE l.release_id = r.id
) AS labels
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object(
            'name', f.name, 'qty', f.qty, 'text', f.text, 'descriptions', f.descriptions
        )) ORDER BY f.sequence),
        '[]'
    )::text AS said
    FROM discogs.release_format AS f
    WHERE f.release_id = r.id
) AS formats
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(t.title ORDER BY t.sequence), '{}') AS said
    FROM discogs.release_track AS t
    WHERE
        t.release_id = r.id
        AND t.title IS NOT NULL
        AND t.sequence IN (
            SELECT track_sequence FROM discogs.release_track_artist
            WHERE release_id = r.id AND artist_id = $3
            UNION
            SELECT track_sequence FROM discogs.release_track_credit
            WHERE release_id = r.id AND artist_id = $3
        )
) AS tracks
UNION ALL
SELECT TRUE, m.id, held.main_release_id, artists.said, '[]', '[]', '{}'
FROM unnest($2::integer[]) AS m (id)
LEFT JOIN discogs.master AS held ON held.id = m.id
CROSS JOIN LATERAL (
    SELECT coalesce(
        json_agg(json_strip_nulls(json_build_object(
            'name', a.name, 'anv', a.anv, 'join', a.join_phrase
        )) ORDER BY a.sequence),
        '[]'
    )::text AS said
    FROM discogs.master_artist AS a
    WHERE a.master_id = m.id
) AS artists
