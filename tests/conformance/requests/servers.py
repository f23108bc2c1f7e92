"""Starts what is compared: RabbitMQ and Cinder's three services, and Ashlar. All end with this program.

Each service runs below a small shell that waits on a pipe of ours: when we end, however, the pipe closes and the shell ends
the service. Cinder's database is given, since it needs a server that stands several writers.
"""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
READY = 'ashlar ready: '
PATIENCE = 120
DATABASE = 'cinder'
MAKE_DATABASE = f"""
import os, sqlalchemy
with sqlalchemy.create_engine(os.environ['DATABASE']).begin() as connection:
    connection.execute(sqlalchemy.text('CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4'))
"""
GUARD = 'setsid "$@" & read -r _; kill -- -$!; sleep 0.5; kill -9 -- -$! 2>/dev/null; wait'

# Quotas that do not end the run, and answers that need no image service.
SHARED = """
quota_volumes = 5000
quota_snapshots = 5000
quota_gigabytes = 100000
quota_groups = 5000
host = house
storage_availability_zone = nova
enabled_backends = first
"""

# Behind this Cinder stands no Keystone: it believes the headers that Keystone's middleware would set, so that every
# persona can be tried.
PASTE = """
[composite:osapi_volume]
use = call:cinder.api:root_app_factory
/: apiversions
/healthcheck: healthcheck
/v3: v3
[pipeline:v3]
pipeline = request_id http_proxy_to_wsgi faultwrap sizelimit context apiv3
[filter:request_id]
paste.filter_factory = cinder.api.middleware.request_id:RequestId.factory
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:faultwrap]
paste.filter_factory = cinder.api.middleware.fault:FaultWrapper.factory
[filter:sizelimit]
paste.filter_factory = oslo_middleware.sizelimit:RequestBodySizeLimiter.factory
[filter:context]
paste.filter_factory = cinder.api.middleware.auth:CinderKeystoneContext.factory
[app:apiv3]
paste.app_factory = cinder.api.v3.router:APIRouter.factory
[pipeline:apiversions]
pipeline = request_id http_proxy_to_wsgi faultwrap versions
[app:versions]
paste.app_factory = cinder.api.versions:Versions.factory
[pipeline:healthcheck]
pipeline = request_id health
[app:health]
paste.app_factory = oslo_middleware:Healthcheck.app_factory
"""

CINDER = """
[DEFAULT]
auth_strategy = keystone
api_paste_config = {place}/paste.ini
state_path = {place}
transport_url = {broker}
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 1
resource_query_filters_file = {filters}
use_stderr = true
periodic_interval = 10
rpc_response_timeout = 6
report_interval = 5
{shared}
[database]
connection = {database}
[oslo_concurrency]
lock_path = {place}/locks
[coordination]
backend_url = file://{place}/coordination
[first]
volume_driver = quiet.QuietDriver
volume_backend_name = first
"""

ASHLAR = """
[DEFAULT]
auth_strategy = noauth
state_path = {place}
{shared}
[first]
volume_driver = sim
volume_backend_name = first
sim_pools = pool:1000
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def account():
    """RabbitMQ refuses to be root."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam('rabbitmq')
    return {'user': entry.pw_uid, 'group': entry.pw_gid}


