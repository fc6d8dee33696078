-- Labels. Child tables have no key until indexes.sql has run, after the first load.

CREATE TABLE discogs.label (
    id           integer NOT NULL,
    dump         integer NOT NULL,
    fingerprint  bigint NOT NULL,
    name         text,
    contact_info text,
    profile      text,
    data_quality text,
    parent_id    integer,
    parent_name  text,
    document     jsonb,
    CONSTRAINT label_pkey PRIMARY KEY (id) INCLUDE (fingerprint)
);
COMMENT ON TABLE discogs.label IS
    'Labels, companies and series. A row is updated when its record changes, and of its children those that differ are replaced.';
COMMENT ON COLUMN discogs.label.id IS 'Discogs'' id of the label';
COMMENT ON COLUMN discogs.label.dump IS 'date of the dump that last changed this row, as in 20260801';
COMMENT ON COLUMN discogs.label.fingerprint IS 'hash of the record in the dump; two equal ones are the same content';
COMMENT ON COLUMN discogs.label.name IS 'name; one real label has none';
COMMENT ON COLUMN discogs.label.contact_info IS 'addresses and such, several lines';
COMMENT ON COLUMN discogs.label.profile IS 'description with Discogs'' own markup';
COMMENT ON COLUMN discogs.label.data_quality IS 'Discogs'' verdict on the data: Correct, Needs Vote and such';
COMMENT ON COLUMN discogs.label.parent_id IS 'the label this one belongs to; may be an id that no label row has';
COMMENT ON COLUMN discogs.label.parent_name IS 'name of that label';
COMMENT ON COLUMN discogs.label.document IS 'the whole record as JSON; NULL unless waxline is told to keep documents';

CREATE TABLE discogs.label_url (
    label_id integer NOT NULL,
    sequence integer NOT NULL,
    url      text NOT NULL
);
COMMENT ON TABLE discogs.label_url IS
    'Web addresses of a label.';
COMMENT ON COLUMN discogs.label_url.label_id IS 'the label';
COMMENT ON COLUMN discogs.label_url.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.label_url.url IS 'the address, as entered';

CREATE TABLE discogs.label_sublabel (
    label_id    integer NOT NULL,
    sequence    integer NOT NULL,
    sublabel_id integer,
    name        text
);
COMMENT ON TABLE discogs.label_sublabel IS
    'Labels that belong to a label, as the parent''s record lists them.';
COMMENT ON COLUMN discogs.label_sublabel.label_id IS 'the label';
COMMENT ON COLUMN discogs.label_sublabel.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.label_sublabel.sublabel_id IS 'the sublabel; NULL: not linked to any; may be an id that no row has';
COMMENT ON COLUMN discogs.label_sublabel.name IS 'its name';

CREATE TABLE discogs.label_image (
    label_id integer NOT NULL,
    sequence integer NOT NULL,
    type     text,
    uri      text,
    uri150   text,
    width    integer,
    height   integer
);
COMMENT ON TABLE discogs.label_image IS
    'Images of a label; dumps have none since December 2024.';
COMMENT ON COLUMN discogs.label_image.label_id IS 'the label';
COMMENT ON COLUMN discogs.label_image.sequence IS 'place in the list, from 1; the order of the dump';
COMMENT ON COLUMN discogs.label_image.type IS 'primary or secondary';
COMMENT ON COLUMN discogs.label_image.uri IS 'address; empty in the dumps since 2015, NULL here';
COMMENT ON COLUMN discogs.label_image.uri150 IS 'address of the small version; as uri';
COMMENT ON COLUMN discogs.label_image.width IS 'pixels';
COMMENT ON COLUMN discogs.label_image.height IS 'pixels';
