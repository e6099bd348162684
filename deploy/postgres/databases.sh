#!/bin/bash
# Run once, by the postgres container, when its volume is empty: a database for each service, with an owner of its own
# who is no superuser and makes no roles, and whom no other service's password opens.
set -euo pipefail
for service in intake notify reporting; do
  password=$(printenv "KINBRIDGE_${service^^}_DATABASE_PASSWORD")
  psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -v service="$service" -v password="$password" \
    -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
# what a request's transaction becomes (docs/decisions/0013-row-level-security.md)
psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE kinbridge_member_intake NOLOGIN;
GRANT kinbridge_member_intake TO intake;
SQL
