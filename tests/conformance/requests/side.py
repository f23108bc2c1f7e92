"""One of the two servers: sends requests to it and knows what it calls the things that were made."""
import http.client
import json
import re
import urllib.parse
from dataclasses import dataclass

PROJECT = '0b1f9c7e1a7a4d0f8f1d1c2b3a495867'
FOREIGN = '5f0c3b1ad2c14f6c9d9e3c1c7a4f2b10'
TARGET = '77aa3b1ad2c14f6c9d9e3c1c7a4f2b77'
# user, project, roles as Keystone would tell them
CALLERS = {
    'admin': ('root', PROJECT, 'admin,member,reader'),
    'member': ('mia', PROJECT, 'member,reader'),
    'reader': ('rae', PROJECT, 'reader'),
    'nobody': ('ned', PROJECT, 'stranger'),
    'foreign': ('fred', FOREIGN, 'member,reader'),
    'foreign-admin': ('fay', FOREIGN, 'admin,member,reader'),
}
NAME = re.compile(r'\{([a-z_]+:[a-z0-9-]+)\}')


@dataclass
class Answer:
    """What came back."""
    status: int
    body: bytes

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Side:
    """Cinder or Ashlar."""

    def __init__(self, name, url):
        self.name = name
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection = None
        self.ids = {}

    def fill(self, value):
        """Puts this side's identities in place of `{kind:name}`, wherever it stands."""
        if isinstance(value, str):
            return NAME.sub(lambda found: self.ids.get(found[1], found[0]), value)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        return value

    def send(self, method, path, headers, body):
        """Sends bytes as they are."""
        for again in (True, False):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=90)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return Answer(answer.status, answer.read())
            except (http.client.HTTPException, OSError):
                self.connection.close()
                self.connection = None
                if not again:
                    raise
        return None

    def ask(self, method, path, body=None, caller='admin', version='3.71', project=PROJECT):
        """A request that is no part of the comparison: below the project, JSON, filled in."""
        headers = {**identity(caller), 'OpenStack-API-Version': f'volume {version}'}
        data = None
        if body is not None:
            headers['Content-Type'] = 'application/json'
            data = json.dumps(self.fill(body)).encode()
        return self.send(method, f'/v3/{project}{self.fill(path)}', headers, data)


def identity(caller):
    """Headers that say who asks: a token for Ashlar's noauth, and what Keystone's middleware would tell Cinder."""
    user, project, roles = CALLERS[caller]
    return {'X-Auth-Token': f'{user}:{project}:{roles}', 'X-User-Id': user, 'X-Project-Id': project, 'X-Roles': roles}
