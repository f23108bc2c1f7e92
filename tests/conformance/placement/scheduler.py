"""Asks Cinder's own FilterScheduler where it would put a volume: one case per line in, one answer per line out.

Filters, weighers, handlers, the host manager and its pool states are Cinder's. Only its edges are put in place here:
the table of services, the volumes and servers that hints name, the count of volumes, and chance.

A case:
  pools       [{name: "host@backend#pool", zone, report: {…}, consumed: GiB placed since the report, volumes: count}],
              in the order of their names
  request     {size, extra_specs: {…} or null for no type, qos_specs, availability_zones, resource_properties,
              metadata, scheduler_hints, tried: [name], resource_backend, operation, new_size, attach_status, exists_on}
  rules       {filters, always: a filter that comes last when it is none of those, weighers, handler,
              multipliers: {option: number}, max_over_subscription_ratio}
  lots        {name: what ChanceWeigher draws for it};  draw: what the stochastic handler draws
  hinted      {volume id: pool name};  servers: {server id: host, or null when Nova does not say}

An answer, where Cinder raised nothing for those that are judged:
  raised      what the whole case raised at first, or null
  blamed      {name: what it raises}: the pools without which the case raises nothing
  refused     {name: the filter that dropped it}, of the others
  passing     [name] that passed every filter
  weights     {name: number, or text where JSON has no number for it}
  order       [name], the best first, of those that resource_backend leaves
  chosen      name or null
"""

import copy
import json
import logging
import math
import sys
import types

from cinder import context as cinder_context
from cinder import exception
from cinder import objects

objects.register_all()  # the modules below name these classes while they are read

from cinder.scheduler import base_filter
from cinder.scheduler import driver
from cinder.scheduler import filter_scheduler
from cinder.scheduler.evaluator import evaluator
from cinder.scheduler.filters import affinity_filter
from cinder.scheduler.filters import instance_locality_filter
from cinder.scheduler.weights import chance
from cinder.scheduler.weights import stochastic
from cinder.scheduler.weights import volume_number
from oslo_config import cfg
from oslo_utils import importutils
from oslo_utils import timeutils

CONF = cfg.CONF
CONTEXT = cinder_context.get_admin_context()
WEIGHTS = "cinder.scheduler.weights"
# How much longer than any list of pools that were tried: the number of attempts is not what is compared here.
ATTEMPTS = 1_000_000


class Edges:
    """What Cinder would ask databases, other services and chance for, taken from the case in hand."""

    def __init__(self):
        self.case = None
        self.refused = {}

    def install(self):
        objects.ServiceList.get_all = lambda context, filters=None: self.services()
        driver.volume_rpcapi.VolumeAPI = lambda *args, **kwargs: None
        affinity_filter.volume = types.SimpleNamespace(API=lambda: types.SimpleNamespace(get_all=self.volumes))
        instance_locality_filter.nova = types.SimpleNamespace(
            API=lambda: types.SimpleNamespace(get_server=self.server))
        volume_number.db = types.SimpleNamespace(volume_data_get_for_host=self.count)
        chance.random = types.SimpleNamespace(random=self.lot)
        stochastic.random = types.SimpleNamespace(random=lambda: self.case["draw"])
        self.watch_filters()
        remember_parsed()

    def services(self):
        zones = {}
        for pool in self.case["pools"] if self.case else []:
            zones.setdefault(backend_of(pool["name"]), pool["zone"])
        now = timeutils.utcnow()
        rows = [{"id": number, "host": host, "binary": "cinder-volume", "topic": "cinder-volume",
                 "report_count": 1, "disabled": False, "frozen": False, "availability_zone": zone,
                 "updated_at": now, "created_at": now, "deleted": False,
                 "uuid": "00000000-0000-4000-8000-%012d" % number}
                for number, (host, zone) in enumerate(zones.items(), 1)]
        found = [objects.Service._from_db_object(CONTEXT, objects.Service(CONTEXT), row) for row in rows]
        return types.SimpleNamespace(objects=found)

    def volumes(self, context, filters):
        return [volume for volume in filters["id"] if self.case["hinted"].get(volume) == filters["host"]]

    def server(self, context, server_id, **kwargs):
        if server_id not in self.case["servers"]:
            raise exception.ServerNotFound(uuid=server_id)
        server = types.SimpleNamespace(id=server_id)
        host = self.case["servers"][server_id]
        if host is not None:
            setattr(server, instance_locality_filter.INSTANCE_HOST_PROP, host)
        return server

    def count(self, context, host, count_only):
        return next(pool["volumes"] for pool in self.case["pools"] if pool["name"] == host)

    def lot(self):
        # The caller is ChanceWeigher._weigh_object(host_state, …).
        return self.case["lots"][sys._getframe(1).f_locals["host_state"].host]

    def watch_filters(self):
        real = base_filter.BaseFilter.filter_all

        def filter_all(instance, states, properties):
            states = list(states)
            kept = list(real(instance, states, properties))
            for state in states:
                if state not in kept:
                    self.refused[state.host] = type(instance).__name__
            return kept

        base_filter.BaseFilter.filter_all = filter_all


