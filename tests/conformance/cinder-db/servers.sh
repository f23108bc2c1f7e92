# Throw-away servers for run.sh, which sources this. Each has its directory under $scratch, a free port
# on the loopback address and a superuser without a password that only this machine can reach.

POSTGRESQL_URL=${ASHLAR_TEST_POSTGRES_URL:-}
MARIADB_URL=${ASHLAR_TEST_MARIADB_URL:-}
postgresql_started=
mariadb_pid=

free_port() {
    "$venv/bin/python" -c \
        'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# as USER COMMAND...: neither server runs as root
as() {
    local user=$1
    shift
    if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

# own USER DIRECTORY: make it, for that user alone
own() {
    mkdir -m 700 "$2"
    if [ "$(id -u)" = 0 ]; then chown "$1" "$2"; fi
}

postgresql_program() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -1)
    [ -n "$found" ] || found=$(command -v "$1") || { echo "no $1: apt install postgresql" >&2; return 1; }
    echo "$found"
}

start_postgresql() {
    [ -z "$POSTGRESQL_URL" ] || return 0
    local port directory=$scratch/postgresql
    port=$(free_port)
    own postgres "$directory"
    as postgres "$(postgresql_program initdb)" --pgdata "$directory/data" --username ashlar \
        --auth trust --encoding UTF8 --locale C.UTF-8 > "$scratch/postgresql.log"
    as postgres "$(postgresql_program pg_ctl)" --pgdata "$directory/data" --silent --wait \
        --log "$directory/log" --options \
        "-p $port -k $directory -c listen_addresses=127.0.0.1 -c fsync=off" start
    postgresql_started=$directory/data
    POSTGRESQL_URL=postgresql://ashlar@127.0.0.1:$port/postgres
}

start_mariadb() {
    [ -z "$MARIADB_URL" ] || return 0
    local port directory=$scratch/mariadb user
    command -v mariadbd > /dev/null || { echo "no mariadbd: apt install mariadb-server" >&2; return 1; }
    port=$(free_port)
    own mysql "$directory"
    user=$(stat -c %U "$directory")
    mariadb-install-db --no-defaults --user="$user" --datadir="$directory/data" \
        --auth-root-authentication-method=normal --skip-test-db > "$scratch/mariadb.log" 2>&1
    cat > "$scratch/mariadb.sql" <<SQL
CREATE USER 'ashlar'@'127.0.0.1' IDENTIFIED BY 'ashlar';
GRANT ALL ON *.* TO 'ashlar'@'127.0.0.1';
SQL
    mariadbd --no-defaults --user="$user" --datadir="$directory/data" --port="$port" \
        --bind-address=127.0.0.1 --socket="$directory/socket" --pid-file="$directory/pid" \
        --init-file="$scratch/mariadb.sql" --innodb-flush-log-at-trx-commit=0 \
        >> "$scratch/mariadb.log" 2>&1 &
    mariadb_pid=$!
    MARIADB_URL=mysql://ashlar:ashlar@127.0.0.1:$port/mysql
    for _ in $(seq 100); do
        if mariadb --no-defaults --host=127.0.0.1 --port="$port" --user=ashlar --password=ashlar \
            --execute='SELECT 1' > /dev/null 2>&1; then return 0; fi
        kill -0 "$mariadb_pid" 2>/dev/null || break
        sleep 0.2
    done
    cat "$scratch/mariadb.log" >&2
    return 1
}

stop_servers() {
    if [ -n "$postgresql_started" ]; then
        as postgres "$(postgresql_program pg_ctl)" --pgdata "$postgresql_started" --silent \
            --mode fast stop || true
    fi
    if [ -n "$mariadb_pid" ]; then
        kill "$mariadb_pid" 2>/dev/null || true
        wait "$mariadb_pid" 2>/dev/null || true
    fi
}
