#!/usr/bin/env python3
"""Writes the vectors of fixtures/bundle: one file for each defect of a bundle.

    python3 tests/support/bundle_vectors.py fixtures/bundle

A file's name begins with the rule that it breaks (`Defect::code`,
`BagError::code`), then `--` and how; `ok--` stands for none. This is a second
description of the profile, made from docs/FORMAT.md with no line of the
product: tests/bundle compares the two, and compares these files with what
this program writes.
"""

import hashlib
import pathlib
import struct
import sys
import zlib

TOP = "2026-0001-seal-1/"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# --- the bag -----------------------------------------------------------------


def listing(files):
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()


def bag(payload=None, tags=None, edit=None, late=None):
    """The files of a small bag. `edit` changes files before the tagmanifest is
    made, `late` after it; a content of None takes the file away."""
    payload = payload or {"data/journal/000001.json": b"{}\n", "data/files/a.txt": b"What was kept.\n"}
    octets = sum(len(content) for content in payload.values())
    files = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": (
            "Bag-Software-Agent: vectors\nBagging-Date: 2026-11-22\n"
            f"External-Identifier: 2026-0001-seal-1\nPayload-Oxum: {octets}.{len(payload)}\n"
        ).encode(),
        "manifest-sha256.txt": listing(payload),
        "READ-ME-FIRST.txt": b"Read me first.\n",
        **(tags or {}),
    }
    change(files, edit)
    files["tagmanifest-sha256.txt"] = listing({n: c for n, c in files.items() if not n.startswith("data/")})
    files.update(payload)
    change(files, late)
    return {TOP + name: content for name, content in files.items()}


def change(files, changes):
    for name, content in (changes or {}).items():
        if content is None:
            del files[name]
        else:
            files[name] = content(files[name]) if callable(content) else content


# --- the zip file ------------------------------------------------------------


class Entry:
    """A member with its two headers, each field of which can be set apart."""

    def __init__(self, name, content, **both):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.content = content
        fields = dict(
            name=self.name, version=10, flags=0, method=0, time=0, date=0x21, crc=zlib.crc32(content),
            packed=len(content), size=len(content), extra=b"", signature=None,
        )  # fmt: skip
        fields.update(both)
        self.local = dict(fields)
        self.central = dict(
            fields, made_by=10, comment=b"", disk=0, internal=0, external=0, offset=None, listed=True
        )
        self.before = b""
        self.after = b""

    def at_local(self, **fields):
        self.local.update(fields)
        return self

    def at_central(self, **fields):
        self.central.update(fields)
        return self

    def around(self, before=b"", after=b""):
        self.before, self.after = before, after
        return self


def local_header(f):
    return (
        struct.pack(
            "<4sHHHHHIIIHH", f["signature"] or b"PK\3\4", f["version"], f["flags"], f["method"], f["time"],
            f["date"], f["crc"], f["packed"], f["size"], len(f["name"]), len(f["extra"]),
        )  # fmt: skip
        + f["name"]
        + f["extra"]
    )


def central_header(f, offset):
    return (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", f["signature"] or b"PK\1\2", f["made_by"], f["version"], f["flags"],
            f["method"], f["time"], f["date"], f["crc"], f["packed"], f["size"], len(f["name"]),
            len(f["extra"]), len(f["comment"]), f["disk"], f["internal"], f["external"],
            offset if f["offset"] is None else f["offset"],
        )  # fmt: skip
        + f["name"]
        + f["extra"]
        + f["comment"]
    )


def pack(entries, shift=0, before_directory=b"", after_directory=b"", comment=b"", **end):
    """A zip file of `entries`; offsets count from `shift` bytes before it."""
    body, directory, count = b"", b"", 0
    for entry in entries:
        body += entry.before
        offset = shift + len(body)
        body += local_header(entry.local) + entry.content + entry.after
        if entry.central["listed"]:
            directory += central_header(entry.central, offset)
            count += 1
    body += before_directory
    fields = dict(disk=0, first=0, here=count, total=count, length=len(directory), offset=shift + len(body))
    fields.update(end)
    record = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", fields["disk"], fields["first"], fields["here"], fields["total"],
        fields["length"], fields["offset"], len(comment),
    )  # fmt: skip
    return body + directory + after_directory + record + comment


