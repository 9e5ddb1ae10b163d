"""Counts the tests of the last Maven run by kind and names the peers that they met, and fails when there are fewer of
either than system/tests.list says: a test or a peer that silently went missing turns the build red."""

import os
import re
import shutil
import sys
import xml.etree.ElementTree

REPORTS = "target/surefire-reports"
USED = "target/peers/used"
LIST = "system/tests.list"
SOURCES = "src/test/java"

# The kind of a test class is that of the first line that fits its source; a single method may be a property.
KINDS = [
    ("slow", re.compile(r'^@Tag\("slow"\)', re.MULTILINE)),
    ("peer", re.compile(r'^@Tag\("peer"\)', re.MULTILINE)),
    ("simulation", re.compile(r"^(@Tag\(\"sim\"\)|.*class \w*Simulation\w*Test\b)", re.MULTILINE)),
    ("dialogue", re.compile(r"class \w*Dialogue\w*Test\b")),
    ("golden", re.compile(r"class \w*Golden\w*Test\b")),
    ("contract", re.compile(r"class \w+ extends \w*Contract\b")),
    ("structure", re.compile(r"import com\.tngtech\.archunit|class \w*Tidy\w*Test\b")),
]
PROPERTY = re.compile(r"@Property\b[^;{]*?\bvoid\s+(\w+)\s*\(")


def kind(class_name, method):
    top_level = class_name.split("$")[0].replace(".", "/")
    try:
        with open(f"{SOURCES}/{top_level}.java") as file:
            source = file.read()
    except FileNotFoundError:
        return "unit"
    for name, pattern in KINDS:
        if pattern.search(source):
            return name
    return "property" if method.split("(")[0].split(":")[0] in PROPERTY.findall(source) else "unit"


def tests():
    """Counts by kind, and the names of those that failed and those that were skipped."""
    counts, failed, skipped = {}, [], []
    for name in sorted(os.listdir(REPORTS) if os.path.isdir(REPORTS) else []):
        if not name.endswith(".xml"):
            continue
        for case in xml.etree.ElementTree.parse(os.path.join(REPORTS, name)).getroot().iter("testcase"):
            title = f"{case.get('classname')}.{case.get('name')}"
            if case.find("skipped") is not None:
                skipped.append(title)
            elif case.find("failure") is not None or case.find("error") is not None:
                failed.append(title)
            else:
                of_kind = kind(case.get("classname", ""), case.get("name", ""))
                counts[of_kind] = counts.get(of_kind, 0) + 1
    return counts, failed, skipped


def peers():
    """Version of each peer that a test asked for, by the name it has in system/peers.list."""
    with open("target/peers/versions") as file:
        versions = dict(line.split(None, 1) for line in file.read().splitlines())
    used = set(os.listdir(USED)) if os.path.isdir(USED) else set()
    met = {}
    with open("system/peers.list") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                packages, _, programs = [column.split() for column in line.split("|")[:3]]
                if used & {packages[0], *programs}:
                    met[packages[0]] = versions.get(packages[0], "?").strip()
    return met


def expected():
    with open(LIST) as file:
        words = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return ({word[1] for word in words if word[0] == "peer"},
            {word[1]: int(word[2]) for word in words if word[0] == "tests"})


def write(counts, met):
    with open(LIST) as file:
        top = "".join(line for line in file if line.startswith("#"))
    with open(LIST, "w") as file:
        file.write(top + "\n" + "".join(f"peer {name}\n" for name in met) + "\n"
                   + "".join(f"tests {name} {number}\n" for name, number in sorted(counts.items())))


def main():
    if "--begin" in sys.argv:
        shutil.rmtree(REPORTS, ignore_errors=True)
        shutil.rmtree(USED, ignore_errors=True)
        return 0
    (counts, failed, skipped), met = tests(), peers()
    if "--write" in sys.argv:
        write(counts, met)
    peers_expected, counts_expected = expected()
    missing = [f"the peer {name} was not met" for name in sorted(peers_expected - set(met))]
    missing += [f"only {counts.get(name, 0)} {name} tests passed, {LIST} says {number}"
                for name, number in counts_expected.items() if counts.get(name, 0) < number]
    print("Peers met: " + ", ".join(f"{name} {version}" for name, version in met.items()))
    print("Tests passed: " + ", ".join(f"{number} {name}" for name, number in sorted(counts.items())))
    for title in failed:
        print(f"FAILED {title}")
    for title in skipped:
        print(f"SKIPPED, which is not allowed: {title}")
    for reason in missing:
        print(f"MISSING {reason}")
    bad = len(failed) + len(skipped) + len(missing)
    print(f"{sum(counts.values())} passed, {bad} failed")
    return 1 if bad else 0


sys.exit(main())
