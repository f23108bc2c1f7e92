"""Checks E to G: whose rows are they? A cloud that Cinder has used goes to Ashlar and back. See README.md."""

import json

from databases import Failed, cinder_side, same
from house import House

GIB = 1 << 30
# stands in links for wherever the answer came from
URL = "http://cinder.example"
MARK = b"written by a server under Cinder"


def check(server, ashlar, filled, config, say):
    """On the database that the checks of tables have left."""
    put_files(server.volumes, filled)
    state, log = server.scratch / "state", server.scratch / "log"
    with House(ashlar, config, state, log, filled["project"]) as house:
        ask = questions(filled, {})
        count = compare("E", house, ask, cinder_answers(config, ask), filled["gone"])
        say("E", f"{count} questions on Cinder's rows: Ashlar answers as Cinder does")
        made = work(house, filled, server.volumes)
        ask = questions(filled, made)
        count = compare("F", house, ask, cinder_answers(config, ask, "quota"))
        say("F", f"Ashlar worked on Cinder's rows; of {count} questions Cinder answers as Ashlar does")
    # the next start is a heartbeat, which Cinder cannot have seen
    ask = [one for one in ask if not one[0].endswith("/os-services")]
    answers = cinder_answers(config, ask, "finish", "quota")
    with House(ashlar, config, state, log, filled["project"]) as house:
        compare("G", house, ask, answers)
    say("G", "Cinder deletes it all, no quota is left, and Ashlar sees it")


def cinder_answers(config, ask, *before):
    """What Cinder's API says to the questions, after other deeds in the same process."""
    return json.loads(cinder_side(config, *before, "answer", stdin=json.dumps({"url": URL, "ask": ask})))


def put_files(directory, cinder):
    """What lies on the backend: a GiB for each volume and snapshot that Cinder has there."""
    names = [cinder["files"][name] for name in ("kept", "moved", "attached", "uncounted", "deleting")]
    names += [cinder["files"]["child"], f"snapshot-{cinder['snapshots']['good']}"]
    for name in names:
        with open(directory / name, "wb") as file:
            file.write(MARK)
            file.truncate(GIB)


def questions(cinder, made):
    """Path and microversion of what both are asked."""
    project, types = cinder["project"], cinder["types"]
    volumes = list(cinder["volumes"].values()) + made.get("volumes", [])
    snapshots = list(cinder["snapshots"].values()) + made.get("snapshots", [])
    lists = [
        "/volumes/detail?all_tenants=1", "/volumes/detail", "/volumes?sort=created_at:asc,id&limit=3",
        "/volumes?status=available&name=moved", "/volumes/detail?metadata=%7B%22a%22%3A%22b%22%7D",
        "/snapshots/detail?all_tenants=1", f"/snapshots?volume_id={cinder['volumes']['kept']}",
        "/types?is_public=None", "/types/default", f"/types/{types['gold']}/extra_specs",
        f"/types/{types['private']}/os-volume-type-access", f"/os-quota-sets/{project}?usage=True",
        f"/os-quota-sets/{project}", f"/os-quota-sets/{project}/defaults", "/limits",
        "/os-availability-zone", "/qos-specs", "/qos-specs?limit=1", f"/os-hosts/{cinder['backend']}",
    ]  # fmt: skip
    for qos in [cinder["qos"]] + made.get("qos", []):
        lists += [f"/qos-specs/{qos}", f"/qos-specs/{qos}/associations"]
    for of_type in ("encrypted", "private", "gold"):
        lists.append(f"/types/{types[of_type]}/encryption")
    lists.append(f"/types/{types['encrypted']}/encryption/cipher")
    paths = lists + [f"/types/{of_type}" for of_type in types.values()]
    paths += [f"/volumes/{volume}" for volume in volumes]
    paths += [f"/snapshots/{snapshot}" for snapshot in snapshots]
    ask = [(path, version) for path in paths for version in ("3.0", "3.71")]
    ask += [("/default-types", "3.62")]
    ask += [("/messages", "3.71"), (f"/messages/{cinder['message']}", "3.71")]
    # later ones make Cinder ask its schedulers, of which none runs here
    ask += [("/os-services", version) for version in ("3.0", "3.48")]
    ask += [("/volumes/summary?all_tenants=1", "3.71"), ("/volumes/detail?with_count=true", "3.45")]
    return [(f"/v3/{project}{path}", version) for path, version in ask]


def compare(check, house, ask, theirs, gone=None):
    """Asks Ashlar what Cinder has answered; answers how often. With `gone`, Cinder has all the rest."""
    failures = []
    for (path, version), their in zip(ask, theirs):
        if gone is not None and their[0] != 200 and path.split("/")[-1] not in gone:
            failures.append(f"{check}: Cinder itself says {their} to {path}")
        our = json.loads(json.dumps(house.ask(path, version)).replace(house.url, URL))
        try:
            what = f"{check}: {path} at {version}: Ashlar and Cinder"
            same(what, comparable(our), comparable(their))
        except Failed as failure:
            failures.append(str(failure))
    if failures:
        raise Failed("\n".join(failures))
    return len(ask)


