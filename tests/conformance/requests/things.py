"""The things that requests are about: how each is made on both sides, and what state it is in."""
import itertools
import time

from side import PROJECT

PASSING = {'creating', 'deleting', 'downloading', 'extending', 'retyping', 'reverting', 'restoring', 'restoring-backup', 'managing',
           'unmanaging', 'updating', 'deleted', 'uploading', 'error_managing_deleting'}
PATIENCE = 25
SERVER = '11111111-2222-4333-8444-555555555555'
CONNECTOR = {'host': 'compute-1', 'ip': '192.0.2.1', 'initiator': 'iqn.1993-08.org.debian:1', 'multipath': False,
             'platform': 'x86_64', 'os_type': 'linux'}


def create(path, key, wish, good=None, version='3.71'):
    return {'path': path, 'key': key, 'wish': wish, 'good': good, 'version': version}


def of_group_type(tag):
    return {'name': f'gt-{tag}', 'group_specs': {'consistent_group_snapshot_enabled': '<is> True', 'key': 'value'}}


# kind -> how it is made; `{tag}` is unique, `{kind:}` is made first.
RECIPES = {
    'volume': create('/volumes', 'volume', lambda tag: {
        'size': 1, 'name': f'v-{tag}', 'metadata': {'key': 'value'}}, 'available'),
    'snapshot': create('/snapshots', 'snapshot', lambda tag: {
        'volume_id': '{volume:}', 'name': f's-{tag}', 'metadata': {'key': 'value'}}, 'available'),
    'attachment': create('/attachments', 'attachment', lambda tag: {
        'volume_uuid': '{volume:}', 'instance_uuid': SERVER}, 'reserved'),
    'transfer': create('/volume-transfers', 'transfer', lambda tag: {'volume_id': '{volume:}', 'name': f't-{tag}'}),
    'type': create('/types', 'volume_type', lambda tag: {'name': f'type-{tag}', 'extra_specs': {'vendor:key': 'value'}}),
    'qos': create('/qos-specs', 'qos_specs', lambda tag: {'name': f'q-{tag}', 'consumer': 'both', 'key': 'value'}),
    'group_type': create('/group_types', 'group_type', of_group_type),
    'group': create('/groups', 'group', lambda tag: {
        'group_type': '{group_type:}', 'volume_types': ['{type:}'], 'name': f'g-{tag}'}, 'available'),
    'group_snapshot': create('/group_snapshots', 'group_snapshot', lambda tag: {
        'group_id': '{filled_group:}', 'name': f'gs-{tag}'}, 'available'),
    'cg': create('/consistencygroups', 'consistencygroup', lambda tag: {
        'volume_types': '{type:}', 'name': f'cg-{tag}'}, 'available'),
    'cgsnapshot': create('/cgsnapshots', 'cgsnapshot', lambda tag: {
        'consistencygroup_id': '{filled_cg:}', 'name': f'cgs-{tag}'}, 'available'),
}
SHOWN = {'volume': '/volumes/', 'snapshot': '/snapshots/', 'attachment': '/attachments/', 'group': '/groups/',
         'group_snapshot': '/group_snapshots/', 'cg': '/consistencygroups/', 'cgsnapshot': '/cgsnapshots/',
         'transfer': '/volume-transfers/', 'type': '/types/', 'qos': '/qos-specs/', 'group_type': '/group_types/',
         'message': '/messages/'}


