"""Runs Cinder's own code on a database: its models and objects, as Cinder's services use them.

    cinder_side.py CONFIG write               rows made and read back by Cinder's database API
    cinder_side.py CONFIG read                what Cinder's objects read, as JSON
    cinder_side.py CONFIG upgrade REVISION    Cinder's migrations up to that one
"""

import json
import sys
import uuid

from oslo_config import cfg

from cinder import context
from cinder import objects
from cinder import quota
from cinder.db import api
from cinder.db import migration
from cinder.objects import fields

PROJECT = "0b1f9c7e1a7a4d0f8f1d1c2b3a495867"


def write(admin):
    """Makes one of each that matters here, reads it back and deletes it."""
    service = objects.Service(
        admin, host="h@b", binary="cinder-volume", topic="cinder-volume", report_count=0,
        availability_zone="nova", uuid=str(uuid.uuid4()),
    )
    service.create()
    of_type = api.volume_type_create(
        admin, {"name": "gold", "extra_specs": {"volume_backend_name": "b"}, "is_public": True}
    )
    reservations = quota.QUOTAS.reserve(admin, project_id=PROJECT, volumes=1, gigabytes=1)
    volume = objects.Volume(
        admin, size=1, project_id=PROJECT, user_id="u", status="available", host="h@b#p",
        display_name="v\u00e9", attach_status=fields.VolumeAttachStatus.DETACHED,
        volume_type_id=of_type["id"], metadata={"a": "b"}, service_uuid=service.uuid,
        availability_zone="nova", use_quota=True,
    )
    volume.create()
    snapshot = objects.Snapshot(
        admin, volume_id=volume.id, project_id=PROJECT, user_id="u", volume_size=1,
        status=fields.SnapshotStatus.AVAILABLE, display_name="s", metadata={},
        volume_type_id=of_type["id"], use_quota=True,
    )
    snapshot.create()
    attachment = objects.VolumeAttachment(
        admin, volume_id=volume.id, attach_status=fields.VolumeAttachStatus.RESERVED,
        instance_uuid=str(uuid.uuid4()),
    )
    attachment.create()
    quota.QUOTAS.commit(admin, reservations, project_id=PROJECT)
    usage = api.quota_usage_get_all_by_project(admin, PROJECT)
    assert (usage["volumes"]["in_use"], usage["gigabytes"]["reserved"]) == (1, 0), usage
    again = objects.Volume.get_by_id(admin, volume.id)
    assert (again.display_name, again.metadata, again.size) == ("v\u00e9", {"a": "b"}, 1)
    assert [one.id for one in objects.SnapshotList.get_all_for_volume(admin, volume.id)] == [
        snapshot.id
    ]
    again.status = "error"
    again.save()
    attachment.destroy()
    snapshot.destroy()
    volume.destroy()
    service.destroy()


def read(admin):
    """Everything that is not deleted, by the objects that Cinder's API and services work with."""
    usages = {}
    volumes = objects.VolumeList.get_all(admin)
    for project in {volume.project_id for volume in volumes}:
        usages[project] = {
            resource: usage["in_use"] + usage["reserved"]
            for resource, usage in api.quota_usage_get_all_by_project(admin, project).items()
            if resource != "project_id"
        }
    return {
        "volumes": {volume.id: _volume(volume) for volume in volumes},
        "snapshots": {
            snapshot.id: {
                "volume_id": snapshot.volume_id,
                "name": snapshot.display_name,
                "size": snapshot.volume_size,
                "status": snapshot.status,
                "metadata": snapshot.metadata,
                "created_at": _moment(snapshot.created_at),
            }
            for snapshot in objects.SnapshotList.get_all(admin, {})
        },
        "types": {
            one.id: {"name": one.name, "extra_specs": one.extra_specs, "is_public": one.is_public}
            for one in objects.VolumeTypeList.get_all(admin).objects
        },
        "usages": usages,
        "services": sorted(
            [service.binary, service.host, service.is_up]
            for service in objects.ServiceList.get_all(admin)
        ),
    }


def _volume(volume):
    return {
        "name": volume.display_name,
        "size": volume.size,
        "status": volume.status,
        "project_id": volume.project_id,
        "host": volume.host,
        "availability_zone": volume.availability_zone,
        "volume_type": volume.volume_type_id,
        "snapshot_id": volume.snapshot_id,
        "metadata": volume.metadata,
        "name_on_backend": volume.name,
        "created_at": _moment(volume.created_at),
    }


def _moment(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def main(config, deed, *arguments):
    objects.register_all()
    cfg.CONF([], project="cinder", default_config_files=[config])
    admin = context.get_admin_context()
    if deed == "write":
        write(admin)
    elif deed == "read":
        json.dump(read(admin), sys.stdout, indent=1)
    else:
        migration.db_sync(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
