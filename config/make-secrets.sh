#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, each once; what is there already stays.
# Usage: sh config/make-secrets.sh [FOLDER]     (default: secrets)
#
# The folder is private.  The files in it are readable, because compose mounts them with their
# mode, and each server reads them as a user of its own.
set -eu
umask 022
folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"

write() {
    if [ ! -e "$folder/$1" ]; then
        printf '%s\n' "$2" > "$folder/$1"
        chmod 444 "$folder/$1"
    fi
}

# 24 random bytes in the alphabet of URLs: nothing to quote anywhere.
password() {
    head -c 24 /dev/urandom | base64 | tr '+/' '-_'
}

for name in postgres_admin postgres_password graph_password broker_password store_password; do
    write "$name.txt" "$(password)"
done

# The same passwords in the form that these servers read.
write neo4j_auth.txt "neo4j/$(cat "$folder/graph_password.txt")"
write dragonfly_password.txt "--requirepass=$(cat "$folder/store_password.txt")"
write rabbitmq_user.txt "default_user = waxline
default_pass = $(cat "$folder/broker_password.txt")"
