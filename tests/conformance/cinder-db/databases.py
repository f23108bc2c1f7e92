"""Database servers on which the checks make databases of their own, and commands run on them."""

import pathlib
import subprocess
import sys
import uuid

import sqlalchemy as sa

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent
# what Cinder's package brings along for its API
ETC = pathlib.Path(sys.prefix) / "etc" / "cinder"


class Failed(Exception):
    """A check did not hold."""


class Server:
    """One engine, on which databases are made and thrown away."""

    def __init__(self, url, scratch):
        self.url = sa.make_url(url)
        self.scratch = scratch
        # the directory of Ashlar's backend
        self.volumes = scratch / "volumes"
        self.volumes.mkdir()
        backend = self.url.get_backend_name()
        self.name = {"postgresql": "postgresql", "postgres": "postgresql", "sqlite": "sqlite"}.get(
            backend, "mariadb"
        )
        driver = {"postgresql": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}.get(self.name)
        if driver:
            self.url = self.url.set(drivername=driver)
        self.made = []
        self.run = uuid.uuid4().hex[:8]

    def fresh(self, name):
        """An empty database: its URL and a configuration file that names it."""
        name = f"ashlar_{name}_{self.run}"
        if self.name == "sqlite":
            url = sa.make_url(f"sqlite:///{self.scratch / name}.sqlite")
        else:
            self._run(f"CREATE DATABASE {name}")
            self.made.append(name)
            url = self.url.set(database=name)
        text = url.render_as_string(hide_password=False)
        config = self.scratch / f"{self.name}-{name}.conf"
        config.write_text(
            f"[DEFAULT]\nstate_path = {self.scratch}\ntransport_url = fake:/\n"
            "auth_strategy = noauth\nhost = keeper\n"
            # one heartbeat only, so that what was read at two moments can be compared
            "report_interval = 3600\nservice_down_time = 36000\n"
            f"api_paste_config = {ETC}/api-paste.ini\n"
            f"resource_query_filters_file = {ETC}/resource_filters.json\n"
            "enabled_backends = disk\n"
            "[disk]\nvolume_driver = file\nvolume_backend_name = disk\n"
            f"file_directory = {self.volumes}\n"
            f"[oslo_concurrency]\nlock_path = {self.scratch}\n"
            f"[database]\nconnection = {text}\n"
        )
        return text, str(config)

    def drop_all(self):
        """Takes the databases away, whoever is still in them."""
        force = " WITH (FORCE)" if self.name == "postgresql" else ""
        for name in self.made:
            self._run(f"DROP DATABASE {name}{force}")

    def _run(self, statement):
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


def run(*command, fails=False, stdin=None):
    """Its standard output; of a command that is meant to fail, what it said of that as well."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, input=stdin
    )
    if (done.returncode != 0) != fails:
        raise Failed(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + (done.stderr if fails else "")


def cinder_manage(config, *arguments):
    return run(BIN / "cinder-manage", "--config-file", config, *arguments)


def cinder_side(config, *arguments, stdin=None):
    return run(sys.executable, HERE / "cinder_side.py", config, *arguments, stdin=stdin)


def same(what, left, right, path=""):
    """Fails at the first difference, naming where it is."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            raise Failed(f"{what}: {path}: one side only: {sorted(left.keys() ^ right.keys())}")
        for key in left:
            same(what, left[key], right[key], f"{path}/{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right)):
            same(what, one, other, f"{path}/{index}")
    elif left != right or type(left) is not type(right):
        raise Failed(f"{what}: {path}:\n  {left!r}\n  {right!r}")