def remember_parsed():
    """Parses each expression once; what an expression is worth is worked out anew each time, by Cinder."""
    if not evaluator.evaluate("volume.size < 2", volume={"size": 1}):
        raise AssertionError("Cinder's expressions do not work here: is pyparsing the version that is pinned?")
    parse, parsed = evaluator._parser.parse_string, {}

    def parse_string(text, **kwargs):
        if text not in parsed:
            try:
                parsed[text] = parse(text, **kwargs), None
            except Exception as failure:
                parsed[text] = None, failure
        tree, failure = parsed[text]
        if failure is not None:
            raise failure
        return tree

    evaluator._parser.parse_string = parse_string


def backend_of(name):
    return name.split("#", 1)[0]


def told(failure):
    text = " ".join(str(failure).split())
    return f"{type(failure).__name__}: {text[:200]}"


class Scheduler(filter_scheduler.FilterScheduler):
    """Cinder's; it remembers all candidates, before those elsewhere than `resource_backend` are taken out."""

    candidates = None

    def _get_weighted_candidates(self, *args, **kwargs):
        found = super()._get_weighted_candidates(*args, **kwargs)
        self.candidates = list(found)
        return found


class Unordered(Exception):
    """Cinder sorts by weights that are not numbers: no exception, but no order either."""


