CREATE TABLE discogs.{entity}_search (
    id    integer NOT NULL,
    words tsvector NOT NULL
);
COMMENT ON TABLE discogs.{entity}_search IS
    'The words of each {entity}, kept by the transactions that write it: {contents}. Ask as in words @@ discogs.search_query(''…'').';
COMMENT ON COLUMN discogs.{entity}_search.id IS 'the {entity}';
COMMENT ON COLUMN discogs.{entity}_search.words IS 'its words without case, accents and punctuation, made by discogs.words';

CREATE TABLE discogs.{entity}_word (
    word    text NOT NULL,
    records integer NOT NULL
);
COMMENT ON TABLE discogs.{entity}_word IS
    'Words that are or were in {entity}_search, those with digits left out: what a word misspelt is corrected by.';
COMMENT ON COLUMN discogs.{entity}_word.word IS 'the word';
COMMENT ON COLUMN discogs.{entity}_word.records IS 'how many had it when the table was made; 1: it is newer';
