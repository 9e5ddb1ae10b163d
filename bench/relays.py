"""The relays that are compared, and what they cost: the CPU time and the memory of a whole process tree."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import load

TICKS = os.sysconf("SC_CLK_TCK")


def fill_in(template, target, values):
    """Copies a file, @NAME@ replaced."""
    with open(template) as file:
        text = re.sub(r"@([A-Z]+)@", lambda match: str(values.get(match[1], match[0])), file.read())
    with open(target, "w") as file:
        file.write(text)


def stat(pid):
    """The fields of /proc/PID/stat that follow the name; None when the process has ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def tree(pid):
    """A process and all its descendants that live."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := stat(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
    pids = [pid]
    for member in pids:
        pids += children.get(member, [])
    return pids


def cpu_seconds(pid):
    """User and system time of a tree. That of the ended ones is in their parent's account once it has waited for them,
    as Postfix's master does for each of its children; so nothing is left out, nothing counted twice."""
    ticks = 0
    for member in tree(pid):
        fields = stat(member) or []
        ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
    return ticks / TICKS


def memory_mb(pid):
    """Proportional set size of a tree: memory that several share is counted once."""
    kilobytes = 0
    for member in tree(pid):
        try:
            with open(f"/proc/{member}/smaps_rollup") as rollup:
                kilobytes += int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.MULTILINE)[1])
        except (FileNotFoundError, ProcessLookupError, TypeError):
            continue
    return kilobytes / 1024


class Relay:
    """A program between source and sink. Started anew, with an empty queue, for each run."""

    def __init__(self, directory, sink, traced=None):
        self.directory, self.sink, self.traced = directory, sink, traced
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        self.port = load.free_port()
        self.process = None

    def launch(self, command, environment=None):
        """Starts the command; under strace when its syncs are to be counted: only those calls are stopped at."""
        if self.traced:
            command = [os.path.join(load.PEERS, "strace"), "-f", "--seccomp-bpf", "-qq",
                       "-e", "trace=fsync,fdatasync,sync_file_range,msync,sync,syncfs", "-o", self.traced, *command]
        with open(os.path.join(self.directory, "output"), "wb") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True)
        try:
            load.wait_for_port(self.port, self.process)
        except BaseException:
            self.say_why()
            self.close()
            raise

    def say_why(self):
        with open(os.path.join(self.directory, "output"), errors="replace") as output:
            print(output.read()[-2000:], file=sys.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def memory_mb(self):
        return memory_mb(self.process.pid)

    def close(self):
        if self.traced:  # strace hands no signal on: end what it runs
            for child in tree(self.process.pid)[1:2]:
                os.kill(child, 15)
            self.process.wait(60)
        else:
            load.stop(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)


class Poststation(Relay):
    """The packaged program, started by its launcher with the flags it ships with."""

    command = "./poststation run --config"
    clients = terms = listener = top = ""

    def __init__(self, directory, sink, traced=None):
        super().__init__(directory, sink, traced)
        config = os.path.join(directory, "poststation.conf")
        fill_in("bench/poststation.conf", config, {
            "CLIENTS": self.clients, "TERMS": self.terms, "LISTENER": self.listener, "TOP": self.top})
        fill_in(config, config, {
            "DATA": os.path.join(directory, "data"), "PORT": self.port, "SINK": sink.port, "ADMIN": load.free_port(),
            **self.prepare(directory)})
        os.makedirs(os.path.join(directory, "data"))
        self.ready(directory, config)
        self.launch([*shlex.split(self.command), config])

    def ready(self, directory, config):
        """What is done before the start, with the file as it is used."""

    def prepare(self, directory):
        """Values of what this kind of relay writes into the file beside."""
        return {}


OTHERS = [  # What their entries ask for; NUMBER is that of the entry, NETWORKS ten networks of its own.
    "networks = NETWORKS",
    'networks = NETWORKS, users = ["*"]',
    'networks = NETWORKS, hours = ["06:00-20:00"], senders = ["@example.org"]',
    'networks = NETWORKS, tls = required, rate = "60/hour", sender-rate = "20/hour"',
    'networks = NETWORKS, profile = report, expires = "2099-12-31"',
    f'networks = NETWORKS, certificates = ["{"0a" * 32}"]',
    'certificates = [{ subject = "CN=client-NUMBER", ca = "@CHAIN@" }]',
    'host = ["client-NUMBER.bench.test"]',
    'reverse = [".client-NUMBER.bench.test"]',
]


def other(number):
    """The entry of a client that is not ours."""
    networks = ", ".join(f'"10.{number // 4}.{number % 4 * 64 + part}.0/24"' for part in range(10))
    conditions = OTHERS[number % len(OTHERS)].replace("NETWORKS", f"[{networks}]").replace("NUMBER", str(number))
    return f"{{ name = client-{number}, {conditions} }}\n"


class Clients(Poststation):
    """The same behind 999 entries of others, all of which come first in the file: networks, names that must be asked for, certificates; and with
    rates, and senders, that are looked at for each mail."""

    clients = "".join(map(other, range(999)))
    terms = ', senders = ["@example.org", "@bench.test"], rate = "1000000/minute", recipients-rate = "1000000/minute"'
    listener = ", tls = offered, client-certificates = request"
    top = 'certificates = [ { chain = "@CHAIN@", key = "@KEY@" } ]\ndns { servers = ["127.0.0.1:@DNS@"] }'

    def __init__(self, directory, sink, traced=None):
        self.names = load.Names()
        super().__init__(directory, sink, traced)

    def prepare(self, directory):
        chain, key = load.certificate(directory)
        return {"CHAIN": chain, "KEY": key, "DNS": self.names.port}

    def close(self):
        super().close()
        self.names.close()


class Earlier(Poststation):
    """An earlier Poststation, as `poststation` is: what has become slower or faster since is seen in one run."""


class Profiles(Poststation):
    """The same with a device profile of the client: each session and each mail is compared with what is known of it."""

    terms = ", profile = report"


class Service(Poststation):
    """The same with a service of `content`, which all mail goes through."""

    entry = ""
    keys = ""

    def __init__(self, directory, sink, traced=None):
        self.top = f"content = [\n  {self.entry}\n]\n{self.keys}"
        super().__init__(directory, sink, traced)

    def prepare(self, directory):
        files = {}
        for name, kind in ("RSA", ["rsa:2048"]), ("ED", ["ed25519"]):
            key = os.path.join(directory, name)
            subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-subj", "/CN=bench", "-keyout", key, "-out", os.devnull],
                           check=True, stderr=subprocess.DEVNULL)
            os.chmod(key, 0o600)
            files[name] = key
        return files


