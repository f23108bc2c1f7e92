"""Runs Cinder's own code on a database: its API, objects and quota engine, as Cinder's services use them.

    cinder_side.py CONFIG DEED...

    write               rows made, read back and deleted by Cinder's database API
    fill                rows of every kind, left there; prints their ids as JSON
    answer              what Cinder's API answers to the requests on standard input
    finish              deletes all volumes and snapshots as Cinder does
    quota               Cinder's own comparison of usage and rows
    upgrade REVISION    Cinder's migrations up to that one
"""

import contextlib
import datetime
import io
import json
import sys
import uuid

import webob
from oslo_config import cfg
from oslo_service import wsgi

from cinder import context
from cinder import coordination
from cinder import objects
from cinder import quota
from cinder import rpc
from cinder.cmd import manage
from cinder.common import config as common_config
from cinder.db import api
from cinder.db import migration
from cinder.objects import fields
from cinder.objects.base import OBJ_VERSIONS
from cinder.volume.rpcapi import VolumeAPI

PROJECT = "0b1f9c7e1a7a4d0f8f1d1c2b3a495867"
OTHER_PROJECT = "5f0c3b1ad2c14f6c9d9e3c1c7a4f2b10"
BACKEND = "keeper@disk"
POOL = f"{BACKEND}#disk"


# --- write -------------------------------------------------------------------------------------------


def write(admin):
    """Makes one of each that matters here, reads it back and deletes it."""
    service = _service(admin, "h@b", "cinder-volume")
    of_type = api.volume_type_create(
        admin, {"name": "gold", "extra_specs": {"volume_backend_name": "b"}, "is_public": True}
    )
    volume = _volume(admin, of_type["id"], host="h@b#p", metadata={"a": "b"}, display_name="v\u00e9")
    snapshot = _snapshot(admin, volume)
    attachment = objects.VolumeAttachment(
        admin, volume_id=volume.id, attach_status=fields.VolumeAttachStatus.RESERVED,
        instance_uuid=str(uuid.uuid4()),
    )  # fmt: skip
    attachment.create()
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
    _destroy_snapshot(admin, snapshot)
    _destroy_volume(admin, volume)
    service.destroy()


# --- fill --------------------------------------------------------------------------------------------


def fill(admin):
    """A cloud that has been in use, as Cinder leaves it in its tables when it is stopped."""
    _services(admin)
    of_type = _types(admin)
    api.quota_create(admin, PROJECT, "volumes", 15)
    api.quota_create(admin, PROJECT, "gigabytes_gold", 50)
    gold, default = of_type["gold"], of_type["__DEFAULT__"]

    made = {"kept": _volume(admin, gold, display_name="k\u00e9pt", metadata={"a": "b", "\u4e2d": "\u6587"})}
    kept = made["kept"]
    api.volume_admin_metadata_update(admin, kept.id, {"readonly": "False"}, False)
    api.volume_glance_metadata_create(admin, kept.id, "image_name", "debian")
    kept.bootable = True
    kept.save()
    made["failed"] = _volume(admin, gold, host=None, status="error", display_name=None)
    made["broken"] = _volume(admin, default, size=2, status="error_extending")
    made["moved"] = _volume(
        admin, default, _name_id=str(uuid.uuid4()), migration_status="success", display_name="moved"
    )
    made["attached"] = _volume(admin, default, display_name="attached")
    _attach(admin, made["attached"])
    made["uncounted"] = _volume(admin, default, use_quota=False, display_name="uncounted")
    made["creating"] = _volume(admin, gold, host=None, status="creating", display_name="halfway in")
    made["deleting"] = _volume(admin, gold, status="deleting", display_name="halfway out")
    made["elsewhere"] = _volume(admin, default, host="gone@lvm#lvm", display_name="on a lost node")
    made["others"] = _volume(admin, default, project_id=OTHER_PROJECT, display_name="others")
    made["gone"] = _volume(admin, gold, display_name="gone")

    snapshots = {"good": _snapshot(admin, kept, metadata={"c": "d"})}
    snapshots["bad"] = _snapshot(admin, kept, status="error", progress=None)
    snapshots["gone"] = _snapshot(admin, kept)
    made["child"] = _volume(
        admin, gold, snapshot_id=snapshots["good"].id, display_name="made from a snapshot"
    )
    _destroy_snapshot(admin, snapshots["gone"])
    _destroy_volume(admin, made["gone"])
    message = str(uuid.uuid4())
    values = {
        "id": message, "project_id": PROJECT, "request_id": f"req-{uuid.uuid4()}",
        "event_id": "VOLUME_VOLUME_001_003", "action_id": "001", "detail_id": "003",
        "message_level": "ERROR", "resource_type": "VOLUME", "resource_uuid": made["failed"].id,
        "expires_at": datetime.datetime(2099, 1, 1),
    }  # fmt: skip
    api.message_create(admin, values)
    return {
        "project": PROJECT,
        "types": of_type,
        "other_project": OTHER_PROJECT,
        "backend": BACKEND,
        "qos": api.qos_specs_get_by_name(admin, "fast")["id"],
        "volumes": {name: volume.id for name, volume in made.items()},
        "files": {name: volume.name for name, volume in made.items()},
        "snapshots": {name: snapshot.id for name, snapshot in snapshots.items()},
        "message": message,
        "gone": [made["gone"].id, snapshots["gone"].id],
    }


