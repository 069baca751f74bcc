"""The casebook: the native one, with types."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, final

from . import _html, _input, _native
from ._errors import LogError, invalid
from ._present import CaseFile, Export, Graph, Picture
from ._rules import RuleSet
from ._types import (
    Action,
    ActionCentre,
    ActionInfo,
    ActionReply,
    ActionRequest,
    ActivityLog,
    AssetRisk,
    Counterfactual,
    Damage,
    Explanation,
    Fact,
    Flaw,
    Impact,
    Incident,
    IngestReport,
    Plan,
    QueueLine,
    RecordList,
    Response,
    SimilarIncidents,
    Timeline,
    UserPriority,
    damages,
    flaw,
    loads,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ._types import D


@final
class Casebook:
    """Facts in, judgements out.

    A casebook holds a log of facts. Everything it tells is a function of those facts and the policy:
    the same facts, in any order, on any machine, give the same bytes. Many threads may ask at once.

    `policy` is a dict or JSON text of the members that differ from the defaults, for example
    `{"correlate": {"nearMisses": 5}}`. With `rules` it takes in raw events too.
    """

    __slots__ = ("__weakref__", "_core", "_damage")

    _core: _native.Casebook
    _damage: tuple[Damage, ...]

    def __init__(self, policy: Mapping[str, Any] | str | None = None, rules: RuleSet | None = None) -> None:
        self._core = _native.Casebook(_policy(policy))
        self._damage = ()
        if rules is not None:
            self.rules = rules

    @classmethod
    def load(
        cls,
        data: str | os.PathLike[str] | bytes,
        policy: Mapping[str, Any] | str | None = None,
        rules: RuleSet | None = None,
    ) -> Casebook:
        """Load a saved log from a path or from bytes; `damage` tells what of it could not be read.

        A log holds no policy and no rules: give those that are to be used.
        """
        if isinstance(data, (bytes, bytearray, memoryview)):
            native, damage = _native.Casebook.load_bytes(bytes(data), _policy(policy))
        else:
            native, damage = _native.Casebook.load_file(os.fspath(data), _policy(policy))
        book = cls._of(native, damages(damage))
        if rules is not None:
            book.rules = rules
        return book

    @classmethod
    def _of(cls, native: _native.Casebook, damage: tuple[Damage, ...] = ()) -> Casebook:
        book = object.__new__(cls)
        book._core = native
        book._damage = damage
        return book

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What of the loaded log could not be read; empty for a sound one."""
        return self._damage

    @property
    def policy(self) -> dict[str, Any]:
        """The policy, with every member of it."""
        return loads(self._core.policy())

    @property
    def rules(self) -> RuleSet | None:
        """The rules in use. Setting others judges every kept event and every incident anew.

        Events that no rule matched when they came in, and that `rules.keep` of the policy did not keep, are
        gone. On failure the old rules stay.
        """
        native = self._core.rules()
        return None if native is None else RuleSet._of(native)

    @rules.setter
    def rules(self, rules: RuleSet) -> None:
        self._core.set_rules(_rule_set(rules))

    @property
    def size(self) -> int:
        """Bytes of all facts."""
        return self._core.size()

    def ingest(
        self,
        data: str | bytes | os.PathLike[str] | Mapping[str, Any] | Iterable[Any],
        *,
        source: str | None = None,
        format: str | None = None,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
    ) -> IngestReport:
        """Take in alerts, incidents, and with `rules` raw events, in any of `FORMATS`.

        `data` is content as text or bytes, a `pathlib.Path`, an open file, one record, or an iterable
        of records. Files and iterables are read as a stream. `source` names it in problem reports;
        without `format` the format is detected. `progress` is called with the bytes read so far;
        when it gives `False` the ingest ends with code `cancelled`, and what was read is kept, as it is
        when it raises and on Ctrl-C. One bad record is a problem of the report, never a failure.
        """
        how = (format, _input.count("threads", threads, 1), progress)
        if isinstance(data, os.PathLike):
            return IngestReport.from_json(self._core.ingest_file(os.fspath(data), source, *how))
        if isinstance(data, str):
            _input.refuse_name(data)
            content, name = _input.encoded(data), "text"
        elif isinstance(data, (bytes, bytearray, memoryview)):
            content, name = bytes(data), "bytes"
        elif isinstance(data, Mapping):
            content, name = _input.records([data]), "record"
        elif isinstance(data, (list, tuple)):
            content, name = _input.records(data), "records"
        elif isinstance(data, _input.Reader):
            named = getattr(data, "name", None)
            named = named if isinstance(named, str) else "stream"
            return IngestReport.from_json(self._core.ingest_reader(source or named, data, *how))
        elif isinstance(data, Iterable):
            _input.refuse_frame("data", data)
            lines = _input.Lines(data)
            return IngestReport.from_json(self._core.ingest_reader(source or "records", lines, *how))
        else:
            raise invalid(f"`data` is of type `{type(data).__name__}`, expected content, a path, a file or records")
        return IngestReport.from_json(self._core.ingest_bytes(source or name, content, *how))

    def add_indicators(
        self, indicators: str | bytes | Mapping[str, Any] | Iterable[Mapping[str, Any]], *, source: str = "indicators"
    ) -> IngestReport:
        """Add indicators: a dict, a list of dicts, or JSON text of either.

        Each is `{"kind": "dns", "value": "evil.example", "verdict": "malicious"}`, and may have
        `confidence` (0 to 100), `source`, `validUntil`, `description` and `tenantId`.
        """
        if isinstance(indicators, bytes):
            try:
                text = indicators.decode()
            except UnicodeDecodeError as error:
                raise invalid(f"indicators that are not UTF-8: {error.reason} at {error.start}") from error
        elif isinstance(indicators, str):
            _input.refuse_name(indicators)
            text = indicators
        elif isinstance(indicators, Mapping):
            text = _input.to_json(indicators)
        else:
            text = _input.to_json(list(indicators))
        return IngestReport.from_json(self._core.add_indicators(source, text))

    def decide(self, decision: str | Mapping[str, Any], /, **members: Any) -> str:
        """Record a person's decision; gives the id of its fact.

        `book.decide("assign", to="ada@example.com", by="ada", at=when, alerts=[incident.id])`, or the
        whole decision as a dict. `at` is an aware datetime or RFC 3339 text: casegraph reads no clock.
        Decisions: `setVerdict` (entity, verdict), `join`, `part` (from), `move` (from, into), `assign` (to),
        `setStatus` (status),
        `classify` (classification, determination), `setSeverity` (severity), `rename` (title),
        `tag` and `untag` (tag), `comment` (text); each may have `alerts` and `reason`.
        """
        value = {"decision": decision} if isinstance(decision, str) else dict(decision)
        return self._core.decide(_input.to_json({**value, **members}))

    def retract(self, fact: str | Fact, /, *, by: str, reason: str | None = None) -> str:
        """Withdraw a fact, as if it had never come in; gives the id of the retraction."""
        value = {"fact": fact.id if isinstance(fact, Fact) else fact, "by": by}
        return self._core.retract(_input.to_json(value if reason is None else {**value, "reason": reason}))

    def merge(self, alerts: Iterable[str], /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Merge incidents, each given by any of its alerts; gives the id of the decision's fact.

        From now on all of their alerts are one incident, which grows on by itself. Retracting the fact undoes
        it. Code `conflict` when one is resolved, or owners, classifications, determinations or tenants
        differ: decide that first. The policy asks for a `reason`, and says how many at once
        (`manage.mergedIncidents`).
        """
        return self._core.merge(_ids(alerts), _author(by, at, reason))

    def split(self, alerts: Iterable[str], /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Split alerts of one incident off into an incident of their own; gives the id of the decision's fact.

        Neither side meets the other again by itself, and both grow on. What was decided about the incident as
        a whole stays with the rest.
        """
        return self._core.split(_ids(alerts), _author(by, at, reason))

    def move(
        self,
        alerts: Iterable[str],
        /,
        to: str | None = None,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
    ) -> str:
        """Move alerts to the incident of the alert `to`, or to a new one; gives the id of the decision's fact.

        They leave the incidents that they are in even if they are linked there.
        """
        return self._core.move_alerts(_ids(alerts), to, _author(by, at, reason))

    def assign(self, id: str, to: str | None, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Give an incident and its alerts to somebody, or with `None` to nobody; gives the decision's fact.

        `id` is any of its alerts, as for the verbs that follow. Retracting the fact undoes it.
        """
        return self._manage(id, {"decision": "assign", "to": to}, by, at, reason)

    def set_status(self, id: str, status: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Say how far the work is: `active`, `inProgress`, `resolved`; gives the decision's fact.

        A resolved incident has its alerts resolved; any other status opens them again.
        """
        return self._manage(id, {"decision": "setStatus", "status": status}, by, at, reason)

    def resolve(self, id: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Resolve an incident and its alerts; `reason` is the note that stands with it."""
        return self.set_status(id, "resolved", by=by, at=at, reason=reason)

    def classify(
        self,
        id: str,
        classification: str,
        determination: str = "unknown",
        /,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
    ) -> str:
        """Say what an incident was found to be; gives the decision's fact.

        The two must go together: the error lists what does. Both `unknown` takes the finding back.
        """
        choice = {"decision": "classify", "classification": classification, "determination": determination}
        return self._manage(id, choice, by, at, reason)

    def set_severity(self, id: str, severity: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Set the severity by hand; gives the decision's fact."""
        return self._manage(id, {"decision": "setSeverity", "severity": severity}, by, at, reason)

    def rename(self, id: str, title: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Give an incident another name; gives the decision's fact."""
        return self._manage(id, {"decision": "rename", "title": title}, by, at, reason)

    def tag(self, id: str, tag: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Add a tag; gives the decision's fact."""
        return self._manage(id, {"decision": "tag", "tag": tag}, by, at, reason)

    def untag(self, id: str, tag: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Take a tag away that a person gave; gives the decision's fact. A system tag goes with its ground."""
        return self._manage(id, {"decision": "untag", "tag": tag}, by, at, reason)

    def comment(self, id: str, text: str, /, *, by: str, at: datetime | str, reason: str | None = None) -> str:
        """Put a comment of up to 30,000 characters on an incident; gives the decision's fact."""
        return self._manage(id, {"decision": "comment", "text": text}, by, at, reason)

    def _manage(self, id: str, choice: dict[str, Any], by: str, at: datetime | str, reason: str | None) -> str:
        return self._core.manage(id, _input.to_json(choice), _author(by, at, reason))

    def activity(
        self,
        id: str,
        *,
        types: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        by: str | Iterable[str] = (),
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        texts: str | Iterable[str] = (),
    ) -> ActivityLog:
        """Tell what people and the system did to an incident, the oldest first.

        Every given part must fit, by one of its values. Types are `opened`, `alertCorrelated`, `assigned`,
        `statusChanged`, `classified`, `severityChanged`, `renamed`, `tagged`, `untagged`, `commented`, `merged`,
        `split`, `moved`, `verdictSet`; origins `person` and `system`. `log.entries` is a sequence of dataclasses,
        as `pandas.DataFrame` takes it.
        """
        some = {"types": _some(types), "origins": _some(origins), "by": _some(by), "texts": _some(texts)}
        chosen = {**some, "since": since, "until": until}
        return ActivityLog.from_json(self._core.activity(id, _input.to_json(chosen)))

    def user_priority(self, incident_id: str, entity_id: str) -> UserPriority:
        """Tell how much a user of an incident needs looking into, by its alerts of the last days in all incidents."""
        return UserPriority.from_json(self._core.user_priority(incident_id, entity_id))

    def asset_risk(self, incident_id: str, entity_id: str) -> AssetRisk:
        """Tell how much is at stake on an asset of an incident now, over all incidents."""
        return AssetRisk.from_json(self._core.asset_risk(incident_id, entity_id))

    def response(self, id: str, *, at: datetime | str) -> Response:
        """Tell what is to be done about an incident and how far it is, as of the time `at`.

        What was said later does not count, and what expires by then has expired.
        """
        return Response.from_json(_native.response(self._core, id, _input.time(at)))

    def approve(
        self,
        id: str,
        actions: str | Action | Iterable[str | Action],
        /,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
        roles: Iterable[str] = (),
    ) -> list[str]:
        """Agree to actions of an incident, all of one kind; all or none are recorded.

        `id` is any alert of the incident; actions are given as they are or by their ids. `roles` are those that the
        person has: the host authenticates. Gives the ids of the facts.
        """
        return _native.decide_actions(self._core, "approve", id, _actions(actions), _author(by, at, reason, roles))

    def reject(
        self,
        id: str,
        actions: str | Action | Iterable[str | Action],
        /,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
        roles: Iterable[str] = (),
    ) -> list[str]:
        """Refuse actions. What is approved can be refused until its executor has begun. As `approve` otherwise."""
        return _native.decide_actions(self._core, "reject", id, _actions(actions), _author(by, at, reason, roles))

    def undo(
        self,
        id: str,
        actions: str | Action | Iterable[str | Action],
        /,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
        roles: Iterable[str] = (),
    ) -> list[str]:
        """Ask for what actions did to be taken back: a request for it is handed out. As `approve` otherwise."""
        return _native.decide_actions(self._core, "undo", id, _actions(actions), _author(by, at, reason, roles))

    def propose(
        self,
        id: str,
        action: str,
        entity: str,
        /,
        *,
        on: str | None = None,
        by: str,
        at: datetime | str,
        reason: str | None = None,
    ) -> str:
        """Ask for an action by hand; it waits for approval. Gives its id.

        `entity` and the device `on` are ids of the incident's entities, by any identifier.
        """
        target = {"action": action, "entity": entity, "on": on}
        return _native.propose(self._core, id, _input.to_json(target), _author(by, at, reason))

    def stop_investigation(
        self,
        alert_id: str,
        /,
        *,
        by: str,
        at: datetime | str,
        reason: str | None = None,
        roles: Iterable[str] = (),
    ) -> str:
        """End the investigation that an alert belongs to: what it waits for is refused. Gives the fact."""
        return _native.stop_investigation(self._core, alert_id, _author(by, at, reason, roles))

    def pending_requests(self, *, at: datetime | str) -> list[ActionRequest]:
        """Tell what the host is to carry out now, in the whole casebook. Asking changes nothing."""
        return _each(ActionRequest, _native.pending_requests(self._core, _input.time(at)))

    def report(
        self,
        request: ActionRequest | Mapping[str, Any],
        outcome: str,
        /,
        *,
        by: str,
        at: datetime | str,
        message: str | None = None,
    ) -> str:
        """Take in what an executor says of a request, late, twice and in any order; gives the fact.

        `outcome` is `running`, `waiting`, `completed`, `notFound`, `partially` or `failed`.
        """
        told = request.to_dict() if isinstance(request, ActionRequest) else dict(request)
        try:
            on = told.get("on")
            report = {
                "key": told["key"],
                "action": told["action"],
                "entity": told["entity"]["id"],
                "on": on["id"] if on else None,
                "alert": told["incident"],
                "outcome": outcome,
                "by": by,
                "at": at,
                "message": message,
            }
        except (KeyError, TypeError) as error:
            raise invalid(f"not a request: {error}", "give what `pending_requests` gave") from error
        return _native.report(self._core, _input.to_json(report))

    def execute(
        self,
        executor: Callable[[ActionRequest], ActionReply | str | None],
        /,
        *,
        at: datetime | str,
        by: str,
    ) -> list[ActionRequest]:
        """Have a callable carry out everything that is pending, one request after the other.

        It gives an outcome, an `ActionReply`, or nothing for `completed`. Each request is recorded as running before
        it is begun, so that it is never begun twice. What the callable raises is recorded as the failure of its
        request and ends the call. Gives the requests that were carried out.
        """

        def ask(text: str) -> tuple[str, str | None, str | None]:
            reply = executor(ActionRequest.from_json(text))
            if reply is None:
                reply = ActionReply("completed")
            elif isinstance(reply, str):
                reply = ActionReply(reply)
            elif not isinstance(reply, ActionReply):
                raise invalid(f"the executor gave a `{type(reply).__name__}`, expected an outcome or an ActionReply")
            return (reply.outcome, reply.message, None if reply.at is None else _input.time(reply.at))

        return _each(ActionRequest, _native.execute(self._core, _input.time(at), by, ask))

    def action_centre(
        self,
        *,
        at: datetime | str,
        states: str | Iterable[str] = (),
        actions: str | Iterable[str] = (),
        kinds: str | Iterable[str] = (),
        sources: str | Iterable[str] = (),
        by: str | Iterable[str] = (),
        incidents: str | Iterable[str] = (),
        text: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> ActionCentre:
        """Give the actions of the whole casebook as of the time `at`: what waits, and what was decided or done.

        `kinds` are those of entities, `sources` are `automatic`, `recommended` or `manual`, `text` is part of a name:
        every given part must fit, by one of its values.
        """
        chosen = _chosen(states, actions, kinds, sources, by, incidents, text, since, until)
        return ActionCentre.from_json(_native.action_centre(self._core, _input.time(at), chosen))

    def action_centre_csv(
        self,
        *,
        at: datetime | str,
        states: str | Iterable[str] = (),
        actions: str | Iterable[str] = (),
        kinds: str | Iterable[str] = (),
        sources: str | Iterable[str] = (),
        by: str | Iterable[str] = (),
        incidents: str | Iterable[str] = (),
        text: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> str:
        """Give the same as CSV; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
        chosen = _chosen(states, actions, kinds, sources, by, incidents, text, since, until)
        return _native.action_centre_csv(self._core, _input.time(at), chosen)

    def plan(self, id: str, *, at: datetime | str) -> Plan:
        """Give the cheapest actions that part the attacker from what is not lost yet, as of the time `at`.

        `plan.check()` goes over it, `plan.what_if(ids)` tells what is reached when only some actions are taken.
        """
        return Plan.from_json(_native.plan(self._core, id, _input.time(at)))

    def case_file(self, id: str, *, at: datetime | str | None = None) -> CaseFile:
        """Gather everything that is known of an incident, as of the time `at`: for pages, pictures and exports.

        Without a time it is as of the latest that anything happened in it or was said of it.
        """
        return CaseFile(_native.case_file(self._core, id, None if at is None else _input.time(at)))

    def page(self, id: str, *, at: datetime | str | None = None) -> str:
        """Give an incident as one HTML page that needs nothing else."""
        return self.case_file(id, at=at).page()

    def queue_page(self) -> str:
        """Give the queue as an HTML page, with links to the pages that `save_pages` writes beside it."""
        return _native.queue_page(self._core)

    def save_pages(self, folder: str | os.PathLike[str], *, at: datetime | str | None = None) -> int:
        """Write `index.html` and a page for each of the most urgent incidents; gives how many these are."""
        return _native.save_pages(self._core, os.fspath(folder), None if at is None else _input.time(at))

    def export(self, id: str, format: str, *, at: datetime | str | None = None) -> Export:
        """Give an incident in a format of others, one of `casegraph.EXPORTS`, and what that leaves out."""
        return self.case_file(id, at=at).export(format)

    def picture(self, id: str, name: str, about: str | None = None, *, at: datetime | str | None = None) -> Picture:
        """Draw a picture of an incident; see `CaseFile.picture`."""
        return self.case_file(id, at=at).picture(name, about)

    def alert_ids(self, id: str) -> list[str]:
        """Give every alert of an incident by time: what a decision about it names in `alerts`."""
        return self._core.alert_ids(id)

    def similar(self, id: str, limit: int = 10) -> SimilarIncidents:
        """Give the earlier incidents most like one: what they share, and how they were closed."""
        return SimilarIncidents.from_json(self._core.similar(id, _input.count("limit", limit)))

    def queue(self) -> list[QueueLine]:
        """Give all incidents as short lines, the most urgent first."""
        return _each(QueueLine, self._core.queue())

    def incidents(self, limit: int | None = None) -> list[Incident]:
        """Give the incidents summed up, the most urgent first."""
        return _each(Incident, self._core.incidents(None if limit is None else _input.count("limit", limit)))

    def incident(self, id: str) -> Incident:
        """Give the incident that an alert belongs to; any member's id will do."""
        return Incident.from_json(self._core.incident(id))

    def explain(self, incident_id: str, entity_id: str, *, work: int | None = None) -> Explanation:
        """Prove the verdict of an entity of an incident.

        With at most `work` units of work: when they run out before the verdict is settled, `undecided` says
        between which scores it lies.
        """
        if work is None:
            return Explanation.from_json(self._core.explain(incident_id, entity_id))
        units = _input.count("work", work)
        return Explanation.from_json(_native.explain_within(self._core, incident_id, entity_id, units))

    def check(self, proof: Explanation | str) -> Flaw | None:
        """Go over a proof, or its JSON, with nothing but the facts, the policy and the rules.

        Gives the first step that does not hold, and `None` when the proof holds.
        """
        text = proof if isinstance(proof, str) else proof.to_json()
        return flaw(_native.check_proof(self._core, text))

    def entity(self, incident_id: str, entity_id: str) -> dict[str, Any]:
        """Give everything that the alerts of an incident say of one entity, with the facts that say so."""
        return loads(self._core.entity(incident_id, entity_id))

    def timeline(self, incident_id: str, entity_id: str | None = None) -> Timeline:
        """Tell what happened in an incident, by time: its alerts, and raw events among them.

        With an entity only what concerns it. `timeline.entries` is a sequence of dataclasses, as
        `pandas.DataFrame` takes it.
        """
        return Timeline.from_json(self._core.timeline(incident_id, entity_id))

    def impact(self, rules: RuleSet) -> Impact:
        """Tell which verdicts, incidents and priorities would change if these rules were in use."""
        return Impact.from_json(self._core.impact(_rule_set(rules)))

    def what_if(
        self,
        *,
        without: str | Fact | Iterable[str | Fact] = (),
        alerts: Iterable[Mapping[str, Any]] = (),
        indicators: Iterable[Mapping[str, Any]] = (),
        decisions: Iterable[Mapping[str, Any]] = (),
        rules_off: str | Iterable[str] = (),
        rules: RuleSet | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> Impact:
        """Tell what changes together would do, and which of them does what; the casebook stays as it is.

        `without` are facts or their ids, `alerts`, `indicators` and `decisions` are those that come besides, as
        `ingest`, `add_indicators` and `decide` take them as dicts; `rules_off` are ids, names or titles of rules,
        `rules` a set in the place of those in use; `policy` needs only the members that differ.
        """
        changes: list[dict[str, Any]] = []
        changes += [{"without": f.id if isinstance(f, Fact) else f} for f in _some(without)]
        for kind, values in (("alert", alerts), ("indicator", indicators), ("decision", decisions)):
            changes += [{kind: dict(value)} for value in values]
        changes += [{"ruleOff": rule} for rule in _some(rules_off)]
        changes += [] if policy is None else [{"policy": dict(policy)}]
        set_ = None if rules is None else _rule_set(rules)
        return Impact.from_json(self._core.what_if(_input.to_json(changes), set_))

    def diff(
        self, before: int | RuleSet | Mapping[str, Any] | None, after: int | RuleSet | Mapping[str, Any] | None = None
    ) -> Impact:
        """Tell what differs between two states of the casebook, and what does it.

        A state is a number of first facts, a set of rules, a dict of the members of the policy that differ, or
        `None` for the casebook as it is.
        """
        return Impact.from_json(self._core.diff(_state(before), _state(after)))

    def counterfactual(
        self, incident_id: str, entity_id: str, verdict: str, *, budget: int | None = None
    ) -> Counterfactual:
        """Tell the fewest facts without which an entity has at most this verdict, or at least it if it is graver.

        And single indicators and decisions that do the same. `budget` is how many worlds the search may look at.
        """
        most = None if budget is None else _input.count("budget", budget)
        return Counterfactual.from_json(self._core.counterfactual(incident_id, entity_id, verdict, most))

    def graph(self, id: str) -> Graph:
        """Give the entity graph of an incident, a dict of `nodes` and `edges`; see `to_networkx`, `to_dot`, `plot`."""
        return Graph._of(self._core.graph(id), lambda: self.case_file(id))

    def graph_json(self, id: str) -> str:
        """Give the entity graph as JSON text."""
        return self._core.graph(id)

    def alert(self, id: str) -> dict[str, Any]:
        """Give an alert as it stands, with every field that it came with."""
        return loads(self._core.alert(id))

    def alert_json(self, id: str) -> str:
        """Give an alert as its canonical JSON text."""
        return self._core.alert(id)

    def facts(self) -> list[Fact]:
        """Give the facts in the order they came."""
        return _each(Fact, self._core.facts())

    def fact(self, id: str) -> Fact:
        """Give the fact with this id."""
        return Fact.from_json(self._core.fact(id))

    def as_of(self, facts: int) -> Casebook:
        """Give the casebook as it was after its first facts, under the same policy and rules."""
        return self._of(self._core.as_of(_input.count("facts", facts)))

    def pseudonymised(self, key: str) -> Casebook:
        """Give the same casebook with other names of people, machines, companies, files and addresses.

        Judging it gives the same incidents, verdicts and priorities. The same name has the same pseudonym under the
        same `key` (16 bytes or more); without the key nothing leads back.
        """
        return self._of(self._core.pseudonymised(key))

    def copy(self) -> Casebook:
        """Give a casebook of its own with the same facts, policy and rules."""
        return self._of(self._core.copy(), self._damage)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the log to a file; a crash leaves the old one."""
        self._core.save(os.fspath(path))

    def to_bytes(self) -> bytes:
        """Give the log as bytes, for `load`."""
        return self._core.to_bytes()

    def to_json(self) -> str:
        """Give the whole queue as one JSON document (`casegraph.queue/1`)."""
        return self._core.to_json()

    def to_dict(self) -> dict[str, Any]:
        """Give the document of `to_json` as dicts and lists."""
        return loads(self.to_json())

    def __len__(self) -> int:
        return len(self._core)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        damage = f", {len(self._damage)} damaged parts" if self._damage else ""
        return f"<Casebook: {len(self):,} facts{damage}>"

    def _repr_html_(self) -> str:
        return _html.casebook(len(self), self.incidents(_html.ROWS), len(self._core.queue()))

    def __copy__(self) -> Casebook:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Casebook:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._core.rules() is not None:
            raise invalid("a casebook with rules cannot be pickled: save its log, load that and set the rules again")
        return (_unpickle, (self.to_bytes(), self._core.policy(), self._damage))


def _unpickle(log: bytes, policy: str, damage: tuple[Damage, ...]) -> Casebook:
    book = Casebook.load(log, policy)
    if book.damage:
        raise LogError("the pickled log is damaged", code="log", number=6, help="pickle the casebook again")
    book._damage = damage
    return book


def _rule_set(rules: RuleSet) -> _native.RuleSet:
    if not isinstance(rules, RuleSet):
        raise invalid(f"`rules` is of type `{type(rules).__name__}`, expected a RuleSet")
    return rules._core


def _state(state: int | RuleSet | Mapping[str, Any] | None) -> tuple[str, _native.RuleSet | None]:
    if isinstance(state, RuleSet):
        return ("{}", state._core)
    if state is None:
        return ("{}", None)
    if isinstance(state, Mapping):
        return (_input.to_json({"policy": dict(state)}), None)
    return (_input.to_json({"facts": _input.count("facts", state)}), None)


def _some(values: str | Fact | Iterable[Any]) -> list[Any]:
    return [values] if isinstance(values, (str, Fact)) else list(values)


def _ids(alerts: Iterable[str]) -> list[str]:
    if isinstance(alerts, str):
        raise invalid("the alerts are one text, expected a list of ids")
    ids = list(alerts)
    for one in ids:
        if not isinstance(one, str):
            raise invalid(f"an alert's id is of type `{type(one).__name__}`, expected text")
    return ids


def _actions(actions: str | Action | Iterable[str | Action]) -> list[str]:
    some = [actions] if isinstance(actions, (str, Action)) else list(actions)
    return _ids([one.id if isinstance(one, Action) else one for one in some])


_LISTS = ("states", "actions", "kinds", "sources", "by", "incidents")


def _chosen(*parts: Any) -> str:
    chosen: dict[str, Any] = {name: _some(value) for name, value in zip(_LISTS, parts, strict=False)}
    text, since, until = parts[len(_LISTS) :]
    return _input.to_json({**chosen, "text": text, "since": since, "until": until})


def _author(by: str, at: datetime | str, reason: str | None, roles: Iterable[str] = ()) -> str:
    author: dict[str, Any] = {"by": by, "at": at, **({} if reason is None else {"reason": reason})}
    return _input.to_json({**author, **({"roles": _some(roles)} if roles else {})})


def action_infos() -> list[ActionInfo]:
    """Give every action there is: what it applies to, what it needs, what takes it back."""
    return _each(ActionInfo, _native.actions())


def _policy(policy: Mapping[str, Any] | str | None) -> str | None:
    return policy if policy is None or isinstance(policy, str) else _input.to_json(policy)


def _each(kind: type[D], texts: list[str]) -> list[D]:
    return RecordList(kind.from_json(text) for text in texts)
