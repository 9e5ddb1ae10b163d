"""bench/newsletter: a newsletter to many readers over one smarthost, and single mails in the middle of it. See bench/README.md."""

import argparse
import os
import shlex
import signal
import socket
import tempfile
import threading
import time

import load
import relays


class Provider:
    """A smarthost that takes some time for each mail, and counts: octets, transactions, recipients, and when single mails came."""

    def __init__(self, pause):
        self.pause = pause
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.socket.getsockname()[1]
        self.lock = threading.Lock()
        self.octets = self.mails = self.recipients = 0
        self.readers, self.singles = set(), {}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve_until_gone, args=(connection,), daemon=True).start()

    def serve_until_gone(self, connection):
        try:
            self.serve(connection)
        except ConnectionError:
            pass
        connection.close()

    def serve(self, connection):
        lines = connection.makefile("rb")
        connection.sendall(b"220 provider.bench.test\r\n")
        octets, to = 0, []
        for line in lines:
            octets += len(line)
            verb = line[:4].upper()
            if verb == b"EHLO":
                connection.sendall(b"250-provider.bench.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif verb == b"RCPT":
                to.append(line)
                connection.sendall(b"250 ok\r\n")
            elif verb == b"DATA":
                connection.sendall(b"354 go\r\n")
                for content in lines:
                    octets += len(content)
                    if content == b".\r\n":
                        break
                time.sleep(self.pause)
                with self.lock:
                    self.octets, self.mails, self.recipients = self.octets + octets, self.mails + 1, self.recipients + len(to)
                    if b"single-" not in to[0]:
                        self.readers.update(to)
                    else:
                        self.singles[to[0].split(b"<")[1].split(b"@")[0].decode()] = time.monotonic()
                octets, to = 0, []
                connection.sendall(b"250 ok\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                break
            else:
                connection.sendall(b"250 ok\r\n")


class Client:
    """Sends mails over one connection; over the next one when the relay was killed meanwhile."""

    def __init__(self, port):
        self.port = port
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), 120)
        self.lines = self.socket.makefile("rb")
        self.reply()
        self.command(b"EHLO client.bench.test\r\n")

    def reply(self):
        while True:
            line = self.lines.readline()
            if not line:
                raise ConnectionError
            if line[3:4] != b"-":
                return line

    def command(self, octets, replies=1):
        self.socket.sendall(octets)
        for _ in range(replies):
            line = self.reply()
            if line[:1] not in b"23":
                raise SystemExit(f"bench: the relay said {line!r}")

    def send(self, recipients, content):
        while True:
            try:
                return self.send_once(recipients, content)
            except OSError:
                self.reconnect()

    def reconnect(self):
        while True:
            try:
                return self.connect()
            except OSError:
                time.sleep(0.01)

    def send_once(self, recipients, content):
        said = b"MAIL FROM:<news@example.com>\r\n" + b"".join(b"RCPT TO:<%s@readers.example>\r\n" % to for to in recipients) + b"DATA\r\n"
        self.command(said, len(recipients) + 2)
        self.command(content + b".\r\n")


def newsletter(readers, per_mail, size, sessions, port, taken):
    """Sends it, over some connections at once; with a field by which it is bulk. What was taken is added to `taken`."""
    content = b"Subject: news\r\nList-Id: <news.example.com>\r\n\r\n" + b"It is new, and it is news.\r\n" * (size // 28)
    numbers = iter(range(0, readers, per_mail))
    lock = threading.Lock()

    def work():
        client = Client(port)
        while True:
            with lock:
                first = next(numbers, None)
            if first is None:
                return
            to = [b"reader-%d" % reader for reader in range(first, min(first + per_mail, readers))]
            client.send(to, content)
            taken.extend(to)

    threads = [threading.Thread(target=work) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    return threads


def run(options, command, per_mail, title):
    provider = Provider(options.pause / 1000)
    with tempfile.TemporaryDirectory(prefix="newsletter-") as directory:
        relay = relays.Relay(os.path.join(directory, "relay"), provider)
        data = os.path.join(relay.directory, "data")
        os.makedirs(data)
        config = os.path.join(relay.directory, "poststation.conf")
        relays.fill_in("bench/newsletter.conf", config, {
            "DATA": data, "PORT": relay.port, "SINK": provider.port, "ADMIN": load.free_port(), "PERMAIL": options.per_transaction})
        launch = [*shlex.split(command), "run", "--config", config]
        relay.launch(launch)
        with relay:
            begun, taken, down = time.monotonic(), [], None
            threads = newsletter(options.readers, per_mail, options.size, options.sessions, relay.port, taken)
            client, took, memory, number = Client(relay.port), [], relay.memory_mb(), 0
            while len(provider.readers) < options.readers:
                if options.kill and down is None and len(taken) >= options.readers / 2:
                    killed, first = time.monotonic(), number
                    os.killpg(relay.process.pid, signal.SIGKILL)
                    relay.process.wait()
                    relay.launch(launch)
                    down = time.monotonic() - killed
                name = f"single-{number}"
                client.send([name.encode()], b"Subject: hello\r\n\r\nHello.\r\n")
                sent = time.monotonic()
                while name not in provider.singles and time.monotonic() - sent < 60:
                    time.sleep(0.002)
                took.append(provider.singles.get(name, sent + 60) - sent)
                number += 1
                memory = max(memory, relay.memory_mb())
                time.sleep(1)
            lasted = time.monotonic() - begun
            for thread in threads:
                thread.join()
            if down is not None:
                print(f"killed with {options.readers // 2} taken, there again after {down:.1f} s; the single mails from then on: "
                      + ", ".join(f"{each * 1000:.0f}" for each in took[first:first + 5]) + " ms, and so on; "
                      f"{provider.recipients - len(provider.singles) - len(provider.readers)} copies arrived twice")
            took.sort()
            print(f"{title}: {options.readers} readers in {lasted:.0f} s, {provider.mails - len(provider.singles)} transactions, "
                  f"{provider.octets / options.readers:.0f} octets on the wire per reader (mails of {options.size}), "
                  f"memory {memory:.0f} MB at most; {len(took)} single mails meanwhile, from their 250 to the provider's: "
                  f"median {took[len(took) // 2] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms")
    return took[-1] <= 1


def main():
    parser = argparse.ArgumentParser(prog="bench/newsletter")
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=10_000, help="octets of a mail")
    parser.add_argument("--sessions", type=int, default=10, help="connections that the newsletter comes over")
    parser.add_argument("--pause", type=float, default=20, help="milliseconds that the provider takes for a mail")
    parser.add_argument("--per-transaction", type=int, default=100, help="recipients-per-mail of the connector")
    parser.add_argument("--kill", action="store_true", help="kill -9 the relay when it has taken half, and start it again")
    parser.add_argument("--poststation", default="./poststation", metavar="COMMAND")
    parser.add_argument("--only", choices=["shared", "own"], help="mails for 1,000 readers each, or a mail for each reader")
    options = parser.parse_args()
    kept = options.only == "own" or run(options, options.poststation, 1000, "one mail for 1,000 readers")
    kept &= options.only == "shared" or run(options, options.poststation, 1, "a mail for each reader")
    raise SystemExit(0 if kept else "bench: a single mail took longer than 1 s")


main()
