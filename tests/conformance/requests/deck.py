"""Makes requests by rule: of each operation the kinds that it can have, each spoilt in one place."""
import copy
import json
import random
from dataclasses import dataclass, field

import wishes
from side import FOREIGN, PROJECT, TARGET

NEWEST = 71
LONG = 'x' * 256
HUGE = 'x' * 70000
UNKNOWN = '99999999-aaaa-4bbb-8ccc-dddddddddddd'
BAD_IDS = [UNKNOWN, 'not-an-id', LONG, '%C3%A9', UNKNOWN.upper(), '0', '%20', 'a%00b']
PAGINGS = ['limit=1', 'limit=0', 'limit=-1', 'limit=abc', 'limit=', 'limit=99999999999999999999', 'limit=1&limit=2',
           'offset=1', 'offset=-1', 'offset=abc', 'offset=99999999999999999999', f'marker={UNKNOWN}', 'marker=abc',
           'marker=', 'limit=1&offset=1', 'limit=1.5', 'limit=%20']
SORTS = ['sort=name:asc', 'sort=bogus:asc', 'sort=name:up', 'sort=', 'sort=id', 'sort_key=id', 'sort_key=bogus',
         'sort_key=name&sort_dir=up', 'sort_dir=desc', 'sort=name&sort_key=id', 'sort=created_at:desc,id:asc',
         'sort_key=id,name&sort_dir=asc', 'sort=host:asc']
FILTERS = ['status=error', 'status=bogus', 'name=nothing', 'bogus=1', 'name~=v', 'all_tenants=1', 'all_tenants=bogus',
           'with_count=true', 'with_count=bogus', 'metadata=%7B%22key%22%3A%22value%22%7D', 'metadata=bogus',
           'created_at=gt:2001-01-01', 'created_at=bogus', 'created_at=between:1,2', f'project_id={PROJECT}',
           'id=%s' % UNKNOWN, 'bootable=maybe', 'bootable=true', 'name=&status=available', 'availability_zone=nova',
           'updated_at=lt:2001-01-01T00:00:00', 'x%5B%5D=1', 'display_name=a', 'consumes_quota=true',
           'consumes_quota=bogus', 'with_count=true&limit=1', 'group_id=', 'is_public=bogus', 'glance_metadata=bogus']
VERSIONS = ['volume 3.0', 'volume 3.71', 'volume 3.72', 'volume 2.0', 'volume 4.0', 'volume latest', 'volume 3', 'volume',
            'volume 3.x', 'compute 2.1', 'volume 3.07', '', 'volume 3.5, volume 3.6', 'volume  3.5', 'VOLUME 3.5']
CONTENTS = [('text/plain', None), ('application/xml', b'<volume/>'), (None, None), ('application/json; charset=utf-8', None),
            ('application/x-www-form-urlencoded', b'a=b'), ('application/vnd.openstack.volume+json', None)]
TEXTS = [b'', b'{', b'[]', b'null', b'"x"', b'1', b'{}', b'\xff\xfe', b'{"a": NaN}', b'{"a": 1, "a": 2}', b' ']
OTHER_KINDS = [None, True, 1, 1.5, '', 'x', [], ['x'], {}, {'x': 'y'}, -1]
SMILE = '\U0001f600'
AT_LIMITS = ['', ' ', 'x' * 255, LONG, ' x ', '\u00e9', '\u0000', SMILE, 'a\nb', HUGE, '<b>', "'", '%s']
NUMBERS = [0, 1, -1, 2**31 - 1, 2**31, 2**63, 1e300, '1', 'x', 1.5]
STATUSES = ['creating', 'error', 'in-use', 'deleting', 'attaching', 'detaching', 'maintenance', 'error_deleting',
            'extending', 'reserved', 'awaiting-transfer', 'backing-up', 'bogus']


