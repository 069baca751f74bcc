//! The summary of one incident, put together.

use std::collections::BTreeMap;

use crate::correlate::Held;
use crate::judge::{Row, rounded};
use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, Choice, IncidentStatus, Verdict,
};
use crate::policy::Criticality;
use crate::resolve::extract::flag;
use crate::resolve::{EntityKind, LinkReason};

use super::asset_risk::{Open, risk};
use super::case::{Case, CaseAlert, CaseLink};
use super::investigation_priority::{Counted, UserImpact, counts};
use super::kill_chain::{StageTable, kill_chain};
use super::priority::{Priority, Tally};
use super::shapes::{
    Activity, AlertLine, AssetLine, EntityLine, EvidenceCount, IncidentSummary, KillChain, LinkLine, LinkTotals,
    NearMiss, Repeat, Scope, VendorIncident,
};
use super::system_tags::system_tags;
use super::title::title;

pub(crate) fn summarise(case: &Case<'_>, stages: &StageTable) -> IncidentSummary {
    let chain = kill_chain(case, stages);
    let managed = Managed::of(case);
    let rows = rows_by_entity(case);
    let entities = entities(case, &rows);
    let scope = scope(case, &rows, &managed);
    let timeline = timeline(case, &managed);
    let mut services: Vec<String> =
        case.alerts.iter().map(|a| a.service.to_owned()).filter(|s| !s.is_empty()).collect();
    services.sort_unstable();
    services.dedup();
    let mut truncated = Vec::new();
    if case.full {
        truncated.push("the incident stopped growing at `correlate.maxAlertsPerIncident`".to_owned());
    }
    IncidentSummary {
        id: case.alerts.first().map_or_else(String::new, |a| a.id.to_owned()),
        tenant_id: case.tenant.to_owned(),
        title: managed.title(case, stages, &chain),
        severity: managed.severity(case),
        status: managed.status.clone().unwrap_or_else(|| status(case)),
        classification: managed.classification,
        determination: managed.determination,
        assigned_to: managed.assigned_to,
        tags: managed.tags,
        system_tags: system_tags(case),
        priority: priority(case, stages),
        first_activity: case.alerts.iter().filter_map(|a| a.first).min(),
        last_activity: case.alerts.iter().filter_map(|a| a.last).max(),
        service_sources: services,
        vendor_incidents: case
            .vendor
            .iter()
            .map(|(id, name)| VendorIncident { id: id.clone(), display_name: name.clone() })
            .collect(),
        alerts: timeline,
        kill_chain: chain,
        scope,
        evidence: roll_up(&entities),
        entities,
        links: LinkTotals { kept: case.links.len(), redundant: case.redundant },
        near_misses: near_misses(case),
        more_near_misses: case.near_more,
        activity: case
            .decisions
            .iter()
            .map(|(decision, fact)| Activity { fact: fact.to_string(), decision: (*decision).clone() })
            .collect(),
        truncated,
    }
}

/// What a diff tells of an incident besides its priority: title, severity and kill chain.
pub(crate) fn outline(case: &Case<'_>, stages: &StageTable) -> (String, AlertSeverity, KillChain) {
    let chain = kill_chain(case, stages);
    let managed = Managed::of(case);
    (managed.title(case, stages, &chain), managed.severity(case), chain)
}

/// What people decided about the incident as a whole, the latest of each.
#[derive(Default)]
struct Managed {
    title: Option<String>,
    severity: Option<AlertSeverity>,
    status: Option<IncidentStatus>,
    classification: AlertClassification,
    determination: AlertDetermination,
    assigned_to: Option<String>,
    tags: Vec<String>,
    /// Did somebody give it to anybody, or to nobody?
    given: bool,
    /// Did somebody classify it?
    found: bool,
}

