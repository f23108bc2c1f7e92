"""Takes Cinder and Ashlar in turns over one database and says what each leaves behind. See README.md."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import sqlalchemy as sa

import catalog

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent
REVISION = "9c74c1c6971f"
FIRST_REVISION = "921e1a36b076"
PROJECT = "0b1f9c7e1a7a4d0f8f1d1c2b3a495867"


class Failed(Exception):
    """A check did not hold."""


class Server:
    """One engine, on which databases are made and thrown away."""

    def __init__(self, url, scratch):
        self.url = sa.make_url(url)
        self.scratch = scratch
        backend = self.url.get_backend_name()
        self.name = {"postgresql": "postgresql", "postgres": "postgresql", "sqlite": "sqlite"}.get(
            backend, "mariadb"
        )
        driver = {"postgresql": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}.get(self.name)
        if driver:
            self.url = self.url.set(drivername=driver)

    def fresh(self, name):
        """An empty database: its URL and a configuration file that names it."""
        name = f"ashlar_check_{name}"
        if self.name == "sqlite":
            path = self.scratch / f"{name}.sqlite"
            path.unlink(missing_ok=True)
            url = sa.make_url(f"sqlite:///{path}")
        else:
            self._run(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
            url = self.url.set(database=name)
        text = url.render_as_string(hide_password=False)
        config = self.scratch / f"{self.name}-{name}.conf"
        config.write_text(
            f"[DEFAULT]\nstate_path = {self.scratch}\n"
            f"[oslo_concurrency]\nlock_path = {self.scratch}\n"
            f"[database]\nconnection = {text}\n"
        )
        return text, str(config)

    def drop_all(self):
        if self.name != "sqlite":
            for name in ("cinder", "ashlar", "older", "served"):
                self._run(f"DROP DATABASE IF EXISTS ashlar_check_{name}")

    def _run(self, *statements):
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()


def run(*command, fails=False):
    """Its standard output; of a command that is meant to fail, what it said of that as well."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if (done.returncode != 0) != fails:
        raise Failed(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + (done.stderr if fails else "")


def cinder_manage(config, *arguments):
    return run(BIN / "cinder-manage", "--config-file", config, *arguments)


def cinder_side(config, *arguments):
    return run(sys.executable, HERE / "cinder_side.py", config, *arguments)


def rows(url):
    """All rows of all tables, in a fixed order."""
    engine = sa.create_engine(url)
    meta = sa.MetaData()
    meta.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in meta.tables.items()
        }
    engine.dispose()
    return found


def without_ashlar(tables):
    """The catalog without what Ashlar adds."""
    return {
        name: table
        | {
            "indexes": {
                index: value
                for index, value in table["indexes"].items()
                if not index.startswith("ashlar_")
            }
        }
        for name, table in tables.items()
        if not name.startswith("ashlar_")
    }


def same(what, left, right, path=""):
    """Fails at the first difference, naming where it is."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            raise Failed(f"{what}: {path}: one side only: {sorted(left.keys() ^ right.keys())}")
        for key in left:
            same(what, left[key], right[key], f"{path}/{key}")
    elif left != right:
        raise Failed(f"{what}: {path}:\n  {left}\n  {right}")


def forget_known_differences(server, tables):
    """What README.md says of the differences on purpose."""
    for name, table in tables.items():
        if server.name == "sqlite" and name in ("quota_classes", "quota_usages", "reservations"):
            table["checks"] = []
        if name == "alembic_version":
            table["options"] = {}
    return tables


def seeded(url):
    """The first rows, without their random ids and their moments."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = {
            query: sorted(str(tuple(row)) for row in connection.execute(sa.text(query)))
            for query in (
                "SELECT name, description, is_public, deleted, qos_specs_id FROM volume_types",
                "SELECT name, description, is_public, deleted FROM group_types",
                "SELECT s.value, s.deleted, t.name FROM group_type_specs s"
                " JOIN group_types t ON t.id = s.group_type_id",
                "SELECT resource_type, resource_id, status, deleted, race_preventer FROM workers",
                "SELECT version_num FROM alembic_version",
            )
        }
    engine.dispose()
    return found


def check_tables(server, ashlar, say):
    by_cinder, cinder_config = server.fresh("cinder")
    cinder_manage(cinder_config, "db", "sync")
    cinders, cinders_rows = catalog.read(by_cinder), rows(by_cinder)
    cinders_seeds = seeded(by_cinder)

    run(*ashlar, "db", "sync", "--config-file", cinder_config)
    both = catalog.read(by_cinder)
    same("A", without_ashlar(both), cinders)
    kept = {name: found for name, found in rows(by_cinder).items() if name in cinders_rows}
    same("A: rows", kept, cinders_rows)
    run(*ashlar, "db", "sync", "--config-file", cinder_config)
    same("A: again", catalog.read(by_cinder), both)
    say("A", f"on Cinder's {len(cinders)} tables only tables and indexes of Ashlar's were added")

    by_ashlar, ashlar_config = server.fresh("ashlar")
    run(*ashlar, "db", "sync", "--config-file", ashlar_config)
    made, made_rows = catalog.read(by_ashlar), rows(by_ashlar)
    known = lambda tables: forget_known_differences(server, tables)
    same("B", known(without_ashlar(made)), known(cinders))
    same("B: ours", *({n: t for n, t in c.items() if n not in cinders} for c in (made, both)))
    same("B: first rows", seeded(by_ashlar), cinders_seeds)
    if made_rows["quota_classes"]:
        raise Failed("B: default quota classes were written")
    made = catalog.read(by_ashlar)  # anew: the comparison has forgotten some of the first
    cinder_manage(ashlar_config, "db", "sync")
    cinder_manage(ashlar_config, "db", "online_data_migrations")
    version = cinder_manage(ashlar_config, "db", "version")
    if REVISION not in version:
        raise Failed(f"B: cinder-manage db version says {version}")
    same("B: after Cinder's sync", catalog.read(by_ashlar), made)
    same("B: rows after Cinder's sync", rows(by_ashlar), made_rows)
    say("B", "Ashlar's tables are Cinder's; cinder-manage accepts them and changes nothing")

    cinder_side(ashlar_config, "write")
    say("C", "Cinder's database API writes and reads there")

    older, older_config = server.fresh("older")
    # cinder-manage takes numbers only, which no revision is any more
    cinder_side(older_config, "upgrade", FIRST_REVISION)
    before = catalog.read(older)
    said = run(*ashlar, "db", "sync", "--config-file", older_config, fails=True)
    if FIRST_REVISION not in said or REVISION not in said:
        raise Failed(f"D: the refusal does not name both revisions: {said}")
    same("D", catalog.read(older), before)
    say("D", "an older revision is refused by name and left alone")


