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
    "body": {"text": "Plain words."},
}


def write(**changed):
    return json.dumps({**entry, **changed}, indent=2, ensure_ascii=False) + "\n"


def note(text):
    return write(body={"text": text})


def correction(change, because=None, alone=None):
    return write(kind="corrected", body={"entry": 1, "change": change, "because": because, "alone": alone})


def changed(field, was, now):
    return correction({"field": field, "was": was, "now": now})


KEYS = pathlib.Path(__file__).parents[2] / "fixtures/keys"


def key(name):
    return (KEYS / f"{name}.pub").read_text().strip()


def opening(**changed):
    person = {"name": "Jane Smith", "position": "Headteacher", "initials": "JS", "public_key": key("accepted--key")}
    other = {"name": "Ali Khan", "position": "Deputy", "initials": "AK", "public_key": key("accepted--key-0")}
    file = {"role": "pack", "sha256": "ab" * 32, "bytes": 9, "extension": "toml", "name": None}
    body = {
        "reference": "2026-0001",
        "standing": "case",
        "follows": None,
        "follows_stopped": False,
        "suspected_illegal": False,
        "group": None,
        "reason": "A complaint.",
        "reported_by": "Form tutor",
        "concerns": "pupil",
        "subject": "P-17",
        "subject_key": None,
        "first": person | changed.pop("first", {}),
        "second": other,
        "namesakes": False,
        "computer": {"name": "ADMIN-07", "location": "Office"},
        "confirmations": [],
        "filter_exemptions": None,
        "pack": {"id": "uk-schools", "title": "Schools", "file": file},
        "program": {"version": "0.1.0", "sha256": "cd" * 32},
        "machine": {
            "name": "admin-07",
            "system": "Linux",
            "architecture": "x86_64",
            "identity": None,
            "utc_offset_minutes": 0,
        },
    }
    return write(entry=1, prev=None, prev_sig_a=None, prev_sig_b=None, kind="opened", body=body | changed)


def visit(url):
    return {
        "time": "2026-11-22T14:29:59.000Z",
        "url": url,
        "redirects": [{"url": "http://example.org/", "status": 301}],
        "redirects_left_out": 21,
        "final_url": url,
        "title": None,
        "status": 200,
        "failure": None,
    }


left_out = {
    "count": 51,
    "named": [{"name": "phone/link[U+000A]", "sha256": None, "because": "is a link"}],
    "list": {"role": "list", "sha256": "01" * 32, "bytes": 9000, "extension": "json", "name": None},
}
recovered = {
    "completed": [],
    "broken_off": {"exhibit": "JS/1", "parts": 3, "of": 7, "files": 96, "of_files": 224},
    "void": [],
    "left": {
        "count": 1,
        "named": [{"name": "data/files/@eaDir", "sha256": None, "because": "is a folder"}],
        "list": None,
    },
}


def attached(left_out):
    file = {"role": "attached", "sha256": "02" * 32, "bytes": 1, "extension": "pdf", "name": "phone/a[0xFF].pdf"}
    return write(
        kind="attached",
        body={
            "exhibit": {"producer": "a", "number": 1, "label": "JS/1"},
            "part": {"number": 1, "of": 1, "files": 1},
            "description": "The phone.",
            "files": [file],
            "left_out": left_out,
        },
    )


def sealed(**changed):
    body = {
        "seal": 1,
        "root": "ab" * 32,
        "entries": 1,
        "withheld": 0,
        "sealed_at": "2026-11-22T14:30:00.000Z",
        "bundle": "2026-0001-seal-1.zip",
        "bytes": 9,
        "bundle_sha256": "cd" * 32,
        "form_sha256": "ef" * 32,
    }
    return write(kind="sealed", body=body | changed)


def referred(**changed):
    body = {
        "route": "police-101",
        "to": "Police",
        "by": None,
        "contact": None,
        "when": None,
        "reference": "CAD 5678",
        "advice": None,
        "computer": None,
        "answer": None,
        "alone": None,
    }
    return write(kind="referred", body=body | changed)