class Things:
    """Makes, lends and takes back things of which both sides have one."""

    def __init__(self, sides, seed):
        self.sides = sides
        self.numbers = itertools.count()
        self.seed = f'{seed}-{int(time.time()) % 100000}'
        self.idle = {}
        # What a group was made of.
        self.made_with = {}

    def tag(self):
        return f'{self.seed}-{next(self.numbers)}'

    def take(self, kind):
        """The name, `kind:tag`, of one in its good state. None when the two sides cannot both have one."""
        while self.idle.get(kind):
            return self.idle[kind].pop()
        special = getattr(self, f'make_{kind}', None)
        return special() if special else self.make(kind)

    def make(self, kind, more=None):
        recipe = RECIPES[kind]
        tag = self.tag()
        wish = self.with_parts({**recipe['wish'](tag), **(more or {})})
        if wish is None:
            return None
        name = f'{kind}:{tag}'
        self.made_with[name] = wish
        for side in self.sides:
            answer = side.ask('POST', recipe['path'], {recipe['key']: wish}, version=recipe['version'])
            body = answer.json() or {}
            found = body.get(recipe['key'], {})
            if answer.status >= 300 or not isinstance(found, dict) or 'id' not in found:
                print(f'no {kind} in {side.name}: {answer.status} {answer.body[:200]}')
                return None
            side.ids[name] = found['id']
            if 'auth_key' in found:
                side.ids[f'auth_key:{tag}'] = found['auth_key']
        states = self.settle(name)
        return name if recipe['good'] is None or states == [recipe['good']] * 2 else self.bad(name, states)

    def bad(self, name, states):
        print(f'{name} is {states}, made of {self.made_with.get(name)}')
        return None

    def with_parts(self, value):
        """Makes what `{kind:}` stands for."""
        if isinstance(value, str) and value.startswith('{') and value.endswith(':}'):
            name = self.take(value[1:-2])
            return name and '{%s}' % name
        if isinstance(value, dict):
            parts = {key: self.with_parts(inner) for key, inner in value.items()}
            return None if any(part is None and value[key] is not None for key, part in parts.items()) else parts
        if isinstance(value, list):
            parts = [self.with_parts(inner) for inner in value]
            return None if None in parts else parts
        return value

    def act(self, path, body, **more):
        """The same on both sides."""
        return [side.ask('POST', path, body, **more) for side in self.sides]

    def make_attached(self):
        """A volume that a server has by an attachment."""
        volume = self.take('volume')
        if volume is None:
            return None
        name = f'attachment:{self.tag()}'
        for side in self.sides:
            wish = {'volume_uuid': '{%s}' % volume, 'instance_uuid': SERVER, 'connector': CONNECTOR}
            made = side.ask('POST', '/attachments', {'attachment': wish})
            if made.status != 200:
                print('no attachment', side.name, made.body[:200])
                return None
            side.ids[name] = made.json()['attachment']['id']
            side.ask('POST', '/attachments/{%s}/action' % name, {'os-complete': None})
        self.made_with[volume] = {'attachment': name}
        return volume if self.settle(volume) == ['in-use'] * 2 else None

    def make_filled_group(self):
        return self.fill_group('group', 'group_id')

    def make_filled_cg(self):
        return self.fill_group('cg', 'consistencygroup_id')

    def fill_group(self, kind, key):
        group = self.take(kind)
        if group is None:
            return None
        wish = self.made_with[group]['volume_types']
        of_type = wish if isinstance(wish, str) else wish[0]
        volume = self.make('volume', {key: '{%s}' % group, 'volume_type': of_type})
        return group if volume else None

    def make_encryption(self):
        """A type that has an encryption record."""
        kind = self.make('type')
        if kind is None:
            return None
        tag = kind.partition(':')[2]
        wish = {'encryption': {'provider': 'luks', 'cipher': 'aes-xts-plain64', 'key_size': 256,
                               'control_location': 'front-end'}}
        for side, answer in zip(self.sides, self.act('/types/{%s}/encryption' % kind, wish)):
            if answer.status != 200:
                print('no encryption', side.name, answer.body[:200])
                return None
            side.ids[f'encryption_id:{tag}'] = answer.json()['encryption']['encryption_id']
        return kind

    def make_private(self):
        """A type that is the project's alone."""
        kind = self.make('type', {'os-volume-type-access:is_public': False})
        if kind:
            self.act('/types/{%s}/action' % kind, {'addProjectAccess': {'project': PROJECT}})
        return kind

    def make_message(self):
        """What a user is told of a volume that had no place."""
        tag = self.tag()
        kind = self.make('type', {'extra_specs': {'volume_backend_name': 'nowhere'}})
        if kind is None:
            return None
        for side in self.sides:
            wish = {'volume': {'size': 1, 'name': f'n-{tag}', 'volume_type': '{%s}' % kind}}
            volume = side.ask('POST', '/volumes', wish).json()['volume']['id']
            side.ids[f'volume:n{tag}'] = volume
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and f'message:{tag}' not in side.ids:
                told = side.ask('GET', f'/messages?resource_uuid={volume}').json()['messages']
                if told:
                    side.ids[f'message:{tag}'] = told[0]['id']
                time.sleep(0.1)
            if f'message:{tag}' not in side.ids:
                print('no message', side.name)
                return None
        return f'message:{tag}'

    def give_back(self, kind, name):
        self.idle.setdefault(kind, []).append(name)

    def state(self, side, name):
        """Status as an administrator sees it; `gone`, or `there` for what has none."""
        kind = name.partition(':')[0]
        answer = side.ask('GET', SHOWN[kind] + '{%s}' % name)
        if answer.status == 404:
            return 'gone'
        body = answer.json()
        inner = next((inner for inner in body.values() if isinstance(inner, dict)), {}) if body else {}
        return inner.get('status', 'there')

    def settle(self, name):
        """The state on each side once neither is under way any more."""
        states = []
        for side in self.sides:
            end = time.monotonic() + PATIENCE
            state = self.state(side, name)
            pause = 0.05
            while state in PASSING and time.monotonic() < end:
                time.sleep(pause)
                pause = min(pause * 1.5, 0.5)
                state = self.state(side, name)
            states.append(state)
        return states
