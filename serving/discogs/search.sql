-- What stands in a search result, of the ids that were found.

-- name: releases
SELECT
    r.id, r.title, r.year, r.country, r.master_id,
    artists.said AS artists, labels.said AS labels, formats.said AS formats,
    ARRAY(
        SELECT genre FROM discogs.release_genre AS g WHERE g.release_id = r.id ORDER BY g.sequence
    ) AS genres,
    ARRAY(
        SELECT style FROM discogs.release_style AS s WHERE s.release_id = r.id ORDER BY s.sequence
    ) AS styles,
    ARRAY(
        SELECT i.value
        FROM discogs.release_identifier AS i
        WHERE i.release_id = r.id AND i.type = 'Barcode' AND i.value IS NOT NULL
        ORDER BY i.sequence
    ) AS barcodes,
    ARRAY(
        SELECT c.name
        FROM discogs.release_company AS c
        WHERE c.release_id = r.id AND c.name IS NOT NULL
        ORDER BY c.sequence
    ) AS companies
FROM discogs.release AS r
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
WHERE r.id = ANY($1::integer[])

-- name: masters
SELECT
    m.id, m.title, m.year, m.main_release_id, artists.said AS artists,
    ARRAY(
        SELECT genre FROM discogs.master_genre AS g WHERE g.master_id = m.id ORDER BY g.sequence
    ) AS genres,
    ARRAY(
        SELECT style FROM discogs.master_style AS s WHERE s.master_id = m.id ORDER BY s.sequence
    ) AS styles
FROM discogs.master AS m
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
WHERE m.id = ANY($1::integer[])

-- name: names
SELECT id, name FROM discogs.{entity} WHERE id = ANY($1::integer[])
