"""The two ends of the bench: smtp-source, which sends, and smtp-sink, which counts what arrives."""

import os
import re
import socket
import struct
import subprocess
import threading
import time

PEERS = os.path.join("target", "peers", "bin")
SESSIONS = 50


class Case:
    """One kind of load: size of the mail, connections that stay or one per mail, recipients per mail."""

    def __init__(self, name, size, persistent, recipients=1):
        self.name, self.size, self.persistent, self.recipients = name, size, persistent, recipients


CASES = [
    Case("1k-persistent", 1024, True),
    Case("10k-persistent", 10240, True),
    Case("100k-persistent", 102400, True),
    Case("1k-single", 1024, False),
    Case("10k-single", 10240, False),
    Case("100k-single", 102400, False),
    Case("10k-50-recipients", 10240, True, 50),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=60):
    """Waits until somebody listens; fails at once when the process that should has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"bench: {process.args[0]} ended with {process.returncode} before it listened on {port}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"bench: nobody listens on port {port} after {seconds} s")


def stop(process, seconds=30):
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def certificate(directory):
    """A certificate for localhost that nobody signed, and its key: two files."""
    chain, key = os.path.join(directory, "chain.pem"), os.path.join(directory, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", key, "-out", chain],
        check=True, stderr=subprocess.DEVNULL)
    return chain, key


class Names:
    """A name server: each name has the address 192.0.2.1, and nothing else is known of any."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while True:
            try:
                query, client = self.socket.recvfrom(512)
            except OSError:
                return
            name_end = query.index(0, 12)
            question = query[12:name_end + 5]
            address = query[name_end + 1:name_end + 3] == b"\0\1"
            record = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 60, 4) + bytes([192, 0, 2, 1]) if address else b""
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", 0x8580, 1, address, 0, 0) + question + record, client)

    def close(self):
        self.socket.close()


class Sink:
    """smtp-sink with its running counter written to a file."""

    def __init__(self, directory):
        self.port = free_port()
        self.file = os.path.join(directory, f"sink-{self.port}")
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        with open(self.file, "wb") as out:
            self.process = subprocess.Popen(
                [os.path.join(PEERS, "smtp-sink"), *user, "-c", "-m", "4000", f"127.0.0.1:{self.port}", "4000"],
                stdout=out, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def mails(self):
        """How many mails arrived so far: the last counter that is complete."""
        with open(self.file, "rb") as counters:
            counters.seek(max(0, os.path.getsize(self.file) - 200))
            complete = re.findall(rb"mesg=(\d+)\r", counters.read())
        return int(complete[-1]) if complete else 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        os.remove(self.file)


def start_source(case, port, mails, sessions=SESSIONS):
    command = [os.path.join(PEERS, "smtp-source"), "-s", str(sessions), "-m", str(mails), "-l", str(case.size),
               "-f", "sender@bench.test", "-t", "recipient@bench.test", "-r", str(case.recipients), "-C", "100"]
    if case.persistent:
        command.append("-d")
    return subprocess.Popen([*command, f"127.0.0.1:{port}"])
