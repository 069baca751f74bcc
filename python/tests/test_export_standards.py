"""Exports against what others read them with: `stix2` and its pattern grammar, `py-ocsf-models`, MITRE's reader of
Navigator layers, the types of the Graph security API."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import stix2
from py_ocsf_models.events.findings.detection_finding import DetectionFinding
from py_ocsf_models.objects.observable import Observable
from stix2patterns.validator import run_validator

import casegraph

# New objects of extensions, which the library has no classes for. Everything else is parsed strictly.
EXTENDED = {"event", "task", "attack-flow", "attack-action", "attack-asset", "attack-condition"}

GRAPH_TYPES = Path(__file__).parents[3] / "shared/reference/graph-security-types.json"

# Types of the Graph's metadata that are no objects.
SCALARS: dict[str, type | tuple[type, ...]] = {
    "String": str,
    "DateTimeOffset": str,
    "Guid": str,
    "Int32": int,
    "Int64": int,
    "Double": (int, float),
    "Boolean": bool,
}

NASTY = "x'] OR [url:value = '\\\u202e\u0000\n\"}]</script>"

HOSTILE = {
    "@odata.type": "#microsoft.graph.security.alert",
    "id": NASTY,
    "title": NASTY,
    "severity": NASTY,
    "category": NASTY,
    "mitreTechniques": ["T1059", NASTY],
    "createdDateTime": "0000-01-01T00:00:00Z",
    "firstActivityDateTime": "0001-01-01T00:00:00Z",
    "lastActivityDateTime": "9999-12-31T23:59:59.9999999Z",
    "actorDisplayName": NASTY,
    "comments": [{"comment": NASTY, "createdByDisplayName": NASTY}],
    "evidence": [
        {"@odata.type": f"#microsoft.graph.security.{kind}Evidence", "verdict": "malicious", **members}
        for kind, members in [
            ("url", {"url": NASTY}),
            ("dns", {"domainName": NASTY}),
            ("file", {"fileDetails": {"fileName": NASTY, "filePath": "\\", "sha256": "none", "fileSize": -1}}),
            ("file", {"fileDetails": {"fileName": "a'b", "md5": "A" * 32}}),
            ("process", {"processId": -7, "processCommandLine": NASTY, "imageFile": {"fileName": NASTY}}),
            ("networkConnection", {"destinationAddress": {"ipAddress": "::ffff:192.0.2.1"}, "destinationPort": 70000}),
            ("registryValue", {"registryKey": NASTY, "registryValueType": NASTY, "registryValue": NASTY}),
            ("analyzedMessage", {"networkMessageId": NASTY, "p2Sender": {"emailAddress": NASTY}, "subject": NASTY}),
            ("user", {"userAccount": {"accountName": NASTY, "userSid": NASTY}}),
            ("device", {"hostName": NASTY, "osPlatform": NASTY}),
            ("ip", {"ipAddress": "2001:db8::1"}),
            ("ip", {"ipAddress": "10.0.0.1"}),
        ]
    ],
}


@pytest.fixture(params=["sample", "hostile"])
def book(request: pytest.FixtureRequest) -> casegraph.Casebook:
    book = casegraph.Casebook()
    book.ingest(casegraph.sample_alerts() if request.param == "sample" else json.dumps(HOSTILE))
    return book


def exported(book: casegraph.Casebook, name: str) -> list[str]:
    texts = [book.export(line.id, name).text for line in book.queue()]
    assert texts
    return texts


def references(value: Any, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [ref for key, member in value.items() for ref in references(member, key)]
    if isinstance(value, list):
        return [ref for item in value for ref in references(item, name)]
    return [value] if name.endswith(("_ref", "_refs")) else []


@pytest.mark.parametrize("name", ["stix", "attack-flow"])
def test_a_bundle_is_read_strictly(book: casegraph.Casebook, name: str) -> None:
    for text in exported(book, name):
        bundle = json.loads(text)
        ids = {item["id"] for item in bundle["objects"]}
        assert len(ids) == len(bundle["objects"])
        for item in bundle["objects"]:
            parsed = stix2.parse(copy.deepcopy(item), allow_custom=item["type"] in EXTENDED, version="2.1")
            # Observables have the ids that others would give them.
            if isinstance(parsed, stix2.v21._Observable) and item["type"] != "process":
                assert parsed._generate_id() == item["id"]
            assert set(references(item)) <= ids
            if item["type"] == "indicator":
                assert run_validator(item["pattern"], stix_version="2.1") == []
        stix2.parse(bundle, allow_custom=True, version="2.1")


def test_an_attack_flow_is_one_flow(book: casegraph.Casebook) -> None:
    for text in exported(book, "attack-flow"):
        objects = json.loads(text)["objects"]
        (flow,) = [item for item in objects if item["type"] == "attack-flow"]
        assert flow["scope"] == "incident"
        assert all(ref.startswith(("attack-action--", "attack-condition--")) for ref in flow["start_refs"])
        extension = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"
        for item in objects:
            if item["type"].startswith("attack-") and item["type"] != "attack-pattern":
                assert item["extensions"] == {extension: {"extension_type": "new-sdo"}}
            assert all(ref.startswith("attack-asset--") for ref in item.get("asset_refs", []))


def test_detections_fit_the_model(book: casegraph.Casebook) -> None:
    for text in exported(book, "ocsf-detections"):
        for line in text.splitlines():
            event = json.loads(line)
            assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
            for artifact in event["evidences"]:
                assert set(artifact) - {"name", "verdict", "verdict_id"}, "no object at all"
                # The model wants members of a device that the schema does not.
                artifact.pop("device", None)
            finding = DetectionFinding(**event)
            assert finding.metadata.version == "1.7.0"


def test_an_incident_finding_has_what_the_schema_requires(book: casegraph.Casebook) -> None:
    for text in exported(book, "ocsf-incident"):
        event = json.loads(text)
        assert (event["class_uid"], event["category_uid"]) == (2005, 2)
        assert event["type_uid"] == 200500 + event["activity_id"]
        assert {"severity_id", "time", "metadata", "status_id", "finding_info_list"} <= set(event)
        assert "assignee" in event or "assignee_group" in event
        assert all(info["uid"] for info in event["finding_info_list"])
        for observable in event["observables"]:
            Observable(**observable)


def test_a_layer_is_read_by_mitres_own_reader(book: casegraph.Casebook, capsys: pytest.CaptureFixture[str]) -> None:
    # It wants Python 3.11.
    navlayers = pytest.importorskip("mitreattack.navlayers")
    for text in exported(book, "navigator"):
        layer = navlayers.Layer(strict=True)
        layer.from_str(text)
        assert layer.layer is not None
        assert {"techniques": [], **layer.to_dict()} == json.loads(text)
    # What it cannot make sense of it only prints.
    assert capsys.readouterr().out == ""


class GraphTypes:
    """The types of the Graph security API: a value and its type in, what does not fit out."""

    def __init__(self, text: str) -> None:
        types = json.loads(text)
        self.enums = {name: {member["name"] for member in members} for name, members in types["enums"].items()}
        # Every entity has an id, which its base type declares.
        base = [{"name": "id", "type": "String"}]
        declared = {name: base + of["properties"] + of["navigation"] for name, of in types["entities"].items()}
        declared |= {name: types["evidence_base"] + members for name, members in types["evidence"].items()}
        declared |= types["complex"]
        self.members = {name: {member["name"]: member for member in members} for name, members in declared.items()}

    def misfits(self, value: Any, name: str, path: str) -> list[str]:
        if value is None:
            return []
        if name.endswith("[]"):
            if not isinstance(value, list):
                return [f"{path} is no list"]
            return [misfit for item in value for misfit in self.misfits(item, name[:-2], f"{path}[]")]
        if name in self.enums:
            return [] if value in self.enums[name] else [f"{path} is no {name}: {value}"]
        if name in SCALARS:
            return [] if isinstance(value, SCALARS[name]) else [f"{path} is no {name}: {value}"]
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        name = value.get("@odata.type", name).rpartition(".")[2]
        if name not in self.members:
            return [f"{path} is of no known type: {name}"]
        out = []
        for key, member in value.items():
            # Annotations are anybody's.
            if "@" in key:
                continue
            inside, declared = f"{path}.{key}", self.members[name].get(key)
            if declared is None:
                out.append(f"{inside} is not declared")
            elif member is None and not declared.get("nullable", True):
                out.append(f"{inside} is null")
            else:
                out += self.misfits(member, declared["type"], inside)
        return out


@pytest.mark.skipif(not GRAPH_TYPES.is_file(), reason="../shared is absent")
def test_the_graph_incident_has_the_types_of_the_schema() -> None:
    types = GraphTypes(GRAPH_TYPES.read_text())
    book = casegraph.Casebook()
    book.ingest(casegraph.sample_alerts())
    for text in exported(book, "graph-incident"):
        incident = json.loads(text)
        assert types.misfits(incident, "incident", "incident") == []
        incident["alerts"][0]["evidence"][0]["verdict"] = "bad"
        incident["alerts"][0]["severity"] = 3
        assert len(types.misfits(incident, "incident", "incident")) == 2, "what does not fit is told"