def entries(files=None):
    files = files or bag()
    return [Entry(name, files[name]) for name in sorted(files, key=lambda name: name.encode())]


def with_first(edit, files=None):
    """The small bag, its first member changed."""
    members = entries(files)
    edit(members[0])
    return pack(members)


def with_last(edit):
    members = entries()
    edit(members[-1])
    return pack(members)


def plus(*names):
    """The small bag and more members, in byte order."""
    members = entries() + [name if isinstance(name, Entry) else Entry(name, b"x") for name in names]
    return pack(sorted(members, key=lambda entry: entry.name))


def zipped(**changes):
    return pack(entries(bag(**changes)))


def replaced(old, new):
    return lambda content: content.replace(old, new, 1)


def zip64_end():
    good = entries()
    plain = pack(good)
    end_at = len(plain) - 22
    count, length, offset = struct.unpack("<HII", plain[end_at + 10 : end_at + 20])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, offset)
    return plain[:end_at] + record + struct.pack("<4sIQI", b"PK\6\7", 0, end_at, 1)


def deflated_zeros(repeats):
    """A megabyte and more of zeros, deflated by hand with the fixed codes, so
    that it does not depend on the version of zlib."""
    bits = "1" + "10" + "00110000"  # last block, fixed codes, the literal 0
    bits += ("11000101" + "00000") * repeats  # 258 bytes from one byte back
    bits += "0000000"
    bits += "0" * (-len(bits) % 8)
    packed = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    zeros = bytes(1 + 258 * repeats)
    assert zlib.decompress(packed, -15) == zeros
    return packed, zeros


def bomb():
    packed, zeros = deflated_zeros(8192)
    member = Entry(TOP + "data/zeros", packed, method=8, version=10, crc=zlib.crc32(zeros), size=len(zeros))
    return plus(member)


def quiet_bomb():
    """Deflated, but the headers say stored with two sizes."""
    packed, zeros = deflated_zeros(8192)
    return plus(Entry(TOP + "data/zeros", packed, crc=zlib.crc32(zeros), size=len(zeros)))


def descriptor():
    members = entries()
    first = members[0]
    tail = struct.pack("<4sIII", b"PK\7\x08", first.local["crc"], first.local["packed"], first.local["size"])
    first.around(after=tail).at_local(flags=8, crc=0, packed=0, size=0).at_central(flags=8)
    return pack(members)


def overlapping():
    members = entries()
    members[1].at_central(offset=0)
    return pack(members)


def swapped():
    members = entries()
    members[0], members[1] = members[1], members[0]
    return pack(members)


def changed_content(fix_crc):
    """One letter of the kept file changed after the manifests were made."""
    files = bag(late={"data/files/a.txt": b"What was kepT.\n"})
    members = entries(files)
    if not fix_crc:
        for member in members:
            if member.name.endswith(b"a.txt"):
                crc = zlib.crc32(b"What was kept.\n")
                member.at_local(crc=crc).at_central(crc=crc)
    return pack(members)


GOOD = pack(entries())
OTHER = pack(entries(bag({"data/journal/000001.json": b'{"other":1}\n'})))
HIDDEN = Entry(TOP + "data/hidden", b"hidden").at_central(listed=False)


