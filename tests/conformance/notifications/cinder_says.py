"""What Cinder's own functions would send about things that are in a database: one JSON line for each request.

    cinder_says.py DATABASE-URL

Requests come as lines `KIND ID SUFFIX` on standard input, with KIND one of volume, snapshot, type and
unplaceable. An answer has the
message as oslo.messaging packs it, its context among it.
"""

import json
import sys

import oslo_messaging
from oslo_config import cfg
from oslo_messaging._drivers import amqp
from oslo_messaging.notify import _impl_test
from oslo_serialization import jsonutils

from cinder import context
from cinder import exception
from cinder import objects
from cinder import rpc
from cinder.api.contrib import types_manage
from cinder.common import config as common_config
from cinder.volume import volume_types
from cinder.volume import volume_utils


def main():
    url = sys.argv[1]
    common_config  # its import has registered Cinder's options
    cfg.CONF([], project="cinder", version="29.0.0", default_config_files=[])
    cfg.CONF.set_override("connection", url, group="database")
    # registers the options of both
    oslo_messaging.get_notification_transport(cfg.CONF, url="fake:/")
    cfg.CONF.set_override("transport_url", "fake:/")
    cfg.CONF.set_override("driver", ["test"], group="oslo_messaging_notifications")
    objects.register_all()
    rpc.init(cfg.CONF)
    admin = context.RequestContext("someone", "of-a-project", is_admin=True, read_deleted="yes")
    for line in sys.stdin:
        kind, identity, suffix = line.split()
        if kind == "volume":
            found = objects.Volume.get_by_id(admin, identity)
            volume_utils.notify_about_volume_usage(admin, found, suffix, host="h@b")
        elif kind == "snapshot":
            found = objects.Snapshot.get_by_id(admin, identity)
            volume_utils.notify_about_snapshot_usage(admin, found, suffix, host="h@b")
        elif kind == "unplaceable":
            # It can be imported only when the objects are registered.
            from cinder.scheduler.flows import create_volume

            create_volume.ScheduleCreateVolumeTask(None)._notify_failure(
                admin,
                {"volume_id": identity, "volume_properties": {}},
                exception.NoValidBackend(reason="none"),
            )
        else:
            found = volume_types.get_volume_type(admin, identity)
            types_manage.VolumeTypesManageController()._notify_volume_type_info(
                admin, f"volume_type.{suffix}", found
            )
        print(jsonutils.dumps(packed()), flush=True)


def packed():
    """The only message that was sent, as oslo.messaging's drivers for message buses pack it."""
    ((sent_context, message, _priority, _retry),) = _impl_test.NOTIFICATIONS
    _impl_test.reset()
    amqp._add_unique_id(message)
    amqp.pack_context(message, sent_context)
    return message


if __name__ == "__main__":
    main()
