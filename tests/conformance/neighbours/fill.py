"""What is in Keystone: projects, users, roles and the catalogue. Everything is made through its API, once."""
import json
import urllib.request

REGION = 'RegionOne'
PASSWORD = 'secret'

# User: project and roles in it. The accounts of the services validate tokens (admin) and are services (service).
USERS = {
    'admin': ('admin', ['admin']),
    'demo': ('demo', ['member']),
    'reader': ('demo', ['reader']),
    'norole': ('demo', ['bystander']),
    'other': ('other', ['member']),
    'manager': ('demo', ['manager']),
    'cinder': ('service', ['admin', 'service']),
    'glance': ('service', ['admin', 'service']),
}
# Type in the catalogue: name.
SERVICES = {'identity': 'keystone', 'image': 'glance', 'block-storage': 'cinder', 'volumev3': 'cinderv3'}


class Keystone:
    def __init__(self, url):
        self.url = url
        self.token = None
        login = {'auth': {
            'identity': {'methods': ['password'], 'password': {
                'user': {'name': 'admin', 'domain': {'id': 'default'}, 'password': PASSWORD}}},
            'scope': {'project': {'name': 'admin', 'domain': {'id': 'default'}}}}}
        self.token = self._ask('POST', '/auth/tokens', login)[1]['X-Subject-Token']

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {'Content-Type': 'application/json'}
        if self.token:
            headers['X-Auth-Token'] = self.token
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers

    def make(self, kind, **record):
        """The record of this kind with this name or type, made unless it is there."""
        key = 'type' if kind == 'service' else 'name'
        found = self._ask('GET', f'/{kind}s?{key}={record[key]}')[0][f'{kind}s']
        return found[0]['id'] if found else self._ask('POST', f'/{kind}s', {kind: record})[0][kind]['id']

    def put(self, path):
        self._ask('PUT', path)

    def endpoint(self, service, interface, url):
        record = {'service_id': service, 'interface': interface, 'region_id': REGION, 'url': url}
        known = self._ask('GET', f'/endpoints?service_id={service}&interface={interface}')[0]['endpoints']
        if not known:
            self._ask('POST', '/endpoints', {'endpoint': record})


def fill(url):
    """Fills the Keystone at `url`, in which `keystone-manage bootstrap` has made the administrator. Answers the
    identities of projects and users."""
    keystone = Keystone(url)
    projects, users, roles = {}, {}, {}
    for name, (project, granted) in USERS.items():
        if project not in projects:
            projects[project] = keystone.make('project', name=project, domain_id='default')
        users[name] = keystone.make('user', name=name, domain_id='default', password=PASSWORD)
        for role in granted:
            if role not in roles:
                roles[role] = keystone.make('role', name=role)
            keystone.put(f'/projects/{projects[project]}/users/{users[name]}/roles/{roles[role]}')
    # A token of the whole system can be had by the administrator only.
    keystone.put(f'/system/users/{users["admin"]}/roles/{roles["admin"]}')
    keystone.put(f'/domains/default/users/{users["admin"]}/roles/{roles["admin"]}')
    for kind, name in SERVICES.items():
        service = keystone.make('service', type=kind, name=name)
        for interface in ('public', 'internal', 'admin'):
            keystone.endpoint(service, interface, 'http://127.0.0.1:1/')
    return {'projects': projects, 'users': users}
