-- What follows the first load of an entity, beside its keys: ways to search.
-- Each statement is a transaction of its own and may be repeated.
--
-- A value of any length must find room: a btree entry may not exceed 2,704 bytes.  So names and
-- numbers are indexed by their beginning, and a query has to say it the same way:
--     WHERE lower(left(name, 64)) LIKE 'miles dav%'
--     WHERE left(catno, 64) = 'BLP 1595'
--     WHERE type = 'Barcode' AND left(regexp_replace(value, '[^0-9]', '', 'g'), 32) = '0724349532724'
-- Where lists are sorted, an index has the id that they are sorted by, too.
-- The trigram indexes serve ILIKE '%word%' and similarity; they need the extension pg_trgm.

-- name: artist
CREATE INDEX IF NOT EXISTS artist_dump ON discogs.artist (dump);
CREATE INDEX IF NOT EXISTS artist_alias_alias_id ON discogs.artist_alias (alias_id);
CREATE INDEX IF NOT EXISTS artist_group_group_id ON discogs.artist_group (group_id);
CREATE INDEX IF NOT EXISTS group_member_member_id ON discogs.group_member (member_id);
CREATE INDEX IF NOT EXISTS artist_name_prefix
ON discogs.artist (lower(left(name, 64)) text_pattern_ops);
CREATE INDEX IF NOT EXISTS artist_name_variation_name_prefix
ON discogs.artist_name_variation (lower(left(name, 64)) text_pattern_ops);

-- name: artist_trigrams
CREATE INDEX IF NOT EXISTS artist_name_trigrams ON discogs.artist USING gin (name gin_trgm_ops);
CREATE INDEX IF NOT EXISTS artist_name_variation_name_trigrams ON discogs.artist_name_variation USING gin (name gin_trgm_ops);

-- name: label
CREATE INDEX IF NOT EXISTS label_dump ON discogs.label (dump);
CREATE INDEX IF NOT EXISTS label_parent_id ON discogs.label (parent_id);
CREATE INDEX IF NOT EXISTS label_sublabel_sublabel_id ON discogs.label_sublabel (sublabel_id);
CREATE INDEX IF NOT EXISTS label_name_prefix
ON discogs.label (lower(left(name, 64)) text_pattern_ops);

-- name: label_trigrams
CREATE INDEX IF NOT EXISTS label_name_trigrams ON discogs.label USING gin (name gin_trgm_ops);

-- name: master
CREATE INDEX IF NOT EXISTS master_dump ON discogs.master (dump);
CREATE INDEX IF NOT EXISTS master_main_release_id ON discogs.master (main_release_id);
CREATE INDEX IF NOT EXISTS master_artist_artist_id ON discogs.master_artist (artist_id, master_id);
CREATE INDEX IF NOT EXISTS master_genre_genre ON discogs.master_genre (genre);
CREATE INDEX IF NOT EXISTS master_style_style ON discogs.master_style (style);
CREATE INDEX IF NOT EXISTS master_title_prefix
ON discogs.master (lower(left(title, 64)) text_pattern_ops);

-- name: master_trigrams
CREATE INDEX IF NOT EXISTS master_title_trigrams ON discogs.master USING gin (title gin_trgm_ops);

-- name: release
CREATE INDEX IF NOT EXISTS release_master_id ON discogs.release (master_id, id);
CREATE INDEX IF NOT EXISTS release_dump ON discogs.release (dump);
CREATE INDEX IF NOT EXISTS release_year ON discogs.release (year, id);
CREATE INDEX IF NOT EXISTS release_country ON discogs.release (left(country, 64), id);
CREATE INDEX IF NOT EXISTS release_artist_artist_id ON discogs.release_artist (artist_id, release_id);
CREATE INDEX IF NOT EXISTS release_credit_artist_id ON discogs.release_credit (artist_id, release_id);
CREATE INDEX IF NOT EXISTS release_label_label_id ON discogs.release_label (label_id, release_id);
CREATE INDEX IF NOT EXISTS release_label_catno_start ON discogs.release_label (left(catno, 64));
CREATE INDEX IF NOT EXISTS release_series_series_id ON discogs.release_series (series_id, release_id);
CREATE INDEX IF NOT EXISTS release_genre_genre ON discogs.release_genre (genre, release_id);
CREATE INDEX IF NOT EXISTS release_style_style ON discogs.release_style (style, release_id);
CREATE INDEX IF NOT EXISTS release_format_words
ON discogs.release_format USING gin (discogs.format_words(name, descriptions));
CREATE INDEX IF NOT EXISTS release_identifier_value_start
ON discogs.release_identifier (left(value, 64));
CREATE INDEX IF NOT EXISTS release_identifier_barcode
ON discogs.release_identifier (left(regexp_replace(value, '[^0-9]', '', 'g'), 32))
WHERE type = 'Barcode';
CREATE INDEX IF NOT EXISTS release_company_company_id ON discogs.release_company (company_id, release_id);
CREATE INDEX IF NOT EXISTS release_track_artist_artist_id ON discogs.release_track_artist (artist_id, release_id);
CREATE INDEX IF NOT EXISTS release_track_credit_artist_id ON discogs.release_track_credit (artist_id, release_id);
CREATE INDEX IF NOT EXISTS release_track_title_prefix
ON discogs.release_track (lower(left(title, 64)) text_pattern_ops);
CREATE INDEX IF NOT EXISTS release_title_prefix
ON discogs.release (lower(left(title, 64)) text_pattern_ops);

-- name: release_trigrams
CREATE INDEX IF NOT EXISTS release_title_trigrams ON discogs.release USING gin (title gin_trgm_ops);
