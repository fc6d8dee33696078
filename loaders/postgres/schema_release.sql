-- Releases. Child tables have no key until indexes.sql has run, after the first load.
-- References are no foreign keys: the dumps are full of ids that no record has.

CREATE TABLE discogs.release (
    id              integer NOT NULL,
    dump            integer NOT NULL,
    fingerprint     bigint NOT NULL,
    master_id       integer,
    is_main_release boolean,
    year            smallint,
    status          text,
    title           text,
    country         text,
    released        text,
    notes           text,
    data_quality    text,
    document        jsonb,
    CONSTRAINT release_pkey PRIMARY KEY (id) INCLUDE (fingerprint)
);
COMMENT ON TABLE discogs.release IS
    'Releases: one issue of a record each. A row is updated when its record changes, and of its children those that differ are replaced.';
COMMENT ON COLUMN discogs.release.id IS 'Discogs'' id of the release';
COMMENT ON COLUMN discogs.release.dump IS 'date of the dump that last changed this row, as in 20260801';
COMMENT ON COLUMN discogs.release.fingerprint IS 'hash of the record in the dump; two equal ones are the same content';
COMMENT ON COLUMN discogs.release.master_id IS 'the master; NULL: none; may be an id that no master row has';
COMMENT ON COLUMN discogs.release.is_main_release IS 'whether it is its master''s main release; NULL: the dump does not say';
COMMENT ON COLUMN discogs.release.year IS 'the four digits that released starts with (1980s gives 1980); NULL: it does not, or not with 1000 to 2999';
COMMENT ON COLUMN discogs.release.status IS 'Accepted and such, in dumps until 2025';
COMMENT ON COLUMN discogs.release.title IS 'title';
COMMENT ON COLUMN discogs.release.country IS 'country, or a group of countries';
COMMENT ON COLUMN discogs.release.released IS 'date as the dump has it: 1999, 1999-03-00, 200? and stranger; not a date type';
COMMENT ON COLUMN discogs.release.notes IS 'notes with Discogs'' own markup';
COMMENT ON COLUMN discogs.release.data_quality IS 'Discogs'' verdict on the data: Correct, Needs Vote and such';
COMMENT ON COLUMN discogs.release.document IS 'the whole record as JSON; NULL unless waxline is told to keep documents';

CREATE TABLE discogs.release_artist (
    release_id  integer NOT NULL,
    sequence    integer NOT NULL,
    artist_id   integer,
    name        text,
    anv         text,
    join_phrase text,
    role        text,
    tracks      text
);
COMMENT ON TABLE discogs.release_artist IS
    'Artists a release is by.';
COMMENT ON COLUMN discogs.release_artist.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_artist.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_artist.artist_id IS 'the artist; NULL: not linked to any; may be an id that no artist row has';
COMMENT ON COLUMN discogs.release_artist.name IS 'the artist''s name, number suffix included, as in Prince (2)';
COMMENT ON COLUMN discogs.release_artist.anv IS 'artist name variation: the name as printed; NULL: printed as name';
COMMENT ON COLUMN discogs.release_artist.join_phrase IS 'text between this artist and the next, as in & or Feat.; the dump calls it join';
COMMENT ON COLUMN discogs.release_artist.role IS 'what was done: comma-separated roles, details in brackets that may hold commas';
COMMENT ON COLUMN discogs.release_artist.tracks IS 'the tracks it applies to, as text: A1, A3 to B4';

CREATE TABLE discogs.release_credit (
    release_id  integer NOT NULL,
    sequence    integer NOT NULL,
    artist_id   integer,
    name        text,
    anv         text,
    join_phrase text,
    role        text,
    tracks      text
);
COMMENT ON TABLE discogs.release_credit IS
    'Other artists with a role on a release: the dump''s extraartists.';
COMMENT ON COLUMN discogs.release_credit.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_credit.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_credit.artist_id IS 'the artist; NULL: not linked to any; may be an id that no artist row has';
COMMENT ON COLUMN discogs.release_credit.name IS 'the artist''s name, number suffix included, as in Prince (2)';
COMMENT ON COLUMN discogs.release_credit.anv IS 'artist name variation: the name as printed; NULL: printed as name';
COMMENT ON COLUMN discogs.release_credit.join_phrase IS 'text between this artist and the next, as in & or Feat.; the dump calls it join';
COMMENT ON COLUMN discogs.release_credit.role IS 'what was done: comma-separated roles, details in brackets that may hold commas';
COMMENT ON COLUMN discogs.release_credit.tracks IS 'the tracks it applies to, as text: A1, A3 to B4';

