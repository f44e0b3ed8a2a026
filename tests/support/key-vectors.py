#!/usr/bin/env python3
"""Makes fixtures/keys: one public key per defect, named after what must become of it.

    tests/support/key-vectors.py fixtures/keys

A second description of what a key must be (docs/FORMAT.md, 4), from RFC 8032
alone: the curve is computed here, with no library.
"""

import base64
import hashlib
import pathlib
import struct
import sys

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    both = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - both, -1, P) % P


def times(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def x_of(y, sign):
    """The x for a y that may stand above p, or None off the curve."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P:
        return None
    return P - x if x and x & 1 != sign else x


def encoded(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def text(key, algorithm=b"ssh-ed25519", name="ssh-ed25519"):
    blob = b"".join(struct.pack(">I", len(part)) + part for part in (algorithm, key))
    return f"{name} {base64.b64encode(blob).decode()}\n"


def public(seed):
    h = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    return times(scalar, BASE)


BASE = (x_of(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P)
assert times(ORDER, BASE) == (0, 1)
KEY = public(bytes(range(32)))
# A point of order 8: what is left of some point when its prime part is gone.
EIGHTH = next(
    point
    for y in range(2, 100)
    if (x := x_of(y, 0)) is not None
    if times(4, point := times(ORDER, (x, y))) != (0, 1)
)
SMALL = [times(n, EIGHTH) for n in range(8)]
assert len(set(SMALL)) == 8 and times(8, EIGHTH) == (0, 1)

good = text(encoded(KEY))
vectors = {"accepted--key": good}
for number in range(3):
    vectors[f"accepted--key-{number}"] = text(encoded(public(bytes([number] * 32))))
for n, point in enumerate(SMALL):
    vectors[f"weak--small-order-{n}"] = text(encoded(point))
    if n:
        vectors[f"mixed--prime-and-small-order-{n}"] = text(encoded(add(KEY, point)))
# y above p: with 255 bits there is room for the 19 numbers from p on.
for k in range(19):
    for sign in (0, 1):
        if x_of(P + k, sign) is not None:
            vectors[f"not-canonical--y-is-p-plus-{k}-sign-{sign}"] = text((P + k | sign << 255).to_bytes(32, "little"))
for name, y in (("1", 1), ("minus-1", P - 1)):
    vectors[f"not-canonical--x-zero-with-the-sign-y-{name}"] = text((y | 1 << 255).to_bytes(32, "little"))
off = next(y for y in range(2, 100) if x_of(y, 0) is None)
vectors |= {
    "form--not-on-the-curve": text(off.to_bytes(32, "little")),
    "form--one-byte-less": text(encoded(KEY)[:31]),
    "form--one-byte-more": text(encoded(KEY) + b"\0"),
    "form--comment": good.replace("\n", " jane@school\n"),
    "form--option-before": "namespaces=\"x\" " + good,
    "form--another-algorithm-inside": text(encoded(KEY), algorithm=b"ssh-ed25518"),
    "form--another-algorithm-outside": text(encoded(KEY), name="ssh-rsa"),
    "form--two-spaces": good.replace(" ", "  "),
    "form--base64-cut": "ssh-ed25519 " + good.split()[1][:-1] + "\n",
    "form--base64url": "ssh-ed25519 " + good.split()[1].replace("+", "-").replace("/", "_") + "\n",
    "form--empty": "\n",
}
# Where the key has neither of the two letters, its url spelling is its own.
if vectors["form--base64url"] == good:
    del vectors["form--base64url"]

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name, line in vectors.items():
    (out / f"{name}.pub").write_text(line)