@dataclass
class Request:
    """One request, with places for things."""
    op: str
    kind: str
    method: str
    path: str
    body: bytes | dict | None = None
    content_type: str | None = 'application/json'
    version: str | None = f'volume 3.{NEWEST}'
    caller: str = 'admin'
    project: str | None = PROJECT
    # Puts the thing of the path into this status first.
    status: str | None = None
    # Whether what must come before comes.
    before: bool = False
    notes: list = field(default_factory=list)


def kinds(operation):
    """Which there are for an operation, the usual ones more than once."""
    found = ['valid'] * 3 + ['version', 'old', 'caller', 'caller', 'project']
    if operation.op in wishes.WRONG_ONLY:
        found = ['old', 'caller']
    if '{' in operation.path:
        found += ['id', 'id', 'method']
    if operation.is_list:
        found += ['paging'] * 2 + ['sort'] * 2 + ['filter'] * 3
    if operation.any_body() is not None:
        found += ['type'] * 3 + ['limit'] * 3 + ['unknown-key', 'missing-key', 'text', 'content', 'null-inside']
    elif operation.method != 'GET':
        found += ['surplus-body']
    if '{volume_id}' in operation.path or '{snapshot_id}' in operation.path:
        found += ['state'] * 2 if operation.method != 'GET' and operation.any_body() is not None or \
            operation.method == 'DELETE' else []
    return found