CREATE TABLE discogs.release_label (
    release_id integer NOT NULL,
    sequence   integer NOT NULL,
    label_id   integer,
    name       text,
    catno      text
);
COMMENT ON TABLE discogs.release_label IS
    'Labels of a release; the same label may stand there with several catalogue numbers.';
COMMENT ON COLUMN discogs.release_label.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_label.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_label.label_id IS 'the label; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.release_label.name IS 'the label''s name';
COMMENT ON COLUMN discogs.release_label.catno IS 'catalogue number; none is what Discogs writes for none';

CREATE TABLE discogs.release_series (
    release_id integer NOT NULL,
    sequence   integer NOT NULL,
    series_id  integer,
    name       text,
    catno      text
);
COMMENT ON TABLE discogs.release_series IS
    'Series a release belongs to.';
COMMENT ON COLUMN discogs.release_series.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_series.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_series.series_id IS 'the series, a label in Discogs; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.release_series.name IS 'the series'' name';
COMMENT ON COLUMN discogs.release_series.catno IS 'number in the series';

CREATE TABLE discogs.release_format (
    release_id   integer NOT NULL,
    sequence     integer NOT NULL,
    name         text,
    qty          text,
    text         text,
    descriptions text[]
);
COMMENT ON TABLE discogs.release_format IS
    'What a release consists of: media, their number and kind.';
COMMENT ON COLUMN discogs.release_format.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_format.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_format.name IS 'medium: Vinyl, CD and such';
COMMENT ON COLUMN discogs.release_format.qty IS 'how many, as text: real ones have up to 64 digits';
COMMENT ON COLUMN discogs.release_format.text IS 'free text, as in a colour';
COMMENT ON COLUMN discogs.release_format.descriptions IS 'what kind, in the order of the dump: {LP,Album}';

CREATE TABLE discogs.release_genre (
    release_id integer NOT NULL,
    sequence   integer NOT NULL,
    genre      text NOT NULL,
    CONSTRAINT release_genre_short CHECK (octet_length(genre) <= 1000)
);
COMMENT ON TABLE discogs.release_genre IS
    'Genres of a release.';
COMMENT ON COLUMN discogs.release_genre.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_genre.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_genre.genre IS 'the genre; a closed list of 15, commas and ampersands included';

CREATE TABLE discogs.release_style (
    release_id integer NOT NULL,
    sequence   integer NOT NULL,
    style      text NOT NULL,
    CONSTRAINT release_style_short CHECK (octet_length(style) <= 1000)
);
COMMENT ON TABLE discogs.release_style IS
    'Styles of a release.';
COMMENT ON COLUMN discogs.release_style.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_style.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_style.style IS 'the style; an open list';

CREATE TABLE discogs.release_identifier (
    release_id  integer NOT NULL,
    sequence    integer NOT NULL,
    type        text,
    value       text,
    description text
);
COMMENT ON TABLE discogs.release_identifier IS
    'Barcodes, matrix numbers and other identifiers.';
COMMENT ON COLUMN discogs.release_identifier.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_identifier.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_identifier.type IS 'Barcode, Matrix / Runout and such';
COMMENT ON COLUMN discogs.release_identifier.value IS 'the value as entered; barcodes with spaces or without';
COMMENT ON COLUMN discogs.release_identifier.description IS 'what it stands on';

CREATE TABLE discogs.release_company (
    release_id       integer NOT NULL,
    sequence         integer NOT NULL,
    company_id       integer,
    name             text,
    catno            text,
    entity_type      text,
    entity_type_name text,
    resource_url     text
);
COMMENT ON TABLE discogs.release_company IS
    'Companies with a part in a release.';
COMMENT ON COLUMN discogs.release_company.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_company.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_company.company_id IS 'the company, a label in Discogs; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.release_company.name IS 'the company''s name';
COMMENT ON COLUMN discogs.release_company.catno IS 'the company''s catalogue number';
COMMENT ON COLUMN discogs.release_company.entity_type IS 'Discogs'' number of the part, as text';
COMMENT ON COLUMN discogs.release_company.entity_type_name IS 'the part: Pressed By and such';
COMMENT ON COLUMN discogs.release_company.resource_url IS 'address in Discogs'' API, in dumps until early 2026';

CREATE TABLE discogs.release_video (
    release_id  integer NOT NULL,
    sequence    integer NOT NULL,
    src         text,
    duration    integer,
    embed       boolean,
    title       text,
    description text
);
COMMENT ON TABLE discogs.release_video IS
    'Videos of a release.';
COMMENT ON COLUMN discogs.release_video.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_video.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_video.src IS 'address of the video';
COMMENT ON COLUMN discogs.release_video.duration IS 'length in seconds';
COMMENT ON COLUMN discogs.release_video.embed IS 'whether it may be embedded';
COMMENT ON COLUMN discogs.release_video.title IS 'title';
COMMENT ON COLUMN discogs.release_video.description IS 'description; may span lines';