VISIT = {
    "time": "2026-11-22T14:29:00.000Z",
    "url": "https://example.org/",
    "final_url": "https://example.org/",
    "title": None,
    "status": 200,
    "failure": None,
}
ALONE = {"by": "a", "at": "2026-11-22T14:29:00.000Z", "file": "ab" * 32}

good = write()
words = correction(None, "Plain words.")
bullying = {"id": "bullying", "label": "Bullying", "response": "record"}
gambling = {"id": "gambling", "label": "Gambling", "response": "record"}
vectors = {
    "accepted--plain": good,
    "accepted--scripts": note("Łódź, محمد, 李小龙, \U0001f600, e\u0301"),
    "accepted--escapes": note('"quoted" \\ back / slash\nand a line, <b>&amp;'),
    "accepted--invisible-and-odd": note("x\u00a0no-break\u200dz \u2019 \ufffd"),
    "accepted--correction": changed("subject", "7B-14", "7B-41"),
    "accepted--correction-in-words": words,
    "accepted--correction-of-a-category": changed("category", bullying, gambling),
    "accepted--correction-of-a-place": changed("at", {"url": "https://example.org/"}, {"exhibit": "JS/1"}),
    "accepted--correction-to-nothing": changed("group", "Rowan Park School", None),
    "refused--correction-of-another-field": changed("session", "a", "b"),
    "refused--correction-to-a-number": changed("subject", "7B-14", 41),
    "refused--correction-in-another-order": changed("category", bullying, dict(reversed(gambling.items()))),
    "refused--correction-with-more": changed("category", bullying, {**gambling, "x": None}),
    "accepted--largest-integer": write(since_start_ms=2**53 - 1),
    "accepted--judged": write(kind="judged", body={"substance": True, "because": "Seen."}),
    "refused--unknown-field": good.replace('  "entry": 2,', '  "entry": 2,\n  "extra": 1,'),
    "refused--unknown-field-in-body": words.replace('"change": null', '"change": null,\n    "extra": 1'),
    "refused--field-twice": good.replace('  "entry": 2,', '  "entry": 2,\n  "entry": 2,'),
    "refused--field-twice-in-body": words.replace('"change": null', '"change": null,\n    "change": null'),
    "refused--field-missing": good.replace('  "since_start_ms": 12,\n', ""),
    "refused--null-left-out": words.replace('\n    "change": null,', ""),
    "refused--other-order": good.replace('  "entry": 2,\n', "").replace('  "kind"', '  "entry": 2,\n  "kind"'),
    "refused--other-order-in-body": write(kind="corrected", body={"change": None, "entry": 1, "because": "Plain words.", "alone": None}),
    "refused--float": good.replace('"entry": 2,', '"entry": 2.0,'),
    "refused--exponent": good.replace('"entry": 2,', '"entry": 2e0,'),
    "refused--negative": good.replace('"entry": 2,', '"entry": -2,'),
    "refused--leading-zero": good.replace('"entry": 2,', '"entry": 02,'),
    "refused--integer-2-to-the-53": write(since_start_ms=2**53),
    "refused--integer-of-64-bits": write(since_start_ms=2**64 - 1),
    "refused--integer-2-to-the-53-in-body": words.replace('"entry": 1', f'"entry": {2**53}'),
    "refused--third-side": write(
        kind="halted",
        body={
            "category": None,
            "typed": None,
            "place": None,
            "by": "c",
            "raised": "by-hand",
            "raised_at": None,
            "raised_file": None,
            "description": None,
            "screen": None,
            "keeping": None,
        },
    ),
    "accepted--side": write(
        kind="halted",
        body={
            "category": None,
            "typed": None,
            "place": None,
            "by": "b",
            "raised": "by-hand",
            "raised_at": None,
            "raised_file": None,
            "description": None,
            "screen": None,
            "keeping": None,
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
    "refused--last-comma": good.replace('"Plain words."', '"Plain words.",'),
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
    "accepted--longest-text": note("x" * (48 * 1024)),
    "accepted--longest-text-of-quotes": note('"' * (24 * 1024)),
    "refused--text-too-long": note("x" * (48 * 1024 + 1)),
    "refused--text-of-quotes-too-long": note('"' * (24 * 1024 + 1)),
    "refused--too-long": write(kind="visited", body={"visits": [visit("x" * 4096)] * 16}),
    "accepted--visited": write(kind="visited", body={"visits": [visit("https://example.org/")]}),
    "accepted--attached-with-a-list": attached(left_out),
    "accepted--attached-name-of-odd-bytes": attached({"count": 0, "named": [], "list": None}),
    "refused--attached-without-count": attached({"named": [], "list": None}),
    "accepted--broken-off": write(kind="recovered", body=recovered),
    "refused--recovered-without-broken-off": write(
        kind="recovered", body={key: value for key, value in recovered.items() if key != "broken_off"}
    ),
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
vectors |= {
    "accepted--opened": opening(),
    "accepted--opened-scripts": opening(first={"name": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627 Zo\u00eb O\u2019Brien"}),
    "refused--follows-stopped-left-out": opening().replace('    "follows_stopped": false,\n', ""),
    "accepted--sealed": sealed(),
    "refused--sealed-digest-left-out": sealed().replace('    "bundle_sha256": "' + "cd" * 32 + '",\n', ""),
    "refused--sealed-digest-null": sealed(form_sha256=None),
    "accepted--written-alone": referred(alone=ALONE),
    "accepted--correction-written-alone": correction(
        {"field": "place", "was": None, "now": "A phone"}, alone=ALONE
    ),
    "refused--correction-alone-left-out": correction(None, "Plain words.").replace(',\n    "alone": null', ""),
    "refused--alone-left-out": referred().replace(',\n    "alone": null', ""),
    "refused--alone-by-nobody": referred(alone=ALONE | {"by": None}),
    "refused--alone-by-a-name": referred(alone=ALONE | {"by": "Jane Smith"}),
    "refused--alone-without-a-file": referred(alone=ALONE | {"file": None}),
    "accepted--visited-before-a-stop": write(
        kind="recording", body={"event": "before-stop", "visits": [visit("https://example.org/")]}
    ),
    "refused--event-of-a-stop-unknown": write(kind="recording", body={"event": "at-stop", "visits": []}),
    "refused--namesakes-left-out": opening().replace('    "namesakes": false,\n', ""),
}
for what, unseen in {
    "times": "\u2062",
    "grapheme-joiner": "\u034f",
    "filler": "\u3164",
    "arabic-mark": "\u061c",
    "variation": "\ufe0f",
    "tag": "\U000e0041",
    "private": "\ue000",
    "unassigned": "\u0378",
    "joiner": "\u200d",
    "soft-hyphen": "\u00ad",
    "override": "\u202e",
}.items():
    vectors[f"refused--name-with-{what}"] = opening(first={"name": f"Ja{unseen}ne Smith"})
vectors |= {
    "refused--position-with-tag": opening(first={"position": "Head\U000e0041teacher"}),
    "refused--initials-with-mark": opening(first={"initials": "J\u061cS"}),
    "refused--subject-with-filler": opening(subject="P-\u31641"),
    "refused--name-with-two-spaces": opening(first={"name": "Jane  Smith"}),
    "refused--name-with-no-break-space": opening(first={"name": "Jane\u00a0Smith"}),
}
# All of them stand in fixtures/keys; here one of each kind, where a case has it.
for name in (
    "form--comment",
    "form--not-on-the-curve",
    "not-canonical--y-is-p-plus-3-sign-0",
    "not-canonical--x-zero-with-the-sign-y-1",
    "weak--small-order-1",
    "mixed--prime-and-small-order-1",
):
    vectors[f"refused--key-{name.replace('--', '-')}"] = opening(first={"public_key": key(name)})
for name, text in vectors.items():
    (out / f"{name}.json").write_bytes(text.encode())
(out / "refused--not-utf-8.json").write_bytes(good.encode().replace(b"Plain", b"Pl\xffin"))
