#!/usr/bin/env python3
"""Makes fixtures/sshsig with stock ssh-keygen: one signature file per defect.

    tests/support/sshsig-vectors.py fixtures/sshsig

The first word of a name is what the verifier must say: accepted, form (not the
one spelling of a signature by this key for this purpose) or wrong (one, but
not of this message). The keys are thrown away, so each run gives new files.
"""

import base64
import pathlib
import struct
import subprocess
import sys
import tempfile

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
MESSAGE = b'{\n  "words": "two people, one record"\n}\n'
JOURNAL, SEAL, RECEIPT = (f"{name}-v1@countersign" for name in ("journal", "seal", "receipt"))
BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
ORDER = 2**252 + 27742317777372353535851937790883648493


def keygen(*arguments, stdin=None):
    done = subprocess.run(["ssh-keygen", *map(str, arguments)], input=stdin, capture_output=True, check=True)
    return done.stdout


def sign(key, namespace, message=MESSAGE, *options):
    return keygen("-Y", "sign", "-q", "-f", key, "-n", namespace, *options, stdin=message).decode()


def blob(text):
    return base64.b64decode("".join(text.removeprefix(BEGIN).removesuffix(END).split()))


def armour(data, width=70):
    lines = base64.b64encode(data).decode()
    lines = [lines[at : at + width] for at in range(0, len(lines), width)]
    return BEGIN + "".join(line + "\n" for line in lines) + END


def string(data):
    return struct.pack(">I", len(data)) + data


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, kind in (("key", "ed25519"), ("other", "ed25519"), ("rsa", "rsa"), ("ecdsa", "ecdsa")):
        keygen("-q", "-t", kind, "-N", "", "-C", "", "-f", folder / name)
    key, other = folder / "key", folder / "other"
    (out / "message").write_bytes(MESSAGE)
    (out / "key.pub").write_text(" ".join((folder / "key.pub").read_text().split()[:2]) + "\n")

    good = sign(key, JOURNAL)
    data = blob(good)
    scalar = int.from_bytes(data[-32:], "little")
    public = data[10 : 10 + 4 + 51]
    namespace_at = 10 + len(public)

    vectors = {
        "accepted--journal": good,
        "accepted--seal": sign(key, SEAL),
        "accepted--receipt": sign(key, RECEIPT),
        "wrong--another-message": sign(key, JOURNAL, MESSAGE + b"\n"),
        "wrong--bit-of-r": armour(data[:-64] + bytes([data[-64] ^ 1]) + data[-63:]),
        "wrong--bit-of-s": armour(data[:-32] + bytes([data[-32] ^ 1]) + data[-31:]),
        "wrong--s-plus-order": armour(data[:-32] + (scalar + ORDER).to_bytes(32, "little")),
        "wrong--zeros": armour(data[:-64] + bytes(64)),
        "form--another-key": sign(other, JOURNAL),
        "form--rsa": sign(folder / "rsa", JOURNAL),
        "form--ecdsa": sign(folder / "ecdsa", JOURNAL),
        "form--another-namespace": sign(key, SEAL),
        "form--namespace-file": sign(key, "file"),
        "form--sha256": sign(key, JOURNAL, MESSAGE, "-O", "hashalg=sha256"),
        "form--crlf": good.replace("\n", "\r\n"),
        "form--no-last-line-feed": good.rstrip("\n"),
        "form--blank-line-after": good + "\n",
        "form--blank-line-before": "\n" + good,
        "form--byte-order-mark": "\ufeff" + good,
        "form--text-before": "Signed by me\n" + good,
        "form--text-after": good + "Signed by me\n",
        "form--twice": good + good,
        "form--one-line": armour(data, 10_000),
        "form--lines-of-64": armour(data, 64),
        "form--spaces": good.replace("\n", " \n"),
        "form--no-armour": None,
        "form--no-end": good.removesuffix(END),
        "form--pgp-armour": good.replace("SSH SIGNATURE", "PGP SIGNATURE"),
        "form--base64-padded": good.replace("\n" + END, "====\n" + END),
        "form--base64url": good.replace("+", "-").replace("/", "_"),
        "form--cut": armour(data[:-1]),
        "form--one-byte-more": armour(data + b"\0"),
        "form--version-2": armour(data[:6] + struct.pack(">I", 2) + data[10:]),
        "form--magic": armour(b"SSHSIF" + data[6:]),
        "form--reserved": armour(
            data[:namespace_at] + string(JOURNAL.encode()) + string(b"x") + data[namespace_at + 4 + len(JOURNAL) + 4 :]
        ),
        "form--empty-namespace": armour(data[:namespace_at] + string(b"") + data[namespace_at + 4 + len(JOURNAL) :]),
        "form--empty": "",
        "form--zeros": "\0" * len(good),
    }
    for name, text in vectors.items():
        bytes_of = data if text is None else text.encode()
        (out / f"{name}.sig").write_bytes(bytes_of)
