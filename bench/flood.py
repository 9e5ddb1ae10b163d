"""A flood of connections, as a process of its own: `flood.py KIND PORT SECONDS`. Ends by itself, or at SIGTERM.

slow     2,000 clients that stay as long as they can and send an octet every few seconds (slow loris), from 20 addresses
garbage  200 clients that send nonsense as fast as it is taken and come back when they are sent away, from 20 addresses
listed   as slow, but from addresses that may relay (bench/floods.conf)
one      200 clients from one address that may relay: connect, wait for the greeting, go, come back at once

At the end it prints what it did, as JSON.
"""

import errno
import heapq
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time

KINDS = {
    "slow": {"clients": 2000, "network": "127.0.1"},
    "garbage": {"clients": 200, "network": "127.0.2"},
    "listed": {"clients": 2000, "network": "127.0.3"},
    "one": {"clients": 200, "network": "127.0.4", "addresses": 1},
}
ADDRESSES = 20
DRIP_SECONDS = 3.0
COME_BACK_SECONDS = 2.0
CONNECTS_PER_SECOND_MAX = 500
NONSENSE = b"\x00\xff\xfe qwertz " * 3 + b"\r\n" + b"asdf %s \x07 {}[]\r\n" * 60


class Client:
    """One connection of the flood after another."""

    def __init__(self, number, kind):
        addresses = KINDS[kind].get("addresses", ADDRESSES)
        self.source = f"{KINDS[kind]['network']}.{1 + number % addresses}"
        self.kind = kind
        self.socket = None
        self.heard = 0


class Flood:
    def __init__(self, kind, port):
        self.kind, self.port = kind, port
        self.selector = selectors.DefaultSelector()
        self.timers = []  # (when, number, client, what)
        self.number = 0
        self.did = {"kind": kind, "connections": 0, "sent away": 0, "octets": 0, "open at most": 0}
        self.open = 0
        self.connects = 0.0
        self.filled = time.monotonic()

    def later(self, seconds, client, what):
        self.number += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.number, client, what))

    def allowed(self):
        """No more connections in a second than the flood may have: what it takes of the processors is bounded."""
        now = time.monotonic()
        self.connects = min(CONNECTS_PER_SECOND_MAX / 10, self.connects + (now - self.filled) * CONNECTS_PER_SECOND_MAX)
        self.filled = now
        if self.connects < 1:
            return False
        self.connects -= 1
        return True

    def connect(self, client):
        if not self.allowed():
            self.later(0.05, client, self.connect)
            return
        client.socket = socket.socket()
        client.socket.setblocking(False)
        client.socket.bind((client.source, 0))
        if client.socket.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            client.socket.close()
            self.later(COME_BACK_SECONDS, client, self.connect)
            return
        client.heard = 0
        self.did["connections"] += 1
        self.open += 1
        self.did["open at most"] = max(self.did["open at most"], self.open)
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.kind == "garbage" else 0)
        self.selector.register(client.socket, wanted, client)
        if self.kind in ("slow", "listed"):
            self.later(DRIP_SECONDS, client, self.drip)

    def gone(self, client):
        self.selector.unregister(client.socket)
        client.socket.close()
        client.socket = None
        self.open -= 1
        self.did["sent away"] += 1
        self.later(0.0 if self.kind in ("garbage", "one") else COME_BACK_SECONDS, client, self.connect)

    def say(self, client, octets):
        try:
            self.did["octets"] += client.socket.send(octets)
            return True
        except BlockingIOError:
            return True
        except OSError:
            self.gone(client)
            return False

    def drip(self, client):
        # "NOOP aaaa…": a line that never ends.
        if client.socket and self.say(client, b"NOOP "[client.heard:client.heard + 1] or b"a"):
            client.heard += 1
            self.later(DRIP_SECONDS, client, self.drip)

    def hear(self, client):
        try:
            if client.socket.recv(65536) == b"" or self.kind == "one":
                self.gone(client)
                return False
            return True
        except BlockingIOError:
            return True
        except OSError:
            self.gone(client)
            return False

    def run(self, seconds):
        for number in range(KINDS[self.kind]["clients"]):
            self.later(0, Client(number, self.kind), self.connect)
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            while self.timers and self.timers[0][0] <= now:
                _, _, client, what = heapq.heappop(self.timers)
                what(client)
            wait = max(0.0, min(0.1, self.timers[0][0] - now if self.timers else 0.1))
            for key, ready in self.selector.select(wait):
                if not ready & selectors.EVENT_READ or self.hear(key.data):
                    if ready & selectors.EVENT_WRITE:
                        self.say(key.data, NONSENSE)


def main():
    kind, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    flood = Flood(kind, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    start = time.monotonic()
    try:
        flood.run(seconds)
    finally:
        flood.did["seconds"] = round(time.monotonic() - start, 1)
        flood.did["cpu seconds"] = round(sum(os.times()[:2]), 1)
        print(json.dumps(flood.did), flush=True)


main()
