-- What search asks of PostgreSQL.  {entity} is one of artist, label, master and release, {name} the
-- column of its name or title.  Parameters are the same in all of them:
--     $1 the words that a record has to have   $2 the text that names are compared with
--     $3 whether the last word is a beginning  $4 the filters, as JSON
--     $5 how many                              $6 after which place, an array; NULL: from the first

-- name: ranked
-- A thousand candidates at most; the names of the two hundred that look nearest are compared, and of
-- the first hundred of them it is counted how popular they are.
WITH filter AS MATERIALIZED (SELECT * FROM jsonb_to_record($4::jsonb) AS filter (
    artist text, anv text, title text, label text, catno text, barcode text[], genre text, style text,
    country text, format text, credit text, track text, year_from integer, year_to integer, number text
)),
said AS MATERIALIZED (SELECT {plain_said} AS said),
matched AS MATERIALIZED ({matched}),
candidate AS MATERIALIZED (
    SELECT own.id, own.{name} AS name FROM (SELECT DISTINCT id FROM matched) AS matched
    JOIN discogs.{entity} AS own USING (id) CROSS JOIN filter
    WHERE {filters}
    LIMIT 1000
),
near AS (
    SELECT id, name, row_number() OVER (
        ORDER BY starts_with(lower(name), lower($2)) DESC, abs(length(name) - length($2)), id
    ) AS number
    FROM candidate
),
compared AS MATERIALIZED (
    SELECT id, name, said, CASE WHEN number <= 200 THEN {plain_name} END AS plain FROM near, said
),
placed AS (
    SELECT id, name, least(abs(length(coalesce(plain, name)) - length(said)), 65535) AS apart, CASE
        WHEN plain = said OR plain = 'the ' || said THEN 0
        WHEN starts_with(plain, said) OR strpos(' ' || said || ' ', ' ' || plain || ' ') > 0 THEN 1
        WHEN strpos(plain, said) > 0 THEN 2
        ELSE 3
    END AS place
    FROM compared
),
numbered AS (
    SELECT *, row_number() OVER (ORDER BY place, apart, id) AS number FROM placed
),
counted AS (
    SELECT id, name, place, apart, CASE WHEN number <= 100 THEN
        floor(ln(1 + (SELECT count(*) FROM ({popularity} LIMIT 200) AS one)::float8) * 2)::integer
    ELSE 0 END AS popularity
    FROM numbered
),
page AS (
    SELECT * FROM counted
    WHERE $6::bigint[] IS NULL OR ARRAY[place, -popularity, apart, {kind}, id]::bigint[] > $6
    ORDER BY place, popularity DESC, apart, id LIMIT $5::integer
)
SELECT total, hit.*
FROM (SELECT count(*) AS total FROM candidate) AS counted
LEFT JOIN (
    SELECT page.id, page.name, place, popularity, apart, {shown} AS shown
    FROM page {shown_from}
) AS hit ON true
ORDER BY place, popularity DESC, apart, id

