"""A valid request for each operation of the table of routes.

`{kind:}` in a path or a body is a thing that is made before; `{tag}` is replaced by something unique. What the table does
not say of an operation stands here; one that is not named here has no body and no query.
"""
import re

from side import TARGET
from things import CONNECTOR, SERVER

HOST = 'house@first'
POOL = f'{HOST}#pool'
ROW = re.compile(r'^\| (\S+) \| (\w+) \| `([^`]+)` \| (?:`([^`]+)`)? ?\| (3\.\d+)')
# Where the path's parameters come from.
PARAMETERS = {
    'volume_id': '{volume:}', 'snapshot_id': '{snapshot:}', 'attachment_id': '{attachment:}',
    'transfer_id': '{transfer:}', 'type_id': '{type:}', 'qos_id': '{qos:}', 'group_type_id': '{group_type:}',
    'group_id': '{group:}', 'group_snapshot_id': '{group_snapshot:}', 'message_id': '{message:}', 'key': 'key',
    'host': HOST, 'class': 'gold', 'target_project_id': TARGET, 'alias': 'os-hosts',
    'encryption_id': '{encryption_id:}', 'cluster_name': 'node@gold'}
# For operations that begin so: what a parameter is instead.
INSTEAD = [
    ('cgsnapshot.', {'id': '{cgsnapshot:}'}), ('cg.', {'id': '{cg:}'}), ('capabilities.', {'host': POOL}),
    ('type.encryption.create', {'type_id': '{type:}'}), ('type.encryption.', {'type_id': '{encryption:}', 'key': 'cipher'}),
    ('type.extra_specs.', {'key': 'vendor:key'}), ('type.access.', {'type_id': '{private:}'}),
    ('volume.action.begin_detaching', {'volume_id': '{attached:}'}),
    ('volume.action.detach', {'volume_id': '{attached:}'}),
    ('volume.action.force_detach', {'volume_id': '{attached:}'}),
    ('volume.encryption.show', {'key': 'encryption_key_id'})]
IMAGE = '3e6f1c1d-0f5a-4f8e-9a52-7d5d6e0b0a11'
REFERENCE = {'source-name': 'volume-elsewhere'}
METADATA = {'metadata': {'more': 'x', 'key': 'other'}}
META = {'meta': {'key': 'other'}}
LIMITS = {'volumes': 20, 'gigabytes': 2000, 'snapshots': -1}


def volume(**more):
    return {'volume': {'size': 1, 'name': 'v-{tag}', **more}}


def act(name, value):
    return {name: value}


