#!/usr/bin/env python3
"""Check histories of dispatchd without dispatchd: nothing but Python's standard library.

    dispatchd history 49000001 --json | python3 -I verify_history.py -
    python3 -I verify_history.py history.jsonl …
    python3 -I verify_history.py export-7001-20260203T120000Z

A file holds history items as JSON lines, of one message (or case, hand-off, field job) or several. A folder is what
`dispatchd export` wrote: its manifest's hashes are checked, and every chain must end where its
message, or its case, says. Exit 0: everything holds; 1: something does not, and what is said on stderr.
"""

import hashlib
import json
import sys
from pathlib import Path

START = "0" * 64
# What stands beside an item and is no part of what was hashed.
BESIDE = ("hash", "content", "salt")


def digest(text):
    """Return the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hashed_text(item):
    """Return the exact text that was hashed: sorted keys, no spaces, UTF-8 as it is."""
    plain = {name: value for name, value in item.items() if name not in BESIDE}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fault_of(item, seq, previous):
    """Return what is wrong with an item that should be the `seq`th; None when nothing is."""
    if item.get("seq") != seq:
        return f"item {seq} is missing"
    if item.get("prev_hash") != previous:
        return f"item {seq} does not follow from the item before it"
    if digest(hashed_text(item)) != item.get("hash"):
        return f"the text of item {seq} was changed"
    if "salt" in item:
        named = item.get("data", {}).get("content_sha256")
        if digest(item["salt"] + item.get("content", "")) != named:
            return f"the words of item {seq} were changed"
    return None


def name_of(item):
    """Return whose chain an item is in: a message's, or a case's, hand-off's or field job's."""
    if item.get("ucn") is not None:
        return ("message", str(item.get("account")), str(item["ucn"]))
    kind = str(item.get("kind")).split(".")[0]
    return (kind, "", str(item.get("data", {}).get(kind)))


class Chains:
    """The chains of all messages and matters that were read, item by item."""

    def __init__(self):
        self.heads = {}
        self.faults = {}
        self.items = 0

    def add(self, item):
        """Take the next item; after a chain's first fault the rest of it tells nothing."""
        name = name_of(item)
        seq, previous = self.heads.get(name, (0, START))
        self.items += 1
        if name in self.faults:
            return
        fault = fault_of(item, seq + 1, previous)
        if fault:
            self.faults[name] = fault
        self.heads[name] = (seq + 1, item.get("hash"))

    def end(self, name, seq, head):
        """Hold a chain against the head that its message or matter names."""
        if name not in self.faults and self.heads.get(name, (0, START)) != (seq, head):
            self.faults[name] = f"it does not end where the {name[0]} says"

    def told(self):
        """Return the faults in words."""
        return [f"{what} {one}: {fault}" for (what, _, one), fault in sorted(self.faults.items())]


def lines_of(stream):
    """Yield the JSON objects of a stream."""
    for number, line in enumerate(stream, start=1):
        if line.strip():
            try:
                one = json.loads(line)
            except ValueError:
                raise SystemExit(f"line {number} is no JSON") from None
            if not isinstance(one, dict):
                raise SystemExit(f"line {number} is no JSON object")
            yield one


def check_file(path, chains):
    """Read a file of items, - is stdin."""
    if path == "-":
        sys.stdin.reconfigure(encoding="utf-8")
        for item in lines_of(sys.stdin):
            chains.add(item)
        return []
    with open(path, encoding="utf-8") as stream:
        for item in lines_of(stream):
            chains.add(item)
    return []


def check_folder(folder, chains):
    """Check an export: its files against the manifest, its chains against its messages."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    faults = []
    for name, told in manifest["files"].items():
        whole = hashlib.sha256()
        lines = 0
        try:
            with open(folder / name, "rb") as stream:
                for line in stream:
                    whole.update(line)
                    lines += 1
        except OSError:
            faults.append(f"{name} is missing")
            continue
        if (lines, whole.hexdigest()) != (told["lines"], told["sha256"]):
            faults.append(f"{name} is not what the manifest says")
    check_file(str(folder / "history.jsonl"), chains)
    with open(folder / "messages.jsonl", encoding="utf-8") as stream:
        for one in lines_of(stream):
            name = ("message", one["account"], one["ucn"])
            chains.end(name, one["head_seq"], one["head_hash"])
    if "matters.jsonl" in manifest["files"]:  # exports of before have none
        check_file(str(folder / "matter_history.jsonl"), chains)
        with open(folder / "matters.jsonl", encoding="utf-8") as stream:
            for one in lines_of(stream):
                chains.end((one["kind"], "", one["id"]), one["head_seq"], one["head_hash"])
    return faults


def main(paths):
    """Check all that is named; return the exit code."""
    if not paths or paths[0] in ("-h", "--help"):
        sys.stdout.write(__doc__)
        return 2
    chains, faults, folders = Chains(), [], 0
    for path in paths:
        try:
            folder = Path(path)
            whole = path != "-" and folder.is_dir()
            folders += whole
            faults += check_folder(folder, chains) if whole else check_file(path, chains)
        except (OSError, KeyError, TypeError, ValueError) as error:
            faults.append(f"{path}: cannot be read: {error}")
    faults += chains.told()
    for words in faults:
        sys.stderr.write(f"{words}\n")
    good = len(chains.heads) - len(chains.faults)
    sys.stdout.write(f"{good} of {len(chains.heads)} histories hold, {chains.items} items\n")
    if not faults and not chains.items and not folders:
        sys.stderr.write("no items were given\n")  # nothing piped in proves nothing
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
