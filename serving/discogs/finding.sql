-- How the parameters of a search find ids.  A search of releases begins with the parameter that finds
-- fewest, by an index; the others narrow what it has found.  All of them are there in each statement,
-- NULL where nothing is asked:
-- $1 text: what has to be anywhere in title, artists, labels and numbers, made of all that say so
-- $2 title, $3 release_title, $4 artist, $5 anv, $6 label, $7 catno, $8 credit, $9 track: words
-- $10 text: digits of a barcode
-- $11 genre, $12 style, $13 country: text; $14 text: a medium or description
-- $15 integer: year
-- $16 text: pattern of what a track's title begins with
-- $17 integer: how many releases are looked at by their words, and told

-- name: releases
WITH asked AS MATERIALIZED (
    SELECT
        discogs.search_query($1) AS anywhere,
        discogs.search_query($2) AS title,
        discogs.search_query($3) AS release_title,
        discogs.search_query($4) AS artist,
        discogs.search_query($5) AS anv,
        discogs.search_query($6) AS label,
        discogs.search_query($7) AS catno,
        discogs.search_query($8) AS credit,
        discogs.search_query($9) AS track,
        -- For their types: not every statement begins with them.
        $10::text AS barcode,
        $16::text AS track_begins
),
narrowed AS (
    SELECT r.id, r.title, r.master_id
    FROM ({candidates}) AS candidate
    JOIN discogs.release AS r ON r.id = candidate.id
    WHERE
        ($13::text IS NULL OR left(r.country, 64) = $13)
        AND ($15::integer IS NULL OR r.year = $15)
        AND ($11::text IS NULL OR EXISTS (
            SELECT FROM discogs.release_genre AS g
            WHERE g.release_id = r.id AND g.genre = $11
            OFFSET 0 -- or all releases of the genre might be hashed
        ))
        AND ($12::text IS NULL OR EXISTS (
            SELECT FROM discogs.release_style AS s
            WHERE s.release_id = r.id AND s.style = $12
            OFFSET 0
        ))
        AND ($14::text IS NULL OR EXISTS (
            SELECT FROM discogs.release_format AS f
            WHERE f.release_id = r.id
                AND discogs.format_words(f.name, f.descriptions) @> ARRAY[$14]
            OFFSET 0
        ))
    {order}
    LIMIT $17
)
SELECT r.id, m.id AS master_id
FROM narrowed AS r
CROSS JOIN asked
LEFT JOIN discogs.master AS m ON m.id = r.master_id
WHERE
    ($2::text IS NULL OR array_to_tsvector(discogs.words(concat_ws(' ', r.title, (
        SELECT string_agg(concat_ws(' ', a.name, a.anv), ' ')
        FROM discogs.release_artist AS a
        WHERE a.release_id = r.id
    )))) @@ asked.title)
    AND ($3::text IS NULL OR array_to_tsvector(discogs.words(r.title)) @@ asked.release_title)
    AND ($4::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_artist AS a
        WHERE a.release_id = r.id
            AND array_to_tsvector(discogs.words(concat_ws(' ', a.name, a.anv))) @@ asked.artist
    ))
    AND ($5::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_artist AS a
        WHERE a.release_id = r.id AND array_to_tsvector(discogs.words(a.anv)) @@ asked.anv
    ))
    AND ($6::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_label AS l
        WHERE l.release_id = r.id AND array_to_tsvector(discogs.words(l.name)) @@ asked.label
    ))
    AND ($7::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_label AS l
        WHERE l.release_id = r.id
            AND array_to_tsvector(
                discogs.words(concat_ws(' ', l.catno, replace(l.catno, ' ', '')))
            ) @@ asked.catno
    ))
    AND ($8::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_credit AS c
        WHERE c.release_id = r.id
            AND array_to_tsvector(discogs.words(concat_ws(' ', c.name, c.anv))) @@ asked.credit
        UNION ALL
        SELECT FROM discogs.release_track_credit AS c
        WHERE c.release_id = r.id
            AND array_to_tsvector(discogs.words(concat_ws(' ', c.name, c.anv))) @@ asked.credit
    ))
    AND ($9::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_track AS t
        WHERE t.release_id = r.id AND array_to_tsvector(discogs.words(t.title)) @@ asked.track
    ))
    AND ($10::text IS NULL OR EXISTS (
        SELECT FROM discogs.release_identifier AS i
        WHERE i.release_id = r.id
            AND i.type = 'Barcode'
            AND left(regexp_replace(i.value, '[^0-9]', '', 'g'), 32) = $10
    ))
