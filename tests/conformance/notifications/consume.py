"""Consumes notifications as Ceilometer does, by oslo.messaging, and prints each as a line of JSON.

    consume.py TRANSPORT-URL TOPIC
"""

import json
import sys
import threading

import oslo_messaging
from oslo_config import cfg


class Endpoint:
    """Takes what comes, of every priority that Cinder uses."""

    def __init__(self):
        self.lock = threading.Lock()

    def info(self, *message):
        self.say("INFO", *message)

    def error(self, *message):
        self.say("ERROR", *message)

    def say(self, priority, context, publisher_id, event_type, payload, metadata):
        line = {
            "priority": priority, "context": context, "publisher_id": publisher_id,
            "event_type": event_type, "payload": payload, "metadata": metadata,
        }  # fmt: skip
        with self.lock:
            print(json.dumps(line), flush=True)


def main():
    url, topic = sys.argv[1:]
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[])
    transport = oslo_messaging.get_notification_transport(conf, url=url)
    listener = oslo_messaging.get_notification_listener(
        transport, [oslo_messaging.Target(topic=topic)], [Endpoint()], executor="threading"
    )
    listener.start()
    print(json.dumps("ready"), flush=True)
    # until whoever started this goes away
    sys.stdin.read()


if __name__ == "__main__":
    main()
