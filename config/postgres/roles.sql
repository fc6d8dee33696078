-- Run by psql once, when the container makes its cluster: the loader's role owns its database and
-- nothing else.  The password comes from the file that WAXLINE_ROLE_PASSWORD_FILE names.
\set ON_ERROR_STOP on
\set password `cat "$WAXLINE_ROLE_PASSWORD_FILE"`
CREATE ROLE waxline LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE waxline OWNER waxline;
REVOKE ALL ON DATABASE waxline FROM PUBLIC;
