"""A network service in which there is nothing.

Tempest leaves out whole classes when there is no network service, although only the few tests in them that start a
server need one. The others then ask it only for a project's security groups, to clean up.
"""
import http.server
import json
import threading


class Nothing(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def do_GET(self):
        resource = self.path.split('?')[0].rstrip('/').split('/')[-1]
        text = json.dumps({resource.replace('-', '_'): []}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Nobody reads it."""


def start():
    """Serves until this program ends. Answers where."""
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Nothing)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{server.server_port}'
