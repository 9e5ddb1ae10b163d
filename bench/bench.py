"""make bench: see bench/README.md. Runs every case through every relay, prints the table and keeps it."""

import argparse
import os
import sys
import time

import load
import relays
import report

SETTLE_SECONDS_MAX = 10


class Run:
    """What one relay did with one load."""

    def __init__(self, case, relay, mails, seconds, accepted_seconds, cpu_ms, memory_mb, arrived):
        self.case, self.relay, self.mails, self.arrived = case, relay, mails, arrived
        self.seconds = seconds
        self.rate = mails / seconds
        self.accepted_rate = mails / accepted_seconds
        self.cpu_ms = cpu_ms
        self.memory_mb = memory_mb
        self.syncs = None


def settle(relay):
    """Waits until the relay has nothing to do any more: what it tidies up belongs to the cost of the mails."""
    end = time.monotonic() + SETTLE_SECONDS_MAX
    spent = relay.cpu_seconds()
    while time.monotonic() < end:
        time.sleep(0.5)
        now = relay.cpu_seconds()
        if now - spent < 0.02:
            return
        spent = now


def send(case, relay, sink, mails, seconds_max):
    """Sends so many mails and waits until the sink has them all."""
    before = sink.mails()
    cpu = relay.cpu_seconds()
    memory = relay.memory_mb()
    looked = start = time.monotonic()
    source = load.start_source(case, relay.port, mails)
    accepted = None
    while (arrived := sink.mails() - before) < mails or accepted is None:
        now = time.monotonic()
        if accepted is None and source.poll() is not None:
            accepted = now - start
            if source.returncode != 0:
                raise SystemExit(f"bench: smtp-source ended with {source.returncode}")
        if now - looked > 2:
            looked = now
            memory = max(memory, relay.memory_mb())
        if now - start > seconds_max:
            load.stop(source)
            print(f"bench: only {arrived} of {mails} mails arrived in {seconds_max:.0f} s", file=sys.stderr)
            break
        time.sleep(0.01)
    seconds = time.monotonic() - start
    settle(relay)
    memory = max(memory, relay.memory_mb())
    cpu_ms = (relay.cpu_seconds() - cpu) * 1000 / mails
    return Run(case, relay.name, mails, seconds, accepted or seconds, cpu_ms, memory,
               sink.mails() - before)


def warm_up(case, relay, sink, seconds):
    """Sends ever more mails until that took long enough; returns the rate at the end."""
    mails, spent, rate = 200, 0.0, 0.0
    while spent < seconds or rate == 0.0:
        run = send(case, relay, sink, mails, 120)
        spent += run.seconds
        rate = run.rate
        mails = max(200, int(rate * min(5.0, max(1.0, seconds - spent))))
    return rate


def measure(case, name, arguments):
    """One run: fresh relay, warm-up, then a load of the asked length."""
    with load.Sink(arguments.directory) as sink, \
            relays.RELAYS[name](os.path.join(arguments.directory, name), sink) as relay:
        rate = warm_up(case, relay, sink, arguments.warm_up)
        while True:
            run = send(case, relay, sink, max(500, int(rate * arguments.seconds * 1.15)), arguments.seconds * 5 + 60)
            if run.seconds >= arguments.seconds or run.arrived != run.mails:
                return run
            rate = run.rate  # Faster than at the end of the warm-up: what is too short does not count.


def count_syncs(case, name, arguments):
    """Syncs per mail: a run of its own, so that being traced does not spoil the measurement."""
    if name == "none":
        return 0.0
    trace = os.path.join(arguments.directory, f"syncs-{name}")
    with load.Sink(arguments.directory) as sink, \
            relays.RELAYS[name](os.path.join(arguments.directory, name), sink, trace) as relay:
        rate = warm_up(case, relay, sink, min(arguments.warm_up, 5))
        before = report.lines_with(trace, "sync")
        mails = max(500, int(rate * 5))
        send(case, relay, sink, mails, 120)
        return (report.lines_with(trace, "sync") - before) / mails


def options():
    names = [case.name for case in load.CASES]
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seconds per run: shows that it works, proves nothing")
    parser.add_argument("--seconds", type=float, help="length of a measured run (60; --quick: 4)")
    parser.add_argument("--warm-up", type=float, help="length of the warm-up before it (20; --quick: 3)")
    parser.add_argument("--rounds", type=int, default=1, help="how often all is done; the table has the medians (1)")
    parser.add_argument("--only", default=",".join(names), help=f"cases: {', '.join(names)}")
    parser.add_argument("--relays", default="none,postfix,poststation,clients",
                        help=f"{', '.join(relays.RELAYS)} (%(default)s)")
    parser.add_argument("--poststation", default=relays.Poststation.command, help="command that runs Poststation; the "
                        "configuration file is added to it (%(default)s)")
    parser.add_argument("--earlier", help="the same for the relay `earlier`: the program of an older clone")
    parser.add_argument("--directory", default="target/bench", help="where the queues are: all on one disk (target/bench)")
    parser.add_argument("--no-syncs", action="store_true", help="leave out the traced runs that count syncs")
    parser.add_argument("--promise", action="store_true", help="exit 1 when a promise of 10k-persistent is not kept")
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (4 if arguments.quick else 60)
    arguments.warm_up = arguments.warm_up or (3 if arguments.quick else 20)
    arguments.directory = os.path.abspath(arguments.directory)
    wanted, known = arguments.only.split(","), {case.name: case for case in load.CASES}
    arguments.relays = arguments.relays.split(",")
    for name in [*wanted, *arguments.relays]:
        if name not in known and name not in relays.RELAYS:
            parser.error(f"there is no {name}")
    arguments.cases = [known[name] for name in wanted]
    relays.Poststation.command = arguments.poststation
    if "earlier" in arguments.relays and not arguments.earlier:
        parser.error("--relays earlier needs --earlier '/path/to/poststation run --config'")
    relays.Earlier.command = arguments.earlier
    return arguments


def main():
    arguments = options()
    os.makedirs(arguments.directory, exist_ok=True)
    machine = report.machine(arguments)
    print("\n".join(machine), flush=True)
    runs = []
    for number in range(arguments.rounds):
        for case in arguments.cases:
            for name in arguments.relays:
                run = measure(case, name, arguments)
                if number == 0 and not arguments.no_syncs:
                    run.syncs = count_syncs(case, name, arguments)
                runs.append(run)
                print(report.line(run), flush=True)
    table, kept = report.table(runs, arguments)
    print("\n" + table)
    print(f"\nkept as {report.keep(machine, table, arguments)}")
    if arguments.promise and not kept:
        sys.exit(1)


main()
