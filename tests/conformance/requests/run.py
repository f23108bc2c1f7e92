"""Sends the same requests to Cinder and to Ashlar, and tells what differs without being named.

    run.py --cinder DIRECTORY --broker PROGRAM --ashlar BINARY --routes FILE --place DIRECTORY
           --document FILE [--requests NUMBER] [--seed NUMBER] [--cinder-url URL] [--only WORDS]

--cinder is the directory of Cinder's programs (../requirements-cinder.txt), --broker RabbitMQ's program, --routes the generated table of our routes, --place a directory that is emptied first and keeps logs
afterwards, --document where the table of named differences goes. With --cinder-url a Cinder that runs already is asked;
otherwise DATABASE in the environment says where a MariaDB is, with user and password, in which a database is made for it.

Ends with status 0 when everything that differs is named in differences.tsv.
"""
import argparse
import collections
import fnmatch
import json
import os
import pathlib
import re
import sys
import time

import compare
import servers
import wishes
from deck import Deck
from side import Side, identity
from things import Things

HERE = pathlib.Path(__file__).resolve().parent
NAMED = HERE / 'differences.tsv'
NEED = re.compile(r'\{([a-z_]+):\}')


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('cinder', 'ashlar', 'routes', 'place', 'document', 'broker'):
        parser.add_argument(f'--{name}', required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument('--cinder-url')
    parser.add_argument('--requests', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='*')
    return parser.parse_args()


class Names:
    """The named differences: what they match, why, and how often each was met."""

    def __init__(self, text):
        rows = [line.split('\t') for line in text.splitlines() if line and not line.startswith('#')]
        self.rows = [row for row in rows if row[0] != 'operation']
        self.met = collections.Counter()

    def find(self, request, place, cinder, ours):
        for number, row in enumerate(self.rows):
            seen = (request.op, request.kind, place, cinder, ours)
            if all(any(fnmatch.fnmatchcase(is_, one) for one in wanted.split('|'))
                   for is_, wanted in zip(seen, row)):
                self.met[number] += 1
                return row
        return None


class Run:
    """One comparison."""

    def __init__(self, cinder, ours, things, names):
        self.sides = (cinder, ours)
        self.things = things
        self.names = names
        self.unexplained = collections.defaultdict(list)
        self.named = 0
        self.sent = collections.Counter()
        self.statuses = collections.Counter()
        self.left_out = collections.Counter()

    def needs(self, request):
        """Makes or borrows what the request is about. Answers what was borrowed, or none."""
        borrowed = []
        chosen = {}

        def one(match):
            kind = match[1]
            if kind in ('encryption_id', 'auth_key'):
                return match[0]
            if kind not in chosen:
                name = self.things.take(kind)
                if name is None:
                    raise LookupError(kind)
                chosen[kind] = name
                borrowed.append((kind, name))
            return '{%s}' % chosen[kind]

        def fill(value):
            if isinstance(value, str):
                return NEED.sub(one, value).replace('{tag}', self.things.tag())
            if isinstance(value, dict):
                return {key: fill(inner) for key, inner in value.items()}
            if isinstance(value, list):
                return [fill(inner) for inner in value]
            return value

        try:
            if request.op == 'volume.action.revert' and '{volume:}' in request.path:
                # The volume is the snapshot's.
                snapshot = self.things.take('snapshot')
                if snapshot is None:
                    raise LookupError('snapshot')
                borrowed.append(('snapshot', snapshot))
                chosen['snapshot'] = snapshot
                request.path = request.path.replace('{volume:}', self.things.made_with[snapshot]['volume_id'])
            request.path = fill(request.path)
            if isinstance(request.body, dict):
                request.body = fill(request.body)
        except LookupError as missing:
            self.left_out[str(missing)] += 1
            return None
        tags = [name.partition(':')[2] for _, name in borrowed]
        for word in ('encryption_id', 'auth_key'):
            if tags:
                # Of the thing in the path, which came first.
                put = '{%s:%s}' % (word, tags[0])
                request.path = request.path.replace('{%s:}' % word, put)
                if isinstance(request.body, dict):
                    request.body = json.loads(json.dumps(request.body).replace('{%s:}' % word, put))
        return borrowed

    def prepare(self, request, borrowed):
        """Whatever must be so before; the same on both sides."""
        if request.before:
            method, path, body = wishes.BEFORE[request.op]
            body = json.loads(json.dumps(body))
            if path and '{type:}' in json.dumps(body):
                kind = self.things.take('type')
                body = json.loads(json.dumps(body).replace('{type:}', '{%s}' % kind))
            for side in self.sides:
                side.ask(method, path or request.path, body)
        if request.status and borrowed:
            name = borrowed[0][1]
            path = {'volume': '/volumes/', 'snapshot': '/snapshots/'}.get(name.partition(':')[0])
            if path:
                for side in self.sides:
                    side.ask('POST', path + '{%s}/action' % name, {'os-reset_status': {'status': request.status}})

    def send(self, side, request):
        headers = identity(request.caller)
        if request.version is not None:
            headers['OpenStack-API-Version'] = request.version
        body = request.body
        if isinstance(body, dict):
            body = json.dumps(side.fill(body)).encode()
        if request.content_type and body is not None:
            headers['Content-Type'] = request.content_type
        if body is None and request.method in ('POST', 'PUT', 'PATCH'):
            body = b''
        project = f'/{request.project}' if request.project else ''
        return side.send(request.method, f'/v3{project}{side.fill(request.path)}', headers, body)

    def one(self, number, request):
        borrowed = self.needs(request)
        if borrowed is None:
            return
        self.prepare(request, borrowed)
        answers = [self.send(side, request) for side in self.sides]
        found = compare.compare(*answers)
        self.sent[request.kind] += 1
        self.statuses[answers[0].status] += 1
        found += self.aftermath(request, borrowed, answers)
        for place, cinder, ours in found:
            if self.names.find(request, place, cinder, ours):
                self.named += 1
            else:
                self.unexplained[(request.op, request.kind, place, cinder, ours)].append((number, request, answers))

    def aftermath(self, request, borrowed, answers):
        """What became of the things. What is not the same on both sides, or no longer good, is not lent again."""
        found = []
        changed = request.method not in ('GET', 'HEAD') and any(answer.status < 400 for answer in answers)
        same = answers[0].status == answers[1].status
        if changed and request.op in wishes.AFTER:
            method, path, body = wishes.AFTER[request.op]
            for side in self.sides:
                side.ask(method, path, body)
        for kind, name in borrowed:
            if not changed and not request.status and not request.before:
                self.things.give_back(kind, name)
                continue
            if kind in ('private', 'encryption', 'type', 'qos', 'group_type', 'message', 'transfer', 'attached'):
                shown = name.partition(':')[0]
                if shown == 'volume' and changed and same:
                    self.after(found, self.things.settle(name))
                continue
            states = self.things.settle(name)
            if changed and same:
                self.after(found, states)
        if changed and same and answers[0].status in (200, 202):
            self.new_thing(found, request, answers)
        return found

    def after(self, found, states):
        if states[0] != states[1]:
            found.append(('afterwards', *states))

    def new_thing(self, found, request, answers):
        """What was made is followed until it is ready."""
        deed = request.op.rpartition('.')[2]
        kind = {'volume.create': 'volume', 'snapshot.create': 'snapshot', 'group.create': 'group', 'cg.create': 'cg',
                'group_snapshot.create': 'group_snapshot', 'cgsnapshot.create': 'cgsnapshot',
                'group.action.create_from_src': 'group', 'cg.create_from_src': 'cg',
                'attachment.create': 'attachment'}.get(request.op)
        if kind is None or deed == 'list':
            return
        name = f'{kind}:{self.things.tag()}'
        for side, answer in zip(self.sides, answers):
            body = answer.json()
            inner = next(iter(body.values())) if isinstance(body, dict) and body else None
            if not isinstance(inner, dict) or 'id' not in inner:
                return
            side.ids[name] = inner['id']
        self.after(found, self.things.settle(name))


def tell(run, took):
    total = sum(run.sent.values())
    print(f'{total} requests in {took:.0f} s: ' + ', '.join(f'{count} {kind}' for kind, count in sorted(run.sent.items())))
    print('Cinder answered ' + ', '.join(f'{count} × {status}' for status, count in sorted(run.statuses.items())))
    for what, count in run.left_out.items():
        print(f'left out: {count}, for want of a thing: {what}')
    for (op, kind, place, cinder, ours), met in sorted(run.unexplained.items()):
        number, request, answers = met[0]
        body = request.body if isinstance(request.body, dict) else request.body and repr(request.body)
        print(f'{op} | {kind} | {place} | {cinder} | {ours} | {len(met)} times, such as {number}:')
        print(f'    {request.method} {request.path[:160]} as {request.caller} in {str(request.project)[:32]}, {request.version}, '
              f'{request.content_type}{", was " + request.status if request.status else ""} {request.notes}')
        print(f'    {str(body)[:300]}')
        for side, answer in zip(run.sides, answers):
            print(f'    {side.name}: {answer.status} {answer.body[:260]!r}')
    different = sum(len(met) for met in run.unexplained.values())
    print(f'{run.named} differences are named, {different} are not')


def document(names):
    """The named differences as a page."""
    lines = ['# Where Ashlar answers otherwise than Cinder', '',
             'Named differences between the answers of Cinder 29.0.0 and of Ashlar to the same requests; `cargo xtask '
             'differential`', 'writes this page. A kind is how the request was made; `*` is any.', '',
             '| operation | kind | what | Cinder | Ashlar | which | why |', '|---|---|---|---|---|---|---|']
    for row in names.rows:
        cells = [cell.replace('|', ', ') for cell in row]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines) + '\n'