# op -> its valid bodies.
BODIES = {
    'volume.create': [
        volume(), volume(description='d', metadata={'a': 'b'}, availability_zone='nova'),
        volume(volume_type='{type:}'), volume(snapshot_id='{snapshot:}'), volume(source_volid='{volume:}'),
        volume(size=2, source_volid='{volume:}'), volume(multiattach=False), volume(group_id='{group:}'),
        volume(consistencygroup_id=None), volume(size='1'), volume(size=1000000), {'volume': {'size': 1}},
        {**volume(), 'OS-SCH-HNT:scheduler_hints': {'same_host': []}}],
    'volume.update': [{'volume': {'name': 'n', 'description': 'd', 'metadata': {'a': 'b'}}},
                      {'volume': {'display_name': 'n', 'display_description': 'd'}}],
    'volume.metadata.create': [METADATA, {'metadata': {}}], 'volume.metadata.replace': [METADATA, {'metadata': {}}],
    'volume.metadata.set': [META],
    'volume.action.attach': [act('os-attach', {'instance_uuid': SERVER, 'mountpoint': '/dev/vdb', 'mode': 'rw'}),
                             act('os-attach', {'host_name': 'compute-1', 'mountpoint': '/dev/vdb'})],
    'volume.action.detach': [act('os-detach', {}), act('os-detach', {'attachment_id': '{attachment:}'})],
    'volume.action.reserve': [act('os-reserve', None), act('os-reserve', {})],
    'volume.action.unreserve': [act('os-unreserve', None)],
    'volume.action.begin_detaching': [act('os-begin_detaching', None)],
    'volume.action.roll_detaching': [act('os-roll_detaching', None)],
    'volume.action.initialize_connection': [act('os-initialize_connection', {'connector': CONNECTOR})],
    'volume.action.terminate_connection': [act('os-terminate_connection', {'connector': CONNECTOR})],
    'volume.action.upload_image': [],
    'volume.action.extend': [act('os-extend', {'new_size': 2}), act('os-extend', {'new_size': '3'})],
    'volume.action.retype': [act('os-retype', {'new_type': '{type:}', 'migration_policy': 'never'}),
                             act('os-retype', {'new_type': '{type:}'})],
    'volume.action.reset_status': [act('os-reset_status', {'status': 'error'}),
                                   act('os-reset_status', {'attach_status': 'detached', 'migration_status': 'none'})],
    'volume.action.force_delete': [act('os-force_delete', None), act('os-force_delete', {})],
    'volume.action.force_detach': [act('os-force_detach', {'attachment_id': '{attachment:}', 'connector': CONNECTOR})],
    'volume.action.unmanage': [act('os-unmanage', None), act('os-unmanage', {})],
    'volume.action.readonly': [act('os-update_readonly_flag', {'readonly': True})],
    'volume.action.set_bootable': [act('os-set_bootable', {'bootable': True}),
                                   act('os-set_bootable', {'bootable': 'false'})],
    'volume.action.set_image_metadata': [act('os-set_image_metadata', {'metadata': {'os_type': 'linux'}})],
    'volume.action.unset_image_metadata': [act('os-unset_image_metadata', {'key': 'os_type'})],
    'volume.action.show_image_metadata': [act('os-show_image_metadata', None), act('os-show_image_metadata', {})],
    'volume.action.revert': [act('revert', {'snapshot_id': '{snapshot:}'})],
    'volume.action.reimage': [],
    'volume.action.extend_completion': [act('os-extend_volume_completion', {'error': False})],
    'snapshot.create': [{'snapshot': {'volume_id': '{volume:}', 'name': 's', 'description': 'd', 'metadata': {'a': 'b'}}},
                        {'snapshot': {'volume_id': '{volume:}', 'force': True}},
                        {'snapshot': {'volume_id': '{attached:}'}}],
    'snapshot.update': [{'snapshot': {'name': 'n', 'description': 'd'}}],
    'snapshot.metadata.create': [METADATA], 'snapshot.metadata.replace': [METADATA, {'metadata': {}}],
    'snapshot.metadata.set': [META],
    'snapshot.action.reset_status': [act('os-reset_status', {'status': 'error'})],
    'snapshot.action.force_delete': [act('os-force_delete', None)],
    'snapshot.action.unmanage': [act('os-unmanage', None), act('os-unmanage', {})],
    'snapshot.action.update_snapshot_status': [
        act('os-update_snapshot_status', {'status': 'available'}),
        act('os-update_snapshot_status', {'status': 'creating', 'progress': '50%'})],
    'attachment.create': [
        {'attachment': {'volume_uuid': '{volume:}', 'instance_uuid': SERVER}},
        {'attachment': {'volume_uuid': '{volume:}', 'instance_uuid': SERVER, 'connector': CONNECTOR, 'mode': 'ro'}},
        {'attachment': {'volume_uuid': '{volume:}'}}],
    'attachment.update': [{'attachment': {'connector': CONNECTOR}}],
    'attachment.action.complete': [act('os-complete', None), act('os-complete', {})],
    'type.create': [{'volume_type': {'name': 'type-{tag}', 'description': 'd', 'extra_specs': {'a': 'b'},
                                     'os-volume-type-access:is_public': True}}, {'volume_type': {'name': 'type-{tag}'}}],
    'type.update': [{'volume_type': {'name': 'type-{tag}', 'description': 'd', 'is_public': True}},
                    {'volume_type': {'description': 'd'}}],
    'type.extra_specs.create': [{'extra_specs': {'more': 'x', 'a:b': 'c'}}],
    'type.extra_specs.update': [{'vendor:key': 'other'}],
    'type.encryption.create': [{'encryption': {'provider': 'luks', 'cipher': 'aes-xts-plain64', 'key_size': 256,
                                               'control_location': 'front-end'}},
                               {'encryption': {'provider': 'luks', 'control_location': 'back-end'}}],
    'type.encryption.update': [{'encryption': {'cipher': 'aes', 'key_size': 128}}],
    'type.access.add': [act('addProjectAccess', {'project': TARGET})],
    'type.access.remove': [act('removeProjectAccess', {'project': '0b1f9c7e1a7a4d0f8f1d1c2b3a495867'})],
    'default_type.set': [{'default_type': {'volume_type': '{type:}'}}],
    'qos.create': [{'qos_specs': {'name': 'q-{tag}', 'consumer': 'front-end', 'a': 'b'}}, {'qos_specs': {'name': 'q-{tag}'}}],
    'qos.update': [{'qos_specs': {'consumer': 'back-end', 'more': 'x'}}],
    'qos.delete_keys': [{'keys': ['key']}],
    'quota.update': [{'quota_set': LIMITS}, {'quota_set': {}}],
    'quota_class.update': [{'quota_class_set': LIMITS}],
    'group.create': [{'group': {'group_type': '{group_type:}', 'volume_types': ['{type:}'], 'name': 'g',
                                'description': 'd', 'availability_zone': 'nova'}}],
    'group.update': [{'group': {'name': 'n', 'description': 'd'}}, {'group': {'add_volumes': '{volume:}'}}],
    'group.action.create_from_src': [
        {'create-from-src': {'name': 'n', 'description': 'd', 'group_snapshot_id': '{group_snapshot:}'}},
        {'create-from-src': {'name': 'n', 'source_group_id': '{filled_group:}'}}],
    'group.action.delete': [act('delete', {'delete-volumes': False}), act('delete', {'delete-volumes': True})],
    'group.action.reset_status': [act('reset_status', {'status': 'error'})],
    'group.action.enable_replication': [act('enable_replication', {})],
    'group.action.disable_replication': [act('disable_replication', {})],
    'group.action.failover_replication': [act('failover_replication', {'allow_attached_volume': True})],
    'group.action.list_replication_targets': [act('list_replication_targets', {})],
    'group_snapshot.create': [{'group_snapshot': {'group_id': '{filled_group:}', 'name': 'n', 'description': 'd'}}],
    'group_snapshot.action.reset_status': [act('reset_status', {'status': 'error'})],
    'group_type.create': [{'group_type': {'name': 'gt-{tag}', 'description': 'd', 'is_public': True,
                                          'group_specs': {'a': 'b'}}}],
    'group_type.update': [{'group_type': {'name': 'gt-{tag}', 'description': 'd'}}],
    'group_type.specs.create': [{'group_specs': {'more': 'x'}}], 'group_type.specs.update': [{'key': 'other'}],
    'transfer.create': [{'transfer': {'volume_id': '{volume:}', 'name': 't'}},
                        {'transfer': {'volume_id': '{volume:}', 'no_snapshots': True}}],
    'transfer-legacy.create': [{'transfer': {'volume_id': '{volume:}', 'name': 't'}}],
    'transfer.accept': [{'accept': {'auth_key': '{auth_key:}'}}],
    'transfer-legacy.accept': [{'accept': {'auth_key': '{auth_key:}'}}],
    # Not the backend's: Cinder forgets to enable it again.
    'service.enable': [{'binary': 'cinder-scheduler', 'host': 'house'}],
    'service.disable': [{'binary': 'cinder-scheduler', 'host': 'house'}],
    'service.disable_log_reason': [{'binary': 'cinder-scheduler', 'host': 'house', 'disabled_reason': 'why'}],
    'cluster.enable': [{'name': 'node@gold'}, {'name': 'node@gold', 'binary': 'cinder-volume'}],
    'cluster.disable': [{'name': 'node@gold', 'disabled_reason': 'work'}],
    'service.failover': [{'host': 'nowhere@gold'}], 'service.failover_host': [{'host': 'nowhere@gold'}],
    'worker.cleanup': [{'binary': 'cinder-volume', 'is_up': True}, {'service_id': 4711}],
    'service.freeze': [{'host': HOST}], 'service.thaw': [{'host': HOST}],
    'service.get_log': [{'binary': '*'}], 'service.set_log': [{'binary': '*', 'level': 'DEBUG'}],
    'host.update': [{'status': 'enable'}],
    'manageable-volume.create': [{'volume': {'host': POOL, 'ref': REFERENCE, 'name': 'm'}}],
    'manageable-snapshot.create': [{'snapshot': {'volume_id': '{volume:}', 'ref': REFERENCE, 'name': 'm'}}],
    'cg.create': [{'consistencygroup': {'volume_types': '{type:}', 'name': 'n', 'description': 'd'}}],
    'cg.create_from_src': [{'consistencygroup-from-src': {'name': 'n', 'cgsnapshot_id': '{cgsnapshot:}'}}],
    'cg.update': [{'consistencygroup': {'name': 'n', 'description': 'd'}}],
    'cg.delete': [{'consistencygroup': {'force': True}}, {'consistencygroup': {'force': False}}],
    'cgsnapshot.create': [{'cgsnapshot': {'consistencygroup_id': '{filled_cg:}', 'name': 'n'}}],
}
BODIES['manageable-volume-legacy.create'] = BODIES['manageable-volume.create']
BODIES['manageable-snapshot-legacy.create'] = BODIES['manageable-snapshot.create']
# Only what is wrong in itself is sent of these: the right one needs an image service, or a driver's own things.
WRONG_ONLY = {
    'volume.action.upload_image': {'os-volume_upload_image': {'image_name': 'i', 'force': False, 'disk_format': 'raw',
                                                              'container_format': 'bare', 'visibility': 'private'}},
    'volume.action.reimage': {'os-reimage': {'image_id': IMAGE}},
}
# op -> valid queries.
QUERIES = {
    'volume.delete': ['', '?cascade=true', '?force=true'], 'type.list': ['', '?is_public=none', '?extra_specs={}'],
    'volume.list': ['', '?all_tenants=1', '?with_count=True'], 'volume.detail': ['', '?all_tenants=1', '?with_count=True'],
    'qos.delete': ['', '?force=True'], 'qos.associate': ['?vol_type_id={type:}'],
    'qos.disassociate': ['?vol_type_id={type:}'], 'pool.list': ['', '?detail=true'],
    'quota.show': ['', '?usage=True'], 'quota.update': ['', '?skip_validation=False'],
    'service.list': ['', '?binary=cinder-volume', f'?host={HOST}'], 'host.list': ['', '?zone=nova'],
    'limits.show': ['', f'?project_id={TARGET}'], 'resource_filters.list': ['', '?resource=volume'],
    'group.list': ['', '?list_volume=true'], 'group.show': ['', '?list_volume=true'],
}
for of in ('volume', 'volume-legacy', 'snapshot', 'snapshot-legacy'):
    for deed in ('list', 'detail'):
        QUERIES[f'manageable-{of}.{deed}'] = ['?host=house%40first%23pool']
