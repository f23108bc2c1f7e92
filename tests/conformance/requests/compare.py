"""What is compared of two answers: the status, and the shape of the body, which is its keys and the kinds of its values."""
import json

# What a driver says of its own way to a volume is its own affair.
OPAQUE = {'connection_info'}
KINDS = {type(None): 'null', bool: 'bool', int: 'number', float: 'number', str: 'text'}

# Bodies that have no shape.
NOTHING = ('none',)
NO_JSON = ('no JSON',)


class Shape:
    """The kinds that a place in a body has; of a list, those of all its items together."""

    def __init__(self):
        self.kinds = set()
        self.keys = {}
        self.items = None

    def add(self, value, opaque=False, free=False):
        if opaque:
            self.kinds.add('something')
        elif isinstance(value, dict):
            self.kinds.add('object')
            for key, inner in value.items():
                # The keys of metadata are their owners': those of a whole list's together say nothing.
                if free and key == 'metadata' and isinstance(inner, dict):
                    inner = {}
                self.keys.setdefault(key, Shape()).add(inner, key in OPAQUE and inner is not None)
        elif isinstance(value, list):
            self.kinds.add('list')
            for item in value:
                self.items = self.items or Shape()
                self.items.add(item, free=True)
        else:
            self.kinds.add(KINDS[type(value)])
        return self

    def __str__(self):
        return '/'.join(sorted(self.kinds))


def differences(cinder, ours, path=''):
    """Answers triples: the place, what Cinder has there, what Ashlar has."""
    if cinder.kinds != ours.kinds:
        yield path or '.', str(cinder), str(ours)
        return
    for key in sorted(cinder.keys.keys() | ours.keys.keys()):
        place = f'{path}.{key}' if path else key
        if key not in ours.keys:
            yield place, str(cinder.keys[key]), 'absent'
        elif key not in cinder.keys:
            yield place, 'absent', str(ours.keys[key])
        else:
            yield from differences(cinder.keys[key], ours.keys[key], place)
    if (cinder.items is None) != (ours.items is None):
        yield f'{path}[]', 'empty' if cinder.items is None else 'filled', 'empty' if ours.items is None else 'filled'
    elif cinder.items is not None:
        yield from differences(cinder.items, ours.items, f'{path}[]')


def body_of(answer):
    """The body as JSON; what is none is told by its kind."""
    if not answer.body:
        return NOTHING
    try:
        return json.loads(answer.body)
    except ValueError:
        return NO_JSON


def compare(cinder, ours):
    """Answers triples, as `differences`. When the status differs, that is all."""
    if cinder.status != ours.status:
        return [('status', str(cinder.status), str(ours.status))]
    bodies = [body_of(cinder), body_of(ours)]
    said = [body if isinstance(body, tuple) else 'JSON' for body in bodies]
    if said != ['JSON', 'JSON']:
        return [] if said[0] == said[1] else [('body', *(word if word == 'JSON' else word[0] for word in said))]
    return list(differences(*(Shape().add(body) for body in bodies)))