class Servers:
    """Whatever was started here. Leaving it ends all, the last first."""

    def __init__(self, place):
        self.place = place
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.stdin.close()
        for process in reversed(self.running):
            process.wait()

    def start(self, name, command, **more):
        """A program whose output goes to a log. Answers the log's path."""
        log = self.place / f'{name}.log'
        with open(log, 'wb') as output:
            process = subprocess.Popen(['sh', '-c', GUARD, 'guard', *command], stdin=subprocess.PIPE, stdout=output,
                                       stderr=subprocess.STDOUT, **more)
        self.running.append(process)
        return log

    def wait(self, what, asked):
        """Until a question is answered with something true, which is answered here too."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if found := asked():
                    return found
            except OSError:
                pass
            time.sleep(0.2)
        sys.exit(f'{what} did not start, see {self.place}')

    def broker(self, program):
        """RabbitMQ with a node, data and a port mapper of its own. Answers its URL."""
        place = self.place / 'rabbit'
        place.mkdir()
        who = account()
        if who:
            os.chown(place, who['user'], who['group'])
        port, mapper, distribution = free_port(), free_port(), free_port()
        self.start('epmd', ['epmd', '-address', '127.0.0.1', '-port', str(mapper)])
        said = {name: str(place / path) for name, path in [
            ('RABBITMQ_MNESIA_BASE', 'mnesia'), ('RABBITMQ_LOG_BASE', 'log'), ('RABBITMQ_PID_FILE', 'pid'),
            ('RABBITMQ_ENABLED_PLUGINS_FILE', 'enabled_plugins'), ('RABBITMQ_CONFIG_FILE', 'rabbitmq'),
            ('RABBITMQ_CONF_ENV_FILE', 'rabbitmq-env.conf'), ('RABBITMQ_ADVANCED_CONFIG_FILE', 'advanced'),
            ('HOME', '')]}
        self.start('rabbit', [program], cwd=place, env={
            **os.environ, **said, 'ERL_EPMD_PORT': str(mapper), 'RABBITMQ_NODENAME': f'ashlar{port}@localhost',
            'RABBITMQ_NODE_IP_ADDRESS': '127.0.0.1', 'RABBITMQ_NODE_PORT': str(port),
            'RABBITMQ_DIST_PORT': str(distribution)}, **who)
        self.wait('RabbitMQ', lambda: socket.create_connection(('127.0.0.1', port)).close() or True)
        return f'rabbit://guest:guest@127.0.0.1:{port}/'

    def cinder(self, programs, server, broker):
        """The three services on a database of their own. Answers the address of the API."""
        subprocess.run([programs / 'python', '-c', MAKE_DATABASE], check=True, stdin=subprocess.DEVNULL,
                       env={**os.environ, 'DATABASE': server})
        database = f'{server.rstrip("/")}/{DATABASE}'
        place = self.place / 'cinder'
        place.mkdir()
        (place / 'paste.ini').write_text(PASTE)
        port = free_port()
        configuration = place / 'cinder.conf'
        configuration.write_text(CINDER.format(
            place=place, port=port, broker=broker, database=database, shared=SHARED,
            filters=programs.parent / 'etc/cinder/resource_filters.json'))
        configuration.chmod(0o600)
        # Its command line takes the file; its policy comes from its code alone.
        environment = {**os.environ, 'PYTHONPATH': str(HERE), 'PYTHONDONTWRITEBYTECODE': '1',
                       'PYTHONWARNINGS': 'ignore', 'OS_CINDER_CONFIG_DIR': str(place)}
        option = ['--config-file', configuration]
        with open(self.place / 'cinder-manage.log', 'wb') as log:
            subprocess.run([programs / 'cinder-manage', *option, 'db', 'sync'], check=True, env=environment,
                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for service in ('cinder-scheduler', 'cinder-volume', 'cinder-api'):
            self.start(service, [programs / service, *option], env=environment)
        url = f'http://127.0.0.1:{port}'
        self.wait('Cinder', lambda: answers(url))
        return url

    def ashlar(self, binary):
        """All roles in one process. Answers its address."""
        place = self.place / 'ashlar'
        place.mkdir()
        configuration = place / 'ashlar.conf'
        configuration.write_text(ASHLAR.format(place=place, shared=SHARED))
        log = self.start('ashlar', [binary, 'serve', '--listen', '127.0.0.1:0', '--config-file', configuration])

        def address():
            lines = (line for line in log.read_text().splitlines() if line.startswith(READY))
            return next((line.removeprefix(READY).split()[0] for line in lines), None)

        return self.wait('Ashlar', address)


def answers(url):
    """Whether an HTTP server is there, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True


def empty(place):
    """Makes a directory anew."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    place.chmod(0o755)
