-- name: lock_schema
SELECT pg_advisory_xact_lock(hashtext('waxline reading schema'));

-- name: obstacle
-- Why tables of our own can neither be used nor made; no row where they can.
SELECT why FROM (
    VALUES
    (pg_is_in_recovery(), 'it is a standby'),
    (
        CASE
            WHEN to_regclass('reading.key_use') IS NOT NULL THEN
                NOT has_table_privilege('reading.key_use', 'INSERT')
                OR NOT has_table_privilege('reading.key', 'SELECT')
            WHEN to_regnamespace('reading') IS NOT NULL THEN
                NOT has_schema_privilege('reading', 'CREATE')
            ELSE NOT has_database_privilege(current_database(), 'CREATE')
        END,
        format('the role %I has no rights on the schema reading', current_user)
    )
) AS checks (fails, why)
WHERE fails LIMIT 1;

-- name: missing
SELECT to_regnamespace('reading') IS NULL AS schema, to_regclass('reading.key_use') IS NULL AS tables;

-- name: make_schema
CREATE SCHEMA reading;

-- name: create
INSERT INTO reading.key (hash, name, per_minute) VALUES ($1, $2, $3)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: revoke
UPDATE reading.key SET revoked = coalesce(revoked, now()) WHERE name = $1 RETURNING hash;

-- name: list
SELECT name, per_minute, created, revoked,
    coalesce(sum(requests), 0)::bigint AS requests,
    coalesce(sum(requests) FILTER (WHERE day = (now() AT TIME ZONE 'UTC')::date), 0)::bigint AS today
FROM reading.key LEFT JOIN reading.key_use ON key = id
GROUP BY id ORDER BY name;

-- name: use
-- Validates keys and counts what they were used for since: one statement, for it stands before
-- answers.  $1 to $3: hashes, requests, cost.  Ascending, so that two do not wait in a circle.
WITH found AS (
    SELECT id, key.hash, name, per_minute, revoked IS NULL AS valid,
        sum(requests)::bigint AS requests, sum(cost)::bigint AS cost
    FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS given (hash, requests, cost)
    JOIN reading.key USING (hash)
    GROUP BY id
), counted AS (
    INSERT INTO reading.key_use AS held (key, day, requests, cost)
    SELECT id, (now() AT TIME ZONE 'UTC')::date, requests, cost
    FROM found WHERE requests > 0 ORDER BY id
    ON CONFLICT (key, day) DO UPDATE
    SET requests = held.requests + excluded.requests, cost = held.cost + excluded.cost
)
SELECT hash, name, per_minute, valid FROM found;
