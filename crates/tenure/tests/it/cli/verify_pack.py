"""Verifies a pack with nothing of Tenure: as docs/evidence.md describes it, with hashlib and an Ed25519 of another maker."""

import base64
import hashlib
import json
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CLOSES = 4


def refuse(why):
    print(f"refused: {why}")
    sys.exit(1)


def prefixed(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def sha256(data):
    return hashlib.sha256(data).digest()


def checkpoint_root(text, key):
    """The size and the root of a signed note (C2SP tlog-checkpoint), once its signature holds."""
    name, _, public = key.split("+", 2)
    body, _, signatures = text.partition("\n\n")
    body += "\n"
    public = base64.b64decode(public)
    assert public[0] == 1, "an Ed25519 key"
    key_id = sha256(name.encode() + b"\n" + public)[:4]
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature)
        if (dash, signer, signature[:4]) == ("\u2014", name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], body.encode())
            except InvalidSignature:
                refuse("the checkpoint is not signed by this key")
            _, size, root = body.splitlines()[:3]
            return int(size), base64.b64decode(root)
    refuse("the checkpoint has no signature of this key")


def is_included(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    node, last, path = index, size - 1, list(path)
    if index >= size:
        return False
    current = leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = sha256(b"\x01" + sibling + current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = sha256(b"\x01" + current + sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def read_links(data):
    version, flags = data[0], data[1]
    assert version == 1, "links of version 1"
    data, places = data[2:], {}
    for name, bit in (("case", 1), ("identity", 2)):
        if flags & bit:
            number, previous = struct.unpack(">QQ", data[:16])
            places[name], data = (number, previous - 1 if previous else None), data[16:]
    return places, bool(flags & CLOSES)


def read_line(line, key):
    proof = line["proof"]
    head, _, note = proof.partition("\n\n")
    first, *rest = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    entry = base64.b64decode(rest[0].removeprefix("extra "))
    index = int(rest[1].removeprefix("index "))
    size, root = checkpoint_root(note, key)
    if not is_included(sha256(b"\x00" + entry), index, size, [base64.b64decode(h) for h in rest[2:]], root):
        refuse(f"entry {index} is not in the log")
    if "opening" in line:
        opening = base64.b64decode(line["opening"])
        assert opening[0] == 2, "an opening of version 2"
        salt, identity = opening[1:33], opening[33:49]
        (length,) = struct.unpack(">I", opening[49:53])
        links, payload = opening[53 : 53 + length], opening[53 + length :]
        inner = sha256(prefixed(b"tenure/opening/v1", salt, identity, payload))
    else:
        inner, links, payload = base64.b64decode(line["inner"]), base64.b64decode(line["links"]), None
    commitment = sha256(prefixed(b"tenure/commitment/v1", inner, links)).hex()
    entry = json.loads(entry)
    if entry["commitment"] != commitment:
        refuse(f"what was handed over is not what entry {index} commits to")
    places, closes = read_links(links)
    return {"index": index, "entry": entry, "payload": payload, "places": places, "closes": closes}


def main(path, key):
    with open(path, encoding="utf-8") as file:
        head, *lines = [json.loads(line) for line in file]
    of = "case" if "case" in head else "identity"
    entries = sorted((read_line(line, key) for line in lines), key=lambda e: e["index"])
    last = None
    for number, entry in enumerate(entries, 1):
        if of == "case" and entry["entry"].get("case") != head["case"]:
            refuse(f"entry {entry['index']} is of another case")
        if entry["places"].get(of) != (number, last):
            refuse(f"an entry before {entry['index']} was left out")
        last = entry["index"]
    closing = [e for e in entries if e["closes"]] if of == "case" else []
    kinds = ", ".join(e["entry"]["kind"] for e in entries)
    print(f"{len(entries)} entries verify: {kinds}")
    print("complete" if closing and closing[-1] is entries[-1] else f"complete to entry {last}")


main(*sys.argv[1:])
