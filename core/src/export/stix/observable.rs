//! Entities as STIX objects: observables for what was seen, identities and infrastructure for what was hit.
//!
//! In: the facts of entities. Out: objects in the bundle, and which object is which entity. Kinds that STIX has no
//! object for stay out, and are counted.

use std::borrow::Cow;
use std::net::IpAddr;

use hashbrown::HashMap;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::bundle::Bundle;
use super::facts::{Facts, World};
use super::{Object, id};
use crate::resolve::{EntityKind, Relation, canon};

/// Which object is which entity.
#[derive(Default)]
pub(in crate::export) struct Known<'c> {
    ids: HashMap<&'c str, String>,
    /// Entities without an object, by kind.
    pub(in crate::export) homeless: IndexMap<&'static str, usize>,
}

impl Known<'_> {
    pub(in crate::export) fn id(&self, entity: &str) -> Option<&str> {
        self.ids.get(entity).map(String::as_str)
    }

    /// The object of an entity, if it is an observable.
    pub(in crate::export) fn observable(&self, entity: &str) -> Option<&str> {
        self.id(entity).filter(|id| !is_domain_object(id))
    }
}

/// Identities, infrastructure and malware are no observables.
pub(in crate::export) fn is_domain_object(id: &str) -> bool {
    ["identity--", "infrastructure--", "malware--"].iter().any(|kind| id.starts_with(kind))
}

/// Adds an object for every entity that STIX has one for.
pub(in crate::export) fn add<'c>(bundle: &mut Bundle, world: &World<'c>, tenant: &str) -> Known<'c> {
    let mut known = Known::default();
    let mut writer = Writer { bundle, tenant };
    // What others refer to comes first, and processes, whose ids need nothing but our own, last.
    let rank = |kind: EntityKind| match kind {
        EntityKind::User | EntityKind::Ip => 0,
        EntityKind::Process => 3,
        EntityKind::Malware => 2,
        _ => 1,
    };
    for round in 0..=2 {
        for facts in world.entities.iter().filter(|facts| rank(facts.line.kind) == round) {
            match writer.entity(facts, world, &known) {
                Some(id) => {
                    known.ids.insert(&facts.line.id, id);
                }
                None => *known.homeless.entry(facts.line.kind.as_str()).or_default() += 1,
            }
        }
    }
    let processes: Vec<&Facts<'c>> = world.entities.iter().filter(|f| f.line.kind == EntityKind::Process).collect();
    for facts in &processes {
        if let Some(id) = writer.process_id(facts) {
            known.ids.insert(&facts.line.id, id);
        } else {
            *known.homeless.entry(EntityKind::Process.as_str()).or_default() += 1;
        }
    }
    for facts in processes {
        writer.process(facts, world, &known);
    }
    known
}

struct Writer<'b> {
    bundle: &'b mut Bundle,
    tenant: &'b str,
}

