//! From one alert record to the fields of each entity in it: evidence items as they are, what they
//! mention under the names it would have as evidence of its own.

use serde_json::{Map, Value};

use super::Limits;
use super::fields::{Datum, Fields};
use crate::resolve::extract::{Edge, Extract};
use crate::resolve::{EntityKind, IdType, Relation};

type Object = Map<String, Value>;

/// Where the members of an occurrence stand, and what they are called there.
#[derive(Debug, Clone, Copy)]
enum Place<'v> {
    /// As they are called.
    Whole(&'v Object),
    /// One level lower, under this name.
    Under(&'static str, &'v Object),
    /// The parent of the process that this evidence is.
    ParentOf(&'v Object),
}

/// The fields of every occurrence of `extract`, which was read of `record`; what a limit kept out is
/// told by the flag.
pub(super) fn of_alert(extract: &Extract, record: &Object, limits: &Limits) -> (Vec<Fields>, bool) {
    let empty = Vec::new();
    let evidence = record.get("evidence").and_then(Value::as_array).unwrap_or(&empty);
    let mut places: Vec<Option<Place<'_>>> = vec![None; extract.occurrences.len()];
    for (occurrence, item) in &extract.items {
        let kind = extract.occurrences.get(*occurrence as usize).map(|o| o.kind);
        let object = evidence.get(*item as usize).and_then(Value::as_object);
        if let (Some(slot), Some(object)) = (places.get_mut(*occurrence as usize), object) {
            *slot = Some(item_place(kind, object));
        }
    }
    // What an item mentions may mention more; nothing is nested deeper than the reader goes.
    for _ in 0..=limits.nesting {
        let found = mentioned(extract, &places);
        if found.is_empty() {
            break;
        }
        for (occurrence, place) in found {
            if let Some(slot) = places.get_mut(occurrence as usize) {
                *slot = Some(place);
            }
        }
    }
    let mut whole = true;
    let fields = extract.occurrences.iter().zip(&places).map(|(occurrence, place)| {
        let mut fields = Fields::default();
        whole &= match place {
            Some(Place::Whole(object)) => fields.flatten("", object, limits),
            Some(Place::Under(prefix, object)) => fields.flatten(prefix, object, limits),
            Some(Place::ParentOf(object)) => parent_fields(object, &mut fields, limits),
            None => true,
        };
        let ids = extract.ids.get(occurrence.ids.0 as usize..occurrence.ids.1 as usize).unwrap_or_default();
        for id in ids {
            whole &= identifier(occurrence.kind, id.id_type, extract.str(id.value), &mut fields, limits);
        }
        fields
    });
    (fields.collect(), whole)
}

/// Evidence that leaves out the object its members belong into has them in it all the same.
fn item_place(kind: Option<EntityKind>, object: &Object) -> Place<'_> {
    let lacks = |name: &str| !object.get(name).is_some_and(Value::is_object);
    match kind {
        Some(EntityKind::User) if lacks("userAccount") => Place::Under("userAccount", object),
        Some(EntityKind::File) if lacks("fileDetails") => Place::Under("fileDetails", object),
        _ => Place::Whole(object),
    }
}

/// Occurrences without a place that a placed one mentions.
fn mentioned<'v>(extract: &Extract, places: &[Option<Place<'v>>]) -> Vec<(u32, Place<'v>)> {
    let place = |occurrence: u32| places.get(occurrence as usize).copied().flatten();
    let kind = |occurrence: u32| extract.occurrences.get(occurrence as usize).map_or(EntityKind::Other, |o| o.kind);
    let mut found = Vec::new();
    for edge in &extract.edges {
        // Accounts logged on to a device point at it; everything else points at what it mentions.
        let ends = if edge.relation == Relation::LoggedOn { (edge.to, edge.from) } else { (edge.from, edge.to) };
        if let (Some(owner), None) = (place(ends.0), place(ends.1))
            && let Some(part) = part(extract, edge, kind(ends.0), owner)
        {
            found.push((ends.1, part));
        }
    }
    found
}