def vectors():
    good, end_at = GOOD, len(GOOD) - 22
    yield "ok--small-bag", good

    # Names.
    name = TOP + "data/files/a.txt"
    yield "duplicate--same-name-twice", plus(name)
    yield "case--differs-only-in-case", plus(TOP + "data/files/A.txt")
    yield "case--folder-in-two-cases", plus(TOP + "Data/b.txt")
    yield "file-and-folder--one-name", plus(name + "/b")
    yield "name-climbs--dot-dot", plus(TOP + "../../x")
    yield "name-climbs--dot", plus(TOP + "./x")
    yield "name-absolute--slash", plus("/etc/x")
    yield "name-character--backslash", plus(TOP + "data\\..\\x")
    yield "name-character--drive-letter", plus("C:/x")
    yield "name-character--stream", plus(TOP + "data/a.txt:b")
    yield "name-character--nul", plus(TOP + "data/a.txt\0.exe")
    yield "name-character--space-at-end", plus(TOP + "data/a.txt ")
    yield "name-character--bidi-override", plus(TOP + "data/\u202etxt.exe")
    yield "name-character--not-utf8", plus(TOP.encode() + b"data/\xff")
    yield "name-device--con", plus(TOP + "data/CON")
    yield "name-device--aux-with-extension", plus(TOP + "data/aux.txt")
    yield "name-device--folder-lpt1", plus(TOP + "data/Lpt1/x")
    yield "name-last-dot--file", plus(TOP + "data/b.txt.")
    yield "name-first-hyphen--option", plus(TOP + "data/-rf")
    yield "name-empty--folder-entry", plus(TOP + "data/files/")
    yield "name-empty--two-slashes", plus(TOP + "data//b")
    yield "name-too-long--201-bytes", plus(TOP + "data/" + "a" * (201 - len(TOP) - 5))
    yield "order--first-two-swapped", swapped()

    # Fields with one value.
    link = 0o120777 << 16
    yield "attributes--symlink", with_first(lambda e: e.at_central(external=link))
    yield "attributes--read-only", with_first(lambda e: e.at_central(external=1))
    yield "attributes--text", with_first(lambda e: e.at_central(internal=1))
    yield "made-by--unix-symlink", with_first(lambda e: e.at_central(made_by=0x31E, external=link))
    yield "version-needed--central", with_first(lambda e: e.at_central(version=20))
    yield "version-needed--local", with_first(lambda e: e.at_local(version=20))
    yield "encrypted--flag", with_first(lambda e: e.at_local(flags=1).at_central(flags=1))
    yield "encrypted--flag-local-only", with_first(lambda e: e.at_local(flags=1))
    yield "descriptor--after-member", descriptor()
    yield "flags--utf-8", with_first(lambda e: e.at_local(flags=0x800).at_central(flags=0x800))
    yield "compressed--deflate-bomb", bomb()
    yield "compressed--local-only", with_first(lambda e: e.at_local(method=8))
    yield "sizes-differ--quiet-bomb", quiet_bomb()
    yield "date--central", with_first(lambda e: e.at_central(date=0x5D76))
    yield "date--local", with_first(lambda e: e.at_local(date=0x5D76))
    yield "date--time", with_first(lambda e: e.at_local(time=1).at_central(time=1))
    stamp = struct.pack("<HHBI", 0x5455, 5, 1, 0)
    yield "extra-field--local", with_first(lambda e: e.at_local(extra=stamp))
    yield "extra-field--central", with_first(lambda e: e.at_central(extra=stamp))
    yield "comment--member", with_first(lambda e: e.at_central(comment=b"x"))
    yield "comment--archive", pack(entries(), comment=b"x")
    yield "prefix--zip-file-in-comment", pack(entries(), comment=OTHER)
    yield "split--disk-of-member", with_first(lambda e: e.at_central(disk=1))
    yield "split--disk-of-end", pack(entries(), disk=1)
    yield "split--disk-of-directory", pack(entries(), first=1)
    yield "split--counts-differ", pack(entries(), here=3)
    yield "headers-differ--name", with_first(lambda e: e.at_local(name=e.name[:-1] + b"X"))
    yield "headers-differ--name-length", with_first(lambda e: e.at_local(name=e.name + b"X"))
    yield "headers-differ--crc", with_first(lambda e: e.at_local(crc=1))
    yield "headers-differ--size", with_first(lambda e: e.at_local(packed=1, size=1))
    yield "headers-differ--compressed-size", with_first(lambda e: e.at_local(packed=1))

    # Tiling.
    yield "prefix--offsets-as-they-were", b"#!/bin/sh\n" + good
    yield "prefix--offsets-adjusted", b"#!/bin/sh\n" + pack(entries(), shift=10)
    yield "prefix--concatenation", OTHER + good
    yield "hidden-member--concatenation-adjusted", OTHER + pack(entries(), shift=len(OTHER))
    yield "hidden-member--first", pack([HIDDEN] + entries())
    yield "hidden-member--between", pack(entries()[:1] + [HIDDEN] + entries()[1:])
    yield "hidden-member--last", pack(entries() + [HIDDEN])
    yield "suffix--one-byte", good + b"\0"
    yield "suffix--line", good + b"appended\n"
    yield "gap--between-members", with_last(lambda e: e.around(before=b"gap"))
    yield "gap--after-last-member", with_last(lambda e: e.around(after=b"gap"))
    yield "gap--before-end-record", pack(entries(), after_directory=b"gap")
    yield "overlap--two-members-in-one-place", overlapping()
    yield "overlap--size-into-directory", with_last(
        lambda e: e.at_local(packed=999, size=999).at_central(packed=999, size=999)
    )
    yield "cut-off--directory", pack(entries(), length=end_at)
    yield "count--one-too-few", pack(entries(), here=6, total=6)
    yield "count--one-too-many", pack(entries(), here=8, total=8)
    yield "no-record--local", with_first(lambda e: e.at_local(signature=b"PK\3\5"))
    yield "no-record--central", with_first(lambda e: e.at_central(signature=b"PK\1\3"))
    big = struct.pack("<HHQQ", 1, 16, 2, 2)
    yield "zip64--sizes", with_first(
        lambda e: e.at_local(packed=2**32 - 1, size=2**32 - 1, extra=big).at_central(
            packed=2**32 - 1, size=2**32 - 1, extra=big
        )
    )
    yield "zip64--end-record", zip64_end() + good[end_at:]
    yield "zip64--count", zip64_end() + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 0, 0, 0)
    yield "zip64--offset", pack(entries(), offset=2**32 - 1)
    yield "empty--no-members", pack([])
    yield "no-end--empty-file", b""
    yield "no-end--one-byte-short", good[:-1]
    yield "no-end--half", good[: len(good) // 2]
    yield "no-end--text", b"This is not a zip file, but long enough for one.\n"

    # Contents.
    yield "crc--content-changed", changed_content(fix_crc=False)
    yield "crc--both-headers", with_last(lambda e: e.at_local(crc=1).at_central(crc=1))
    yield "digest--content-changed", changed_content(fix_crc=True)
    yield "digest--tag-file-changed", zipped(late={"READ-ME-FIRST.txt": b"Read me last. \n"})

    # The bag.
    manifest, tagmanifest = "manifest-sha256.txt", "tagmanifest-sha256.txt"
    for missing in ("bagit.txt", "bag-info.txt", manifest, tagmanifest):
        yield f"bag-missing--{missing.split('.')[0]}", zipped(late={missing: None})
    yield "bag-top--two-folders", plus("2026-0001-seal-2/x")
    yield "bag-top--no-folder", plus("x")
    yield "bag-top--one-file", pack([Entry("x", b"x")])
    yield "bag-fetch--listed", zipped(tags={"fetch.txt": b"http://127.0.0.1/a 1 data/b\n"})
    yield "bag-fetch--upper-case", zipped(tags={"FETCH.TXT": b"http://127.0.0.1/a 1 data/b\n"})
    yield "bag-stamps--listed", zipped(tags={"stamps/tsa1.tsr": b"x"})
    yield "bag-stamps--not-listed", plus(TOP + "stamps/tsa1.tsr")
    yield "bag-algorithm--md5", zipped(tags={"manifest-md5.txt": b"x"})
    yield "bag-algorithm--sha512-of-tags", zipped(late={"tagmanifest-sha512.txt": b"x"})
    yield "bag-bagit--version", zipped(edit={"bagit.txt": replaced(b"1.0", b"0.97")})
    yield "bag-bagit--crlf", zipped(edit={"bagit.txt": replaced(b"\n", b"\r\n")})
    info = "bag-info.txt"
    yield "bag-info--no-oxum", zipped(edit={info: b"Bagging-Date: 2026-11-22\n"})
    yield "bag-info--leading-zero", zipped(edit={info: replaced(b"Oxum: ", b"Oxum: 0")})
    yield "bag-info--folded-line", zipped(edit={info: replaced(b"vectors\n", b"vectors\n more\n")})
    yield "bag-info--label-twice", zipped(edit={info: replaced(b"Bagging-Date", b"Bag-Software-Agent")})
    yield "bag-info--bidi", zipped(edit={info: replaced(b"vectors", "\u202ev".encode())})
    yield "bag-info--no-last-line-feed", zipped(edit={info: lambda content: content[:-1]})
    yield "bag-oxum--bytes", zipped(edit={info: replaced(b"Oxum: 1", b"Oxum: 2")})
    yield "bag-oxum--files", zipped(edit={info: replaced(b".2\n", b".3\n")})
    for name in (manifest, tagmanifest):
        when, kind = ("edit", "payload") if name == manifest else ("late", "tags")
        for how, edit in {
            "upper-case": lambda content: content.split(b" ", 1)[0].upper() + content[64:],
            "one-space": replaced(b"  ", b" "),
            "star": replaced(b"  ", b" *"),
            "crlf": replaced(b"\n", b"\r\n"),
            "byte-order-mark": lambda content: b"\xef\xbb\xbf" + content,
            "no-last-line-feed": lambda content: content[:-1],
            "blank-line": lambda content: content + b"\n",
            "unsorted": lambda content: b"".join(sorted(content.splitlines(True), key=lambda l: l[64:])[::-1]),
            "line-twice": lambda content: content.splitlines(True)[0] + content,
            "dot-slash": lambda content: content[:66] + b"./" + content[66:],
            "empty": lambda content: b"",
        }.items():
            yield f"bag-manifest--{kind}-{how}", zipped(**{when: {name: edit}})
    without = lambda part: lambda content: b"".join(l for l in content.splitlines(True) if part not in l)
    more = lambda name: lambda content: content + f"{sha256(b'x')}  {name}\n".encode()
    yield "bag-manifest-digest--line-changed", zipped(late={manifest: more("data/z")})
    yield "bag-not-listed--payload", plus(TOP + "data/z")
    yield "bag-not-listed--payload-first", plus(TOP + "data/a")
    yield "bag-not-listed--payload-line-gone", zipped(edit={manifest: without(b"a.txt")})
    yield "bag-not-listed--tag", plus(TOP + "zzz.txt")
    yield "bag-not-listed--tag-line-gone", zipped(late={tagmanifest: without(b"READ")})
    yield "bag-not-listed--manifest", zipped(late={tagmanifest: without(b" manifest")})
    yield "bag-not-there--payload", zipped(edit={manifest: more("data/z")})
    yield "bag-not-there--payload-removed", zipped(late={"data/files/a.txt": None})
    yield "bag-not-there--tag", zipped(late={tagmanifest: more("zzz.txt")})
    yield "bag-not-there--tag-removed", zipped(late={"READ-ME-FIRST.txt": None})
    yield "bag-not-there--tag-in-payload-manifest", zipped(edit={manifest: more("zzz.txt")})


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    names = set()
    for name, content in vectors():
        assert name not in names, name
        names.add(name)
        (folder / f"{name}.zip").write_bytes(content)
    for old in folder.glob("*.zip"):
        if old.stem not in names:
            old.unlink()
    print(len(names), "vectors")


if __name__ == "__main__":
    main()
