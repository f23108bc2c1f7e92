"""Serves one of the neighbours on a socket that is already listening.

    serve.py keystone|glance DIRECTORY SOCKET

DIRECTORY holds the service's configuration, SOCKET is the number of an inherited file. The service ends when its
standard input does, so that none outlives whoever started it.
"""
import os
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server

name, directory, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
# Both services read the command line as their own.
sys.argv = [name]
os.environ[f'OS_{name.upper()}_CONFIG_DIR'] = directory


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


class Handler(WSGIRequestHandler):
    def log(self, *_):
        """The services write their own logs."""


def write_locks_first():
    """A transaction that reads and then writes fails on SQLite when another one wrote in between; one that takes
    the lock for writing when it begins waits for it instead."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, 'before_cursor_execute', retval=True)
    def begin(_connection, _cursor, statement, parameters, _context, _many):
        return ('BEGIN IMMEDIATE' if statement == 'BEGIN' else statement), parameters


threading.Thread(target=end_with_parent, daemon=True).start()
write_locks_first()
if name == 'keystone':
    from keystone.wsgi.api import application
else:
    from glance.wsgi.api import application
# Transfers of images last as long as their bytes take; everything in Keystone is short.
make_server('127.0.0.1', 0, application, threaded=name == 'glance', request_handler=Handler, fd=number).serve_forever()