impl Managed {
    fn of(case: &Case<'_>) -> Managed {
        let mut this = Managed::default();
        // The vendor's own finding stands where all alerts agree on it; a person's overrides it below.
        if let Some(first) = case.alerts.first() {
            if case.alerts.iter().all(|a| a.classification == first.classification) {
                this.classification = first.classification.clone();
                if case.alerts.iter().all(|a| a.determination == first.determination) {
                    this.determination = first.determination.clone();
                }
            }
            if !first.assigned_to.is_empty() && case.alerts.iter().all(|a| a.assigned_to == first.assigned_to) {
                this.assigned_to = Some(first.assigned_to.to_owned());
            }
        }
        for (decision, _) in &case.decisions {
            match &decision.what {
                Choice::Rename { title } => this.title = Some(title.clone()),
                Choice::SetSeverity { severity } => this.severity = Some(severity.clone()),
                Choice::SetStatus { status } => this.status = Some(status.clone()),
                Choice::Classify { classification, determination } => {
                    this.classification = classification.clone();
                    this.determination = determination.clone();
                    this.found = true;
                }
                Choice::Assign { to } => {
                    this.assigned_to.clone_from(to);
                    this.given = true;
                }
                Choice::Tag { tag } if !this.tags.contains(tag) => this.tags.push(tag.clone()),
                Choice::Untag { tag } => this.tags.retain(|t| t != tag),
                _ => {}
            }
        }
        this.tags.sort_unstable();
        this
    }

    /// The status of an alert in effect: a person who resolves the incident resolves its alerts.
    fn status_of(&self, alert: &CaseAlert<'_>) -> AlertStatus {
        let resolved = self.status == Some(IncidentStatus::Resolved);
        if resolved { AlertStatus::Resolved } else { alert.status.clone() }
    }

    /// Who works on an alert in effect: whom a person gave the incident to.
    fn owner_of(&self, alert: &CaseAlert<'_>) -> Option<String> {
        let own = Some(alert.assigned_to).filter(|owner| !owner.is_empty());
        if self.given { self.assigned_to.clone() } else { own.map(str::to_owned) }
    }

    /// Is an alert in effect found to be a false positive?
    fn is_false(&self, alert: &CaseAlert<'_>) -> bool {
        let found = if self.found { &self.classification } else { &alert.classification };
        *found == AlertClassification::FalsePositive
    }

    fn title(&self, case: &Case<'_>, stages: &StageTable, chain: &KillChain) -> String {
        self.title.clone().unwrap_or_else(|| {
            let observed: Vec<&'static str> = chain.stages.iter().filter(|s| s.observed).map(|s| s.name).collect();
            title(case, stages, &observed)
        })
    }

    fn severity(&self, case: &Case<'_>) -> AlertSeverity {
        let highest = || case.alerts.iter().map(|a| a.severity.clone()).max().unwrap_or_default();
        self.severity.clone().unwrap_or_else(highest)
    }
}

/// Open until every alert is resolved; in progress as soon as somebody works on one.
fn status(case: &Case<'_>) -> IncidentStatus {
    if case.alerts.iter().all(|a| a.status == AlertStatus::Resolved) {
        IncidentStatus::Resolved
    } else if case.alerts.iter().any(|a| a.status == AlertStatus::InProgress) {
        IncidentStatus::InProgress
    } else {
        IncidentStatus::Active
    }
}

fn priority(case: &Case<'_>, stages: &StageTable) -> Priority {
    let mut tally = Tally::default();
    for (local, alert) in case.alerts.iter().enumerate() {
        if alert.repeat_of.is_none() {
            let rare = case.rare.get(local).copied().unwrap_or(1.0);
            let detector = case.detectors.get(local).copied().unwrap_or(0);
            tally.alert(alert.severity.index().unwrap_or(0), detector, rare, alert.stages);
        }
    }
    for (entity, judged) in case.entities.iter().zip(&case.judgement.entities) {
        if judged.verdict >= Verdict::Suspicious {
            tally.entity(judged.verdict == Verdict::Malicious, judged.score, case.policy);
        }
        if judged.impacted {
            tally.asset(entity.criticality, case.policy);
        }
    }
    tally.priority(stages.len(), case.policy)
}

