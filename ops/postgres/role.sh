#!/bin/sh
# Makes the service's role and its database, when PostgreSQL starts on an empty volume (compose.yaml). The role that the
# image makes is a superuser, who may run programs of the database's machine and drop the triggers that keep the record.
# psql quotes the password: it is neither in its arguments nor in the log.
set -eu
psql --username="$POSTGRES_USER" --dbname=postgres --set=ON_ERROR_STOP=1 <<'SQL'
\set password `cat /run/password/database`
CREATE ROLE ringscore LOGIN PASSWORD :'password';
CREATE DATABASE ringscore OWNER ringscore;
SQL
