-- Masters. Child tables have no key until indexes.sql has run, after the first load.

CREATE TABLE discogs.master (
    id              integer NOT NULL,
    dump            integer NOT NULL,
    fingerprint     bigint NOT NULL,
    main_release_id integer,
    year            integer,
    title           text,
    notes           text,
    data_quality    text,
    document        jsonb,
    CONSTRAINT master_pkey PRIMARY KEY (id) INCLUDE (fingerprint)
);
COMMENT ON TABLE discogs.master IS
    'Masters: what the releases of one work have in common. Replaced whole when a record changes.';
COMMENT ON COLUMN discogs.master.id IS 'Discogs'' id of the master';
COMMENT ON COLUMN discogs.master.dump IS 'date of the dump that last changed this row, as in 20260801';
COMMENT ON COLUMN discogs.master.fingerprint IS 'hash of the record in the dump; two equal ones are the same content';
COMMENT ON COLUMN discogs.master.main_release_id IS 'the release that stands for the master';
COMMENT ON COLUMN discogs.master.year IS 'year of the main release; NULL: unknown';
COMMENT ON COLUMN discogs.master.title IS 'title';
COMMENT ON COLUMN discogs.master.notes IS 'notes with Discogs'' own markup';
COMMENT ON COLUMN discogs.master.data_quality IS 'Discogs'' verdict on the data: Correct, Needs Vote and such';
COMMENT ON COLUMN discogs.master.document IS 'the whole record as JSON; NULL unless waxline is told to keep documents';

CREATE TABLE discogs.master_artist (
    master_id   integer NOT NULL,
    sequence    integer NOT NULL,
    artist_id   integer,
    name        text,
    anv         text,
    join_phrase text,
    role        text,
    tracks      text
);
COMMENT ON TABLE discogs.master_artist IS
    'Artists of a master.';
COMMENT ON COLUMN discogs.master_artist.master_id IS 'the master';
COMMENT ON COLUMN discogs.master_artist.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.master_artist.artist_id IS 'the artist; NULL: not linked to any; may be an id that no artist row has';
COMMENT ON COLUMN discogs.master_artist.name IS 'the artist''s name, number suffix included, as in Prince (2)';
COMMENT ON COLUMN discogs.master_artist.anv IS 'artist name variation: the name as printed; NULL: printed as name';
COMMENT ON COLUMN discogs.master_artist.join_phrase IS 'text between this artist and the next, as in & or Feat.; the dump calls it join';
COMMENT ON COLUMN discogs.master_artist.role IS 'what was done: comma-separated roles, details in brackets that may hold commas';
COMMENT ON COLUMN discogs.master_artist.tracks IS 'the tracks it applies to, as text: A1, A3 to B4';

CREATE TABLE discogs.master_genre (
    master_id integer NOT NULL,
    sequence  integer NOT NULL,
    genre     text NOT NULL,
    CONSTRAINT master_genre_short CHECK (octet_length(genre) <= 1000)
);
COMMENT ON TABLE discogs.master_genre IS
    'Genres of a master.';
COMMENT ON COLUMN discogs.master_genre.master_id IS 'the master';
COMMENT ON COLUMN discogs.master_genre.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.master_genre.genre IS 'the genre; a closed list of 15, commas and ampersands included';

CREATE TABLE discogs.master_style (
    master_id integer NOT NULL,
    sequence  integer NOT NULL,
    style     text NOT NULL,
    CONSTRAINT master_style_short CHECK (octet_length(style) <= 1000)
);
COMMENT ON TABLE discogs.master_style IS
    'Styles of a master.';
COMMENT ON COLUMN discogs.master_style.master_id IS 'the master';
COMMENT ON COLUMN discogs.master_style.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.master_style.style IS 'the style; an open list';

CREATE TABLE discogs.master_video (
    master_id   integer NOT NULL,
    sequence    integer NOT NULL,
    src         text,
    duration    integer,
    embed       boolean,
    title       text,
    description text
);
COMMENT ON TABLE discogs.master_video IS
    'Videos of a master.';
COMMENT ON COLUMN discogs.master_video.master_id IS 'the master';
COMMENT ON COLUMN discogs.master_video.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.master_video.src IS 'address of the video';
COMMENT ON COLUMN discogs.master_video.duration IS 'length in seconds';
COMMENT ON COLUMN discogs.master_video.embed IS 'whether it may be embedded';
COMMENT ON COLUMN discogs.master_video.title IS 'title';
COMMENT ON COLUMN discogs.master_video.description IS 'description; may span lines';

CREATE TABLE discogs.master_image (
    master_id integer NOT NULL,
    sequence  integer NOT NULL,
    type      text,
    uri       text,
    uri150    text,
    width     integer,
    height    integer
);
COMMENT ON TABLE discogs.master_image IS
    'Images of a master; dumps have none since December 2024.';
COMMENT ON COLUMN discogs.master_image.master_id IS 'the master';
COMMENT ON COLUMN discogs.master_image.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.master_image.type IS 'primary or secondary';
COMMENT ON COLUMN discogs.master_image.uri IS 'address; empty in the dumps since 2015, NULL here';
COMMENT ON COLUMN discogs.master_image.uri150 IS 'address of the small version; as uri';
COMMENT ON COLUMN discogs.master_image.width IS 'pixels';
COMMENT ON COLUMN discogs.master_image.height IS 'pixels';
