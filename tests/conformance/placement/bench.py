"""Measures Cinder's own FilterScheduler: how long each decision takes, and what it decides.

The argument names a file with one JSON object:
  seconds     how long to go on, but at least one decision
  filters, weighers   class names
  pools       [{name: "host@backend#pool", zone, report: {…}}], in the order of their names
  requests    [{volume_id, size, zones: [name], extra_specs: {…}}], asked in this order, round and round

Filters, weighers, the host manager and its pool states are Cinder's; so is what a decision does: all states brought up
to date, filtered, weighed, and the space taken from the best. The rows of the services table are at hand, and nothing
is written to a database or sent to a queue. Preparing a request is not measured.

Prints one JSON object: seconds [number for each decision], chosen [pool's name, or null].
"""

import copy
import itertools
import json
import logging
import sys
import time
import types

from cinder import context as cinder_context
from cinder import objects

objects.register_all()  # the modules below name these classes while they are read

from cinder.scheduler import driver
from cinder.scheduler import filter_scheduler
from cinder.scheduler.evaluator import evaluator
from oslo_config import cfg
from oslo_utils import timeutils

CONF = cfg.CONF
CONTEXT = cinder_context.get_admin_context()
FEWEST = 1


def services(pools):
    """The rows of the services table for these pools, as objects."""
    zones = {pool["name"].partition("#")[0]: pool["zone"] for pool in pools}
    now = timeutils.utcnow()
    rows = [{"id": number, "host": host, "binary": "cinder-volume", "topic": "cinder-volume", "report_count": 1,
             "disabled": False, "frozen": False, "availability_zone": zone, "updated_at": now, "created_at": now,
             "deleted": False, "uuid": "00000000-0000-4000-8000-%012d" % number}
            for number, (host, zone) in enumerate(zones.items(), 1)]
    return [objects.Service._from_db_object(CONTEXT, objects.Service(CONTEXT), row) for row in rows]


def reports(pools):
    """What the services sent, by backend."""
    now = timeutils.utcnow()
    found = {}
    for pool in pools:
        report = found.setdefault(pool["name"].partition("#")[0], {"pools": [], "timestamp": now})
        report["pools"].append(pool["report"])
    return found


def specification(asked):
    """The request's specification and filter properties, as the scheduler's manager gets them."""
    properties = {"size": asked["size"], "qos_specs": None, "metadata": {}, "attach_status": "detached",
                  "user_id": "user", "project_id": "project", "availability_zone": None}
    spec = {"volume_id": asked["volume_id"], "volume_properties": properties, "resource_properties": properties,
            "volume_type": {"extra_specs": asked["extra_specs"]}, "availability_zones": asked["zones"],
            "operation": "create_volume", "resource_backend": None}
    return copy.deepcopy(spec), {}


def scheduler_for(case):
    """Cinder's scheduler with these pools."""
    CONF.set_override("scheduler_default_filters", case["filters"])
    CONF.set_override("scheduler_default_weighers", case["weighers"])
    rows = services(case["pools"])

    def listed(context, filters=None):
        # A service counts as up for a minute after its last heartbeat.
        now = timeutils.utcnow(with_timezone=True)
        for row in rows:
            row.updated_at = now
        return types.SimpleNamespace(objects=rows)

    objects.ServiceList.get_all = listed
    driver.volume_rpcapi.VolumeAPI = lambda *args, **kwargs: None
    scheduler = filter_scheduler.FilterScheduler()
    scheduler.host_manager.service_states = reports(case["pools"])
    return scheduler


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        case = json.load(file)
    logging.disable(logging.CRITICAL)
    CONF([], project="cinder", default_config_files=[])
    if "DriverFilter" in case["filters"]:
        # Raises with a version of pyparsing that Cinder cannot use.
        evaluator.evaluate("volume.size < 2", volume={"size": 1})
    scheduler = scheduler_for(case)
    seconds, chosen = [], []
    end = time.monotonic() + case["seconds"]
    for asked in itertools.cycle(case["requests"]):
        spec, filters = specification(asked)
        start = time.perf_counter()
        best = scheduler._schedule(CONTEXT, spec, filters)
        seconds.append(time.perf_counter() - start)
        chosen.append(best.obj.host if best else None)
        if len(seconds) >= FEWEST and time.monotonic() >= end:
            break
    print(json.dumps({"seconds": seconds, "chosen": chosen}))


if __name__ == "__main__":
    main()
