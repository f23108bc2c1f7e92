"""Answers policy questions by oslo.policy itself: a JSON object a line in, a JSON object a line out.

In: rules (name to text or lists), rule (the name asked), creds, target, default_rule. Out: answer (true, false, or the name
of an exception) and complaint: whether oslo.policy logged that it could not read a rule, or has one that is an exception
whenever it is reached.
"""

import ast
import collections
import json
import logging
import signal
import sys
import warnings

from oslo_policy import _checks
from oslo_policy import _parser
from oslo_policy import policy

# A runaway must not outlive the test.
signal.alarm(300)
warnings.simplefilter("ignore")


class Complaints(logging.Handler):
    def __init__(self):
        super().__init__()
        self.heard = False

    def emit(self, record):
        self.heard = True


class Enforcer:
    def __init__(self, rules):
        self.rules = rules


def breaks(check):
    """Whether a part of the check is an exception for every caller and target."""
    parts = list(getattr(check, "rules", []))
    if isinstance(check, _checks.NotCheck):
        parts.append(check.rule)
    if any(breaks(part) for part in parts):
        return True
    if not isinstance(check, (_checks.GenericCheck, _checks.RoleCheck)):
        return False
    try:
        check.match % collections.defaultdict(str)
        if isinstance(check, _checks.GenericCheck):
            ast.literal_eval(check.kind)
    except ValueError as error:
        # The kind names a credential, unless it is the template that is wrong.
        return "format" in str(error)
    except Exception:
        return True
    return False


def ask(question, complaints):
    complaints.heard = False
    rules = {name: _parser.parse_rule(text) for name, text in question["rules"].items()}
    complaint = complaints.heard or any(breaks(check) for check in rules.values())
    enforcer = Enforcer(policy.Rules(rules, question["default_rule"]))
    try:
        answer = bool(
            _checks._check(
                enforcer.rules[question["rule"]], question["target"], question["creds"], enforcer, None
            )
        )
    except Exception as error:
        answer = type(error).__name__
    return {"answer": answer, "complaint": complaint}


def main():
    complaints = Complaints()
    logger = logging.getLogger("oslo_policy")
    logger.addHandler(complaints)
    logger.propagate = False
    for line in sys.stdin:
        print(json.dumps(ask(json.loads(line), complaints)))


main()
