#!/usr/bin/env python3
"""Makes fixtures/journal: one entry per defect, named after what must become of it.

    tests/support/journal-vectors.py fixtures/journal
"""

import json
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
HEX = "0011223344556677889900aabbccddeeff"[:32]
entry = {
    "format": "countersign/journal/v1",
    "case": HEX,
    "entry": 2,
    "prev": "ab" * 32,
    "prev_sig_a": "cd" * 32,
    "prev_sig_b": "ef" * 32,
    "time": "2026-11-22T14:30:00.000Z",
    "session": HEX[::-1],
    "since_start_ms": 12,
    "kind": "noted",
    "body": {"text": "Plain words.", "corrects": None},
}


def write(**changed):
    return json.dumps({**entry, **changed}, indent=2, ensure_ascii=False) + "\n"


def note(text):
    return write(body={"text": text, "corrects": None})


good = write()
vectors = {
    "accepted--plain": good,
    "accepted--scripts": note("Łódź, محمد, 李小龙, \U0001f600, e\u0301"),
    "accepted--escapes": note('"quoted" \\ back / slash\nand a line, <b>&amp;'),
    "accepted--invisible-and-odd": note("x\u00a0no-break\u200dz \u2019 \ufffd"),
    "accepted--corrects": write(body={"text": "x", "corrects": 1}),
    "accepted--largest-integer": write(since_start_ms=2**53 - 1),
    "accepted--judged": write(kind="judged", body={"substance": True, "because": "Seen."}),
    "refused--unknown-field": good.replace('  "entry": 2,', '  "entry": 2,\n  "extra": 1,'),
    "refused--unknown-field-in-body": good.replace('"corrects": null', '"corrects": null,\n    "extra": 1'),
    "refused--field-twice": good.replace('  "entry": 2,', '  "entry": 2,\n  "entry": 2,'),
    "refused--field-twice-in-body": good.replace('"corrects": null', '"corrects": null,\n    "corrects": null'),
    "refused--field-missing": good.replace('  "since_start_ms": 12,\n', ""),
    "refused--null-left-out": good.replace(',\n    "corrects": null', ""),
    "refused--other-order": good.replace('  "entry": 2,\n', "").replace('  "kind"', '  "entry": 2,\n  "kind"'),
    "refused--other-order-in-body": write(body={"corrects": None, "text": "Plain words."}),
    "refused--float": good.replace('"entry": 2,', '"entry": 2.0,'),
    "refused--exponent": good.replace('"entry": 2,', '"entry": 2e0,'),
    "refused--negative": good.replace('"entry": 2,', '"entry": -2,'),
    "refused--leading-zero": good.replace('"entry": 2,', '"entry": 02,'),
    "refused--integer-2-to-the-53": write(since_start_ms=2**53),
    "refused--integer-of-64-bits": write(since_start_ms=2**64 - 1),
    "refused--integer-2-to-the-53-in-body": write(body={"text": "x", "corrects": 2**53}),
    "refused--third-side": write(
        kind="halted",
        body={
            "category": None,
            "by": "c",
            "raised": "by-hand",
            "raised_at": None,
            "raised_file": None,
            "description": None,
        },
    ),
    "accepted--side": write(
        kind="halted",
        body={
            "category": None,
            "by": "b",
            "raised": "by-hand",
            "raised_at": None,
            "raised_file": None,
            "description": None,
        },
    ),
    "refused--number-as-text": good.replace('"entry": 2,', '"entry": "2",'),
    "refused--byte-order-mark": "\ufeff" + good,
    "refused--crlf": good.replace("\n", "\r\n"),
    "refused--no-last-line-feed": good.rstrip("\n"),
    "refused--blank-line-after": good + "\n",
    "refused--space-before": " " + good,
    "refused--compact": json.dumps(entry, separators=(",", ":")) + "\n",
    "refused--four-spaces": json.dumps(entry, indent=4) + "\n",
    "refused--tabs": json.dumps(entry, indent="\t") + "\n",
    "refused--comment": good.replace('  "entry"', '  // no\n  "entry"'),
    "refused--last-comma": good.replace('"corrects": null', '"corrects": null,'),
    "refused--nul": note("a\0b"),
    "refused--nul-raw": good.replace("Plain", "Pl\0in"),
    "refused--nul-after": good + "\0",
    "refused--escape": note("a\x1b[31mb"),
    "refused--delete": note("a\x7fb"),
    "refused--c1-control": note("a\x85b"),
    "refused--carriage-return": note("a\rb"),
    "refused--tab": note("a\tb"),
    "refused--bidi-override": note("a\u202eb"),
    "refused--bidi-isolate": note("a\u2066b"),
    "refused--line-separator": note("a\u2028b"),
    "refused--byte-order-mark-in-text": note("a\ufeffb"),
    "refused--escaped-letter": good.replace("Plain", "Pl\\u0061in"),
    "refused--escaped-slash": good.replace("Plain words", "Plain\\/words"),
    "refused--surrogate-alone": good.replace("Plain", "\\ud800"),
    "refused--empty-text": note(""),
    "refused--padded-text": note(" words"),
    "refused--text-too-long": note("x" * (48 * 1024 + 1)),
    "refused--too-long": note('"' * (40 * 1024)),
    "refused--format-v2": good.replace("/v1", "/v2"),
    "refused--other-kind": good.replace('"noted"', '"judged"'),
    "refused--unknown-kind": good.replace('"noted"', '"imagined"'),
    "refused--case-in-capitals": good.replace("aabb", "AABB"),
    "refused--case-too-short": good.replace(HEX, HEX[:-1]),
    "refused--digest-too-short": good.replace("ab" * 32, "ab" * 31),
    "refused--time-without-ms": good.replace("00.000Z", "00Z"),
    "refused--time-with-offset": good.replace("00.000Z", "00.000+00:00"),
    "refused--leap-second": good.replace("14:30:00.000Z", "23:59:60.000Z"),
    "refused--array": "[]\n",
    "refused--two": good + good,
    "refused--empty": "",
}
for name, text in vectors.items():
    (out / f"{name}.json").write_bytes(text.encode())
(out / "refused--not-utf-8.json").write_bytes(good.encode().replace(b"Plain", b"Pl\xffin"))
