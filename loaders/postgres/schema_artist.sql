-- Artists. Child tables have no key until indexes.sql has run, after the first load.

CREATE TABLE discogs.artist (
    id           integer NOT NULL,
    dump         integer NOT NULL,
    fingerprint  bigint NOT NULL,
    name         text,
    real_name    text,
    profile      text,
    data_quality text,
    document     jsonb,
    CONSTRAINT artist_pkey PRIMARY KEY (id) INCLUDE (fingerprint)
);
COMMENT ON TABLE discogs.artist IS
    'Artists: people and groups. A row is updated when its record changes, and of its children those that differ are replaced.';
COMMENT ON COLUMN discogs.artist.id IS 'Discogs'' id of the artist';
COMMENT ON COLUMN discogs.artist.dump IS 'date of the dump that last changed this row, as in 20260801';
COMMENT ON COLUMN discogs.artist.fingerprint IS 'hash of the record in the dump; two equal ones are the same content';
COMMENT ON COLUMN discogs.artist.name IS 'name; a number in brackets tells namesakes apart, as in Prince (2)';
COMMENT ON COLUMN discogs.artist.real_name IS 'the real name';
COMMENT ON COLUMN discogs.artist.profile IS 'biography with Discogs'' own markup, as in [a=Name] or [url=...]';
COMMENT ON COLUMN discogs.artist.data_quality IS 'Discogs'' verdict on the data: Correct, Needs Vote and such';
COMMENT ON COLUMN discogs.artist.document IS 'the whole record as JSON; NULL unless waxline is told to keep documents';

CREATE TABLE discogs.artist_url (
    artist_id integer NOT NULL,
    sequence  integer NOT NULL,
    url       text NOT NULL
);
COMMENT ON TABLE discogs.artist_url IS
    'Web addresses of an artist.';
COMMENT ON COLUMN discogs.artist_url.artist_id IS 'the artist';
COMMENT ON COLUMN discogs.artist_url.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.artist_url.url IS 'the address, as entered';

CREATE TABLE discogs.artist_name_variation (
    artist_id integer NOT NULL,
    sequence  integer NOT NULL,
    name      text NOT NULL
);
COMMENT ON TABLE discogs.artist_name_variation IS
    'Other spellings of an artist''s name.';
COMMENT ON COLUMN discogs.artist_name_variation.artist_id IS 'the artist';
COMMENT ON COLUMN discogs.artist_name_variation.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.artist_name_variation.name IS 'the variation';

CREATE TABLE discogs.artist_alias (
    artist_id integer NOT NULL,
    sequence  integer NOT NULL,
    alias_id  integer,
    name      text
);
COMMENT ON TABLE discogs.artist_alias IS
    'Other artists that are the same person or group.';
COMMENT ON COLUMN discogs.artist_alias.artist_id IS 'the artist';
COMMENT ON COLUMN discogs.artist_alias.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.artist_alias.alias_id IS 'the other artist; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.artist_alias.name IS 'its name';

CREATE TABLE discogs.artist_group (
    artist_id integer NOT NULL,
    sequence  integer NOT NULL,
    group_id  integer,
    name      text
);
COMMENT ON TABLE discogs.artist_group IS
    'Groups an artist is a member of, as the artist''s record lists them.';
COMMENT ON COLUMN discogs.artist_group.artist_id IS 'the artist';
COMMENT ON COLUMN discogs.artist_group.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.artist_group.group_id IS 'the group, an artist; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.artist_group.name IS 'its name';

CREATE TABLE discogs.group_member (
    group_id  integer NOT NULL,
    sequence  integer NOT NULL,
    member_id integer,
    name      text
);
COMMENT ON TABLE discogs.group_member IS
    'Members of a group, as the group''s record lists them.';
COMMENT ON COLUMN discogs.group_member.group_id IS 'the group: an artist with members';
COMMENT ON COLUMN discogs.group_member.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.group_member.member_id IS 'the member, an artist; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.group_member.name IS 'the member''s name';

CREATE TABLE discogs.artist_image (
    artist_id integer NOT NULL,
    sequence  integer NOT NULL,
    type      text,
    uri       text,
    uri150    text,
    width     integer,
    height    integer
);
COMMENT ON TABLE discogs.artist_image IS
    'Images of an artist; dumps have none since December 2024.';
COMMENT ON COLUMN discogs.artist_image.artist_id IS 'the artist';
COMMENT ON COLUMN discogs.artist_image.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.artist_image.type IS 'primary or secondary';
COMMENT ON COLUMN discogs.artist_image.uri IS 'address; empty in the dumps since 2015, NULL here';
COMMENT ON COLUMN discogs.artist_image.uri150 IS 'address of the small version; as uri';
COMMENT ON COLUMN discogs.artist_image.width IS 'pixels';
COMMENT ON COLUMN discogs.artist_image.height IS 'pixels';
