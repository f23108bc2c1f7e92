#!/usr/bin/env bash
# Compares Cinder's and Ashlar's databases: see README.md.
#
#   run.sh [--tables] [sqlite] [postgresql] [mariadb]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/servers.sh"

tables_only=
engines=()
for argument in "$@"; do
    case $argument in
        --tables) tables_only=--tables ;;
        sqlite | postgresql | mariadb) engines+=("$argument") ;;
        *) echo "usage: run.sh [--tables] [sqlite] [postgresql] [mariadb]" >&2; exit 2 ;;
    esac
done
[ ${#engines[@]} -gt 0 ] || engines=(sqlite postgresql mariadb)

# --- Cinder, from PyPI ------------------------------------------------------
venv=${XDG_CACHE_HOME:-$HOME/.cache}/ashlar-conformance/venv-cinder
wanted=$(cat "$here/requirements.txt" "$here/requirements.lock" | cksum)
if [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "installing Cinder into $venv"
    [ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --requirement "$here/requirements.txt" --constraint "$here/requirements.lock"
    echo "$wanted" > "$venv/.stamp"
fi

# --- servers ----------------------------------------------------------------
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ashlar-cinder-db.XXXXXX")
chmod 755 "$scratch"   # the servers run as users of their own
trap 'stop_servers; rm -rf "$scratch"' EXIT

urls=()
for engine in "${engines[@]}"; do
    case $engine in
        sqlite) urls+=("sqlite:///$scratch") ;;
        postgresql) start_postgresql; urls+=("$POSTGRESQL_URL") ;;
        mariadb) start_mariadb; urls+=("$MARIADB_URL") ;;
    esac
done

"$venv/bin/python" "$here/check.py" $tables_only --scratch "$scratch" \
    --ashlar "${ASHLAR:-$here/../../../target/debug/ashlar}" "${urls[@]}"