# Microversions below which a valid query means something else.
FROM = {'volume.list': 45, 'volume.detail': 45}
# Whoever does it when it is right.
CALLER = {'transfer.accept': 'foreign', 'transfer-legacy.accept': 'foreign'}
# What puts things right after a request that changes more than its own thing: method, path, body, version.
AFTER = {
    'service.disable': ('PUT', '/os-services/enable', BODIES['service.enable'][0]),
    'service.disable_log_reason': ('PUT', '/os-services/enable', BODIES['service.enable'][0]),
    'service.freeze': ('PUT', '/os-services/thaw', BODIES['service.thaw'][0]),
    'default_type.set': ('DELETE', f'/default-types/{TARGET}', None),
    'quota.update': ('DELETE', f'/os-quota-sets/{TARGET}', None),
}
# What must be there first for the request to find it.
BEFORE = {
    'default_type.show': ('PUT', f'/default-types/{TARGET}', BODIES['default_type.set'][0]),
    'default_type.unset': ('PUT', f'/default-types/{TARGET}', BODIES['default_type.set'][0]),
    'volume.action.unset_image_metadata': ('POST', None, BODIES['volume.action.set_image_metadata'][0]),
    'volume.action.show_image_metadata': ('POST', None, BODIES['volume.action.set_image_metadata'][0]),
    'volume.action.unreserve': ('POST', None, BODIES['volume.action.reserve'][0]),
}


class Operation:
    """A row of the table of routes."""

    def __init__(self, op, method, path, action, since):
        self.op, self.method, self.path, self.action = op, method, path, action
        self.since = int(since.partition('.')[2])

    @property
    def is_list(self):
        return self.method == 'GET' and self.op.rpartition('.')[2] in ('list', 'detail') and '{' not in self.path

    def parameters(self):
        """Name and value of each part of the path that is no word."""
        chosen = dict(PARAMETERS)
        for beginning, values in INSTEAD:
            if self.op.startswith(beginning):
                chosen.update(values)
                break
        return [(name, chosen[name]) for name in re.findall(r'\{(\w+)\}', self.path)]

    def bodies(self):
        return BODIES.get(self.op, [])

    def any_body(self):
        """A body to spoil."""
        bodies = self.bodies()
        return bodies[0] if bodies else WRONG_ONLY.get(self.op)


def operations(routes):
    """The rows of `docs/generated/routes.md` that Cinder has too."""
    table = routes.partition('## Below `/v3`')[2].partition('## Below `/ashlar')[0]
    found = (ROW.match(line) for line in table.splitlines())
    return [Operation(*row.groups()) for row in found if row]
