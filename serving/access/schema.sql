-- Keys and their use, in the one schema that the serving side owns.

CREATE TABLE reading.key (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       bytea NOT NULL UNIQUE,
    name       text NOT NULL UNIQUE,
    created    timestamptz NOT NULL DEFAULT now(),
    revoked    timestamptz,
    per_minute integer
);
COMMENT ON TABLE reading.key IS 'API keys, made by waxline keys.';
COMMENT ON COLUMN reading.key.id IS 'number, for reading.key_use';
COMMENT ON COLUMN reading.key.hash IS 'SHA-256 of the key, which is not kept';
COMMENT ON COLUMN reading.key.name IS 'what whoever made it called it';
COMMENT ON COLUMN reading.key.created IS 'when it was made';
COMMENT ON COLUMN reading.key.revoked IS 'when it was revoked; NULL: it is valid';
COMMENT ON COLUMN reading.key.per_minute IS 'tokens a minute, 0: without limit; NULL: as the setting key_limit says';

CREATE TABLE reading.key_use (
    key      integer NOT NULL REFERENCES reading.key,
    day      date NOT NULL,
    requests bigint NOT NULL,
    cost     bigint NOT NULL,
    PRIMARY KEY (key, day)
);
COMMENT ON TABLE reading.key_use IS 'How much each key was used, day by day.';
COMMENT ON COLUMN reading.key_use.key IS 'the key, by its id';
COMMENT ON COLUMN reading.key_use.day IS 'the day, in UTC';
COMMENT ON COLUMN reading.key_use.requests IS 'requests, those beyond a limit too';
COMMENT ON COLUMN reading.key_use.cost IS 'tokens that they cost together';