-- name: plain
-- As names are compared: without the number that tells namesakes apart, and without punctuation.
btrim(regexp_replace(
    translate(regexp_replace(discogs.folded({text}), ' \([0-9]+\)$', ''), '''.', ''),
    '[!-/:-@\[-`{-~ ]+', ' ', 'g'
))

-- name: by_words
-- Those of exactly this name may not be among the first of very many.
(
    SELECT id FROM discogs.{entity}
    WHERE lower(left({name}, 64)) = lower(left($2, 64)) AND $2 <> '' LIMIT 100
) UNION ALL (
    SELECT id FROM (
        SELECT id FROM discogs.{entity}_search
        WHERE words @@ (SELECT discogs.search_query($1::text, $3::boolean))
        OFFSET 0 -- or a limit might have the whole table read in place of the index
    ) AS found
    LIMIT CASE WHEN $4::jsonb = '{}' THEN 1000 ELSE 20000 END
)

-- name: by_beginning
-- What somebody types: the name's own beginning, and a word's where that is long enough.
(
    SELECT id FROM discogs.{entity}
    WHERE lower(left({name}, 64)) ~>=~ lower(left($2, 64))
        AND lower(left({name}, 64)) ~<~ (lower(left($2, 64)) || chr(1114111)) AND $2 <> '' LIMIT 200
) UNION ALL (
    SELECT id FROM (
        SELECT id FROM discogs.{entity}_search
        WHERE $3::boolean AND words @@ (SELECT discogs.search_query($1::text, true))
        OFFSET 0
    ) AS found LIMIT 300
)

-- name: by_barcode
SELECT release_id AS id FROM discogs.release_identifier, filter
WHERE type = 'Barcode' AND left(regexp_replace(value, '[^0-9]', '', 'g'), 32) = ANY (filter.barcode)
    AND $1::text IS NOT NULL AND $3::boolean IS NOT NULL
LIMIT 1000

-- name: by_number
-- A catalogue number as it is written, or with other spaces and marks.
(
    SELECT release_id AS id FROM discogs.release_label AS one, filter
    WHERE left(one.catno, 64) = left(filter.number, 64) LIMIT 1000
) UNION ALL (
    SELECT found.id FROM (
        SELECT id FROM discogs.release_search
        WHERE words @@ (SELECT discogs.search_query(filter.number) FROM filter) OFFSET 0
    ) AS found
    JOIN discogs.release_label AS one ON one.release_id = found.id CROSS JOIN filter
    WHERE regexp_replace(lower(one.catno), '[^0-9a-z]', '', 'g')
            = regexp_replace(lower(filter.number), '[^0-9a-z]', '', 'g')
        AND $1::text IS NOT NULL AND $3::boolean IS NOT NULL
    LIMIT 1000
)

-- name: by_track
SELECT release_id AS id FROM discogs.release_track AS one, filter
WHERE lower(left(one.title, 64)) ~>=~ lower(left(filter.track, 64))
    AND lower(left(one.title, 64)) ~<~ (lower(left(filter.track, 64)) || chr(1114111))
    AND $1::text IS NOT NULL AND $3::boolean IS NOT NULL LIMIT 20000

-- name: by_style
SELECT {entity}_id AS id FROM discogs.{entity}_style AS held, filter
WHERE held.style = filter.style AND $1::text IS NOT NULL AND $3::boolean IS NOT NULL LIMIT 20000

-- name: by_genre
SELECT {entity}_id AS id FROM discogs.{entity}_genre AS held, filter
WHERE held.genre = filter.genre AND $1::text IS NOT NULL AND $3::boolean IS NOT NULL LIMIT 20000

-- name: no_filters
true

-- name: artist_filters
(filter.title IS NULL OR array_to_tsvector(discogs.words(own.name)) @@ discogs.search_query(filter.title))

-- name: label_filters
(filter.title IS NULL OR array_to_tsvector(discogs.words(own.name)) @@ discogs.search_query(filter.title))

-- name: master_filters
(filter.title IS NULL OR array_to_tsvector(discogs.words(own.title)) @@ discogs.search_query(filter.title))
AND (filter.year_from IS NULL OR own.year >= filter.year_from)
AND (filter.year_to IS NULL OR own.year <= filter.year_to)
AND (filter.genre IS NULL OR EXISTS (
    SELECT FROM discogs.master_genre AS one
    WHERE one.master_id = own.id AND lower(one.genre) = lower(filter.genre)
))
AND (filter.style IS NULL OR EXISTS (
    SELECT FROM discogs.master_style AS one
    WHERE one.master_id = own.id AND lower(one.style) = lower(filter.style)
))
AND (filter.artist IS NULL OR EXISTS (
    SELECT FROM discogs.master_artist AS one WHERE one.master_id = own.id
        AND array_to_tsvector(discogs.words(concat_ws(' ', one.name, one.anv)))
            @@ discogs.search_query(filter.artist)
))
AND (filter.anv IS NULL OR EXISTS (
    SELECT FROM discogs.master_artist AS one WHERE one.master_id = own.id
        AND array_to_tsvector(discogs.words(one.anv)) @@ discogs.search_query(filter.anv)
))

-- name: release_filters
(filter.title IS NULL OR array_to_tsvector(discogs.words(own.title)) @@ discogs.search_query(filter.title))
AND (filter.year_from IS NULL OR own.year >= filter.year_from)
AND (filter.year_to IS NULL OR own.year <= filter.year_to)
AND (filter.country IS NULL OR lower(own.country) = lower(filter.country))
AND (filter.genre IS NULL OR EXISTS (
    SELECT FROM discogs.release_genre AS one
    WHERE one.release_id = own.id AND lower(one.genre) = lower(filter.genre)
))
AND (filter.style IS NULL OR EXISTS (
    SELECT FROM discogs.release_style AS one
    WHERE one.release_id = own.id AND lower(one.style) = lower(filter.style)
))
AND (filter.format IS NULL OR EXISTS (
    SELECT FROM discogs.release_format AS one, unnest(one.name || one.descriptions) AS kind
    WHERE one.release_id = own.id AND lower(kind) = lower(filter.format)
))
AND (filter.artist IS NULL OR EXISTS (
    SELECT FROM discogs.release_artist AS one WHERE one.release_id = own.id
        AND array_to_tsvector(discogs.words(concat_ws(' ', one.name, one.anv)))
            @@ discogs.search_query(filter.artist)
))
AND (filter.anv IS NULL OR EXISTS (
    SELECT FROM discogs.release_artist AS one WHERE one.release_id = own.id
        AND array_to_tsvector(discogs.words(one.anv)) @@ discogs.search_query(filter.anv)
))
AND (filter.label IS NULL OR EXISTS (
    SELECT FROM discogs.release_label AS one WHERE one.release_id = own.id
        AND (
            one.label_id::text = filter.label
            OR array_to_tsvector(discogs.words(one.name)) @@ discogs.search_query(filter.label)
        )
))
AND (filter.catno IS NULL OR EXISTS (
    SELECT FROM discogs.release_label AS one WHERE one.release_id = own.id
        AND array_to_tsvector(discogs.words(concat_ws(' ', one.catno, replace(one.catno, ' ', ''))))
            @@ discogs.search_query(filter.catno)
))
AND (filter.barcode IS NULL OR EXISTS (
    SELECT FROM discogs.release_identifier AS one
    WHERE one.release_id = own.id AND one.type = 'Barcode'
        AND left(regexp_replace(one.value, '[^0-9]', '', 'g'), 32) = ANY (filter.barcode)
))
AND (filter.credit IS NULL OR EXISTS (
    SELECT FROM discogs.release_credit AS one WHERE one.release_id = own.id
        AND array_to_tsvector(discogs.words(concat_ws(' ', one.name, one.anv)))
            @@ discogs.search_query(filter.credit)
))
AND (filter.track IS NULL OR EXISTS (
    SELECT FROM discogs.release_track AS one WHERE one.release_id = own.id
        AND array_to_tsvector(discogs.words(coalesce(one.title, '')))
            @@ discogs.search_query(filter.track)
))

-- name: artist_popularity
SELECT FROM discogs.release_artist WHERE artist_id = numbered.id

-- name: label_popularity
SELECT FROM discogs.release_label WHERE label_id = numbered.id

-- name: master_popularity
SELECT FROM discogs.release WHERE master_id = numbered.id

-- name: release_popularity
SELECT FROM discogs.release AS one
JOIN discogs.release AS other ON other.master_id = one.master_id
WHERE one.id = numbered.id

-- name: artist_shown
json_build_object()

-- name: label_shown
json_build_object()

-- name: master_shown
json_build_object('artist', artist.printed, 'year', own.year)

-- name: release_shown
json_build_object(
    'artist', artist.printed, 'year', own.year, 'country', own.country, 'master_id', own.master_id,
    'label', label.name, 'catno', label.catno
)

-- name: artist_shown_from

-- name: label_shown_from

-- name: master_shown_from
JOIN discogs.master AS own USING (id) CROSS JOIN LATERAL (
    SELECT rtrim(string_agg(coalesce(anv, one.name) || coalesce(
        CASE WHEN join_phrase = ',' THEN ', ' ELSE ' ' || join_phrase || ' ' END, ' '
    ), '' ORDER BY sequence), ' ,') AS printed
    FROM discogs.master_artist AS one WHERE master_id = page.id AND sequence <= 10
) AS artist

-- name: release_shown_from
JOIN discogs.release AS own USING (id) CROSS JOIN LATERAL (
    SELECT rtrim(string_agg(coalesce(anv, one.name) || coalesce(
        CASE WHEN join_phrase = ',' THEN ', ' ELSE ' ' || join_phrase || ' ' END, ' '
    ), '' ORDER BY sequence), ' ,') AS printed
    FROM discogs.release_artist AS one WHERE release_id = page.id AND sequence <= 10
) AS artist LEFT JOIN discogs.release_label AS label
    ON label.release_id = page.id AND label.sequence = 1

-- name: numbers
-- What digits may name: $1 the barcodes that they may be, $2 as they were written, $3 an id or NULL.
(
    SELECT 'release' AS entity, own.id, title AS name, 0 AS place FROM discogs.release AS own
    JOIN discogs.release_identifier ON release_id = own.id
    WHERE type = 'Barcode' AND left(regexp_replace(value, '[^0-9]', '', 'g'), 32) = ANY ($1::text[])
    LIMIT 50
) UNION ALL (
    SELECT 'release', own.id, title, 1 FROM discogs.release AS own
    JOIN discogs.release_label ON release_id = own.id
    WHERE left(catno, 64) = $2 LIMIT 50
)
UNION ALL SELECT 'artist', id, name, 3 FROM discogs.artist WHERE id = $3::integer
UNION ALL SELECT 'label', id, name, 3 FROM discogs.label WHERE id = $3::integer
UNION ALL SELECT 'master', id, title, 3 FROM discogs.master WHERE id = $3::integer
UNION ALL SELECT 'release', id, title, 3 FROM discogs.release WHERE id = $3::integer

-- name: words
SELECT discogs.words($1::text)

-- name: can_correct
SELECT to_regprocedure('discogs.{entity}_similar(text)') IS NOT NULL

-- name: knows
-- Of these words, those that a record has.
SELECT word FROM discogs.{entity}_word WHERE word = ANY ($1::text[])

-- name: similar
SELECT word, records, likeness FROM discogs.{entity}_similar($1::text)

-- name: states
SELECT entity, dump, sequence FROM discogs.state WHERE entity = ANY ($1::text[]) ORDER BY entity