class Api:
    """The little of a client that check E needs."""

    def __init__(self, url):
        self.url = f"{url}/v3/{PROJECT}"

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Auth-Token": f"admin:{PROJECT}",
                "OpenStack-API-Version": "volume 3.71",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise Failed(f"E: {method} {path}: {error.code} {error.read().decode()}") from error

    def make(self, path, key, body):
        """Creates one and waits until it is available."""
        made = self.call("POST", path, {key: body})[key]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            made = self.call("GET", f"{path}/{made['id']}")[key]
            if made["status"] == "available":
                return made
            if made["status"] == "error":
                break
            time.sleep(0.1)
        raise Failed(f"E: {key} did not become available: {made}")


def check_rows(server, ashlar, say):
    _, config = server.fresh("served")
    run(*ashlar, "db", "sync", "--config-file", config)
    process = subprocess.Popen(
        [*ashlar, "serve", "--config-file", config, "--listen", "127.0.0.1:0",
         "--state-dir", str(server.scratch / f"{server.name}-state")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        ready = next((line for line in process.stdout if line.startswith("ashlar ready:")), None)
        if ready is None:
            raise Failed(f"E: ashlar serve ended with {process.wait()}")
        api = Api(ready.split()[2].rstrip("/"))
        gold = api.call("POST", "/types", {"volume_type": {"name": "gold"}})["volume_type"]
        api.call("POST", f"/types/{gold['id']}/extra_specs", {"extra_specs": {"tier": "1"}})
        volume = api.make(
            "/volumes",
            "volume",
            {"size": 1, "name": "v\u00e9", "volume_type": "gold", "metadata": {"a": "b"}},
        )
        snapshot = api.make("/snapshots", "snapshot", {"volume_id": volume["id"], "name": "s"})
        services = api.call("GET", "/os-services")["services"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    cinders = json.loads(cinder_side(config, "read"))
    compare_rows(cinders, gold, volume, snapshot, services)
    say("E", "what Ashlar's API made reads the same through Cinder's objects")


def compare_rows(cinders, gold, volume, snapshot, services):
    of_type = cinders["types"][gold["id"]]
    same("E: type", of_type, {"name": "gold", "extra_specs": {"tier": "1"}, "is_public": True})
    found = cinders["volumes"][volume["id"]]
    for ours, theirs in (
        (volume["name"], found["name"]),
        (volume["size"], found["size"]),
        (volume["status"], found["status"]),
        (volume["os-vol-host-attr:host"], found["host"]),
        (volume["availability_zone"], found["availability_zone"]),
        (volume["metadata"], found["metadata"]),
        (volume["created_at"][:19], found["created_at"]),
        (gold["id"], found["volume_type"]),
        (PROJECT, found["project_id"]),
        (f"volume-{volume['id']}", found["name_on_backend"]),
    ):
        same("E: volume", ours, theirs)
    found = cinders["snapshots"][snapshot["id"]]
    for ours, theirs in (
        (snapshot["name"], found["name"]),
        (snapshot["size"], found["size"]),
        (snapshot["status"], found["status"]),
        (snapshot["volume_id"], found["volume_id"]),
        (snapshot["created_at"][:19], found["created_at"]),
    ):
        same("E: snapshot", ours, theirs)
    usage = cinders["usages"][PROJECT]
    wanted = {"volumes": 1, "snapshots": 1, "volumes_gold": 1, "snapshots_gold": 1}
    wanted |= {"gigabytes": 2, "gigabytes_gold": 2}
    same("E: usage", {name: usage.get(name) for name in wanted}, wanted)
    for service in services:
        if [service["binary"], service["host"], True] not in cinders["services"]:
            raise Failed(f"E: Cinder does not see {service['binary']} up: {cinders['services']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True, help="the program under test")
    parser.add_argument("--scratch", required=True, type=pathlib.Path, help="a directory")
    parser.add_argument("--tables", action="store_true", help="checks A to D only")
    parser.add_argument("urls", nargs="+", help="database servers; of SQLite any URL")
    options = parser.parse_args()
    os.environ["PYTHONWARNINGS"] = "ignore"
    failed = 0
    for url in options.urls:
        server = Server(url, options.scratch)
        say = lambda check, text: print(f"ok   {server.name:11}{check}  {text}", flush=True)
        try:
            check_tables(server, [options.ashlar], say)
            if not options.tables:
                check_rows(server, [options.ashlar], say)
        except Failed as failure:
            failed += 1
            print(f"FAIL {server.name:11}{failure}", flush=True)
        finally:
            server.drop_all()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
