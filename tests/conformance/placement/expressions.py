"""Evaluates expressions by Cinder's own evaluator, for tests/it/expressions.rs to compare with ours.

Standard input has one case a line, {"expression": text, "variables": {namespace: {key: value}}}; standard output gets
one answer a line: [kind, value], where kind is int, float, bool, text, list, complex, large or error. Integers and
floats are answered as texts, since JSON has neither all integers nor the floats that are no numbers.
"""

import gc
import json
import resource
import signal
import sys

# A case that asks for more memory is an error, like any exception; one that hangs ends it all.
MEMORY = 1 << 30
SECONDS = 900
# Beyond these nobody compares the values.
LONGEST = 100_000
INTEGER_BITS = 127


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(SECONDS)
    import pyparsing
    from cinder.scheduler.evaluator import evaluator

    # Only for speed: the parser remembers all that it has tried, and what is imported is never looked through again.
    pyparsing.ParserElement.enable_packrat(cache_size_limit=None)
    gc.freeze()

    if answer(evaluator, "stats.probe + 1", {"stats": {"probe": 1}}) != ["int", "2"]:
        sys.exit(
            f"with pyparsing {pyparsing.__version__} Cinder's evaluator reads no variables"
            " (pyparsing's issue 672); 3.3.2 will do"
        )
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(answer(evaluator, case["expression"], case["variables"])))


def answer(evaluator, expression, variables):
    try:
        return told(evaluator.evaluate(expression, **variables))
    except Exception as error:
        return ["error", f"{type(error).__name__}: {error}"[:200]]


def told(value):
    """A value with its kind; bool first, since Python's are integers."""
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)] if value.bit_length() <= INTEGER_BITS else ["large", "int"]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, complex):
        return ["complex", repr(value)]
    if len(value) > LONGEST:
        return ["large", type(value).__name__]
    return ["text", value] if isinstance(value, str) else ["list", [told(item) for item in value]]


if __name__ == "__main__":
    main()
