"""make floods: what a well-behaved client gets while others flood the relay. See bench/README.md."""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

import load
import relays

PROMISE = 2 / 3  # a flood takes a third at most
CASE = load.Case("10k-single", 10240, False)
SESSIONS = 20
FLOODS = ["slow", "garbage", "listed", "one"]


class Flooded(relays.Relay):
    """The packaged program with bench/floods.conf."""

    def __init__(self, directory, sink, command):
        super().__init__(directory, sink)
        config = os.path.join(directory, "poststation.conf")
        relays.fill_in("bench/floods.conf", config, {
            "DATA": os.path.join(directory, "data"), "PORT": self.port, "SINK": sink.port, "ADMIN": load.free_port()})
        os.makedirs(os.path.join(directory, "data"))
        self.launch([*shlex.split(command), config])


def accepted_per_second(port, mails, seconds_max):
    """The well-behaved client: a connection for each mail, from 127.0.0.1. 0 when it was not served in time."""
    start = time.monotonic()
    source = load.start_source(CASE, port, mails, SESSIONS)
    try:
        source.wait(seconds_max)
    except subprocess.TimeoutExpired:
        load.stop(source)
        return 0.0
    if source.returncode != 0:
        print(f"floods: smtp-source ended with {source.returncode}: a good mail was refused", file=sys.stderr)
        return 0.0
    return mails / (time.monotonic() - start)


class Flood:
    """One flood, from its first connection on until it is ended."""

    def __init__(self, kind, port, seconds):
        self.process = subprocess.Popen(
            [sys.executable, "bench/flood.py", kind, str(port), str(seconds)], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        load.stop(self.process)

    def end(self):
        self.process.terminate()
        return json.loads(self.process.communicate(timeout=30)[0])


def compare(kind, relay, other, arguments):
    """In turn: alone, the flood at another server, the flood here; and alone at the end. Ratios of the medians.

    What a flood that goes elsewhere takes is processor time of this machine, none of the relay's."""
    quiet, beside, flooded, did = [], [], [], {}
    for _ in range(arguments.rounds):
        quiet.append(measure(relay, arguments))
        for port, rates in ((other, beside), (relay, flooded)):
            with Flood(kind, port, 600) as flood:
                time.sleep(arguments.lead)
                rates.append(measure(relay, arguments, quiet[-1]))
                did = flood.end()
            if port == other:
                elsewhere = did
            time.sleep(2)
    quiet.append(measure(relay, arguments))
    alone, best, left = (statistics.median(rates) for rates in (quiet, beside, flooded))
    ratio = left / alone
    print(f"{kind:8} {alone:8.0f} {best:10.0f} {left:8.0f} {ratio:6.2f} {left / best:6.2f}   "
          f"{'kept' if ratio >= PROMISE else 'NOT KEPT'}; the flood: {json.dumps(did)}; elsewhere: {json.dumps(elsewhere)}",
          flush=True)
    return ratio >= PROMISE


def measure(port, arguments, expected=None):
    mails = max(200, int((expected or arguments.rate) * arguments.seconds))
    rate = accepted_per_second(port, mails, arguments.seconds * 6 + 20)
    arguments.rate = rate or arguments.rate
    return rate


def main():
    parser = argparse.ArgumentParser(prog="bench/floods", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="length of a measurement, about (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements under each flood (%(default)s)")
    parser.add_argument("--lead", type=float, default=6, help="seconds that a flood has before it is measured (%(default)s)")
    parser.add_argument("--only", default=",".join(FLOODS), help="of %(default)s")
    parser.add_argument("--poststation", default=relays.Poststation.command)
    parser.add_argument("--directory", default="target/floods")
    arguments = parser.parse_args()
    arguments.directory = os.path.abspath(arguments.directory)
    arguments.rate = 100
    os.makedirs(arguments.directory, exist_ok=True)
    with load.Sink(arguments.directory) as sink, load.Sink(arguments.directory) as other, \
            Flooded(os.path.join(arguments.directory, "relay"), sink, arguments.poststation) as relay:
        for _ in range(4):
            measure(relay.port, arguments)  # warm-up
        print("flood       alone  elsewhere     here   left   of it   mails accepted per second", flush=True)
        kept = [compare(kind, relay.port, other.port, arguments) for kind in arguments.only.split(",")]
    sys.exit(0 if all(kept) else 1)


main()
