#!/bin/bash
# Run once by the PostgreSQL image on an empty data folder: the roles, with the passwords of the secret files.
set -euo pipefail
psql --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
    --variable owner="$(cat /run/secrets/postgres-owner)" \
    --variable login="$(cat /run/secrets/postgres-login)" \
    --variable backup="$(cat /run/secrets/postgres-backup)" \
    --file /etc/shangmen/roles.sql