def comparable(answer):
    """Without the sentences of messages, which Ashlar says in words of its own, and their links to operations, which
    Cinder does not have; with those lists sorted for which Cinder promises no order."""
    body = answer[1] or {}
    for message in [*body.get("messages", []), body.get("message", {})]:
        message.pop("user_message", None)
        links = message.get("links", [])
        links[:] = [link for link in links if link["rel"] != "operations"]
    body.get("volume_type_access", []).sort(key=lambda access: access["project_id"])
    body.get("default_types", []).sort(key=lambda default: default["project_id"])
    body.get("qos_associations", []).sort(key=lambda association: association["id"])
    body.get("host", []).sort(key=lambda row: row["resource"]["project"])
    body.get("services", []).sort(key=lambda service: (service["host"], service["binary"]))
    return answer


def work(house, cinder, files):
    """Does with Cinder's volumes what people do, and looks at the files; answers what was made."""
    volume, snapshot = cinder["volumes"], cinder["snapshots"]
    kept = f"/volumes/{volume['kept']}"
    house.call("PUT", kept, {"volume": {"name": "renamed", "metadata": {"e": "f"}}})
    copy = house.make(
        "/volumes", "volume", {"size": 2, "name": "copy", "snapshot_id": snapshot["good"]}
    )
    clone = house.make("/volumes", "volume", {"size": 1, "source_volid": volume["kept"]})
    blank = house.make(
        "/volumes", "volume", {"size": 1, "name": "v\u00e9", "volume_type": "private"}
    )
    house.call("POST", f"{kept}/action", {"os-extend": {"new_size": 3}})
    house.settled(kept, "volume")
    taken = house.make(
        "/snapshots", "snapshot", {"volume_id": volume["moved"], "metadata": {"g": "h"}}
    )
    for name, size in (
        (cinder["files"]["kept"], 3),
        (f"volume-{copy['id']}", 2),
        (f"volume-{clone['id']}", 1),
        (f"snapshot-{taken['id']}", 1),
    ):
        with open(files / name, "rb") as file:
            if file.read(len(MARK)) != MARK or file.seek(0, 2) != size * GIB:
                raise Failed(f"F: {name} has not the bytes or not the size: {file.tell()}")

    refused = house.call("DELETE", f"/volumes/{volume['attached']}", status=400)
    if "attached" not in json.dumps(refused):
        raise Failed(f"F: an attached volume is refused without its reason: {refused}")
    house.call("DELETE", f"/snapshots/{snapshot['bad']}")
    house.gone(f"/snapshots/{snapshot['bad']}")
    for name in ("failed", "uncounted", "child"):
        delete(house, files, cinder, name)
    # what Cinder was at when it stopped is ended as an operator ends it
    for name in ("creating", "deleting"):
        action = {"os-reset_status": {"status": "error"}}
        house.call("POST", f"/volumes/{volume[name]}/action", action)
        delete(house, files, cinder, name)
    house.call("POST", f"/volumes/{volume['broken']}/action", {"os-force_delete": {}})
    house.gone(f"/volumes/{volume['broken']}")
    made = {"volumes": [copy["id"], clone["id"], blank["id"]], "snapshots": [taken["id"]]}
    return made | {"qos": [work_on_types(house, cinder)]}


def work_on_types(house, cinder):
    """What hangs on types: QoS specs, encryption, defaults. Answers the identity of new specs."""
    types = cinder["types"]
    specs = {"name": "made by ashlar", "consumer": "front-end", "a": "1", "b": "2", "c": None}
    made = house.call("POST", "/qos-specs", {"qos_specs": specs})["qos_specs"]["id"]
    path = f"/qos-specs/{made}"
    house.call("PUT", path, {"qos_specs": {"b": "3", "consumer": "both"}})
    house.call("PUT", f"{path}/delete_keys", {"keys": ["a"]})
    house.call("GET", f"{path}/associate?vol_type_id={types['private']}")
    house.call("PUT", f"/qos-specs/{cinder['qos']}", {"qos_specs": {"total_iops_sec": "200"}})
    encryption = f"/types/{types['encrypted']}/encryption"
    house.call("PUT", f"{encryption}/x", {"encryption": {"key_size": "512", "cipher": None}})
    wish = {"size": 1, "volume_type": "encrypted"}
    house.call("POST", "/volumes", {"volume": wish}, status=400)
    house.call("PUT", "/default-types/a0b1", {"default_type": {"volume_type": "gold"}})
    house.call("DELETE", f"/default-types/{cinder['other_project']}")
    return made


def delete(house, files, cinder, name):
    path = f"/volumes/{cinder['volumes'][name]}"
    house.call("DELETE", path)
    house.gone(path)
    if (files / cinder["files"][name]).exists():
        raise Failed(f"F: the file of {name} is left")