fn timeline(case: &Case<'_>, managed: &Managed) -> Vec<AlertLine> {
    let reasons = reasons(case);
    let mut lines: Vec<AlertLine> = Vec::new();
    let mut place: Vec<Option<usize>> = vec![None; case.alerts.len()];
    for (local, alert) in case.alerts.iter().enumerate() {
        if alert.repeat_of.is_some() {
            continue;
        }
        if let Some(slot) = place.get_mut(local) {
            *slot = Some(lines.len());
        }
        let owned = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect();
        lines.push(AlertLine {
            id: alert.id.to_owned(),
            time: alert.first,
            title: alert.title.to_owned(),
            severity: alert.severity.clone(),
            status: managed.status_of(alert),
            assigned_to: managed.owner_of(alert),
            service_source: alert.service.to_owned(),
            product_name: alert.product.to_owned(),
            detector_id: alert.detector.to_owned(),
            categories: owned(&alert.categories),
            mitre_techniques: owned(&alert.techniques),
            reason: reasons.get(local).cloned().flatten(),
            repeats: Vec::new(),
            repeat_times: Vec::new(),
            fact: alert.fact.to_string(),
        });
    }
    for alert in &case.alerts {
        let head = alert.repeat_of.and_then(|head| place.get(head as usize).copied().flatten());
        if let Some(line) = head.and_then(|at| lines.get_mut(at)) {
            line.repeats.push(alert.id.to_owned());
            line.repeat_times.push(Repeat { id: alert.id.to_owned(), time: alert.first, fact: alert.fact.to_string() });
        }
    }
    lines
}

/// For each alert the link that leads to it from the earliest alert of its part, along the forest.
fn reasons(case: &Case<'_>) -> Vec<Option<LinkLine>> {
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); case.alerts.len()];
    for (i, link) in case.links.iter().enumerate() {
        for end in [link.a, link.b] {
            if let Some(list) = beside.get_mut(end as usize) {
                list.push(i);
            }
        }
    }
    let mut reasons: Vec<Option<LinkLine>> = vec![None; case.alerts.len()];
    let mut seen = vec![false; case.alerts.len()];
    for root in 0..case.alerts.len() as u32 {
        if seen.get(root as usize).copied().unwrap_or(true) {
            continue;
        }
        let mut next = vec![root];
        while let Some(at) = next.pop() {
            if let Some(slot) = seen.get_mut(at as usize) {
                *slot = true;
            }
            for link in beside.get(at as usize).into_iter().flatten().filter_map(|i| case.links.get(*i)) {
                let other = if link.a == at { link.b } else { link.a };
                if seen.get(other as usize) == Some(&false) {
                    if let Some(slot) = reasons.get_mut(other as usize) {
                        *slot = Some(line(case, link, other, at));
                    }
                    next.push(other);
                }
            }
        }
    }
    reasons
}

fn line(case: &Case<'_>, link: &CaseLink<'_>, alert: u32, with: u32) -> LinkLine {
    let of = |local: u32| case.alerts.get(local as usize);
    let gap =
        of(alert).and_then(|a| a.first).zip(of(with).and_then(|a| a.first)).map(|(x, y)| (x - y).num_seconds().abs());
    let title = of(with).map_or("", |a| a.title);
    let apart = gap.map_or_else(String::new, |gap| format!(", {} apart", duration(gap)));
    let text = match (link.reason, &link.shared) {
        (LinkReason::RepeatedAlertOccurrence, _) => format!("the same alert again as `{title}`{apart}"),
        (LinkReason::Manual, _) => by_hand(link, title),
        (LinkReason::VendorIncident, Some((_, _, name))) => format!("the vendor's incident {name} holds `{title}` too"),
        (LinkReason::TemporalProximity, _) => format!("unusual here, as `{title}` is{apart}"),
        (LinkReason::EventSequence, _) => format!("in one sequence of a correlation rule with `{title}`{apart}"),
        (_, Some((kind, _, name))) => format!("same {} `{name}` as `{title}`{apart}", kind.as_str()),
        (_, None) => format!("linked to `{title}`{apart}"),
    };
    LinkLine {
        reason: link.reason,
        with: of(with).map_or_else(String::new, |a| a.id.to_owned()),
        kind: link.shared.as_ref().map(|(kind, ..)| *kind),
        entity: link.shared.as_ref().map(|(_, id, _)| id.clone()),
        gap_seconds: gap,
        strength: (link.strength * 10_000.0).round() / 10_000.0,
        text,
    }
}

