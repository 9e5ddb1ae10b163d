"""bench/logins: how many clients can log in per second, each in a TLS connection of its own. See bench/README.md."""

import argparse
import base64
import functools
import hashlib
import hmac
import multiprocessing
import os
import secrets
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import load
import relays

USER, PASSWORD = "anna", "correct horse battery staple"


class Guarded(relays.Relay):
    """The packaged program with bench/logins.conf, and one user."""

    def __init__(self, directory, command):
        super().__init__(directory, None)
        data = os.path.join(directory, "data")
        os.makedirs(data)
        config = os.path.join(directory, "poststation.conf")
        relays.fill_in("bench/logins.conf", config, {"DATA": data, "PORT": self.port, "ADMIN": load.free_port()})
        load.certificate(data)
        program = shlex.split(command)
        subprocess.run([*program, "user", "add", USER, "--password-file", "-", "--config", config],
                       input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
        self.launch([*program, "run", "--config", config])


class Client:
    """One connection, from the first octet in TLS."""

    def __init__(self, context, port):
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 30))
        self.socket.settimeout(30)
        self.lines = self.socket.makefile("rb")
        self.reply()
        self.command("EHLO client.bench.test")

    def reply(self):
        while True:
            line = self.lines.readline()
            if line[3:4] != b"-":
                return line.decode().rstrip()

    def command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def close(self):
        self.command("QUIT")
        self.lines.close()
        self.socket.close()


def nothing(client):
    """What a connection costs without a login."""


def plain(client):
    succeeded(client.command("AUTH PLAIN " + encoded(f"\0{USER}\0{PASSWORD}".encode())))


def scram(client):
    """RFC 5802, without looking at the proof of the server."""
    nonce = secrets.token_urlsafe(18)
    first = f"n={USER},r={nonce}"
    challenge = base64.b64decode(client.command("AUTH SCRAM-SHA-256 " + encoded(f"n,,{first}".encode()))[4:]).decode()
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    last = f"c=biws,r={parts['r']}"
    client_key = key(parts["s"], int(parts["i"]))
    signature = mac(hashlib.sha256(client_key).digest(), f"{first},{challenge},{last}".encode())
    proof = bytes(one ^ other for one, other in zip(client_key, signature))
    client.command(encoded(f"{last},p={encoded(proof)}".encode()))
    succeeded(client.command(""))


@functools.cache  # As real clients do: they hash once.
def key(salt, iterations):
    return mac(hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), base64.b64decode(salt), iterations), b"Client Key")


def mac(secret, octets):
    return hmac.digest(secret, octets, "sha256")


def encoded(octets):
    return base64.b64encode(octets).decode()


def succeeded(reply):
    if not reply.startswith("235 "):
        raise RuntimeError(f"the relay said: {reply}")


LOGINS = {"none": nothing, "SCRAM-SHA-256": scram, "PLAIN": plain}


def log_in_again_and_again(port, name, end, counted):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    count = 0
    while time.monotonic() < end:
        client = Client(context, port)
        LOGINS[name](client)
        client.close()
        count += 1
    counted.put(count)


def measure(relay, name, clients, seconds):
    """Logins per second, and the relay's processor time for each in milliseconds."""
    counted = multiprocessing.Queue()
    start, used = time.monotonic(), relay.cpu_seconds()
    workers = [multiprocessing.Process(target=log_in_again_and_again, args=(relay.port, name, start + seconds, counted))
               for _ in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode != 0:
            sys.exit("logins: a client failed")
    took = time.monotonic() - start
    logins = sum(counted.get() for _ in workers)
    return logins / took, 1000 * (relay.cpu_seconds() - used) / logins


def main():
    parser = argparse.ArgumentParser(description="How many clients can log in per second.")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=5, help="seconds before it")
    parser.add_argument("--clients", type=int, default=8, help="at the same time")
    parser.add_argument("--poststation", default="./poststation", help="the command to measure")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="logins-", dir="target") as directory:
        with Guarded(os.path.abspath(os.path.join(directory, "relay")), arguments.poststation) as relay:
            print(f"{arguments.clients} clients, a TLS 1.3 connection for each login, {arguments.seconds:g} s each", flush=True)
            for name in LOGINS:
                measure(relay, name, arguments.clients, arguments.warm_up)
                rate, cpu = measure(relay, name, arguments.clients, arguments.seconds)
                what = "connections without a login" if name == "none" else f"logins by {name}"
                print(f"{rate:7.0f}/s  {cpu:6.2f} ms of the relay's processor time  {what}", flush=True)


if __name__ == "__main__":
    main()
