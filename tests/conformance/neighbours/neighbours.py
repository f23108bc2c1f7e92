"""A real Keystone and a real Glance on loopback, for one test each time.

    neighbours.py TEMPLATE DIRECTORY

TEMPLATE is a directory with filled databases; it is made when it is missing or was made by other scripts, which
takes half a minute. DIRECTORY, which must exist and be empty, gets a copy of it, logs and images.

When both services answer, one line of JSON goes to standard output: where they are, and the identities of
projects and users. From then on each line on standard input is an order, answered by a line `done`:

    block-storage URL      where the catalogue says that the server under test is
    stop keystone|glance   ends the service; nobody listens on its port then
    start keystone|glance  starts it again on the same port, and waits for it

The end of standard input ends both services and this program. It is to be run with the Python of the
environment that ../requirements-servers.txt describes.
"""
import contextlib
import errno
import fcntl
import getpass
import grp
import hashlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

import fill

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(sys.executable).parent
LIMIT = 120

KEYSTONE = """
[DEFAULT]
log_file = {directory}/keystone.log
public_endpoint = {keystone}
[database]
connection = sqlite:///{directory}/keystone.sqlite?timeout=60
sqlite_synchronous = false
[token]
provider = fernet
[fernet_tokens]
key_repository = {directory}/fernet
[fernet_receipts]
key_repository = {directory}/fernet
[credential]
key_repository = {directory}/credential
[cache]
# What a test changes counts at once.
enabled = false
[identity]
# Cheap, as every password is the same anyway.
password_hash_rounds = 4
"""

GLANCE = """
[DEFAULT]
log_file = {directory}/glance.log
enabled_backends = here:file
worker_self_reference_url = {glance}
[database]
connection = sqlite:///{directory}/glance.sqlite?timeout=60
sqlite_synchronous = false
[glance_store]
default_backend = here
[here]
filesystem_store_datadir = {directory}/images
[os_glance_staging_store]
filesystem_store_datadir = {directory}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {directory}/tasks
[paste_deploy]
flavor = keystone
config_file = {paste}
[keystone_authtoken]
www_authenticate_uri = {keystone}/v3
auth_url = {keystone}/v3
auth_type = password
username = glance
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
region_name = {region}
service_token_roles_required = true
"""


def listen(port=0):
    """Listens on the port, or on any. Somebody's connection may have taken a port that was free for a while: then it
    is tried again."""
    end = time.monotonic() + LIMIT
    while True:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(('127.0.0.1', port))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or not port or time.monotonic() > end:
                raise
        time.sleep(0.1)


def await_answer(url, process):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f'the service at {url} ended with status {process.returncode}')
        try:
            urllib.request.urlopen(url, timeout=LIMIT).close()
            return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit(f'no answer from {url}')


class Cloud:
    """Both services in one directory."""

    def __init__(self, directory):
        self.directory = directory
        self.ports = {}
        self.listeners = {}
        self.processes = {}
        for name in ('keystone', 'glance'):
            self.listeners[name] = listen()
            self.ports[name] = self.listeners[name].getsockname()[1]
        self.urls = {name: f'http://127.0.0.1:{port}' for name, port in self.ports.items()}
        words = {'directory': directory, 'password': fill.PASSWORD, 'region': fill.REGION,
                 'paste': PROGRAMS.parent / 'etc/glance/glance-api-paste.ini', **self.urls}
        for name, text, file in (('keystone', KEYSTONE, 'keystone.conf'), ('glance', GLANCE, 'glance-api.conf')):
            place = directory / name
            place.mkdir(exist_ok=True)
            (place / file).write_text(text.format(**words))
        for name in ('images', 'staging', 'tasks'):
            (directory / name).mkdir(exist_ok=True)

    def run(self, program, *words):
        file = self.directory / ('keystone/keystone.conf' if 'keystone' in program else 'glance/glance-api.conf')
        command = [PROGRAMS / program, '--config-file', file, *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f'{program} {words[0]} failed:\n{done.stdout}{done.stderr}')

    def begin(self, name):
        """Starts the service without waiting for it."""
        if name not in self.listeners:
            self.listeners[name] = listen(self.ports[name])
        listener = self.listeners.pop(name)
        log = open(self.directory / f'{name}.out', 'a')
        command = [sys.executable, HERE / 'serve.py', name, self.directory / name, str(listener.fileno())]
        self.processes[name] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=[listener.fileno()])
        log.close()
        # The service alone listens, so that nobody does once it has ended.
        listener.close()

    def wait_for(self, name):
        path = {'keystone': '/v3', 'glance': '/healthcheck'}[name]
        await_answer(self.urls[name] + path, self.processes[name])

    def end(self, name):
        process = self.processes.pop(name, None)
        if process:
            process.kill()
            process.wait()

    def locate(self, urls):
        """Writes into the catalogue where services are."""
        with contextlib.closing(sqlite3.connect(self.directory / 'keystone.sqlite', timeout=60)) as database:
            for kind, url in urls.items():
                database.execute(
                    'UPDATE endpoint SET url = ? WHERE service_id IN (SELECT id FROM service WHERE type = ?)', (url, kind))
            database.commit()