/// Who put the two together, when and why.
fn by_hand(link: &CaseLink<'_>, title: &str) -> String {
    let Some(decision) = link.decision else { return format!("joined by a person with `{title}`") };
    let verb = match decision.what {
        Choice::Part { .. } => "parted from another incident",
        Choice::Move { .. } => "moved here",
        _ => "joined",
    };
    let at = decision.at.at().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let why = decision.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{verb} by {} at {at} with `{title}`{why}", decision.by)
}

/// A span of time as people say it.
pub(crate) fn duration(seconds: i64) -> String {
    match seconds.abs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

/// Rows of each entity, in the order of their alerts.
fn rows_by_entity<'s>(case: &Case<'s>) -> Vec<Vec<&'s Row>> {
    let mut rows: Vec<Vec<&Row>> = vec![Vec::new(); case.entities.len()];
    for row in &case.scene.rows {
        if let Some(list) = rows.get_mut(row.entity as usize) {
            list.push(row);
        }
    }
    rows
}

fn entities(case: &Case<'_>, rows: &[Vec<&Row>]) -> Vec<EntityLine> {
    let mut lines: Vec<EntityLine> = case
        .entities
        .iter()
        .zip(&case.judgement.entities)
        .zip(rows)
        .map(|((entity, judged), rows)| {
            let times = rows.iter().filter_map(|r| case.alerts.get(r.alert as usize)?.first);
            EntityLine {
                id: entity.id.clone(),
                kind: entity.kind,
                name: entity.name.clone(),
                verdict: judged.verdict.clone(),
                score: rounded(entity.explanation.score),
                remediation_status: entity.remediation.clone(),
                impacted: judged.impacted,
                alerts: distinct_alerts(rows),
                first_seen: times.min(),
                because: entity.explanation.because.clone(),
            }
        })
        .collect();
    lines.sort_by(|a, b| {
        b.verdict
            .cmp(&a.verdict)
            .then(b.score.total_cmp(&a.score))
            .then(a.kind.cmp(&b.kind))
            .then_with(|| a.id.cmp(&b.id))
    });
    lines
}

fn distinct_alerts(rows: &[&Row]) -> usize {
    // Rows of an entity stand in the order of their alerts.
    rows.chunk_by(|a, b| a.alert == b.alert).count()
}

fn roll_up(entities: &[EntityLine]) -> Vec<EvidenceCount> {
    let mut counts: BTreeMap<(EntityKind, std::cmp::Reverse<u8>, u8), EvidenceCount> = BTreeMap::new();
    for entity in entities {
        let key = (
            entity.kind,
            std::cmp::Reverse(entity.verdict.index().unwrap_or(0)),
            entity.remediation_status.index().unwrap_or(u8::MAX),
        );
        counts
            .entry(key)
            .or_insert_with(|| EvidenceCount {
                kind: entity.kind,
                verdict: entity.verdict.clone(),
                remediation_status: entity.remediation_status.clone(),
                count: 0,
            })
            .count += 1;
    }
    counts.into_values().collect()
}

fn scope(case: &Case<'_>, rows: &[Vec<&Row>], managed: &Managed) -> Scope {
    let mut groups: [Vec<AssetLine>; 5] = Default::default();
    for (local, (entity, rows)) in case.entities.iter().zip(rows).enumerate() {
        let common = case.scene.kinds.get(local).is_some_and(|(_, common)| *common);
        if !entity.kind.is_asset() && entity.kind != EntityKind::OauthApplication || common {
            continue;
        }
        let line = AssetLine {
            id: entity.id.clone(),
            kind: entity.kind,
            name: entity.name.clone(),
            risk_level: risk(open(case, rows, managed).counts(), case.policy).0,
            investigation_priority: (entity.kind == EntityKind::User)
                .then(|| investigation_priority(case, rows, managed, entity.criticality)),
            impacted: case.judgement.entities.get(local).is_some_and(|j| j.impacted),
            critical: entity.criticality >= Criticality::High,
            criticality: entity.criticality,
            tags: entity.tags.iter().map(|t| t.clone().into_owned()).collect(),
            alerts: distinct_alerts(rows),
        };
        let group = match entity.kind {
            EntityKind::Device | EntityKind::IotDevice => 0,
            EntityKind::User | EntityKind::GitHubUser | EntityKind::ServicePrincipal => 1,
            EntityKind::Mailbox => 2,
            EntityKind::CloudApplication | EntityKind::OauthApplication | EntityKind::AiAgent => 3,
            _ => 4,
        };
        if let Some(list) = groups.get_mut(group) {
            list.push(line);
        }
    }
    let counts = groups.each_ref().map(Vec::len);
    for list in &mut groups {
        list.sort_by(|a, b| {
            (b.impacted, b.criticality, &b.risk_level, b.alerts)
                .cmp(&(a.impacted, a.criticality, &a.risk_level, a.alerts))
                .then_with(|| a.id.cmp(&b.id))
        });
        list.truncate(case.policy.top_assets as usize);
    }
    let [devices, users, mailboxes, applications, others] = groups;
    let [device_count, user_count, mailbox_count, application_count, other_count] = counts;
    Scope {
        device_count,
        user_count,
        mailbox_count,
        application_count,
        other_count,
        devices,
        users,
        mailboxes,
        applications,
        others,
    }
}

