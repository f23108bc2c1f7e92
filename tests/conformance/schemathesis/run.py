"""Fills an Ashlar, then lets schemathesis ask it what its own OpenAPI document says that it may be asked.

Prints, as the last line, the number of requests and of findings. Ends with 1 when there is a finding.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import requests

TOKEN = "tester:0123456789abcdef0123456789abcdef:admin,member,reader"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]


class House:
    """A client of one server at one microversion."""

    def __init__(self, base, version):
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Auth-Token"] = TOKEN
        self.session.headers["OpenStack-API-Version"] = f"volume {version}"

    def ask(self, method, path, body=None):
        answer = self.session.request(method, self.base + path, json=body, timeout=60)
        if answer.status_code >= 300:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.text else {}

    def make(self, path, kind, **wish):
        return self.ask("POST", f"/v3/{path}", {kind: wish})[kind]["id"]

    def wait(self, path, kind):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            status = self.ask("GET", f"/v3/{path}")[kind]["status"]
            if status not in ("creating", "reserved"):
                return status
            time.sleep(0.1)
        raise SystemExit(f"{path} stays as it is")


def fill(house):
    """Makes some of everything, and says what it is called."""
    newest = House(house.base, "3.71")
    volumes = [newest.make("volumes", "volume", size=1, name=f"volume {n}") for n in range(6)]
    for volume in volumes:
        newest.wait(f"volumes/{volume}", "volume")
    snapshots = [
        newest.make("snapshots", "snapshot", volume_id=volume, name="snapshot") for volume in volumes[:3]
    ]
    for snapshot in snapshots:
        newest.wait(f"snapshots/{snapshot}", "snapshot")
    newest.ask("PUT", f"/v3/volumes/{volumes[0]}/metadata", {"metadata": {"key": "value"}})
    kinds = [newest.make("types", "volume_type", name=f"type {n}") for n in range(3)]
    newest.ask("POST", f"/v3/types/{kinds[0]}/extra_specs", {"extra_specs": {"key": "value"}})
    group_type = newest.make("group_types", "group_type", name="group type")
    newest.ask("POST", f"/v3/group_types/{group_type}/group_specs", {"group_specs": {"key": "value"}})
    group = newest.make("groups", "group", group_type=group_type, volume_types=[kinds[1]])
    newest.wait(f"groups/{group}", "group")
    offer = newest.make("volume-transfers", "transfer", volume_id=volumes[5])
    qos = newest.make("qos-specs", "qos_specs", name="qos", key="value")
    attachment = newest.make("attachments", "attachment", volume_uuid=volumes[4], connector=None)
    hosts = [s["host"] for s in newest.ask("GET", "/v3/os-services")["services"]]
    return {
        "volume": volumes,
        "snapshot": snapshots,
        "type": kinds,
        "group_type": [group_type],
        "group": [group],
        "transfer": [offer],
        "qos": [qos],
        "attachment": [attachment],
        "host": hosts,
        "project": ["0123456789abcdef0123456789abcdef"],
        "key": ["key", "cipher"],
        "alias": ["os-hosts"],
    }


def operations(document):
    return sum(len(methods) for methods in document["paths"].values())


def findings(log):
    """What the log says at its end was found."""
    found = re.search(r"found (\d+) unique failures|(\d+) failures? in", log.read_text())
    return f"findings: {found.group(1) or found.group(2)}" if found else "nothing found"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="http://host:port of the server")
    parser.add_argument("--version", required=True, help="microversion, 3.N")
    parser.add_argument("--requests", type=int, required=True, help="about so many by chance")
    parser.add_argument("--limits", action="store_true", help="also what is at limits, and just beyond")
    parser.add_argument("--place", type=pathlib.Path, required=True, help="for logs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="operations with such names")
    options = parser.parse_args()
    options.place.mkdir(parents=True, exist_ok=True)

    house = House(options.url, options.version)
    known = options.place / "known.json"
    known.write_text(json.dumps(fill(house)))
    document = house.ask("GET", f"/ashlar/v1/openapi/{options.version}")
    place = options.place / "document.json"
    place.write_text(json.dumps(document))
    each = max(1, options.requests // operations(document))

    counted = options.place / "statuses.json"
    counted.write_text("{}")
    environment = dict(os.environ)
    environment.update(
        SCHEMATHESIS_HOOKS=str(pathlib.Path(__file__).with_name("hooks.py")),
        ASHLAR_KNOWN=str(known),
        ASHLAR_STATUSES=str(counted),
        ASHLAR_VERSION=f"volume {options.version}",
        NO_PROXY="*",
    )
    command = [
        str(pathlib.Path(sys.executable).with_name("schemathesis")), "run", str(place),
        "--url", f"{options.url}/v3",
        "--checks", ",".join(CHECKS),
        "--phases", "coverage,fuzzing" if options.limits else "fuzzing",
        "--mode", "all",
        "--max-examples", str(each),
        "--seed", str(options.seed),
        "--header", f"X-Auth-Token: {TOKEN}",
        "--header", f"OpenStack-API-Version: volume {options.version}",
        "--generation-database", "none",
        "--generation-with-security-parameters", "false",
        "--suppress-health-check", "all",
        "--request-timeout", "70",
        "--continue-on-failure",
        "--warnings", "off",
        "--no-color",
        "--report", "json",
        "--report-json-path", str(options.place / "report.json"),
    ]
    if options.only:
        command += ["--include-operation-id-regex", options.only]
    log = options.place / "log"
    with log.open("w") as output:
        status = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT).returncode
    print(log.read_text())
    statuses = json.loads(counted.read_text())
    shown = ", ".join(f"{status}: {count}" for status, count in statuses.items())
    print(f"{options.version}: {sum(statuses.values())} requests ({shown}), {findings(log)}")
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