impl Writer<'_> {
    fn entity<'c>(&mut self, facts: &Facts<'c>, world: &World<'c>, known: &Known<'c>) -> Option<String> {
        use EntityKind as K;
        let line = facts.line;
        let name = self.bundle.text(&line.name);
        match line.kind {
            K::User | K::ServicePrincipal | K::GitHubUser | K::KubernetesServiceAccount => Some(self.user(facts)?),
            K::Ip => {
                let address = address(facts)?;
                let kind = if address.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
                self.observable(kind, json!({"value": address.to_string()}), &["value"])
            }
            K::Dns => {
                let refs: Vec<&str> =
                    world.to(&line.id, Relation::ResolvesTo).filter_map(|to| known.observable(to)).collect();
                let object = json!({"value": self.bundle.text(domain(facts)), "resolves_to_refs": refs});
                self.observable("domain-name", object, &["value"])
            }
            K::Url => {
                let value = self.bundle.text(url(facts));
                self.observable("url", json!({"value": value}), &["value"])
            }
            K::File => self.file(facts),
            K::EmailSender => self.email(facts.named("email").unwrap_or(&line.name), None, None),
            K::Mailbox => {
                let owner = world.to(&line.id, Relation::Owner).find_map(|to| known.observable(to));
                let address = facts.text("primaryAddress").or(facts.text("upn")).unwrap_or(&line.name);
                let (address, shown) = (address.to_owned(), facts.text("displayName").map(str::to_owned));
                self.email(&address, shown.as_deref(), owner)
            }
            K::AnalyzedMessage | K::SubmissionMail => self.message(facts),
            K::RegistryKey | K::RegistryValue => self.registry(facts),
            K::NetworkConnection => self.connection(facts),
            K::CloudApplication | K::OauthApplication => {
                let vendor = facts.text("publisher").map(|text| self.bundle.text(text));
                self.observable("software", json!({"name": name, "vendor": vendor}), &["name", "vendor"])
            }
            K::Malware => {
                let samples: Vec<&str> = world
                    .to(&line.id, Relation::Instance)
                    .filter_map(|to| known.observable(to))
                    .filter(|id| id.starts_with("file--"))
                    .collect();
                let members = json!({"name": name, "is_family": true, "sample_refs": samples});
                Some(self.bundle.add_shared("malware", &[self.tenant, &line.id], members))
            }
            K::Device | K::IotDevice => Some(self.identity(facts, "system")),
            K::SecurityGroup => Some(self.identity(facts, "group")),
            K::GitHubOrganization | K::ActiveDirectoryDomain => Some(self.identity(facts, "organization")),
            kind if kind.as_str().starts_with("kubernetes")
                || matches!(kind, K::AzureResource | K::AmazonResource | K::GoogleCloudResource)
                || matches!(kind, K::BlobContainer | K::Blob | K::GitHubRepo | K::Container) =>
            {
                let members = json!({"name": name, "description": line.kind.as_str(),
                    "external_references": [{"source_name": "casegraph", "external_id": self.bundle.text(&line.id)}]});
                Some(self.bundle.add_shared("infrastructure", &[self.tenant, &line.id], members))
            }
            _ => None,
        }
    }

    fn observable(&mut self, kind: &str, object: Value, named_by: &[&str]) -> Option<String> {
        let Value::Object(mut object) = object else { return None };
        object.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
        let id = id::observable(kind, &object, named_by)?;
        self.bundle.insert(kind, &id, object);
        Some(id)
    }

    fn identity(&mut self, facts: &Facts<'_>, class: &str) -> String {
        let line = facts.line;
        let system = [facts.text("osPlatform"), facts.text("version")];
        let system: Vec<&str> = system.into_iter().flatten().collect();
        let members = json!({"name": self.bundle.text(&line.name), "identity_class": class,
            "description": self.bundle.text(&system.join(" ")),
            "external_references": [{"source_name": "casegraph", "external_id": self.bundle.text(&line.id)}]});
        self.bundle.add_shared("identity", &[self.tenant, &line.id], members)
    }

    fn user(&mut self, facts: &Facts<'_>) -> Option<String> {
        let of = |name: &str| facts.text(&format!("userAccount.{name}"));
        let id = of("userSid").or(facts.named("sid")).or(of("azureAdUserId")).or(facts.named("entra"));
        let id = id.or(facts.text("servicePrincipalObjectId")).or(facts.text("userId"));
        let short = of("accountName").or(facts.text("login")).or(facts.text("servicePrincipalName"));
        let login = of("userPrincipalName").or(facts.named("upn")).or(short);
        let login = login.or_else(|| id.is_none().then_some(facts.line.name.as_str()));
        let shown = of("displayName").or(facts.text("name"));
        let service = matches!(facts.line.kind, EntityKind::ServicePrincipal | EntityKind::KubernetesServiceAccount);
        let text = |text: Option<&str>| text.map(|text| self.bundle.text(text));
        let object = json!({"user_id": text(id), "account_login": text(login), "display_name": text(shown),
            "account_type": of("domainName").map(|_| "windows-domain"),
            "is_service_account": service.then_some(true)});
        self.observable("user-account", object, &["account_type", "user_id", "account_login"])
    }

    fn file(&mut self, facts: &Facts<'_>) -> Option<String> {
        let hashes = hashes(facts);
        let place = facts.named("onDevice").and_then(|place| place.split_once('|')).map(|(_, path)| path);
        let named = facts.text("fileDetails.fileName");
        // The product's `filePath` is the folder.
        let path = match (facts.text("fileDetails.filePath"), named) {
            (Some(folder), Some(name)) => Some(Cow::Owned(canon::joined(folder, name))),
            (path, _) => path.or(place).map(Cow::Borrowed),
        };
        let (folder, last) = path.as_deref().map(canon::split).unzip();
        let (folder, last) = (folder.filter(|text| !text.is_empty()), last.filter(|text| !text.is_empty()));
        let name = named.or(last);
        let name = name.or_else(|| hashes.is_empty().then_some(facts.line.name.as_str()));
        let directory = folder.and_then(|folder| {
            let object = json!({"path": self.bundle.text(folder)});
            self.observable("directory", object, &["path"])
        });
        let object = json!({"hashes": (!hashes.is_empty()).then_some(hashes), "name": name.map(|n| self.bundle.text(n)),
            "size": facts.int("fileDetails.fileSize").filter(|size| *size >= 0), "parent_directory_ref": directory});
        self.observable("file", object, &["hashes", "name", "parent_directory_ref"])
    }

    fn email(&mut self, address: &str, shown: Option<&str>, owner: Option<&str>) -> Option<String> {
        let object = json!({"value": self.bundle.text(address), "display_name": shown.map(|s| self.bundle.text(s)),
            "belongs_to_ref": owner});
        self.observable("email-addr", object, &["value"])
    }

    fn message(&mut self, facts: &Facts<'_>) -> Option<String> {
        let mut address = |place: &str, shown: Option<&str>| {
            let value = facts.text(place)?.to_owned();
            self.email(&value, shown.and_then(|shown| facts.text(shown)), None)
        };
        let header = address("p2Sender.emailAddress", Some("p2Sender.displayName"));
        let from = header.or_else(|| address("sender", None));
        let envelope = address("p1Sender.emailAddress", Some("p1Sender.displayName"));
        let to = address("recipientEmailAddress", None).or_else(|| address("recipient", None));
        let id = facts.text("internetMessageId").or(facts.text("networkMessageId"));
        let object = json!({"is_multipart": false, "from_ref": from, "sender_ref": envelope,
            "to_refs": to.into_iter().collect::<Vec<_>>(), "message_id": id.map(|id| self.bundle.text(id)),
            "subject": facts.text("subject").map(|subject| self.bundle.text(subject)),
            "date": facts.time("receivedDateTime")});
        self.observable("email-message", object, &["from_ref", "subject"])
    }

    fn registry(&mut self, facts: &Facts<'_>) -> Option<String> {
        let key = [facts.text("registryHive"), facts.text("registryKey")];
        let key = key.into_iter().flatten().collect::<Vec<_>>().join("\\");
        let key = if key.is_empty() { facts.line.name.as_str() } else { &key };
        let kind = facts.text("registryValueType").map(registry_type);
        let value = json!({"name": facts.text("registryValueName").map(|n| self.bundle.text(n)),
            "data": facts.text("registryValue").map(|d| self.bundle.text(d)), "data_type": kind});
        let Value::Object(mut value) = value else { return None };
        value.retain(|_, part| !part.is_null());
        let values: Vec<Object> = (!value.is_empty()).then_some(value).into_iter().collect();
        let object = json!({"key": self.bundle.text(key), "values": values});
        self.observable("windows-registry-key", object, &["key", "values"])
    }

    fn connection(&mut self, facts: &Facts<'_>) -> Option<String> {
        let parts: Vec<&str> = facts.named("id").map(|id| id.split('|').collect()).unwrap_or_default();
        let part = |at: usize| parts.get(at).copied().filter(|_| parts.len() == 5).filter(|part| !part.is_empty());
        let mut end = |place: &str, at: usize| {
            let address: IpAddr = facts.text(place).or(part(at))?.parse().ok()?;
            let address = address.to_canonical();
            let kind = if address.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
            self.observable(kind, json!({"value": address.to_string()}), &["value"])
        };
        let (from, to) = (end("sourceAddress.ipAddress", 1), end("destinationAddress.ipAddress", 3));
        let port = |place: &str, at: usize| {
            let port = facts.int(place).or_else(|| part(at)?.parse().ok());
            port.filter(|port| (0..=65_535).contains(port))
        };
        let (from_port, to_port) = (port("sourcePort", 2), port("destinationPort", 4));
        if from.is_none() && to.is_none() {
            return None;
        }
        let layer =
            || if [&from, &to].into_iter().flatten().any(|id| id.starts_with("ipv6")) { "ipv6" } else { "ipv4" };
        let protocol = facts.text("protocol").or(part(0)).unwrap_or_else(layer).to_lowercase();
        let object = json!({"src_ref": from, "dst_ref": to, "src_port": from_port, "dst_port": to_port,
            "protocols": [self.bundle.text(&protocol)]});
        self.observable("network-traffic", object, &["src_ref", "dst_ref", "src_port", "dst_port", "protocols"])
    }

    /// A process is named by nothing that it shares with others, so its id is over ours.
    fn process_id(&self, facts: &Facts<'_>) -> Option<String> {
        let known = ["processId", "processCommandLine", "processCreationDateTime", "imageFile"];
        let known = known.iter().any(|place| facts.value(place).is_some());
        known.then(|| id::own("process", &[self.tenant, &facts.line.id]))
    }

    fn process<'c>(&mut self, facts: &Facts<'c>, world: &World<'c>, known: &Known<'c>) {
        let Some(id) = known.id(&facts.line.id) else { return };
        let to = |relation: Relation, kind: &str| {
            world.to(&facts.line.id, relation).filter_map(|to| known.id(to)).find(|to| to.starts_with(kind))
        };
        let line = facts.text("processCommandLine").map(|line| self.bundle.text(line));
        let object = json!({"pid": facts.int("processId"), "created_time": facts.time("processCreationDateTime"),
            "command_line": line, "image_ref": to(Relation::Image, "file--"),
            "parent_ref": to(Relation::Parent, "process--"), "creator_user_ref": to(Relation::RunsAs, "user-account--")});
        if let Value::Object(object) = object {
            self.bundle.insert("process", id, object);
        }
    }
}