def _service(admin, host, binary, **values):
    service = objects.Service(
        admin, host=host, binary=binary, topic=binary, report_count=3, availability_zone="nova",
        uuid=str(uuid.uuid4()), disabled=False, rpc_current_version=VolumeAPI.RPC_API_VERSION,
        object_current_version=OBJ_VERSIONS.get_current(), **values,
    )  # fmt: skip
    service.create()
    return service


def _services(admin):
    # no scheduler: the row for that is Ashlar's
    _service(admin, BACKEND, "cinder-volume")
    lost = _service(admin, "gone@lvm", "cinder-volume", disabled_reason="burnt")
    api.service_update(
        admin, lost.id, {"disabled": True, "updated_at": datetime.datetime(2020, 2, 2)}
    )
    _service(admin, "retired@lvm", "cinder-volume").destroy()


def _types(admin):
    def made(name, projects=None, **values):
        values = {"name": name, "is_public": True, "extra_specs": {}} | values
        return api.volume_type_create(admin, values, projects=projects)["id"]

    found = {
        "gold": made("gold", extra_specs={"volume_backend_name": "disk", "vendor:tier": "1"}),
        "private": made("private", projects=[PROJECT, OTHER_PROJECT], is_public=False),
    }
    api.volume_type_destroy(admin, made("old"))
    specs = api.qos_specs_create(
        admin, {"name": "fast", "consumer": "front-end", "specs": {"total_iops_sec": "100"}}
    )
    api.qos_specs_associate(admin, specs["id"], found["gold"])
    found["encrypted"] = made("encrypted")
    encryption = {
        "provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64",
        "key_size": 256,
    }  # fmt: skip
    api.volume_type_encryption_create(admin, found["encrypted"], encryption)
    api.project_default_volume_type_set(admin, found["gold"], OTHER_PROJECT)
    found["__DEFAULT__"] = api.volume_type_get_by_name(admin, "__DEFAULT__")["id"]
    return found


def _volume(admin, of_type, use_quota=True, **values):
    """A row, and its quota, as Cinder's create leaves them."""
    values = {
        "size": 1, "project_id": PROJECT, "user_id": "u", "status": "available", "host": POOL,
        "attach_status": fields.VolumeAttachStatus.DETACHED, "availability_zone": "nova",
        "metadata": {},
    } | values  # fmt: skip
    volume = objects.Volume(admin, volume_type_id=of_type, use_quota=use_quota, **values)
    if use_quota:
        _take(admin, volume.project_id, of_type, volumes=1, gigabytes=volume.size)
    volume.create()
    if values["host"] == POOL:
        volume.service_uuid = objects.Service.get_by_args(admin, BACKEND, "cinder-volume").uuid
        volume.launched_at = datetime.datetime.now(datetime.UTC)
        volume.save()
    return volume


