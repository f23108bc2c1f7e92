"""Runs Tempest's tests of Block Storage against the real binary beside a real Keystone and a real Glance.

    run.py --ashlar BINARY --tempest DIRECTORY --template DIRECTORY --place DIRECTORY --table FILE
           [--list FILE | --regex EXPRESSION] [--workers NUMBER] [--option SECTION.NAME=VALUE]...

--tempest is the directory of the programs that requirements.txt describes, --template what ../neighbours keeps its
databases in, --place a directory that is emptied first and keeps logs afterwards, --table where the results go (see
results.py). To be run with the Python of the environment that ../requirements-servers.txt describes.

Ends with status 0 when Tempest ran, whatever it found.
"""
import argparse
import configparser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
NEIGHBOURS = HERE.parent / 'neighbours'
sys.path.insert(0, str(NEIGHBOURS))

import fill  # noqa: E402, beside the script that the path names
import network  # noqa: E402
import settings  # noqa: E402

EVERYTHING = r'^(tempest\.api\.volume|cinder_tempest_plugin)\.'
BACKENDS = ('first', 'second')
READY = 'ashlar ready: '
# Hundreds of users come and go, and nobody else's tests look on: Keystone may remember what it has read, which makes
# it four times as fast.
REMEMBER = {'OS_CACHE__ENABLED': 'true', 'OS_CACHE__BACKEND': 'dogpile.cache.memory'}
# Ends the program when whoever started it does: `"$@"` runs until the pipe closes.
GUARD = '"$@" & read -r _; kill $!; wait'

ASHLAR = """
[DEFAULT]
auth_strategy = keystone
state_path = {place}/ashlar
enabled_backends = {names}
[keystone_authtoken]
auth_type = password
auth_url = {keystone}
www_authenticate_uri = {keystone}/v3
username = cinder
password = {password}
user_domain_id = default
project_name = service
project_domain_id = default
"""
BACKEND = """
[{name}]
volume_driver = file
volume_backend_name = {name}
file_directory = {place}/{name}
"""


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('ashlar', 'tempest', 'template', 'place', 'table'):
        parser.add_argument(f'--{name}', required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument('--list', type=pathlib.Path)
    parser.add_argument('--regex', default=EVERYTHING)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--option', action='append', default=[])
    return parser.parse_args()


def start_neighbours(template, place):
    """Keystone and Glance. Answers the process and what it says."""
    directory = place / 'neighbours'
    directory.mkdir()
    process = subprocess.Popen([sys.executable, NEIGHBOURS / 'neighbours.py', template, directory],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, **REMEMBER})
    line = process.stdout.readline()
    if not line:
        sys.exit('Keystone and Glance did not start')
    return process, json.loads(line)


def locate(neighbours, url):
    neighbours.stdin.write(f'block-storage {url}/v3\n')
    neighbours.stdin.flush()
    if neighbours.stdout.readline() != 'done\n':
        sys.exit('the catalogue cannot be written')


def start_ashlar(binary, place, keystone):
    """All roles in one process. Answers it and its address."""
    configuration = place / 'cinder.conf'
    words = {'place': place, 'keystone': keystone, 'password': fill.PASSWORD, 'names': ', '.join(BACKENDS)}
    configuration.write_text(ASHLAR.format(**words) + ''.join(BACKEND.format(name=name, **words) for name in BACKENDS))
    # A directory of a backend must be there.
    for name in BACKENDS:
        (place / name).mkdir()
    command = ['sh', '-c', GUARD, 'guard', binary, 'serve', '--listen', '127.0.0.1:0', '--config-file', configuration]
    with open(place / 'ashlar.log', 'w') as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                   env={**os.environ, 'ASHLAR_LOG': os.environ.get('ASHLAR_LOG', 'info')})
    for line in process.stdout:
        if line.startswith(READY):
            return process, line.removeprefix(READY).split()[0]
    sys.exit(f'Ashlar did not start, see {place / "ashlar.log"}')


def add_network(keystone, url):
    """The network service in the catalogue."""
    service = keystone.make('service', type='network', name='neutron')
    for interface in ('public', 'internal', 'admin'):
        keystone.endpoint(service, interface, url)


def add_image(glance, token, name, file):
    """A public image of the file's bytes. Answers its identity."""
    def ask(method, path, kind, body):
        headers = {'X-Auth-Token': token, 'Content-Type': kind}
        request = urllib.request.Request(glance + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()
    record = {'name': name, 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public'}
    made = json.loads(ask('POST', '/v2/images', 'application/json', json.dumps(record).encode()))
    ask('PUT', f'/v2/images/{made["id"]}/file', 'application/octet-stream', file.read_bytes())
    return made['id']


def make_picture(path):
    """A disk of 1 MiB with something at its start."""
    path.write_bytes(bytes(range(256)) * 256 + bytes((1 << 20) - (1 << 16)))


def change(path, options):
    """Writes `section.name=value` into a configuration file."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read(path)
    for option in options:
        name, _, value = option.partition('=')
        section, _, name = name.rpartition('.')
        if not parser.has_section(section) and section != 'DEFAULT':
            parser.add_section(section)
        parser.set(section, name, value)
    with open(path, 'w') as file:
        parser.write(file)


def run_tempest(arguments, configuration):
    """Runs the tests that were chosen. What it writes is in `tempest.subunit`."""
    directory = configuration.parent
    environment = {**os.environ, 'PATH': f'{arguments.tempest}{os.pathsep}{os.environ["PATH"]}'}
    # What the runner needs to find the tests. Without a place of its own the list of workspaces is the user's.
    subprocess.run([arguments.tempest / 'tempest', 'init', '--workspace-path', directory / 'workspaces.yaml',
                    directory / 'workspace'], check=True, env=environment, cwd=directory, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chosen = ['--include-list', arguments.list.resolve()] if arguments.list else ['--regex', arguments.regex]
    command = [arguments.tempest / 'tempest', 'run', '--config-file', configuration, '--subunit',
               '--concurrency', str(arguments.workers), *chosen]
    stream = directory / 'tempest.subunit'
    with open(stream, 'wb') as output:
        # Its status says whether tests failed; the table says which.
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, cwd=directory / 'workspace', env=environment)
    subprocess.run([arguments.tempest / 'python', HERE / 'results.py', stream, arguments.table], check=True)


def main():
    given = arguments()
    if given.list:
        given.list = given.list.resolve()
    shutil.rmtree(given.place, ignore_errors=True)
    given.place.mkdir(parents=True)
    started = []
    try:
        neighbours, facts = start_neighbours(given.template, given.place)
        started.append(neighbours)
        ashlar, url = start_ashlar(given.ashlar, given.place, facts['keystone'])
        started.append(ashlar)
        locate(neighbours, url)
        keystone = fill.Keystone(facts['keystone'] + '/v3')
        add_network(keystone, network.start())
        picture = given.place / 'picture.raw'
        make_picture(picture)
        images = [add_image(facts['glance'], keystone.token, name, picture) for name in ('one', 'another')]
        configuration = given.place / 'tempest.conf'
        settings.write(configuration, {
            'keystone': facts['keystone'], 'password': fill.PASSWORD, 'region': fill.REGION, 'images': images,
            'image': picture, 'backends': BACKENDS, 'protocol': 'file', 'vendor': 'Ashlar', 'directory': given.place})
        change(configuration, given.option)
        begin = time.monotonic()
        run_tempest(given, configuration)
        print(f'tempest took {time.monotonic() - begin:.0f} s')
    finally:
        # The end of their input ends them.
        for process in reversed(started):
            process.stdin.close()
            process.wait()


if __name__ == '__main__':
    main()
