"""Takes Cinder and Ashlar in turns over one database and says what each leaves behind. See README.md."""

import argparse
import os
import pathlib
import sys
import tempfile

import rows
import tables
from databases import Failed, Server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True, help="the program under test")
    parser.add_argument("urls", nargs="+", help="database servers; of SQLite sqlite:///")
    options = parser.parse_args()
    os.environ["PYTHONWARNINGS"] = "ignore"
    failed = 0
    for url in options.urls:
        with tempfile.TemporaryDirectory(prefix="ashlar-cinder-db-") as scratch:
            failed += not hold(Server(url, pathlib.Path(scratch)), options.ashlar)
    if failed:
        sys.exit(1)
    print("cinder-db: all done")


def hold(server, ashlar):
    """Runs the checks; whether they held."""

    def say(check, text):
        print(f"ok   {server.name:11}{check}  {text}", flush=True)

    try:
        filled, config = tables.check(server, ashlar, say)
        rows.check(server, ashlar, filled, config, say)
    except Failed as failure:
        print(f"FAIL {server.name:11}{failure}", flush=True)
        return False
    finally:
        server.drop_all()
    return True


if __name__ == "__main__":
    main()
