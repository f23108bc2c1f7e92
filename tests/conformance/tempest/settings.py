"""What Tempest is told about the cloud: its configuration file."""
import configparser

# What the server under test can do. Tempest leaves out what is not in it, and the table then says so.
FEATURES = {
    'backup': False,
    'snapshot': True,
    'clone': True,
    'multi_backend': True,
    'extend_volume_with_snapshot': True,
    'volume_revert': True,
    'manage_volume': True,
    'manage_snapshot': True,
    'consistency_group': True,
    'replication': False,
    'concurrency_tests': True,
    'api_extensions': 'all',
}


def write(path, cloud):
    """`cloud` has `keystone` (URL), `password`, `region`, `images` (identities of two), `image` (a file), `backends`
    (their names), `protocol`, `vendor` and `directory` (for what Tempest keeps)."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_dict({
        'DEFAULT': {'log_file': cloud['directory'] / 'tempest.log', 'debug': True},
        'oslo_concurrency': {'lock_path': cloud['directory'] / 'locks'},
        'auth': {
            'use_dynamic_credentials': True,
            'admin_username': 'admin',
            'admin_password': cloud['password'],
            'admin_project_name': 'admin',
            'admin_domain_name': 'Default',
            'tempest_roles': 'member',
            'create_isolated_networks': False,
        },
        'identity': {
            'auth_version': 'v3',
            'uri_v3': cloud['keystone'] + '/v3',
            'v3_endpoint_type': 'public',
            'region': cloud['region'],
            'default_domain_id': 'default',
        },
        'identity-feature-enabled': {'api_v2': False, 'api_v2_admin': False, 'api_v3': True},
        # There is a network service only by name: see network.py.
        'service_available': {'cinder': True, 'glance': True, 'neutron': True, 'nova': False, 'swift': False,
                              'horizon': False, 'barbican': False},
        # The tests of roles ask for it.
        'enforce_scope': {'cinder': True},
        'compute': {'image_ref': cloud['images'][0], 'image_ref_alt': cloud['images'][1]},
        'image': {'image_path': cloud['image'], 'http_image': ''},
        'validation': {'run_validation': False},
        'volume': {
            'catalog_type': 'block-storage',
            'min_microversion': '3.0',
            'max_microversion': 'latest',
            'build_interval': 1,
            'build_timeout': 60,
            'disk_format': 'raw',
            'backend_names': ','.join(cloud['backends']),
            'storage_protocol': cloud['protocol'],
            'vendor_name': cloud['vendor'],
            # As the driver `file` names what it keeps.
            'manage_volume_ref': 'source-name,volume-%s',
            'manage_snapshot_ref': 'source-name,snapshot-%s',
        },
        'volume-feature-enabled': FEATURES,
    })
    with open(path, 'w') as file:
        parser.write(file)