def service(entry, keys=""):
    """A kind of relay with this service."""
    return type("Service", (Service,), {"entry": entry, "keys": keys})


class Sealed(Service):
    """The same with a key of the sender, and a certificate of the recipient."""

    def prepare(self, directory):
        secret = os.path.join(directory, "secret")
        with open(secret, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write("a secret of sixteen and more\n")
        return {**super().prepare(directory), "SECRET": secret}

    def ready(self, directory, config):
        here = lambda name: os.path.join(directory, name)
        make = lambda *words: subprocess.run(["openssl", *words], check=True, stderr=subprocess.DEVNULL)
        keep = lambda *words: subprocess.run(["./poststation", "smime", "import", *words, "--config", config], check=True,
                                             stdout=subprocess.DEVNULL)
        for name in "sender", "recipient":
            make("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2",
                 "-addext", f"subjectAltName=email:{name}@bench.test", "-addext", "extendedKeyUsage=emailProtection",
                 "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", here(name + ".key"), "-out", here(name + ".pem"))
        make("pkcs12", "-export", "-inkey", here("sender.key"), "-in", here("sender.pem"), "-passout", "file:" + here("secret"),
             "-out", here("sender.p12"))
        keep(here("sender.p12"), "--password-file", here("secret"))
        keep(here("recipient.pem"))


def sealed(entry):
    """A kind of relay with this service, and keys for it."""
    return type("Sealed", (Sealed,), {"entry": entry, "keys": 'smime { password = "file:@SECRET@" }'})


RSA = 'dkim { "bench.test" { algorithms = [rsa-sha256], selectors = [ { name = rsa, key = "file:@RSA@" } ] } }'
ED25519 = 'dkim { "bench.test" { algorithms = [ed25519-sha256], selectors = [ { name = ed, key = "file:@ED@" } ] } }'

SERVICES = {
    "not-meant": service('{ use = header, for { from = ["nobody@else.test"] }, add = ["X-A: b"] }'),
    "header": service('{ use = header, remove = ["X-Mailer"], add = ["X-Bench: yes"], privacy = on }'),
    "disclaimer": service('{ use = disclaimer, text = "Bench Ltd, registered in Bonn under HRB 1" }'),
    "attachments": service('{ use = attachments, names = ["*.exe"], macros = on, encrypted = on }'),
    "dkim-rsa": service("{ use = dkim-sign }", RSA),
    "dkim-ed25519": service("{ use = dkim-sign }", ED25519),
    "smime-sign": sealed("{ use = smime-sign }"),
    "smime-encrypt": sealed("{ use = smime-encrypt, policy = always }"),
    "archive": service('{ use = archive, to = files, directory = "@DATA@/archive" }'),
    "arc": service('{ use = arc-seal, domain = "bench.test" }', RSA),
}


class Postfix(Relay):
    """A private Postfix with bench/postfix/main.cf."""

    def __init__(self, directory, sink, traced=None):
        super().__init__(directory, sink, traced)
        self.launch(["system/private-postfix", directory, "bench/postfix/master.cf", "bench/postfix/main.cf"],
                    {"PORT": str(self.port), "SINK": str(sink.port)})


class Nothing(Relay):
    """The source sends straight to the sink: what generator and machine can do at most."""

    def __init__(self, directory, sink, traced=None):
        self.port = sink.port

    def cpu_seconds(self):
        return 0.0

    def memory_mb(self):
        return 0.0

    def close(self):
        pass


RELAYS = {"none": Nothing, "postfix": Postfix, "poststation": Poststation, "clients": Clients,
          "earlier": Earlier, "profiles": Profiles, **SERVICES}
for name, kind in RELAYS.items():
    kind.name = name
