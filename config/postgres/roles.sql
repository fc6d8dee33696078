-- Roles with no more rights than they need: those that load, read, serve.  Run by psql as a
-- superuser: by the container when it makes its cluster, by you on a server of your own:
--
--   WAXLINE_ROLE_PASSWORD_FILE=… psql --file=config/postgres/roles.sql postgres
--
-- It makes what is missing, and may be run again.  -v database=… and -v loader=… give other names.
-- The loader's password comes from the file that WAXLINE_ROLE_PASSWORD_FILE names.
\set ON_ERROR_STOP on
\if :{?database}
\else
    \set database waxline
\endif
\if :{?loader}
\else
    \set loader waxline
\endif
\set reader :loader _reader
\set serving :loader _serving
\set password `cat "$WAXLINE_ROLE_PASSWORD_FILE"`

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'loader', :'reader', :'serving']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"loader" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'password';
-- A group: GRANT waxline_reader TO whoever reads.
ALTER ROLE :"reader" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- A group as well, for the role of `waxline serve`: it reads, and keeps API keys in a schema of its own.
ALTER ROLE :"serving" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT :"reader" TO :"serving";

SELECT format('CREATE DATABASE %I', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"loader", :"reader";
-- For updates: without it they cost the loader more.
GRANT TEMPORARY ON DATABASE :"database" TO :"loader";

\connect :"database"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- For the trigram indexes; without it they are left out.
SELECT 'CREATE EXTENSION IF NOT EXISTS pg_trgm'
WHERE EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') \gexec

-- The loader owns two schemas and may make no other; the reader sees the catalogue alone.
CREATE SCHEMA IF NOT EXISTS discogs AUTHORIZATION :"loader";
CREATE SCHEMA IF NOT EXISTS waxline AUTHORIZATION :"loader";
CREATE SCHEMA IF NOT EXISTS reading AUTHORIZATION :"serving";
GRANT USAGE ON SCHEMA discogs TO :"reader";
GRANT SELECT ON ALL TABLES IN SCHEMA discogs TO :"reader";
ALTER DEFAULT PRIVILEGES FOR ROLE :"loader" IN SCHEMA discogs GRANT SELECT ON TABLES TO :"reader";
