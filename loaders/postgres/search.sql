-- The search tables of an entity: filled once, at the end of its first load, then kept.
-- {entity} is one of artist, label, master and release; its words are those of its own block, of the
-- records {chosen}.

-- name: fill
-- One transaction.  Who writes records of the entity meanwhile is waited for, and then waits: each
-- transaction has its words from here or makes them itself.
LOCK TABLE discogs.{entity} IN SHARE MODE;

INSERT INTO discogs.{entity}_search (id, words) {words};

ALTER TABLE discogs.{entity}_search ADD CONSTRAINT {entity}_search_pkey PRIMARY KEY (id);

-- No list of what is still to be put in: each search would read it from end to end.
CREATE INDEX IF NOT EXISTS {entity}_search_words
ON discogs.{entity}_search USING gin (words) WITH (fastupdate = off);

INSERT INTO discogs.{entity}_word (word, records)
SELECT word, ndoc FROM ts_stat('SELECT words FROM discogs.{entity}_search') WHERE {is_word};

ALTER TABLE discogs.{entity}_word ADD CONSTRAINT {entity}_word_pkey PRIMARY KEY (word);

INSERT INTO waxline.search (entity) VALUES ('{entity}');

-- name: trigrams
CREATE INDEX IF NOT EXISTS {entity}_word_trigrams
ON discogs.{entity}_word USING gin (word gin_trgm_ops) WITH (fastupdate = off);

-- It keeps the path to pg_trgm, wherever that is.
CREATE OR REPLACE FUNCTION discogs.{entity}_similar(asked text)
RETURNS TABLE (word text, records integer, likeness real)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT SET pg_trgm.similarity_threshold = 0.3 AS $$
    SELECT word, records, similarity(word, asked) AS likeness
    FROM discogs.{entity}_word WHERE word % asked
    ORDER BY likeness DESC, records DESC, word LIMIT 20
$$;
COMMENT ON FUNCTION discogs.{entity}_similar(text) IS
    'Words of {entity}_word that are like a word that is misspelt, and how like they are.';

-- name: statistics
ANALYZE discogs.{entity}_search;
ANALYZE discogs.{entity}_word;

-- name: is_filled
SELECT EXISTS (SELECT FROM waxline.search WHERE entity = '{entity}');

-- name: keep
-- Of most changed records the words stay.  New words come in an order, so that two sessions do not
-- wait for each other in a circle.
WITH made AS ({words}),
kept AS (
    INSERT INTO discogs.{entity}_search AS held (id, words)
    SELECT id, words FROM made
    WHERE NOT EXISTS (
        SELECT FROM discogs.{entity}_search AS same WHERE same.id = made.id AND same.words = made.words
    )
    ON CONFLICT (id) DO UPDATE SET words = excluded.words
    RETURNING words
)
INSERT INTO discogs.{entity}_word (word, records)
SELECT DISTINCT word, 1 FROM kept, unnest(tsvector_to_array(words)) AS word
WHERE {is_word} ORDER BY word
ON CONFLICT DO NOTHING;

-- name: is_word
-- What has digits is a number for somebody, and nobody corrects the shortest.
word ~ '^[^0-9]{4,40}$'

-- name: artist
SELECT id, array_to_tsvector(discogs.words(concat_ws(' ', name, real_name, said))) AS words
FROM discogs.artist
LEFT JOIN (
    SELECT artist_id AS id, string_agg(name, ' ') AS said
    FROM discogs.artist_name_variation WHERE artist_id {chosen} GROUP BY artist_id
) AS variation USING (id)
WHERE id {chosen}

-- name: label
SELECT id, array_to_tsvector(discogs.words(concat_ws(' ', name))) AS words
FROM discogs.label
WHERE id {chosen}

-- name: master
SELECT id, array_to_tsvector(discogs.words(concat_ws(' ', title, said))) AS words
FROM discogs.master
LEFT JOIN (
    SELECT master_id AS id, string_agg(concat_ws(' ', name, anv), ' ') AS said
    FROM discogs.master_artist WHERE master_id {chosen} GROUP BY master_id
) AS artist USING (id)
WHERE id {chosen}

-- name: release
-- Of the number ABC 12 there is abc12, too.
SELECT id, array_to_tsvector(discogs.words(concat_ws(' ', title, artist.said, label.said))) AS words
FROM discogs.release
LEFT JOIN (
    SELECT release_id AS id, string_agg(concat_ws(' ', name, anv), ' ') AS said
    FROM discogs.release_artist WHERE release_id {chosen} GROUP BY release_id
) AS artist USING (id)
LEFT JOIN (
    SELECT release_id AS id,
        string_agg(
            concat_ws(' ', name, catno, CASE WHEN catno LIKE '% %' THEN replace(catno, ' ', '') END), ' '
        ) AS said
    FROM discogs.release_label WHERE release_id {chosen} GROUP BY release_id
) AS label USING (id)
WHERE id {chosen}
