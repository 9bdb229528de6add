-- The roles of one installation and its empty database. Run once, as a superuser, before the first migration:
--   psql -v owner=… -v login=… -v backup=… -f roles.sql
-- where each … is that role's password. docs/operations.md says who uses which.
\set ON_ERROR_STOP on

-- What the processes become on every connection. It owns nothing and passes no policy.
CREATE ROLE shangmen_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

-- Runs the migrations and owns the tables. It may create roles only because the first migration makes sure
-- that shangmen_app exists.
CREATE ROLE shangmen_owner LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOBYPASSRLS PASSWORD :'owner';
GRANT shangmen_app TO shangmen_owner WITH ADMIN OPTION;
-- Some triggers look at all rows whoever acts: their functions carry SET app.role.
GRANT SET ON PARAMETER app.role TO shangmen_owner;

-- What the processes sign in as.
CREATE ROLE shangmen_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT
    CONNECTION LIMIT 80 PASSWORD :'login';
GRANT shangmen_app TO shangmen_login;

-- Reads everything, past the policies, and writes nothing: a copy with rows missing is no backup.
CREATE ROLE shangmen_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS REPLICATION
    CONNECTION LIMIT 4 PASSWORD :'backup';
GRANT pg_read_all_data TO shangmen_backup;
ALTER ROLE shangmen_backup SET default_transaction_read_only = on;

CREATE DATABASE shangmen OWNER shangmen_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE shangmen FROM PUBLIC;
GRANT CONNECT ON DATABASE shangmen TO shangmen_login, shangmen_backup;
