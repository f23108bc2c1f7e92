"""What Cinder's own JsonFilter says to queries: one case a line in, one answer a line out.

    queries.py < cases > answers

A case is a JSON object: "hint" is the value of the scheduler hint `query`, "attributes" are all that the pool state has.
An answer is `pass`, `fail`, or `error` with the name of the exception.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")  # about eventlet, on every import

from cinder import objects  # noqa: E402

objects.register_all()  # host_manager cannot be imported before

from cinder.scheduler import host_manager  # noqa: E402
from cinder.scheduler.filters import json_filter  # noqa: E402


def pool_state(attributes):
    """A pool state of Cinder's that has these attributes and no others, but for what its class has."""
    state = host_manager.PoolState("host@backend", None, None, "pool")
    vars(state).clear()
    vars(state).update(attributes)
    # as maps that cannot be changed, which is not the same as plain ones
    state.update_capabilities(attributes.get("capabilities"), attributes.get("service"))
    return state


def judge(judging, case):
    """The answer to one case."""
    hints = {"scheduler_hints": {"query": case["hint"]}}
    try:
        passes = judging.backend_passes(pool_state(case["attributes"]), hints)
    except Exception as error:
        return f"error {type(error).__name__}"
    return "pass" if passes else "fail"


def main():
    judging = json_filter.JsonFilter()
    for line in sys.stdin:
        print(judge(judging, json.loads(line)))


main()
