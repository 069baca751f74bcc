"""Verdicts as proofs: what a proof says, its tree, and what a checker finds."""

from __future__ import annotations

import json
import pickle

import pytest

import casegraph

ADDRESS = "ip:address:203.0.113.188"


def test_every_proof_holds_and_names_its_facts(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    facts = {fact.id for fact in book.facts()}
    for entity in incident.entities:
        why = book.explain(incident.id, entity.id)
        assert why.schema == "casegraph.proof/1"
        assert book.check(why) is None
        assert why.verdict == entity.verdict
        assert {said.fact for said in (*why.opinions, *why.overruled)} <= facts
        assert {step.fact for step in why.path} <= facts
    worst = book.explain(incident.id, incident.entities[0].id)
    assert worst.opinions[0].at is not None
    assert worst.opinions[0].at.startswith("$.evidence[")
    assert worst.entity in worst.identifiers


def test_a_path_has_its_start(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    whys = [book.explain(incident.id, entity.id) for entity in incident.entities]
    why = next(why for why in whys if why.authority == "association")
    assert why.start is not None
    assert why.start.entity == why.path[0].from_
    score = why.start.score
    for step in why.path:
        score = round(score * step.weight, 6)
        assert step.score == score
    assert why.path[-1].to == why.entity


def test_what_is_changed_does_not_hold(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    text = book.explain(incident.id, ADDRESS).to_json()
    changed = json.loads(text)
    changed["opinions"][0]["confidence"] -= 1
    found = book.check(json.dumps(changed))
    assert found is not None
    assert (found.kind, found.at) == ("opinion", "$.opinions[0].confidence")
    assert str(found).endswith(" at $.opinions[0].confidence")
    other = casegraph.Casebook().check(text)
    assert other is not None
    assert other.kind == "fact"
    with pytest.raises(casegraph.DataError):
        book.check("{}")


def test_a_proof_survives_json_and_pickle(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    why = book.explain(incident.id, ADDRESS)
    assert pickle.loads(pickle.dumps(why)) == why
    assert book.check(casegraph.Explanation.from_json(why.to_json())) is None
    # Other programs write JSON in their own way: blanks, and whole numbers without a point.
    assert book.check(json.dumps(json.loads(why.to_json()), indent=1)) is None


def test_the_tree_is_text(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    tree = book.explain(incident.id, ADDRESS).tree()
    assert tree.endswith("\n")
    assert "├─ opinions\n" in tree
    assert "└─ holds under\n" in tree


def test_a_budget_gives_bounds(book: casegraph.Casebook, incident: casegraph.Incident) -> None:
    exact = book.explain(incident.id, ADDRESS)
    within = book.explain(incident.id, ADDRESS, work=1)
    assert within.undecided is not None
    assert within.undecided.lower <= exact.score <= within.undecided.upper
    assert exact.verdict in within.undecided.verdicts
    found = book.check(within)
    assert found is not None
    assert found.kind == "unfinished"
    assert book.explain(incident.id, ADDRESS, work=1_000_000) == exact
    with pytest.raises(casegraph.DataError, match="work"):
        book.explain(incident.id, ADDRESS, work=-1)
