"""Sigma rules over raw events."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import casegraph
from casegraph import RuleSet

RULES = r"""title: Whoami
id: 5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01
status: test
tags: [attack.discovery, attack.t1033]
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\whoami.exe'
  filter:
    User: nobody
  condition: selection and not filter
level: low
---
title: A tool of ours
name: ours
logsource: {category: process_creation, product: windows}
detection:
  selection:
    User|expand: '%admins%'
  condition: selection
level: high
---
title: Names
logsource: {category: dns_query, product: windows}
detection:
  selection: {QueryName|contains: evil}
  condition: selection
level: critical
"""
BROKEN = """title: Broken
logsource: {category: test}
detection:
  selection: {a: b}
  condition: selektion
"""
EVENT = {
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "EventID": 1,
    "Image": r"C:\Windows\System32\whoami.exe",
    "User": "ada",
}
OTHER = {**EVENT, "Image": r"C:\Windows\System32\cmd.exe", "User": "bert"}


@pytest.fixture
def rules() -> RuleSet:
    return RuleSet(texts={"rules.yml": RULES}, placeholders={"admins": ["carl", "ada"]}, strict=True)


def titles(found: list[list[casegraph.Rule]]) -> list[set[str]]:
    return [{rule.title for rule in rules} for rules in found]


def test_a_set_is_a_sequence_of_rules(rules: RuleSet) -> None:
    assert len(rules) == 3
    assert [rule.index for rule in rules] == [0, 1, 2]
    assert rules[-1] == list(rules)[2]
    assert rules[:2] == (rules[0], rules[1])
    with pytest.raises(IndexError):
        rules[3]
    assert repr(rules) == "<RuleSet: 3 rules>"
    whoami = rules.find("Whoami")
    assert whoami is not None
    assert whoami == rules.find("5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01")
    assert (whoami.kind, whoami.level, whoami.status) == ("detection", "low", "test")
    assert whoami.tags == ("attack.discovery", "attack.t1033")
    assert (whoami.category, whoami.product, whoami.service) == ("process_creation", "windows", None)
    assert (whoami.source, whoami.line, len(whoami.hash)) == ("rules.yml", 1, 64)
    assert repr(whoami) == "<Rule 'Whoami': detection, low>"
    assert rules.find("nobody") is None
    assert rules.find("ours").title == "A tool of ours"
    assert [json.loads(rule.to_json()) for rule in rules] == json.loads(rules.to_json())


def test_sets_come_from_files_folders_and_texts(rules: RuleSet, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    (folder / "rules.yml").write_text(RULES)
    (folder / "notes.txt").write_text("no rule")
    admins = {"admins": ("ada", "carl")}
    for path in (tmp_path, str(tmp_path), folder / "rules.yml"):
        assert RuleSet(path, placeholders=admins).hash != rules.hash  # the order of the values differs
        assert RuleSet(path, placeholders={"admins": ["carl", "ada"]}).hash == rules.hash
    assert len(RuleSet.from_text(RULES.split("---", maxsplit=1)[0])) == 1
    assert RuleSet.from_text(RULES.encode().split(b"---", maxsplit=1)[0])[0].source == "<text>"
    assert len(RuleSet()) == 0
    assert RuleSet()
    both = RuleSet(tmp_path, builtin=True, placeholders=admins)
    assert len(both) == 3 + len(RuleSet.builtin())
    assert {rule.kind for rule in RuleSet.builtin()} == {"correlation", "detection", "verdict"}


def test_problems_have_their_place() -> None:
    rules = RuleSet(texts={"good.yml": RULES, "bad.yml": BROKEN}, placeholders={"admins": ["ada"]})
    assert len(rules) == 3
    (problem,) = rules.problems
    assert (problem.source, problem.line, problem.column) == ("bad.yml", 5, 14)
    assert (problem.rule, problem.code, problem.left_out) == ("Broken", "unknown_reference", True)
    assert "selektion" in problem.message
    assert str(problem) == f"bad.yml:5:14: {problem.message}"
    assert repr(rules) == "<RuleSet: 3 rules, 1 problems>"
    (problem,) = RuleSet(texts={"b": b"title: \xff\n", "g": RULES.split("---", maxsplit=1)[0]}).problems
    assert problem.source == "b"


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(casegraph.ParseError, match="selektion") as raised:
        RuleSet(texts={"good.yml": RULES, "bad.yml": BROKEN}, placeholders={"admins": ["ada"]}, strict=True)
    assert (raised.value.code, raised.value.source) == ("rule", "bad.yml")
    assert (raised.value.line, raised.value.column) == (5, 14)
    assert isinstance(raised.value, ValueError)
    with pytest.raises(casegraph.ParseError):
        RuleSet.from_text(BROKEN)
    with pytest.raises(casegraph.ParseError, match=r"mapping\.yml"):
        RuleSet(mappings={"mapping.yml": "shapes: 7"})
    missing = tmp_path / "missing"
    with pytest.raises(casegraph.IoError, match="missing") as failed:
        RuleSet(missing)
    assert (failed.value.code, failed.value.errno, failed.value.filename) == ("io", 2, str(missing))


def test_a_mapping_of_ones_own() -> None:
    mapping = (Path(__file__).parents[2] / "core" / "docs" / "MAPPING.md").read_text(encoding="utf-8")
    mapping = mapping.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert RuleSet(texts={"r": RULES}, mappings={"ours": mapping}).hash != RuleSet(texts={"r": RULES}).hash


def test_rules_are_chosen(rules: RuleSet) -> None:
    assert {rule.title for rule in rules.select(min_level="high")} == {"A tool of ours", "Names"}
    assert [rule.title for rule in rules.select(tags=["attack.t1033"], min_status="test")] == ["Whoami"]
    assert [rule.title for rule in rules.select(categories={"dns_query"})] == ["Names"]
    assert len(rules.select(products=["windows"], without_tags=["attack.discovery"])) == 2
    assert len(rules.select(services=["sysmon"])) == 0
    assert rules.select().hash == rules.hash
    assert len(rules) == 3
    chosen = RuleSet(texts={"r": RULES}, placeholders={"admins": ["a"]}, select={"min_level": "high", "ids": ["ours"]})
    assert [rule.title for rule in chosen] == ["A tool of ours"]
    for wrong in ({"min_level": "worst"}, {"minimum": "high"}, {"tags": "attack.t1033"}):
        with pytest.raises(casegraph.DataError, match="not a selection of rules"):
            RuleSet(select=wrong)
    with pytest.raises(TypeError):
        rules.select(minimum="high")


def test_events_come_in_many_shapes(rules: RuleSet, tmp_path: Path) -> None:
    both = {"Whoami", "A tool of ours"}
    text = json.dumps(EVENT)
    for one in (EVENT, text, text.encode(), bytearray(text.encode())):
        assert titles(rules.match(one)) == [both]
    file = tmp_path / "events.jsonl"
    file.write_text(f"{text}\n\n{json.dumps(OTHER)}\n")
    with file.open("rb") as binary, file.open() as readable:
        binary_lines, lines = (line for line in binary if line.strip()), (line for line in readable if line.strip())
        for many in ([EVENT, OTHER], [text, OTHER], (e for e in (EVENT, OTHER)), file, binary_lines, lines):
            assert titles(rules.match(many)) == [both, set()]
    assert rules.match([]) == []
    assert rules.match({}) == [[]]
    assert titles(rules.match([EVENT, OTHER] * 2_000)) == [both, set()] * 2_000
    found = rules.match([EVENT, EVENT])
    assert found[0][0] is found[1][0]


def test_what_is_no_event(rules: RuleSet, tmp_path: Path) -> None:
    for wrong, record in (
        (["{}", "{}", '{\n"a":}'], 3),
        ([b'{"a":"\xff"}'], 1),
        (["[]"], 1),
        ([{}] * 3000 + [""], 3001),
    ):
        with pytest.raises(casegraph.ParseError, match=f"^record {record}[,:]") as raised:
            rules.match(wrong)
        assert (raised.value.code, raised.value.record) == ("syntax", record)
    with pytest.raises(casegraph.ParseError) as raised:
        rules.match(["{}", '{\n"a":}'])
    assert str(raised.value).startswith("record 2, line 2, column ")
    assert raised.value.line == 2
    many = {"a": list(range(100_001))}
    for huge in (many, '{"a":' * 100 + "1" + "}" * 100):
        with pytest.raises(casegraph.LimitError) as limit:
            rules.match([{}, huge])
        assert limit.value.record == 2
    megabytes = {**EVENT, "Image": "a" * 3_000_000 + r"\whoami.exe"}
    assert "Whoami" in titles(rules.match(megabytes))[0]
    for wrong in (7, None, [object()], {"a": float("nan")}):
        with pytest.raises(casegraph.DataError):
            rules.match(wrong)
    missing = tmp_path / "missing.jsonl"
    with pytest.raises(casegraph.IoError, match="missing") as failed:
        rules.match(missing)
    assert (failed.value.errno, failed.value.filename) == (2, str(missing))
    with pytest.raises(casegraph.IoError):
        rules.match(tmp_path)
    file = tmp_path / "events.jsonl"
    file.write_text("{}")
    with pytest.raises(casegraph.DataError, match="name of a file"):
        rules.match(str(file))

    class Frame:
        columns = ("a",)

    with pytest.raises(casegraph.DataError, match="data frame"):
        rules.match(Frame())


def test_an_exception_of_the_events_comes_through(rules: RuleSet) -> None:
    def events() -> object:
        yield EVENT
        raise ZeroDivisionError("of the generator")

    with pytest.raises(ZeroDivisionError, match="of the generator"):
        rules.match(events())


def test_why(rules: RuleSet) -> None:
    why = rules.explain("Whoami", EVENT)
    assert why.matched
    assert why.conditions[0].text == "selection and not filter"
    selection, unless = why.selections
    assert (selection.name, selection.matched, unless.matched) == ("selection", True, False)
    item = selection.items[0]
    assert (item.key, item.field, item.wanted, item.found) == (
        "Image|endswith",
        "Image",
        (r"\whoami.exe",),
        (EVENT["Image"],),
    )
    assert (item.decided_by, item.line, item.present) == (EVENT["Image"], 8, True)
    assert str(why).splitlines() == [
        why.text,
        "  + condition: selection and not filter",
        "  + selection",
        r"      + Image|endswith: \whoami.exe  found: C:\Windows\System32\whoami.exe",
        "  - filter",
        "      - User: nobody  found: ada",
    ]
    assert repr(why) == f"<RuleTrace: {why.text}>"
    assert not rules.explain(rules.find("ours"), json.dumps(OTHER)).matched
    assert rules.explain("Names", EVENT).text.startswith("not asked: ")
    assert casegraph.RuleTrace.from_json(why.to_json()) == why
    with pytest.raises(casegraph.NotFoundError, match="`nobody`"):
        rules.explain("nobody", EVENT)
    with pytest.raises(casegraph.ParseError):
        rules.explain("ours", "[]")
    with pytest.raises(casegraph.DataError):
        rules.explain("ours", [EVENT])


def test_an_explanation_does_not_lie_on_a_terminal(rules: RuleSet) -> None:
    evil = {**EVENT, "Image": "\x1b[2J\u202egpj.exe\n\\whoami.exe"}
    shown = str(rules.explain("Whoami", evil))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) == 6
    assert "\x1b" not in repr(rules.explain("Whoami", evil))


def test_what_rules_cost(rules: RuleSet) -> None:
    profile = rules.profile([EVENT, EVENT, OTHER, {"what": "is this"}])
    assert (profile.events, profile.unknown_events) == (4, 1)
    assert [cost.rule for cost in profile.rules] == [0, 1, 2]
    of = {cost.title: cost for cost in profile.rules}
    whoami = of["Whoami"]
    assert (whoami.events, whoami.evaluated, whoami.hits, whoami.never) == (3, 2, 2, None)
    assert whoami.lines >= 2
    assert of["Names"].never == "no event of product `windows`, category `dns_query`"
    assert RuleSet.builtin().profile([]).rules[0].never is not None
    assert repr(profile) == "<Profile: 4 events, 4 hits, 1 of 3 rules not evaluated>"
    assert casegraph.Profile.from_json(profile.to_json()) == profile


def test_threads_share_one_set(rules: RuleSet) -> None:
    events = [EVENT, OTHER] * 500
    expected = titles(rules.match(events))
    with ThreadPoolExecutor(8) as pool:
        assert all(titles(found) == expected for found in pool.map(rules.match, [events] * 16))


def test_other_threads_tick_while_rules_are_built_and_run() -> None:
    one = RULES.split("---", maxsplit=1)[0].replace("5d9aa6d1", "{:08x}").replace("{category", "{{category")
    one = one.replace("windows}", "windows}}")
    texts = {f"{n}.yml": one.format(n) for n in range(1_500)}
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before = ticks
        rules = RuleSet(texts=texts)
        building = ticks - before
        assert len(rules) == 1_500
        line = json.dumps(EVENT).encode()
        matcher = rules._core.matcher()
        before = ticks
        matcher.matches([line] * 1_000)
        running = ticks - before
    finally:
        done.set()
        thread.join()
    assert building > 5
    assert running > 5


def test_one_matcher_is_for_one_thread(rules: RuleSet) -> None:
    matcher = rules._core.matcher()
    lines = [json.dumps(EVENT).encode()] * 20_000
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(matcher.matches, lines) for _ in range(2)]
        outcomes = [future.exception() or len(future.result()) for future in futures]
    refused = [outcome for outcome in outcomes if isinstance(outcome, casegraph.DataError)]
    assert len(refused) + outcomes.count(len(lines)) == 2
    assert outcomes.count(len(lines)) >= 1