CREATE TABLE discogs.release_track (
    release_id      integer NOT NULL,
    sequence        integer NOT NULL,
    parent_sequence integer,
    position        text,
    title           text,
    duration        text,
    seconds         integer
);
COMMENT ON TABLE discogs.release_track IS
    'Tracks, headings and sub-tracks of a release in the order of the dump. A heading has neither position nor duration.';
COMMENT ON COLUMN discogs.release_track.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_track.sequence IS 'place among all tracks of the release, sub-tracks included, from 1';
COMMENT ON COLUMN discogs.release_track.parent_sequence IS 'of a sub-track: the sequence of the track it belongs to';
COMMENT ON COLUMN discogs.release_track.position IS 'position as printed: A1, 1-5, CD1-3; neither unique nor sortable, use sequence';
COMMENT ON COLUMN discogs.release_track.title IS 'title';
COMMENT ON COLUMN discogs.release_track.duration IS 'length as the dump has it: 3:45';
COMMENT ON COLUMN discogs.release_track.seconds IS 'length in seconds; NULL when duration is no M:SS or H:MM:SS';

CREATE TABLE discogs.release_track_artist (
    release_id     integer NOT NULL,
    track_sequence integer NOT NULL,
    sequence       integer NOT NULL,
    artist_id      integer,
    name           text,
    anv            text,
    join_phrase    text,
    role           text,
    tracks         text
);
COMMENT ON TABLE discogs.release_track_artist IS
    'Artists a track is by.';
COMMENT ON COLUMN discogs.release_track_artist.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_track_artist.track_sequence IS 'the track: release_track.sequence';
COMMENT ON COLUMN discogs.release_track_artist.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_track_artist.artist_id IS 'the artist; NULL: not linked to any; may be an id that no artist row has';
COMMENT ON COLUMN discogs.release_track_artist.name IS 'the artist''s name, number suffix included, as in Prince (2)';
COMMENT ON COLUMN discogs.release_track_artist.anv IS 'artist name variation: the name as printed; NULL: printed as name';
COMMENT ON COLUMN discogs.release_track_artist.join_phrase IS 'text between this artist and the next, as in & or Feat.; the dump calls it join';
COMMENT ON COLUMN discogs.release_track_artist.role IS 'what was done: comma-separated roles, details in brackets that may hold commas';
COMMENT ON COLUMN discogs.release_track_artist.tracks IS 'the tracks it applies to, as text: A1, A3 to B4';

CREATE TABLE discogs.release_track_credit (
    release_id     integer NOT NULL,
    track_sequence integer NOT NULL,
    sequence       integer NOT NULL,
    artist_id      integer,
    name           text,
    anv            text,
    join_phrase    text,
    role           text,
    tracks         text
);
COMMENT ON TABLE discogs.release_track_credit IS
    'Other artists with a role on a track.';
COMMENT ON COLUMN discogs.release_track_credit.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_track_credit.track_sequence IS 'the track: release_track.sequence';
COMMENT ON COLUMN discogs.release_track_credit.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_track_credit.artist_id IS 'the artist; NULL: not linked to any; may be an id that no artist row has';
COMMENT ON COLUMN discogs.release_track_credit.name IS 'the artist''s name, number suffix included, as in Prince (2)';
COMMENT ON COLUMN discogs.release_track_credit.anv IS 'artist name variation: the name as printed; NULL: printed as name';
COMMENT ON COLUMN discogs.release_track_credit.join_phrase IS 'text between this artist and the next, as in & or Feat.; the dump calls it join';
COMMENT ON COLUMN discogs.release_track_credit.role IS 'what was done: comma-separated roles, details in brackets that may hold commas';
COMMENT ON COLUMN discogs.release_track_credit.tracks IS 'the tracks it applies to, as text: A1, A3 to B4';

CREATE TABLE discogs.release_image (
    release_id integer NOT NULL,
    sequence   integer NOT NULL,
    type       text,
    uri        text,
    uri150     text,
    width      integer,
    height     integer
);
COMMENT ON TABLE discogs.release_image IS
    'Images of a release; dumps have none since December 2024.';
COMMENT ON COLUMN discogs.release_image.release_id IS 'the release';
COMMENT ON COLUMN discogs.release_image.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.release_image.type IS 'primary or secondary';
COMMENT ON COLUMN discogs.release_image.uri IS 'address; empty in the dumps since 2015, NULL here';
COMMENT ON COLUMN discogs.release_image.uri150 IS 'address of the small version; as uri';
COMMENT ON COLUMN discogs.release_image.width IS 'pixels';
COMMENT ON COLUMN discogs.release_image.height IS 'pixels';
