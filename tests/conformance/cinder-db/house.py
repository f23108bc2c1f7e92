"""`ashlar serve` as a process, and the little of a client that the checks need."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

from databases import Failed

NEWEST = "3.71"


class House:
    """Serves until the end of its `with`."""

    def __init__(self, ashlar, config, state, log, project):
        self.command = [ashlar, "serve", "--config-file", config, "--listen", "127.0.0.1:0"]
        self.command += ["--state-dir", str(state)]
        self.log = log
        self.project = project

    def __enter__(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=log, text=True
            )
        ready = next((line for line in self.process.stdout if line.startswith("ashlar ready:")), None)
        if ready is None:
            said = self.log.read_text()
            raise Failed(f"ashlar serve ended with {self.process.wait()}:\n{said}")
        self.url = ready.split()[2].rstrip("/")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, path, version=NEWEST, method="GET", body=None):
        """Status and body."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Auth-Token": f"admin:{self.project}",
                "OpenStack-API-Version": f"volume {version}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return [answer.status, json.loads(answer.read() or b"null")]
        except urllib.error.HTTPError as error:
            return [error.code, json.loads(error.read() or b"null")]

    def call(self, method, path, body=None, status=None):
        """The body of an answer that must be a success, or have this status."""
        got, answer = self.ask(f"/v3/{self.project}{path}", NEWEST, method, body)
        if got != status if status else got >= 300:
            raise Failed(f"{method} {path}: {got} {answer}\n{self.log.read_text()}")
        return answer

    def make(self, path, key, body):
        """Creates one and waits until it is available."""
        made = self.call("POST", path, {key: body})[key]
        return self.settled(f"{path}/{made['id']}", key)

    def settled(self, path, key):
        """Waits until it is available."""
        return self._await(path, lambda status, body: status == 200 and body[key])

    def gone(self, path):
        """Waits until it is not there any more."""
        return self._await(path, lambda status, _: {"status": "available"} if status == 404 else None)

    def _await(self, path, look):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            got = self.ask(f"/v3/{self.project}{path}")
            found = look(*got)
            if found and found["status"] == "available":
                return found
            if found and found["status"].startswith("error"):
                break
            time.sleep(0.05)
        raise Failed(f"waited in vain for {path}: {got}\n{self.log.read_text()}")
