"""What os-brick makes of our connection information.

Reads one JSON object from standard input:
  info      what a host is told: driver_volume_type, data
  inquiry   for iscsi, the path of libiscsi's iscsi-inq, which logs in in place of iscsiadm
  locks     a directory for os-brick's locks
Writes one JSON object: what the connector found, and for local the first bytes as hexadecimal digits.

Nothing here needs root, and os-brick is the unmodified one. What iscsiadm would be told is kept, and its login is done
for real, by libiscsi.
"""

import json
import subprocess
import sys

import os_brick
from os_brick.initiator import connector
from oslo_concurrency import processutils
from oslo_config import cfg


class Iscsiadm:
    """Stands where iscsiadm does: keeps what it is told of nodes, logs in with that."""

    def __init__(self, inquiry):
        self.inquiry = inquiry
        self.nodes = {}
        self.sessions = []

    def execute(self, program, *args, **kwargs):
        if program != "iscsiadm":
            raise AssertionError(f"os-brick runs {program}")
        if args[:2] == ("-m", "session"):
            lines = [
                f"tcp: [{n}] {portal},1 {iqn} (non-flash)"
                for n, (iqn, portal) in enumerate(self.sessions, 1)
            ]
            return "\n".join(lines), ""
        mode, node, _, iqn, _, portal, *command = args
        assert (mode, node) == ("-m", "node"), args
        known = self.nodes.get((iqn, portal))
        if not command:
            return ("", "no records") if known is None else ("a record", "")
        if command[0] == "--interface":
            self.nodes[iqn, portal] = {}
        elif command[:2] == ["--op", "update"]:
            known[command[3]] = command[5]
        elif command == ["--login"]:
            self.login(iqn, portal, known)
        else:
            raise AssertionError(f"iscsiadm {args}")
        return "", ""

    def login(self, iqn, portal, known):
        account = ""
        if known.get("node.session.auth.authmethod") == "CHAP":
            user = known["node.session.auth.username"]
            account = f"{user}%{known['node.session.auth.password']}@"
        place = f"iscsi://{account}{portal}/{iqn}/1"
        if subprocess.run([self.inquiry, place], capture_output=True).returncode != 0:
            raise processutils.ProcessExecutionError(exit_code=24)
        self.sessions.append((iqn, portal))


def local(info, _asked):
    brick = connector.InitiatorConnector.factory(info["driver_volume_type"], None)
    device = brick.connect_volume(info["data"])
    assert brick.get_volume_paths(info["data"]) == [device["path"]]
    with open(device["path"], "rb") as file:
        head = file.read(16)
        length = file.seek(0, 2)
    brick.disconnect_volume(info["data"], device)
    return {"type": device["type"], "head": head.hex(), "length": length}


def iscsi(info, asked):
    data = info["data"]
    iscsiadm = Iscsiadm(asked["inquiry"])
    brick = connector.InitiatorConnector.factory(
        info["driver_volume_type"], None, execute=iscsiadm.execute
    )
    brick.set_execute(iscsiadm.execute)
    targets = [list(target) for target in brick._get_all_targets(data)]
    if "target_portals" in data:
        found = brick._get_ips_iqns_luns(data, discover=False)
        assert [list(target) for target in found] == targets, found
    logged_in = []
    for single in brick._iterate_all_targets(data):
        session, manual = brick._connect_to_iscsi_portal(single)
        logged_in.append({"session": session, "manual_scan": manual})
    return {"targets": targets, "logged_in": logged_in}


def main():
    asked = json.load(sys.stdin)
    cfg.CONF([], project="os_brick")
    os_brick.setup(cfg.CONF)
    cfg.CONF.set_override("lock_path", asked["locks"], group="os_brick")
    info = asked["info"]
    kinds = {"local": local, "iscsi": iscsi}
    json.dump(kinds[info["driver_volume_type"]](info, asked), sys.stdout)


main()
