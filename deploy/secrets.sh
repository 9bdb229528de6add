#!/bin/sh
# Makes what compose.yaml keeps in files: passwords, certificates, and the settings that hold a password.
# Run as root; what exists stays, so that it may be run again. Back the folder up apart from the database.
#   deploy/secrets.sh [FOLDER]        by default secrets beside this file
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
cd "$folder"

# The accounts inside the images: PostgreSQL's, the application's, haproxy's.
postgres=999 application=10001 proxy=99

password() { [ -s "$1" ] || openssl rand -hex 24 | tr -d '\n' >"$1"; }
for name in postgres-superuser postgres-owner postgres-login postgres-backup; do password "$name"; done

certificate() { # NAME SUBJECT-ALTERNATIVE-NAME
    [ -s "$1.crt" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
        -subj "/CN=$1" -addext "subjectAltName=$2" -keyout "$1.key" -out "$1.crt" 2>/dev/null
}
certificate postgres DNS:postgres
# Stands in until the real certificate is put here: key and chain in one file.
certificate proxy DNS:localhost
[ -s proxy.pem ] || cat proxy.crt proxy.key >proxy.pem

settings() { # FILE USER
    [ -s "$1" ] || printf 'database_url = "%s"\n' \
        "postgresql://$2:$(cat "$3")@postgres/shangmen?sslmode=verify-full&sslrootcert=/run/secrets/postgres.crt" >"$1"
}
settings shangmen.toml shangmen_login postgres-login
settings migrate.toml shangmen_owner postgres-owner

chown "$postgres" postgres-superuser postgres-owner postgres-login postgres-backup postgres.key
chown "$application" shangmen.toml migrate.toml
chown "$proxy" proxy.pem
chmod 0400 postgres-* postgres.key shangmen.toml migrate.toml proxy.pem
chmod 0444 postgres.crt
echo "$folder holds passwords, certificates and settings; next: .env beside compose.yaml (docs/operations.md)."
