-- What search compares: the words of a text, and the question that is asked of them.
-- Nothing here needs an extension (unaccent is not everywhere), nor the case rules of the
-- database's locale: those of C know no Greek and no Cyrillic letters.

CREATE FUNCTION discogs.folded(said text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
-- Each step is for few texts, and looking is cheaper than doing.
DECLARE
    folded text;
BEGIN
    IF octet_length(said) = length(said) THEN
        RETURN lower(said);
    END IF;
    folded := lower(normalize(said, NFKD));
    IF folded ~ '[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]' THEN
        folded := regexp_replace(folded, '[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]+', '', 'g');
    END IF;
    IF folded ~ '[øØłŁđĐðÐıħĦŧŦßæÆœŒþÞς]' THEN
        folded := translate(folded, 'øØłŁđĐðÐıħĦŧŦς', 'oollddddihhttσ');
        folded := replace(replace(replace(folded, 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae');
        folded := replace(replace(replace(folded, 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th');
        folded := replace(folded, 'Þ', 'th');
    END IF;
    IF folded ~ '[Α-ΩА-Я]' THEN
        folded := translate(
            folded,
            'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
            'αβγδεζηθικλμνξοπρστυφχψωабвгдежзиклмнопрстуфхцчшщъыьэюя'
        );
    END IF;
    RETURN folded;
END $$;
COMMENT ON FUNCTION discogs.folded(text) IS
    'A text without case and accents: Björk gives bjork.';

CREATE FUNCTION discogs.words(said text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
-- The limits are those of a tsvector, which takes a megabyte, and of its index.
DECLARE
    marks CONSTANT text := '!-/:-@\[-`{-\u009f\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf'
        '\u2010-\u205f\u3001-\u3004\u3008-\u3020\u30fb';
    apart CONSTANT text := '[\u0001-\u0020\u00a0\u2000-\u200f\u3000' || marks || ']+';
    folded CONSTANT text := left(discogs.folded(said), 100000);
    found text[] := array_remove(string_to_array(regexp_replace(folded, apart, ' ', 'g'), ' '), '');
BEGIN
    IF folded ~ ('[^ ][' || marks || '][^ ]') THEN
        found := found || array_remove(string_to_array(regexp_replace(
            regexp_replace(folded, '[' || marks || ']+', '', 'g'), apart, ' ', 'g'
        ), ' '), '');
    END IF;
    IF cardinality(found) = 0 AND folded ~ '[^\u0001-\u0020]' THEN
        found := ARRAY[regexp_replace(folded, '[\u0001-\u0020]+', '', 'g')];
    END IF;
    IF octet_length(folded) > 100 AND folded ~ '[^ ]{100}' THEN
        found := ARRAY(SELECT left(word, 100) FROM unnest(found) AS word);
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION discogs.words(text) IS
    'The words of a text as search has them: of AC/DC there are ac, dc and acdc.';

CREATE FUNCTION discogs.search_query(asked text, begins boolean DEFAULT false) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH part AS (
        SELECT place, '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''' AS word,
            CASE WHEN begins AND place = max(place) OVER () THEN ':*' ELSE '' END AS ending,
            row_number() OVER (PARTITION BY place ORDER BY number) AS number,
            count(*) OVER (PARTITION BY place) AS words
        FROM regexp_split_to_table(asked, '\s+') WITH ORDINALITY AS piece (said, place),
            unnest(discogs.words(said)) WITH ORDINALITY AS part (word, number)
        -- & and "and" are words only where nothing else is asked: one may stand for the other.
        WHERE word = ANY (discogs.words(asked)) AND (word <> 'and' OR asked !~ '[^\s]\s+[^\s]')
    ), piece AS (
        -- Of AC/DC: both of ac and dc, or acdc, which is the last.
        SELECT place, CASE WHEN max(words) = 1 THEN max(word || ending) ELSE
            '((' || string_agg(CASE WHEN number = words - 1 THEN word || ending ELSE word END, ' & ')
                FILTER (WHERE number < words)
            || ') | ' || max(word || ending) FILTER (WHERE number = words) || ')' END AS said
        FROM part GROUP BY place
    )
    SELECT string_agg(said, ' & ' ORDER BY place)::tsquery FROM piece
$$;
COMMENT ON FUNCTION discogs.search_query(text, boolean) IS
    'What words @@ is asked: all words of a text; the last one may be a beginning. NULL: no word.';

CREATE FUNCTION discogs.format_words(medium text, descriptions text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT lower(left(word, 64)) FROM unnest(array_prepend(medium, descriptions)) AS word
        WHERE word IS NOT NULL
    )
$$;
COMMENT ON FUNCTION discogs.format_words(text, text[]) IS
    'What a format is found by: its medium and its descriptions, in lower case.';