def stamp():
    texts = [file.read_bytes() for file in sorted(HERE.glob('*.py'))]
    texts.append((HERE.parent / 'requirements-servers.txt').read_bytes())
    return hashlib.sha256(b'\0'.join(texts)).hexdigest()


def make_template(directory):
    """Databases with everything that tests want to find in them."""
    directory.mkdir(parents=True)
    (directory / 'fernet').mkdir(mode=0o700)
    (directory / 'credential').mkdir(mode=0o700)
    cloud = Cloud(directory)
    owner = ['--keystone-user', getpass.getuser(), '--keystone-group', grp.getgrgid(os.getgid()).gr_name]
    cloud.run('keystone-manage', 'fernet_setup', *owner)
    cloud.run('keystone-manage', 'credential_setup', *owner)
    cloud.run('keystone-manage', 'db_sync')
    cloud.run('keystone-manage', 'bootstrap', '--bootstrap-password', fill.PASSWORD,
              '--bootstrap-region-id', fill.REGION)
    cloud.run('glance-manage', 'db_sync')
    cloud.begin('keystone')
    try:
        cloud.wait_for('keystone')
        (directory / 'facts.json').write_text(json.dumps(fill.fill(cloud.urls['keystone'] + '/v3')))
    finally:
        cloud.end('keystone')


def require_template(place):
    """The template, made anew when need be. Several tests may want it at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(place.with_name(place.name + '.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = place / 'made-by.txt'
        if mark.exists() and mark.read_text() == stamp():
            return
        shutil.rmtree(place, ignore_errors=True)
        making = place.with_name(place.name + '.making')
        shutil.rmtree(making, ignore_errors=True)
        make_template(making)
        (making / 'made-by.txt').write_text(stamp())
        making.rename(place)


def obey(cloud, order):
    match order.split():
        case ['block-storage', url]:
            cloud.locate({'block-storage': url, 'volumev3': url})
        case ['stop', 'keystone' | 'glance' as name]:
            cloud.end(name)
        case ['start', 'keystone' | 'glance' as name] if name not in cloud.processes:
            cloud.begin(name)
            cloud.wait_for(name)
        case _:
            sys.exit(f'no such order: {order}')


def main():
    template, directory = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    require_template(template)
    for name in ('keystone.sqlite', 'glance.sqlite', 'facts.json'):
        shutil.copy(template / name, directory)
    for name in ('fernet', 'credential'):
        shutil.copytree(template / name, directory / name)
    cloud = Cloud(directory)
    cloud.locate({'identity': cloud.urls['keystone'] + '/v3', 'image': cloud.urls['glance']})
    try:
        cloud.begin('keystone')
        cloud.begin('glance')
        cloud.wait_for('keystone')
        cloud.wait_for('glance')
        facts = json.loads((directory / 'facts.json').read_text())
        print(json.dumps({**cloud.urls, **facts}), flush=True)
        for order in sys.stdin:
            obey(cloud, order)
            print('done', flush=True)
    finally:
        for name in list(cloud.processes):
            cloud.end(name)


if __name__ == '__main__':
    main()