/// The alerts that hold an entity, each once, with its rows.
fn held<'r>(case: &'r Case<'r>, rows: &'r [&'r Row]) -> impl Iterator<Item = (u32, &'r CaseAlert<'r>, &'r [&'r Row])> {
    let chunks = rows.chunk_by(|a, b| a.alert == b.alert);
    chunks.filter_map(|rows| {
        let local = rows.first()?.alert;
        Some((local, case.alerts.get(local as usize)?, rows))
    })
}

/// The open alerts of an asset.
fn open(case: &Case<'_>, rows: &[&Row], managed: &Managed) -> Open {
    let mut open = Open::default();
    let unresolved = held(case, rows).filter(|(_, alert, _)| managed.status_of(alert) != AlertStatus::Resolved);
    unresolved.for_each(|(_, alert, _)| open.add(&alert.severity, alert.repeat_of.is_some()));
    open
}

/// Points that the alerts of this incident give a user.
fn investigation_priority(case: &Case<'_>, rows: &[&Row], managed: &Managed, criticality: Criticality) -> f64 {
    let policy = &case.policy.investigation_priority;
    let nanos = |alert: &CaseAlert<'_>| alert.first.and_then(|first| first.timestamp_nanos_opt());
    let latest = held(case, rows).filter_map(|(_, alert, _)| nanos(alert)).max().unwrap_or(i64::MIN);
    let counted = held(case, rows).filter(|(_, alert, _)| {
        let recent = nanos(alert).is_some_and(|time| counts(time, latest, policy));
        recent && alert.repeat_of.is_none() && !managed.is_false(alert)
    });
    let points = counted.map(|(local, alert, rows)| {
        let impact = rows.iter().map(|row| UserImpact::of(row.roles, row.flags & flag::NESTED != 0)).max();
        let counted = Counted {
            severity: alert.severity.index().unwrap_or(0),
            impact: impact.unwrap_or_default(),
            rare: case.rare.get(local as usize).copied().unwrap_or(1.0),
        };
        counted.points(criticality, policy)
    });
    points.sum::<u64>() as f64 / 100.0
}

fn near_misses(case: &Case<'_>) -> Vec<NearMiss> {
    let line = |near: &super::case::CaseNear| {
        let (kind, entity, name) = &near.shared;
        let (held_by, why) = match near.held {
            Held::Hub { assets } => ("hub", format!("it is a hub, seen on {assets} assets")),
            Held::Window { over } => ("window", format!("the window was missed by {}", duration(over / 1_000_000_000))),
            Held::Weak { strength } if strength < near.threshold => {
                ("strength", format!("strength {strength:.2} is below {:.2}", near.threshold))
            }
            Held::Weak { .. } => {
                ("decision", "a decision, the vendor's own finding or a limit keeps them apart".to_owned())
            }
        };
        NearMiss {
            alert: case.alerts.get(near.inside as usize).map_or_else(String::new, |a| a.id.to_owned()),
            other: near.outside.clone(),
            other_incident: near.outside_incident.clone(),
            kind: *kind,
            entity: entity.clone(),
            held_by,
            text: format!("shares {} `{name}`, but {why}", kind.as_str()),
        }
    };
    case.near.iter().map(line).collect()
}