def places(value, path=()):
    """Every place inside a body that holds a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*path, index)
            yield from places(inner, (*path, index))


def get(value, path):
    for key in path:
        value = value[key]
    return value


def put(value, path, new):
    get(value, path[:-1])[path[-1]] = new


class Deck:
    """Deals requests, each kind of each operation in turn."""

    def __init__(self, operations, seed):
        self.seed = seed
        self.operations = operations
        self.decks = {}

    def deal(self, count):
        order = random.Random(f'{self.seed} order')
        number = 0
        while True:
            round_ = list(self.operations)
            order.shuffle(round_)
            for operation in round_:
                if number == count:
                    return
                yield self.make(operation, random.Random(f'{self.seed} {number}'), order)
                number += 1

    def make(self, operation, dice, order):
        deck = self.decks.setdefault(operation.op, [])
        if not deck:
            deck.extend(kinds(operation))
            order.shuffle(deck)
        kind = deck.pop()
        path = operation.path
        for name, value in operation.parameters():
            path = path.replace('{%s}' % name, value.replace('#', '%23').replace('@', '%40'), 1)
        path += dice.choice(wishes.QUERIES.get(operation.op, ['']))
        bodies = operation.bodies()
        body = copy.deepcopy(dice.choice(bodies) if bodies else operation.any_body())
        request = Request(operation.op, kind, operation.method, path, body, caller=wishes.CALLER.get(operation.op, 'admin'))
        request.project = FOREIGN if request.caller == 'foreign' else PROJECT
        request.before = kind in ('valid', 'caller') and operation.op in wishes.BEFORE
        if body is None:
            request.content_type = None
        getattr(self, kind.replace('-', '_'))(request, operation, dice)
        return request

    def valid(self, request, operation, dice):
        lowest = max(operation.since, wishes.FROM.get(operation.op, 0))
        minor = dice.choice([NEWEST, NEWEST, dice.randint(lowest, NEWEST), lowest])
        request.version = f'volume 3.{minor}'

    def old(self, request, operation, dice):
        """Below the operation's first version, or any at all."""
        minor = dice.choice([max(operation.since - 1, 0), dice.randint(0, NEWEST), 0])
        request.version = f'volume 3.{minor}'

    def version(self, request, operation, dice):
        request.version = dice.choice([None, *VERSIONS])

    def caller(self, request, operation, dice):
        request.caller = dice.choice(['member', 'reader', 'nobody', 'foreign', 'foreign-admin'])
        request.project = FOREIGN if request.caller.startswith('foreign') else PROJECT

    def project(self, request, operation, dice):
        """Another project in the path, none, or no such thing."""
        request.project = dice.choice([None, FOREIGN, 'not-hex', LONG, TARGET])
        request.caller = dice.choice(['admin', 'member'])

    def id(self, request, operation, dice):
        parameters = operation.parameters()
        chosen = dice.randrange(len(parameters))
        path = operation.path
        for index, (name, value) in enumerate(parameters):
            new = dice.choice(BAD_IDS) if index == chosen else value.replace('#', '%23').replace('@', '%40')
            path = path.replace('{%s}' % name, new, 1)
        request.path = path + dice.choice(wishes.QUERIES.get(operation.op, ['']))

    def method(self, request, operation, dice):
        request.method = dice.choice(['PATCH', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])
        # Not what may well be an operation of its own.
        if request.method in ('POST', 'PUT', 'DELETE'):
            path, mark, query = request.path.partition('?')
            request.path = path + '/bogus/bogus/bogus' + mark + query

    def query(self, request, dice, choices):
        picked = dice.choice(choices)
        request.path += ('&' if '?' in request.path else '?') + picked
        request.version = f'volume 3.{dice.choice([NEWEST, NEWEST, 0, dice.randint(0, NEWEST)])}' \
            if request.kind == 'filter' else request.version

    def paging(self, request, operation, dice):
        self.query(request, dice, PAGINGS)

    def sort(self, request, operation, dice):
        self.query(request, dice, SORTS)

    def filter(self, request, operation, dice):
        self.query(request, dice, FILTERS)

    def inner_places(self, body):
        """Places below the one word that everything is in; all places when there is none."""
        found = list(places(body))
        deep = [place for place in found if len(place) > 1]
        return deep or found

    def type(self, request, operation, dice):
        place = dice.choice(self.inner_places(request.body))
        new = dice.choice([kind for kind in OTHER_KINDS if type(kind) is not type(get(request.body, place))])
        put(request.body, place, new)
        request.notes.append(f'{".".join(map(str, place))} = {new!r}')

    def limit(self, request, operation, dice):
        found = [place for place in self.inner_places(request.body)
                 if isinstance(get(request.body, place), (str, int, float))]
        if not found:
            return
        place = dice.choice(found)
        old = get(request.body, place)
        # A type with a name that Cinder's tables cannot hold would be among the quotas ever after, on one side.
        texts = [text for text in AT_LIMITS if text != SMILE or not operation.op.startswith('type.')]
        new = dice.choice([False, 'yes', 'maybe', 0, 2] if isinstance(old, bool)
                          else NUMBERS if isinstance(old, (int, float)) else texts)
        put(request.body, place, new)
        request.notes.append(f'{".".join(map(str, place))} = {new!r}'[:80])

    def unknown_key(self, request, operation, dice):
        inside = [body for body in request.body.values() if isinstance(body, dict)]
        chosen = dice.choice([*inside, *inside, request.body])
        chosen[dice.choice(['surplus', 'x' * 300, '', 'a b'])] = 'x'

    def missing_key(self, request, operation, dice):
        place = dice.choice(self.inner_places(request.body))
        parent = get(request.body, place[:-1])
        parent.pop(place[-1])
        request.notes.append('without ' + '.'.join(map(str, place)))

    def null_inside(self, request, operation, dice):
        key = next(iter(request.body))
        request.body[key] = dice.choice([None, [], 'x', 1, {}])
        request.notes.append(f'{key} = {request.body[key]!r}')

    def text(self, request, operation, dice):
        request.body = dice.choice(TEXTS)
        request.notes.append(f'body {request.body!r}')

    def surplus_body(self, request, operation, dice):
        request.body = dice.choice([{'x': 'y'}, {}, b'{', b'x'])
        request.content_type = 'application/json'

    def content(self, request, operation, dice):
        request.content_type, other = dice.choice(CONTENTS)
        if other is not None:
            request.body = other

    def state(self, request, operation, dice):
        request.status = dice.choice(STATUSES)
