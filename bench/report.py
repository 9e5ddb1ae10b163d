"""The table of a bench: what was measured, on which machine, and what follows from it."""

import datetime
import os
import re
import statistics
import subprocess
import time

# What the project promises for 10 KB mails over 50 persistent sessions.
PROMISED_CASE = "10k-persistent"
TIMES_POSTFIX = 10
CPU_MS = 0.30
SHARE_OF_NONE = 0.40
SHARE_WITH_CLIENTS = 0.90


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def lines_with(file, word):
    with open(file, errors="replace") as lines:
        return sum(1 for line in lines if word in line and "resumed" not in line)


def sync_ms(directory):
    """How long the disk takes to make 4 KB durable: the median of 200."""
    file = os.path.join(directory, "sync-probe")
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    times = []
    for _ in range(200):
        start = time.perf_counter()
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
        times.append((time.perf_counter() - start) * 1000)
    os.close(descriptor)
    os.remove(file)
    return statistics.median(times)


def machine(arguments):
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    with open("/proc/meminfo") as info:
        memory = int(re.search(r"MemTotal:\s+(\d+)", info.read())[1]) // 1048576
    load = os.getloadavg()[0]
    system = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())[1]
    versions = open("target/peers/versions").read()
    return [
        f"- date: {datetime.datetime.now():%Y-%m-%d %H:%M}, commit {commit()}",
        f"- machine: {os.cpu_count()} × {model[1] if model else 'CPU'}, {memory} GB, {system}, Linux {os.uname().release}",
        f"- disk: {output('df', '--output=fstype', arguments.directory).split()[-1]}, "
        f"{sync_ms(arguments.directory):.2f} ms to write and sync 4 KB (median of 200)",
        f"- load before the start: {load:.2f}" + (" (not quiet: the numbers are too low)" if load > 0.5 else ""),
        f"- Postfix {re.search(r'^postfix +(.*)', versions)[1]}, "
        f"{(output('./poststation', 'version').splitlines() or ['Poststation'])[0]}, 50 sessions, "
        f"{arguments.seconds:.0f} s per run after {arguments.warm_up:.0f} s of warm-up, {arguments.rounds} round(s)",
    ]


def commit():
    return output("git", "rev-parse", "--short", "HEAD") + ("+" if output("git", "status", "--porcelain", "-uno") else "")


def line(run):
    syncs = "" if run.syncs is None else f", {run.syncs:.2f} syncs"
    return (f"{run.case.name:18} {run.relay:12} {run.rate:8.0f} mails/s (accepted at {run.accepted_rate:.0f}/s), "
            f"{run.cpu_ms:.3f} ms CPU{syncs} per mail, {run.memory_mb:.0f} MB; {arrived(run)} in {run.seconds:.1f} s")


def arrived(run):
    if run.arrived == run.mails:
        return f"all {run.mails} mails"
    return f"{run.arrived} INSTEAD OF {run.mails} mails"


def table(runs, arguments):
    """The Markdown table, and whether the promises were kept (or not asked for)."""
    rows = ["| case | relay | mails/s | × Postfix | of no relay | CPU ms/mail | syncs/mail | peak memory | mails per run, seconds |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    promises, kept = [], True
    for case in arguments.cases:
        of_case = {name: [run for run in runs if run.case is case and run.relay == name]
                   for name in arguments.relays}
        rate = {name: statistics.median(run.rate for run in some) for name, some in of_case.items()}
        for name, some in of_case.items():
            rows.append("| " + " | ".join(row(case, name, some, rate)) + " |")
        if case.name == PROMISED_CASE and "poststation" in rate:
            cpu = statistics.median(run.cpu_ms for run in of_case["poststation"])
            promises, kept = promised(rate, cpu)
    wrong = [line(run) for run in runs if run.arrived != run.mails]
    return "\n".join(rows + ([""] + promises if promises else []) + ([""] + wrong if wrong else [])), kept and not wrong


def row(case, name, runs, rate):
    def ratio(other, form):
        return format(rate[name] / rate[other], form) if other in rate and other != name else ""

    syncs = [run.syncs for run in runs if run.syncs is not None]
    nothing = name == "none"
    return [
        case.name, name, f"{rate[name]:,.0f}", "" if nothing else ratio("postfix", ".1f"),
        ratio("none", ".0%"),
        "" if nothing else f"{statistics.median(run.cpu_ms for run in runs):.3f}",
        "" if nothing or not syncs else f"{syncs[0]:.2f}",
        "" if nothing else f"{max(run.memory_mb for run in runs):.0f} MB",
        " / ".join(f"{run.mails:,} in {run.seconds:.0f}" for run in runs),
    ]


def promised(rate, cpu):
    checks = [(f"at most {CPU_MS:.2f} ms CPU per mail: {cpu:.3f}", cpu <= CPU_MS)]
    if "postfix" in rate:
        times = rate["poststation"] / rate["postfix"]
        checks.append((f"at least {TIMES_POSTFIX} × Postfix: {times:.1f} ×", times >= TIMES_POSTFIX))
    if "none" in rate:
        share = rate["poststation"] / rate["none"]
        checks.append((f"at least {SHARE_OF_NONE:.0%} of the rate without a relay: {share:.0%}", share >= SHARE_OF_NONE))
    if "clients" in rate:
        share = rate["clients"] / rate["poststation"]
        checks.append((f"with 1,000 clients at least {SHARE_WITH_CLIENTS:.0%} of the rate with one: {share:.0%}",
                       share >= SHARE_WITH_CLIENTS))
    return ([f"- {PROMISED_CASE}, {text}: {'kept' if good else '**not kept**'}" for text, good in checks],
            all(good for _, good in checks))


def keep(machine_lines, text, arguments):
    """Writes the result; a quick one stays out of the repository."""
    directory = arguments.directory if arguments.quick else os.path.join("bench", "results")
    os.makedirs(directory, exist_ok=True)
    name = f"{datetime.date.today()}-{commit().rstrip('+')}.md"
    file = os.path.join(directory, name)
    with open(file, "w") as result:
        result.write("# Bench\n\n" + "\n".join(machine_lines) + "\n\n" + text + "\n")
    return os.path.relpath(file)