/// The hashes that are ones, in lower case.
pub(super) fn hashes(facts: &Facts<'_>) -> Object {
    let mut out = Object::new();
    let bare = |name: &str| facts.text("value").filter(|_| facts.text("algorithm") == Some(name));
    for (name, ours, digits) in [("MD5", "md5", 32), ("SHA-1", "sha1", 40), ("SHA-256", "sha256", 64)] {
        let hash = facts.text(&format!("fileDetails.{ours}")).or(facts.named(ours)).or(bare(ours));
        if let Some(hash) = hash.filter(|hash| hash.len() == digits && hash.bytes().all(|b| b.is_ascii_hexdigit())) {
            out.insert(name.to_owned(), hash.to_ascii_lowercase().into());
        }
    }
    out
}

pub(super) fn address(facts: &Facts<'_>) -> Option<IpAddr> {
    let said = facts.text("ipAddress").and_then(|text| text.parse().ok());
    said.or_else(|| facts.named("address")?.parse().ok()).map(|address: IpAddr| address.to_canonical())
}

pub(super) fn url<'f>(facts: &'f Facts<'_>) -> &'f str {
    let whole = facts.named("url").filter(|url| url.contains("://"));
    whole.or(facts.text("url")).unwrap_or(&facts.line.name)
}

pub(super) fn domain<'f>(facts: &'f Facts<'_>) -> &'f str {
    facts.named("domain").unwrap_or(&facts.line.name)
}

/// The type of a registry value in the closed list of STIX.
fn registry_type(text: &str) -> &'static str {
    const TYPES: [(&str, &str); 9] = [
        ("none", "REG_NONE"),
        ("sz", "REG_SZ"),
        ("string", "REG_SZ"),
        ("expandstring", "REG_EXPAND_SZ"),
        ("expandsz", "REG_EXPAND_SZ"),
        ("binary", "REG_BINARY"),
        ("dword", "REG_DWORD"),
        ("qword", "REG_QWORD"),
        ("multisz", "REG_MULTI_SZ"),
    ];
    let folded: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let folded = folded.strip_prefix("reg").unwrap_or(&folded);
    let multi = if folded == "multistring" { "multisz" } else { folded };
    TYPES.iter().find(|(name, _)| *name == multi).map_or("REG_INVALID_TYPE", |(_, kind)| kind)
}