def _snapshot(admin, volume, **values):
    values = {"status": fields.SnapshotStatus.AVAILABLE, "progress": "100%", "metadata": {}} | values
    _take(
        admin, volume.project_id, volume.volume_type_id, snapshots=1, gigabytes=volume.size
    )
    snapshot = objects.Snapshot(
        admin, volume_id=volume.id, project_id=volume.project_id, user_id="u",
        volume_size=volume.size, display_name="s", volume_type_id=volume.volume_type_id,
        use_quota=True, **values,
    )  # fmt: skip
    snapshot.create()
    return snapshot


def _attach(admin, volume):
    attachment = objects.VolumeAttachment(
        admin, volume_id=volume.id, attach_status=fields.VolumeAttachStatus.ATTACHING,
        instance_uuid=str(uuid.uuid4()),
    )  # fmt: skip
    attachment.create()
    api.volume_attached(
        admin, attachment.id, attachment.instance_uuid, "compute-1", "/dev/vdb", "rw"
    )
    volume.refresh()


def _take(admin, project, of_type, **amounts):
    quota.QUOTAS.add_volume_type_opts(admin, amounts, of_type)
    reservations = quota.QUOTAS.reserve(admin, project_id=project, **amounts)
    quota.QUOTAS.commit(admin, reservations, project_id=project)


# --- finish ------------------------------------------------------------------------------------------


def finish(admin):
    """Takes everything away by Cinder's objects and quota engine: afterwards nothing is in use."""
    for snapshot in objects.SnapshotList.get_all(admin, {}):
        _destroy_snapshot(admin, snapshot)
    for volume in objects.VolumeList.get_all(admin):
        _destroy_volume(admin, volume)
    # Ashlar has taken the project's default away; another can be given.
    default = api.volume_type_get_by_name(admin, "__DEFAULT__")["id"]
    api.project_default_volume_type_set(admin, default, OTHER_PROJECT)
    made = api.qos_specs_get_by_name(admin, "made by ashlar")
    assert (made["consumer"], made["specs"]) == ("both", {"b": "3", "c": None}), made
    api.qos_specs_update(admin, made["id"], {"specs": {"a": "again"}})
    for project in (PROJECT, OTHER_PROJECT):
        usage = api.quota_usage_get_all_by_project(admin, project)
        left = {
            name: row
            for name, row in usage.items()
            if name != "project_id" and (row["in_use"] or row["reserved"])
        }
        assert not left, f"quota is left of {project}: {left}"


def _destroy_volume(admin, volume):
    if volume.use_quota:
        _take(admin, volume.project_id, volume.volume_type_id, volumes=-1, gigabytes=-volume.size)
    volume.destroy()


def _destroy_snapshot(admin, snapshot):
    amounts = {"snapshots": -1, "gigabytes": -snapshot.volume_size}
    _take(admin, snapshot.project_id, snapshot.volume_type_id, **amounts)
    snapshot.destroy()


# --- answer ------------------------------------------------------------------------------------------


def answer(requests):
    """`[path, version]` each, through the whole of Cinder's API; `[status, body]` each."""
    common_config.set_middleware_defaults()
    coordination.COORDINATOR.start()
    rpc.init(cfg.CONF)
    application = wsgi.Loader(cfg.CONF).load_app(name="osapi_volume")
    return [_ask(application, requests["url"], *one) for one in requests["ask"]]


def _ask(application, url, path, version):
    request = webob.Request.blank(path, base_url=url)
    request.headers["X-Auth-Token"] = f"admin:{PROJECT}"
    request.headers["OpenStack-API-Version"] = f"volume {version}"
    response = request.get_response(application)
    return [response.status_int, json.loads(response.body or b"null")]


# --- quota -------------------------------------------------------------------------------------------


def check_quota():
    """`cinder-manage quota check`; its exit status is 0 whatever it finds."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        manage.QuotaCommands().check(None)
    said = said.getvalue()
    assert "Processing" in said and "invalid" not in said and "duplicated" not in said, said


def main(config, *deeds):
    objects.register_all()
    cfg.CONF([], project="cinder", default_config_files=[config])
    admin = context.get_admin_context()
    if deeds[0] == "upgrade":
        return migration.db_sync(deeds[1])
    for deed in deeds:
        if deed == "write":
            write(admin)
        elif deed == "fill":
            json.dump(fill(admin), sys.stdout)
        elif deed == "finish":
            finish(admin)
        elif deed == "quota":
            check_quota()
        else:
            json.dump(answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