def main():
    given = arguments()
    sys.stdout.reconfigure(line_buffering=True)
    servers.empty(given.place)
    names = Names(NAMED.read_text())
    table = [one for one in wishes.operations(given.routes.read_text()) if fnmatch.fnmatchcase(one.op, given.only)]
    if not table:
        sys.exit(f'no operation is called {given.only!r}; * and ? stand for anything')
    with servers.Servers(given.place) as started:
        cinder = given.cinder_url or started.cinder(
            given.cinder, os.environ['DATABASE'], started.broker(given.broker))
        sides = (Side('Cinder', cinder), Side('Ashlar', started.ashlar(given.ashlar)))
        # Both know their backend.
        for side in sides:
            started.wait(side.name, lambda side=side: len((side.ask(
                'GET', '/scheduler-stats/get_pools').json() or {}).get('pools', [])))
        run = Run(*sides, Things(sides, given.seed), names)
        begin = time.monotonic()
        for number, request in enumerate(Deck(table, given.seed).deal(given.requests)):
            run.one(number, request)
            if (number + 1) % 200 == 0:
                print(f'{number + 1} of {given.requests}, {time.monotonic() - begin:.0f} s')
        tell(run, time.monotonic() - begin)
    for number, row in enumerate(names.rows):
        if given.only == '*' and not names.met[number]:
            print('not met: ' + ' | '.join(row[:5]))
    given.document.write_text(document(names))
    sys.exit(1 if run.unexplained else 0)


if __name__ == '__main__':
    main()