fn part<'v>(extract: &Extract, edge: &Edge, owner_kind: EntityKind, owner: Place<'v>) -> Option<Place<'v>> {
    let object = |of: &'v Object, name: &str| of.get(name).and_then(Value::as_object);
    let of = match (owner, edge.relation) {
        (Place::ParentOf(process), Relation::Image) => {
            return Some(Place::Under("fileDetails", object(process, "parentProcessImageFile")?));
        }
        (Place::Whole(of), _) => of,
        _ => return None,
    };
    match edge.relation {
        Relation::Parent => Some(Place::ParentOf(of)),
        Relation::Image => Some(Place::Under("fileDetails", object(of, "imageFile")?)),
        Relation::RunsAs | Relation::Owner => Some(Place::Under("userAccount", object(of, "userAccount")?)),
        Relation::SessionOf => Some(item_place(Some(EntityKind::User), object(of, "account")?)),
        Relation::On if owner_kind == EntityKind::HostLogonSession => Some(Place::Whole(object(of, "host")?)),
        Relation::Sender => Some(Place::Whole(nth(extract, edge, of, &["p2Sender", "p1Sender"])?)),
        Relation::ResolvesTo => Some(Place::Whole(nth(extract, edge, of, &["ipAddresses", "hostIpAddress"])?)),
        Relation::Address => Some(Place::Whole(nth(extract, edge, of, &["sourceAddress", "destinationAddress"])?)),
        Relation::LoggedOn => Some(Place::Under("userAccount", nth(extract, edge, of, &["loggedOnUsers"])?)),
        Relation::Instance => Some(Place::Whole(nth(extract, edge, of, &["files", "processes"])?)),
        Relation::PartOf => Some(Place::Whole(nth(extract, edge, of, &WHOLES)?)),
        _ => None,
    }
}

/// Members that hold what a thing is part of.
const WHOLES: [&str; 10] = [
    "pod",
    "image",
    "registry",
    "digestImage",
    "cloudResource",
    "cluster",
    "namespace",
    "storageResource",
    "blobContainer",
    "ipAddress",
];

/// The object among `members` that an edge came from: the reader makes one edge for each, in their
/// order. When the counts differ it left some out, and which is not known.
fn nth<'v>(extract: &Extract, edge: &Edge, of: &'v Object, members: &[&str]) -> Option<&'v Object> {
    let owner = |e: &Edge| if e.relation == Relation::LoggedOn { e.to } else { e.from };
    let alike = extract.edges.iter().filter(|e| e.relation == edge.relation && owner(e) == owner(edge));
    let same: Vec<&Edge> = alike.collect();
    let at = same.iter().position(|e| std::ptr::eq(*e, edge))?;
    let held = members.iter().filter_map(|name| of.get(*name));
    let objects: Vec<&Object> = held
        .flat_map(|value| match value {
            Value::Array(list) => list.as_slice(),
            value => std::slice::from_ref(value),
        })
        .filter_map(Value::as_object)
        .collect();
    (objects.len() == same.len()).then(|| objects.get(at).copied()).flatten()
}

fn parent_fields(process: &Object, fields: &mut Fields, limits: &Limits) -> bool {
    let mut whole = true;
    for (name, member) in [
        ("processId", "parentProcessId"),
        ("processCreationDateTime", "parentProcessCreationDateTime"),
        ("imageFile", "parentProcessImageFile"),
        ("processCommandLine", "casegraph.parentCommandLine"),
        ("mdeDeviceId", "mdeDeviceId"),
    ] {
        if let Some(value) = process.get(member) {
            let one: Object = [(name.to_owned(), value.clone())].into_iter().collect();
            whole &= fields.flatten("", &one, limits);
        }
    }
    whole
}

/// Adds what an identifier says when no member does: a URL in a message has no evidence of its own.
fn identifier(kind: EntityKind, id_type: IdType, value: &str, fields: &mut Fields, limits: &Limits) -> bool {
    let names: &[&str] = match (kind, id_type) {
        (EntityKind::Url, IdType::Url) => &["url"],
        (EntityKind::Dns, IdType::Domain) => &["domainName"],
        (EntityKind::Ip, IdType::Address) => &["ipAddress"],
        (EntityKind::Mailbox, IdType::Email) => &["primaryAddress"],
        (EntityKind::EmailSender, IdType::Email) => &["emailAddress"],
        (EntityKind::Device, IdType::Mde) => &["mdeDeviceId"],
        (EntityKind::Device, IdType::Host) => &["hostName"],
        (EntityKind::User, IdType::Upn) => &["userAccount.userPrincipalName"],
        (EntityKind::User, IdType::Sid) => &["userAccount.userSid"],
        (EntityKind::User, IdType::Aad) => &["userAccount.azureAdUserId"],
        (EntityKind::User, IdType::Account) => &["userAccount.domainName", "userAccount.accountName"],
        (EntityKind::File, IdType::Sha256) => &["fileDetails.sha256"],
        (EntityKind::File, IdType::Sha1) => &["fileDetails.sha1"],
        (EntityKind::File, IdType::Md5) => &["fileDetails.md5"],
        _ => return true,
    };
    let mut parts = value.rsplitn(names.len(), '\\');
    let mut whole = true;
    for name in names.iter().rev() {
        let Some(part) = parts.next().filter(|part| !part.is_empty()) else { break };
        if !fields.get(name).is_some_and(|known| known.iter().any(Datum::says)) {
            whole &= fields.add(name, Datum::Text(part.into()), limits);
        }
    }
    whole
}