ORDER BY length(r.title), r.id

-- name: by_barcode
SELECT DISTINCT i.release_id AS id
FROM discogs.release_identifier AS i
WHERE i.type = 'Barcode' AND left(regexp_replace(i.value, '[^0-9]', '', 'g'), 32) = $10

-- name: by_words
SELECT s.id
FROM discogs.release_search AS s
WHERE s.words @@ (SELECT asked.anywhere FROM asked)

-- name: by_track
SELECT DISTINCT t.release_id AS id
FROM discogs.release_track AS t
WHERE lower(left(t.title, 64)) LIKE $16

-- name: by_credit
SELECT c.release_id AS id
FROM (
    SELECT s.id FROM discogs.artist_search AS s
    WHERE s.words @@ (SELECT asked.credit FROM asked)
    ORDER BY s.id
    LIMIT 200
) AS artist
JOIN LATERAL (
    SELECT release_id FROM discogs.release_credit WHERE artist_id = artist.id
    UNION
    SELECT release_id FROM discogs.release_track_credit WHERE artist_id = artist.id
) AS c ON TRUE
GROUP BY c.release_id

-- name: by_style
SELECT DISTINCT release_id AS id FROM discogs.release_style WHERE style = $12

-- name: by_genre
SELECT DISTINCT release_id AS id FROM discogs.release_genre WHERE genre = $11

-- name: by_format
-- Alone: where anything else is asked, the search begins there.
SELECT DISTINCT release_id AS id
FROM (
    SELECT release_id
    FROM discogs.release_format
    WHERE discogs.format_words(name, descriptions) @> ARRAY[$14]
    LIMIT $17
) AS format

-- name: by_country
SELECT id FROM discogs.release WHERE left(country, 64) = $13

-- name: by_year
SELECT id FROM discogs.release WHERE year = $15

-- name: artists
SELECT s.id
FROM discogs.artist_search AS s
JOIN discogs.artist AS named USING (id)
WHERE s.words @@ discogs.search_query($1)
ORDER BY length(named.name), s.id
LIMIT $2

-- name: labels
SELECT s.id
FROM discogs.label_search AS s
JOIN discogs.label AS named USING (id)
WHERE s.words @@ discogs.search_query($1)
ORDER BY length(named.name), s.id
LIMIT $2

-- name: masters
SELECT s.id
FROM discogs.master_search AS s
JOIN discogs.master AS named USING (id)
WHERE s.words @@ discogs.search_query($1)
ORDER BY length(named.title), s.id
LIMIT $2

-- name: genre
-- A genre as Discogs spells it: each step is a look into an index.
WITH RECURSIVE known AS (
    (SELECT min(genre) AS word FROM discogs.release_genre)
    UNION ALL
    SELECT (SELECT min(genre) FROM discogs.release_genre WHERE genre > known.word)
    FROM known
    WHERE known.word IS NOT NULL
)
SELECT word FROM known WHERE lower(word) = lower($1)

-- name: style
WITH RECURSIVE known AS (
    (SELECT min(style) AS word FROM discogs.release_style)
    UNION ALL
    SELECT (SELECT min(style) FROM discogs.release_style WHERE style > known.word)
    FROM known
    WHERE known.word IS NOT NULL
)
SELECT word FROM known WHERE lower(word) = lower($1)

-- name: country
WITH RECURSIVE known AS (
    (SELECT min(left(country, 64)) AS word FROM discogs.release)
    UNION ALL
    SELECT (SELECT min(left(country, 64)) FROM discogs.release WHERE left(country, 64) > known.word)
    FROM known
    WHERE known.word IS NOT NULL
)
SELECT word FROM known WHERE lower(word) = lower($1)