class Asked:
    """Cinder's answers to one case, with all its pools or with some."""

    def __init__(self, scheduler, edges, case):
        self.scheduler, self.edges, self.case = scheduler, edges, case
        self.manager = scheduler.host_manager
        # What an attempt that failed had taken was given back before: `consumed` is what others took.
        self.manager.revert_volume_consumed_capacity = lambda pool_name, size: None

    def prepare(self, names):
        """Lets Cinder know these pools and what was placed on them since their reports."""
        self.edges.case = dict(self.case, pools=[pool for pool in self.case["pools"] if pool["name"] in names])
        self.edges.refused = {}
        self.manager.backend_state_map = {}
        now = timeutils.utcnow()
        reports = {}
        for pool in self.edges.case["pools"]:
            backend, _, name = pool["name"].partition("#")
            report = reports.setdefault(backend, {"pools": [], "timestamp": now})
            report["pools"].append(dict(copy.deepcopy(pool["report"]), pool_name=name))
        self.manager.service_states = reports
        if any(pool["consumed"] for pool in self.edges.case["pools"]):
            self.consume()

    def consume(self):
        consumed = {pool["name"]: pool["consumed"] for pool in self.edges.case["pools"]}
        for state in self.manager.get_all_backend_states(CONTEXT):
            if consumed[state.host]:
                state.consume_from_volume({"size": consumed[state.host]})

    def request(self):
        """The request's specification and filter properties, as the scheduler's manager gets them."""
        asked = self.case["request"]
        properties = {
            "size": asked["size"], "qos_specs": asked["qos_specs"], "metadata": asked["metadata"],
            "attach_status": asked["attach_status"], "user_id": "user", "project_id": "project",
            "status": "creating",
        }
        zones = asked["availability_zones"] or [asked["resource_properties"].get("availability_zone")]
        if len(zones) == 1 and zones[0]:
            # With several zones none is the volume's.
            properties["availability_zone"] = zones[0]
        spec = {
            "volume_id": "11111111-1111-4111-8111-111111111111", "volume_properties": properties,
            "volume_type": None if asked["extra_specs"] is None else {"extra_specs": dict(asked["extra_specs"])},
            "resource_properties": asked["resource_properties"], "availability_zones": asked["availability_zones"],
            "operation": asked["operation"], "resource_backend": asked["resource_backend"],
        }
        filters = {"vol_exists_on": asked["exists_on"], "new_size": asked["new_size"]}
        filters = {key: value for key, value in filters.items() if value is not None}
        if asked["scheduler_hints"]:
            filters["scheduler_hints"] = copy.deepcopy(asked["scheduler_hints"])
        if asked["tried"]:
            tried = {"num_attempts": len(asked["tried"]), "backends": list(asked["tried"])}
            filters["retry"] = dict(tried, hosts=list(asked["tried"]))
        return copy.deepcopy(spec), filters

    def ask(self, names):
        """The answer for these pools; raises what Cinder raises."""
        self.prepare(names)
        self.scheduler.candidates = None
        consuming = chosen = None
        spec, filters = self.request()
        try:
            top = self.scheduler._schedule(CONTEXT, spec, filters)
            chosen = top.obj.host if top else None
        except Exception as failure:
            if self.scheduler.candidates is None:
                raise
            consuming = told(failure)
        weighed = self.scheduler.candidates
        order = [candidate.obj.host for candidate in weighed if self.kept(candidate.obj.host)]
        return {
            "refused": dict(self.edges.refused),
            "passing": sorted(candidate.obj.host for candidate in weighed),
            "weights": {candidate.obj.host: number(candidate.weight) for candidate in weighed},
            "order": order,
            "chosen": chosen if consuming is None else order[0],
            "consuming": consuming,
        }

    def kept(self, name):
        wanted = self.case["request"]["resource_backend"]
        return not wanted or wanted == (name if "#" in wanted else backend_of(name))

    def filtered(self, names):
        """The states of these pools that pass the filters; raises what Cinder raises on the way there."""
        self.prepare(names)
        kept = []
        weigh = self.manager.get_weighed_backends

        def keep(states, properties, names=None):
            kept.extend((state, properties) for state in states)
            return []

        self.manager.get_weighed_backends = keep
        try:
            self.scheduler._get_weighted_candidates(CONTEXT, *self.request())
        finally:
            self.manager.get_weighed_backends = weigh
        return kept

    def filtering_raises(self, name):
        self.filtered({name})

    def weighing_raises(self, name):
        for state, properties in self.filtered({name}):
            for weigher in self.manager._choose_backend_weighers(None):
                figure = weigher()._weigh_object(state, properties)
                if math.isnan(figure) or figure == -math.inf:
                    raise Unordered(f"{weigher.__name__} makes {figure} of it")

    def all_raises(self, name):
        self.ask({name})

    def answer(self):
        names = {pool["name"] for pool in self.case["pools"]}
        raised, blamed = None, {}
        # Who is to blame is asked in the order in which Cinder would come upon it, so that a figure that only raises
        # when nobody has a better one is not blamed as long as somebody has.
        blaming = [self.filtering_raises, self.weighing_raises, self.all_raises]
        while True:
            try:
                answer = self.ask(names)
                if blaming and "nan" in answer["weights"].values():
                    raise Unordered("not all weights are numbers")
                consuming = answer.pop("consuming")
                if consuming is None:
                    return dict(answer, raised=raised, blamed=blamed)
                # What is taken cannot be counted off what the pool says is free.
                raised = raised or consuming
                blamed[answer["order"][0]] = consuming
                names -= set(blamed)
                continue
            except Exception as failure:
                raised = raised or told(failure)
                if not blaming:
                    blamed.update(dict.fromkeys(names, told(failure)))
                    names = set()
                    continue
            blame = blaming.pop(0)
            for name in sorted(names):
                try:
                    blame(name)
                except Exception as failure:
                    blamed[name] = told(failure)
            names -= set(blamed)


def number(weight):
    if isinstance(weight, (int, float)) and math.isfinite(weight):
        return weight
    return repr(weight)


class Configured:
    """One scheduler, told before each case which filters, weighers and numbers to use."""

    def __init__(self):
        CONF.set_override("scheduler_max_attempts", ATTEMPTS)
        self.scheduler = Scheduler()
        self.handlers = {}
        self.set = {}

    def use(self, rules):
        manager = self.scheduler.host_manager
        manager.enabled_filters = manager._choose_backend_filters(
            rules["filters"] + [name for name in [rules["always"]] if name not in rules["filters"]])
        handler = rules["handler"]
        if handler not in self.handlers:
            self.handlers[handler] = importutils.import_object(handler, WEIGHTS)
        manager.weight_handler = self.handlers[handler]
        self.override("scheduler_default_weighers", rules["weighers"])
        self.override("max_over_subscription_ratio", rules["max_over_subscription_ratio"])
        for option, multiplier in rules["multipliers"].items():
            self.override(option, multiplier)
        return self.scheduler

    def override(self, option, value):
        if option not in self.set or self.set[option] != value:
            CONF.set_override(option, value)
            self.set[option] = value


def main():
    logging.disable(logging.CRITICAL)
    CONF([], project="cinder", default_config_files=[])
    edges = Edges()
    edges.install()
    configured = Configured()
    for line in sys.stdin:
        case = json.loads(line)
        answer = Asked(configured.use(case["rules"]), edges, case).answer()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
