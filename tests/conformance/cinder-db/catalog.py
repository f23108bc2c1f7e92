"""What a database's own catalog says about its tables, in a form that can be compared.

Used by check.py; by itself it prints the catalog of one database as JSON:

    catalog.py URL
"""

import json
import sys

import sqlalchemy as sa


def read(url):
    """Tables of the database at URL: columns in order, keys, indexes, foreign keys, checks."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            return {
                name: _table(inspector, name, engine.dialect)
                for name in sorted(inspector.get_table_names())
            }
    finally:
        engine.dispose()


def _table(inspector, name, dialect):
    indexes = {
        index["name"]: {"columns": index["column_names"], "unique": bool(index["unique"])}
        for index in inspector.get_indexes(name)
        if not index.get("duplicates_constraint")
    }
    uniques = {
        unique["name"] or ",".join(unique["column_names"]): unique["column_names"]
        for unique in inspector.get_unique_constraints(name)
        # MySQL lists a unique index as a constraint too: once is enough
        if unique["name"] not in indexes
    }
    return {
        "columns": [_column(column, dialect) for column in inspector.get_columns(name)],
        "primary_key": inspector.get_pk_constraint(name)["constrained_columns"],
        "uniques": uniques,
        "indexes": indexes,
        "foreign_keys": sorted(
            (
                {
                    "name": key["name"],
                    "columns": key["constrained_columns"],
                    "table": key["referred_table"],
                    "refers": key["referred_columns"],
                    "options": key.get("options") or {},
                }
                for key in inspector.get_foreign_keys(name)
            ),
            key=lambda key: (key["columns"], key["table"]),
        ),
        "checks": sorted(
            check["sqltext"].lower().replace('"', "") for check in inspector.get_check_constraints(name)
        ),
        "options": {
            key: value
            for key, value in inspector.get_table_options(name).items()
            if key in ("mysql_engine", "mysql_default charset", "mysql_collate")
        }
        if dialect.name == "mysql"
        else {},
    }


def _column(column, dialect):
    default = column["default"]
    return {
        "name": column["name"],
        "type": column["type"].compile(dialect),
        "nullable": column["nullable"],
        # the sequence that feeds a key carries the table's name, not the maker's
        "default": None if default is None else str(default),
        # SQLite's driver says "auto" of any key; PostgreSQL's says it of the default above
        "auto": column.get("autoincrement") is True,
    }


if __name__ == "__main__":
    json.dump(read(sys.argv[1]), sys.stdout, indent=1)
