"""Checks A to D: whose tables are they? See README.md."""

import json

import sqlalchemy as sa

import catalog
from databases import Failed, cinder_manage, cinder_side, run, same

REVISION = "9c74c1c6971f"
FIRST_REVISION = "921e1a36b076"


def rows(url):
    """All rows of all tables, in a fixed order."""
    engine = sa.create_engine(url)
    meta = sa.MetaData()
    meta.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in meta.tables.items()
        }
    engine.dispose()
    return found


def without_ashlar(tables):
    """The catalog without what Ashlar adds."""
    return {
        name: table
        | {
            "indexes": {
                index: value
                for index, value in table["indexes"].items()
                if not index.startswith("ashlar_")
            }
        }
        for name, table in tables.items()
        if not name.startswith("ashlar_")
    }


def forget_known_differences(server, tables):
    """What README.md says of the differences on purpose."""
    for name, table in tables.items():
        if server.name == "sqlite" and name in ("quota_classes", "quota_usages", "reservations"):
            table["checks"] = []
        if name == "alembic_version":
            table["options"] = {}
    return tables


def seeded(url):
    """The first rows, without their random ids and their moments."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = {
            query: sorted(str(tuple(row)) for row in connection.execute(sa.text(query)))
            for query in (
                "SELECT name, description, is_public, deleted, qos_specs_id FROM volume_types",
                "SELECT name, description, is_public, deleted FROM group_types",
                "SELECT s.value, s.deleted, t.name FROM group_type_specs s"
                " JOIN group_types t ON t.id = s.group_type_id",
                "SELECT resource_type, resource_id, status, deleted, race_preventer FROM workers",
                "SELECT version_num FROM alembic_version",
            )
        }
    engine.dispose()
    return found


def check(server, ashlar, say):
    """Leaves a database that Cinder has made and used and to which Ashlar has added its tables: what is in
    it, and the configuration file that names it."""
    by_cinder, cinder_config = server.fresh("cinder")
    cinder_manage(cinder_config, "db", "sync")
    cinders, cinders_seeds = catalog.read(by_cinder), seeded(by_cinder)
    filled = json.loads(cinder_side(cinder_config, "fill"))
    cinders_rows = rows(by_cinder)

    run(ashlar, "db", "sync", "--config-file", cinder_config)
    both = catalog.read(by_cinder)
    same("A", without_ashlar(both), cinders)
    kept = {name: found for name, found in rows(by_cinder).items() if name in cinders_rows}
    same("A: rows", kept, cinders_rows)
    run(ashlar, "db", "sync", "--config-file", cinder_config)
    same("A: again", catalog.read(by_cinder), both)
    count = sum(len(found) for found in cinders_rows.values())
    added = f"to Cinder's {len(cinders)} tables with {count} rows"
    say("A", f"{added} only tables and indexes of Ashlar's were added")

    by_ashlar, ashlar_config = server.fresh("ashlar")
    run(ashlar, "db", "sync", "--config-file", ashlar_config)
    made, made_rows = catalog.read(by_ashlar), rows(by_ashlar)
    known = lambda tables: forget_known_differences(server, tables)
    same("B", known(without_ashlar(made)), known(cinders))
    same("B: ours", *({n: t for n, t in c.items() if n not in cinders} for c in (made, both)))
    same("B: first rows", seeded(by_ashlar), cinders_seeds)
    if made_rows["quota_classes"]:
        raise Failed("B: default quota classes were written")
    made = catalog.read(by_ashlar)  # anew: the comparison has forgotten some of the first
    cinder_manage(ashlar_config, "db", "sync")
    cinder_manage(ashlar_config, "db", "online_data_migrations")
    same("B: after Cinder's sync", catalog.read(by_ashlar), made)
    same("B: rows after Cinder's sync", rows(by_ashlar), made_rows)
    say("B", "Ashlar's tables are Cinder's; cinder-manage accepts them and changes nothing")

    cinder_side(ashlar_config, "write")
    say("C", "Cinder's database API writes and reads there")
    check_older(server, ashlar)
    say("D", "an older revision is refused by name and left alone")
    return filled, cinder_config


def check_older(server, ashlar):
    older, older_config = server.fresh("older")
    # cinder-manage takes numbers only, which no revision is any more
    cinder_side(older_config, "upgrade", FIRST_REVISION)
    before = catalog.read(older)
    said = run(ashlar, "db", "sync", "--config-file", older_config, fails=True)
    if FIRST_REVISION not in said or REVISION not in said:
        raise Failed(f"D: the refusal does not name both revisions: {said}")
    same("D", catalog.read(older), before)
