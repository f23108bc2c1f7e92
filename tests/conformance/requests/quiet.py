"""A driver for Cinder that keeps nothing: every call does as if it had worked.

Cinder's own fake driver is among its unit tests and needs what they need. This one has one thin pool of the same name and
size as the one of Ashlar's driver `sim` beside it.
"""
from cinder.volume import driver
from cinder.volume import volume_utils

GIB = 1000


def seen(thing, size):
    """What is on the backend because Cinder made it."""
    return {'reference': {'source-name': thing.name}, 'size': size,
            'safe_to_manage': False, 'reason_not_safe': 'already managed', 'cinder_id': thing.id, 'extra_info': None}


class QuietDriver(driver.VolumeDriver):
    """A backend of nothing."""

    VERSION = '1.0.0'

    def do_setup(self, context):
        pass

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        pool = {
            'pool_name': 'pool', 'total_capacity_gb': GIB, 'free_capacity_gb': GIB, 'allocated_capacity_gb': 0,
            'provisioned_capacity_gb': 0, 'reserved_percentage': 0, 'max_over_subscription_ratio': '20.0',
            'thin_provisioning_support': True, 'thick_provisioning_support': False, 'multiattach': True,
            'QoS_support': False, 'online_extend_support': True, 'consistent_group_snapshot_enabled': True,
            'filter_function': None, 'goodness_function': None, 'location_info': None}
        self._stats = {'volume_backend_name': 'first', 'vendor_name': 'Ashlar', 'driver_version': self.VERSION,
                       'storage_protocol': 'sim', 'pools': [pool]}

    def create_volume(self, volume):
        pass

    def delete_volume(self, volume):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        pass

    def create_cloned_volume(self, volume, source):
        pass

    def extend_volume(self, volume, new_size):
        pass

    def create_snapshot(self, snapshot):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def revert_to_snapshot(self, context, volume, snapshot):
        pass

    def retype(self, context, volume, new_type, diff, host):
        return True

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        return {'driver_volume_type': 'sim', 'data': {'access_mode': 'rw'}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def manage_existing(self, volume, existing_ref):
        pass

    def manage_existing_get_size(self, volume, existing_ref):
        return 1

    def get_manageable_volumes(self, cinder_volumes, marker, limit, offset, sort_keys, sort_dirs):
        return volume_utils.paginate_entries_list(
            [seen(one, one.size) for one in cinder_volumes], marker, limit, offset, sort_keys, sort_dirs)

    def unmanage(self, volume):
        pass

    def manage_existing_snapshot(self, snapshot, existing_ref):
        pass

    def manage_existing_snapshot_get_size(self, snapshot, existing_ref):
        return 1

    def get_manageable_snapshots(self, cinder_snapshots, marker, limit, offset, sort_keys, sort_dirs):
        found = [{**seen(one, one.volume_size), 'source_reference': {'source-name': one.volume.name}}
                 for one in cinder_snapshots]
        return volume_utils.paginate_entries_list(found, marker, limit, offset, sort_keys, sort_dirs)

    def unmanage_snapshot(self, snapshot):
        pass

    def create_group(self, context, group):
        return {'status': 'available'}

    def delete_group(self, context, group, volumes):
        return {'status': 'deleted'}, [{'id': volume.id, 'status': 'deleted'} for volume in volumes]

    def update_group(self, context, group, add_volumes=None, remove_volumes=None):
        return None, None, None

    def create_group_from_src(self, context, group, volumes, group_snapshot=None, snapshots=None, source_group=None,
                              source_vols=None):
        return None, None

    def create_group_snapshot(self, context, group_snapshot, snapshots):
        return {'status': 'available'}, [{'id': one.id, 'status': 'available'} for one in snapshots]

    def delete_group_snapshot(self, context, group_snapshot, snapshots):
        return {'status': 'deleted'}, [{'id': one.id, 'status': 'deleted'} for one in snapshots]
