//! Evidence items to occurrences: which identifiers each kind has, and what it mentions besides itself.

use std::borrow::Cow;

use crate::error::{Problem, ProblemCode};
use crate::ingest::tape::{At, Key};
use crate::policy::Limits;

use super::canon;
use super::extract::{Base, Edge, Id, Occurrence, Reader, Relation, Span, flag};
use super::kind::{EntityKind, IdType};

/// The device that relative names of an alert are relative to.
#[derive(Debug, Clone, Copy, Default)]
struct Scope {
    occurrence: Option<u32>,
    mde: Option<Span>,
    host: Option<Span>,
}

struct Evidence<'e, 'r, 'a> {
    reader: &'e mut Reader<'r, 'a>,
    /// The one device of the alert; empty when it has none or several.
    scope: Scope,
    devices: Vec<Scope>,
    /// Position of the evidence item at hand, for problem paths.
    item: u32,
    limits: &'e Limits,
}

/// Reads all evidence of the alert at `root`.
pub(super) fn read(reader: &mut Reader<'_, '_>, root: At, limits: &Limits) {
    let all: Vec<At> = reader.items(root, Key::Evidence, &|| "$".to_owned()).collect();
    reader.out.evidence = all.len() as u32;
    let kept = all.get(..limits.evidence_per_alert as usize).unwrap_or(&all);
    if kept.len() < all.len() {
        reader.out.problems.push(Problem::new(
            ProblemCode::Limit,
            format!("$.evidence[{}]", kept.len()),
            format!("{} evidence items, `limits.evidencePerAlert` reads the first {}", all.len(), kept.len()),
        ));
    }
    let mut evidence = Evidence { reader, scope: Scope::default(), devices: Vec::new(), item: 0, limits };
    // Devices first: names relative to a device need to know which one.
    let kinds: Vec<Option<EntityKind>> = kept.iter().enumerate().map(|(i, at)| evidence.kind(*at, i as u32)).collect();
    for devices in [true, false] {
        for (i, (at, kind)) in kept.iter().zip(&kinds).enumerate() {
            let Some(kind) = *kind else { continue };
            if (kind == EntityKind::Device) == devices {
                evidence.item = i as u32;
                let base = Base::read(evidence.reader, *at, i as u32, &path(i as u32));
                evidence.entity(*at, kind, base, 0);
            }
        }
        if let [only] = evidence.devices.as_slice() {
            evidence.scope = *only;
        }
    }
}

fn path(item: u32) -> impl Fn() -> String {
    move || format!("$.evidence[{item}]")
}

impl<'r> Evidence<'_, 'r, '_> {
    fn kind(&mut self, at: At, item: u32) -> Option<EntityKind> {
        if !self.reader.is_object(at) {
            let problem = Problem::new(ProblemCode::WrongType, path(item)(), "expected an evidence object");
            self.reader.out.problems.push(problem);
            return None;
        }
        let odata_type = self.reader.text(at, Key::OdataType, &path(item));
        if odata_type.is_none() {
            let message = "evidence without a type is kept as `other`, expected `@odata.type`";
            self.reader.out.problems.push(Problem::new(
                ProblemCode::Missing,
                format!("{}.@odata.type", path(item)()),
                message,
            ));
        }
        Some(odata_type.map_or(EntityKind::Other, EntityKind::from_odata_type))
    }

    fn limit(&mut self, member: &str, message: String) {
        let place = format!("{}{member}", path(self.item)());
        self.reader.out.problems.push(Problem::new(ProblemCode::Limit, place, message));
    }

    fn text(&mut self, at: At, key: Key) -> Option<&'r str> {
        self.reader.text(at, key, &path(self.item)).map(str::trim).filter(|t| !t.is_empty())
    }

    fn id_text(&mut self, at: At, key: Key) -> Option<Cow<'r, str>> {
        self.reader.id_text(at, key, &path(self.item)).filter(|t| !t.trim().is_empty())
    }

    fn object(&mut self, at: At, key: Key) -> Option<At> {
        self.reader.object(at, key, &path(self.item))
    }

    fn begin(&self) -> u32 {
        self.reader.out.ids.len() as u32
    }

    fn id(&mut self, id_type: IdType, value: &str) {
        let value = self.reader.out.put(value);
        self.reader.out.ids.push(Id { id_type, value });
    }

    fn id_if<T: AsRef<str>>(&mut self, id_type: IdType, value: Option<T>) {
        if let Some(value) = value {
            self.id(id_type, value.as_ref());
        }
    }

    /// Ends the identifiers begun at `start`; an entity without any is known in this alert only.
    fn finish(&mut self, start: u32, kind: EntityKind, base: Base) -> u32 {
        if self.begin() == start {
            let alert = self.reader.out.str(self.reader.out.alert.id).to_owned();
            let nth = self.reader.out.occurrences.len();
            self.id(IdType::InAlert, &format!("{alert}#{}.{nth}", base.item));
        }
        let ids = (start, self.begin());
        self.reader.out.occurrences.push(Occurrence {
            kind,
            flags: base.flags,
            verdict: base.verdict,
            status: base.status,
            roles: base.roles,
            ids,
        });
        let occurrence = self.reader.out.occurrences.len() as u32 - 1;
        if base.flags & flag::TAGGED != 0 {
            let out = &mut *self.reader.out;
            out.tags.extend(out.pending_tags.drain(..).map(|tag| (occurrence, tag)));
        }
        occurrence
    }

    /// What the source calls an occurrence; only kept when somebody is going to show it.
    fn name(&mut self, occurrence: u32, name: Option<&str>) {
        if let (true, Some(name)) = (self.reader.out.wants_names, name) {
            let span = self.reader.out.put(name);
            self.reader.out.names.push((occurrence, span));
        }
    }

    fn relate(&mut self, from: u32, relation: Relation, to: Option<u32>) {
        if let Some(to) = to.filter(|to| *to != from) {
            self.reader.out.edges.push(Edge { from, relation, to });
        }
    }

    fn entity(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> Option<u32> {
        if depth > self.limits.nested_evidence {
            let deepest = self.limits.nested_evidence;
            self.limit("", format!("evidence nested deeper than `limits.nestedEvidence`, {deepest}, is not read"));
            return None;
        }
        Some(match kind {
            EntityKind::Device => self.device(at, base),
            EntityKind::User => {
                let account = self.object(at, Key::UserAccount).unwrap_or(at);
                self.user(account, base, None)?
            }
            EntityKind::File => self.file_evidence(at, base)?,
            EntityKind::Process => self.process(at, base),
            EntityKind::Ip => self.ip(at, base)?,
            EntityKind::Url => {
                let url = self.text(at, Key::Url);
                match url {
                    Some(url) => self.url(url, base)?,
                    None => self.unnamed(kind, base),
                }
            }
            EntityKind::Dns => self.dns(at, base, depth),
            EntityKind::Mailbox => self.mailbox(at, base),
            EntityKind::AnalyzedMessage => self.message(at, base),
            EntityKind::RegistryKey | EntityKind::RegistryValue => self.registry(at, kind, base),
            EntityKind::HostLogonSession | EntityKind::CloudLogonSession => self.session(at, kind, base, depth),
            EntityKind::NetworkConnection => self.connection(at, base, depth),
            EntityKind::Malware => self.malware(at, base, depth),
            EntityKind::CloudApplication => self.cloud_application(at, base),
            _ => self.by_table(at, kind, base, depth),
        })
    }

    /// An evidence item that names nothing: it counts, and is its own entity.
    fn unnamed(&mut self, kind: EntityKind, base: Base) -> u32 {
        let start = self.begin();
        self.finish(start, kind, base)
    }

    fn device(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let mde = self.text(at, Key::MdeDeviceId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let aad = self.text(at, Key::AzureAdDeviceId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let dns = self.text(at, Key::DeviceDnsName).and_then(canon::host);
        let name = self.text(at, Key::HostName).and_then(canon::host);
        let suffix = self.text(at, Key::DnsDomain).and_then(canon::host);
        let workgroup = self.text(at, Key::NtDomain).and_then(canon::token);
        self.id_if(IdType::Mde, mde.as_deref());
        self.id_if(IdType::Aad, aad.as_deref());
        let full = match (&dns, &name, &suffix) {
            (Some(dns), _, _) if dns.contains('.') => Some(dns.to_string()),
            (_, Some(name), _) if name.contains('.') => Some(name.to_string()),
            (_, Some(name), Some(suffix)) => Some(format!("{name}.{suffix}")),
            _ => None,
        };
        self.id_if(IdType::Fqdn, full.as_deref());
        let label =
            full.as_deref().or(name.as_deref()).or(dns.as_deref()).map(|n| n.split('.').next().unwrap_or(n).to_owned());
        if let (Some(label), Some(domain)) = (&label, &workgroup) {
            self.id(IdType::HostDomain, &format!("{domain}\\{label}"));
        }
        self.id_if(IdType::Host, label.as_deref());
        let device = self.finish(start, EntityKind::Device, base);
        let shown = self.text(at, Key::HostName).or_else(|| self.text(at, Key::DeviceDnsName));
        self.name(device, shown);
        let mde = mde.or(aad).map(|id| self.reader.out.put(&id));
        let host = full.as_deref().or(label.as_deref()).map(|name| self.reader.out.put(name));
        let scope = Scope { occurrence: Some(device), mde, host };
        if !self.devices.iter().any(|d| self.same(d.mde, scope.mde) && self.same(d.host, scope.host)) {
            self.devices.push(scope);
        }
        for user in self.reader.items(at, Key::LoggedOnUsers, &path(self.item)) {
            if let Some(user) = self.user(user, base.nested(), Some(scope)) {
                self.relate(user, Relation::LoggedOn, Some(device));
            }
        }
        device
    }

    fn same(&self, a: Option<Span>, b: Option<Span>) -> bool {
        let text = |span: Option<Span>| span.map(|s| self.reader.out.str(s));
        text(a) == text(b)
    }

    /// The device an evidence item says it is on, or the only one of the alert.
    fn scope_of(&mut self, at: At, base: Base) -> Scope {
        let mde = self.text(at, Key::MdeDeviceId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let Some(mde) = mde else { return self.scope };
        let known = self.devices.iter().find(|d| d.mde.is_some_and(|known| self.reader.out.str(known) == mde));
        if let Some(known) = known {
            return *known;
        }
        let start = self.begin();
        self.id(IdType::Mde, &mde);
        let occurrence = self.finish(start, EntityKind::Device, base.nested());
        let scope = Scope { occurrence: Some(occurrence), mde: Some(self.reader.out.put(&mde)), host: None };
        self.devices.push(scope);
        scope
    }

    /// Identifiers of something known by a name relative to a device.
    fn scoped_ids(&mut self, scope: Scope, value: &str) {
        for (id_type, place) in [(IdType::OnDevice, scope.mde), (IdType::OnHost, scope.host)] {
            if let Some(place) = place {
                let value = self.reader.out.put_scoped(place, value);
                self.reader.out.ids.push(Id { id_type, value });
            }
        }
    }

    fn user(&mut self, at: At, base: Base, scope: Option<Scope>) -> Option<u32> {
        let start = self.begin();
        let mut base = base;
        let aad = self.text(at, Key::AzureAdUserId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let sid = self.text(at, Key::UserSid).and_then(canon::sid);
        let upn = self.text(at, Key::UserPrincipalName).and_then(canon::token);
        let name = self.text(at, Key::AccountName).and_then(canon::token);
        let domain = self.text(at, Key::DomainName).and_then(canon::token);
        // `DOMAIN\name` in one member is the same account as name and domain in two.
        let (name, domain) = match (name, domain) {
            (Some(name), domain) => match name.split_once('\\') {
                Some((domain, name)) => (Some(Cow::Owned(name.to_owned())), Some(Cow::Owned(domain.to_owned()))),
                None => (Some(name), domain),
            },
            other => other,
        };
        let common = sid.as_deref().is_some_and(canon::is_common_sid)
            || name.as_deref().is_some_and(|n| canon::is_common_account(n, domain.as_deref().unwrap_or_default()));
        if common {
            base.flags |= flag::COMMON;
        }
        self.id_if(IdType::Aad, aad.as_deref());
        self.id_if(IdType::Sid, sid.as_deref());
        self.id_if(IdType::Upn, upn.as_deref().filter(|u| u.contains('@')));
        if let Some(name) = &name {
            let scope = scope.unwrap_or(self.scope);
            let host = scope.host.map(|host| self.reader.out.str(host));
            let label = host.map(|host| host.split('.').next().unwrap_or(host));
            let local = domain.as_deref().is_none_or(|d| matches!(d, "." | "workgroup") || label == Some(d));
            match (&domain, local) {
                (Some(domain), false) => self.id(IdType::Account, &format!("{domain}\\{name}")),
                _ if common => self.id(IdType::Account, name),
                _ if self.begin() > start => {}
                _ => self.scoped_ids(scope, name),
            }
        }
        if self.begin() == start && name.is_none() && base.flags & flag::NESTED != 0 {
            return None;
        }
        let user = self.finish(start, EntityKind::User, base);
        let mut shown = self.text(at, Key::UserPrincipalName).map(Cow::Borrowed);
        if shown.is_none() {
            let name = self.text(at, Key::AccountName);
            let domain = self.text(at, Key::DomainName);
            shown = match (domain, name) {
                (Some(domain), Some(name)) => Some(Cow::Owned(format!("{domain}\\{name}"))),
                (None, Some(name)) => Some(Cow::Borrowed(name)),
                _ => self.text(at, Key::DisplayName).map(Cow::Borrowed),
            };
        }
        self.name(user, shown.as_deref());
        Some(user)
    }

    fn file_evidence(&mut self, at: At, base: Base) -> Option<u32> {
        let scope = self.scope_of(at, base);
        let file = match self.object(at, Key::FileDetails) {
            Some(details) => self.file(details, base, scope),
            None if self.text(at, Key::Value).is_some() => self.hash_evidence(at, base),
            None => self.file(at, base, scope),
        };
        let file = file.unwrap_or_else(|| self.unnamed(EntityKind::File, base));
        self.relate(file, Relation::On, scope.occurrence);
        Some(file)
    }

    /// A `fileHashEvidence`: a file known by content only.
    fn hash_evidence(&mut self, at: At, base: Base) -> Option<u32> {
        let start = self.begin();
        let value = self.text(at, Key::Value)?;
        for (hex, id_type) in [(64, IdType::Sha256), (40, IdType::Sha1), (32, IdType::Md5)] {
            self.id_if(id_type, canon::hash(value, hex));
        }
        Some(self.finish(start, EntityKind::File, base))
    }

    fn file(&mut self, at: At, base: Base, scope: Scope) -> Option<u32> {
        let start = self.begin();
        let mut base = base;
        for (key, hex, id_type) in
            [(Key::Sha256, 64, IdType::Sha256), (Key::Sha1, 40, IdType::Sha1), (Key::Md5, 32, IdType::Md5)]
        {
            let hash = self.text(at, key).and_then(|t| canon::hash(t, hex));
            self.id_if(id_type, hash);
        }
        let folder = self.text(at, Key::FilePath).unwrap_or_default();
        let name = self.text(at, Key::FileName).unwrap_or_default();
        if let Some(path) = canon::path(folder, name) {
            if canon::is_common_program(&path) {
                base.flags |= flag::COMMON;
            }
            // A bare name is no place.
            if path.contains(['\\', '/']) {
                // A file known by content needs its place only to meet those who know no more than that.
                let hashed = self.begin() > start;
                let scope = if hashed && scope.mde.is_some() { Scope { host: None, ..scope } } else { scope };
                self.scoped_ids(scope, &path);
            }
        } else if self.begin() == start {
            return None;
        }
        let file = self.finish(start, EntityKind::File, base);
        self.name(file, Some(name).filter(|n| !n.is_empty()));
        Some(file)
    }

    fn process(&mut self, at: At, base: Base) -> u32 {
        let scope = self.scope_of(at, base);
        let where_ = path(self.item);
        let pid = self.reader.int(at, Key::ProcessId, &where_);
        let created = self.reader.time(at, Key::ProcessCreationDateTime, &where_);
        let process = self.process_ids(pid, created, base, scope);
        self.relate(process, Relation::On, scope.occurrence);
        self.name_process(process, at, Key::ImageFile, pid);
        if let Some(image) = self.object(at, Key::ImageFile) {
            let image = self.file(image, base.nested(), scope);
            self.relate(process, Relation::Image, image);
            if let Some(image) = image {
                self.relate(image, Relation::On, scope.occurrence);
            }
        }
        if let Some(account) = self.object(at, Key::UserAccount) {
            let user = self.user(account, base.nested(), Some(scope));
            self.relate(process, Relation::RunsAs, user);
        }
        let parent_pid = self.reader.int(at, Key::ParentProcessId, &where_);
        let parent_created = self.reader.time(at, Key::ParentProcessCreationDateTime, &where_);
        let parent_image = self.object(at, Key::ParentProcessImageFile);
        if parent_pid.is_some() || parent_image.is_some() {
            let parent = self.process_ids(parent_pid, parent_created, base.nested(), scope);
            self.name_process(parent, at, Key::ParentProcessImageFile, parent_pid);
            self.relate(process, Relation::Parent, Some(parent));
            self.relate(parent, Relation::On, scope.occurrence);
            if let Some(image) = parent_image {
                let image = self.file(image, base.nested(), scope);
                self.relate(parent, Relation::Image, image);
            }
        }
        process
    }

    fn name_process(&mut self, process: u32, at: At, image: Key, pid: Option<i64>) {
        if !self.reader.out.wants_names {
            return;
        }
        let image = self.object(at, image).and_then(|image| self.text(image, Key::FileName));
        let shown = match (image, pid) {
            (Some(image), Some(pid)) => format!("{image} ({pid})"),
            (Some(image), None) => image.to_owned(),
            (None, Some(pid)) => format!("process {pid}"),
            (None, None) => return,
        };
        self.name(process, Some(&shown));
    }

    /// Process ids are reused: one counts only with the time of creation and the device.
    fn process_ids(&mut self, pid: Option<i64>, created: Option<i64>, base: Base, scope: Scope) -> u32 {
        let start = self.begin();
        if let (Some(pid), Some(created)) = (pid, created) {
            self.scoped_ids(scope, &format!("{pid}|{created}"));
        }
        if let (true, Some(pid)) = (self.begin() == start, pid) {
            let alert = self.reader.out.str(self.reader.out.alert.id).to_owned();
            self.id(IdType::InAlert, &format!("{alert}#pid{pid}|{}", created.unwrap_or(0)));
        }
        self.finish(start, EntityKind::Process, base)
    }

    fn ip(&mut self, at: At, base: Base) -> Option<u32> {
        let text = self.text(at, Key::IpAddress);
        match text {
            Some(text) => self.address(text, base),
            None => Some(self.unnamed(EntityKind::Ip, base)),
        }
    }

    fn address(&mut self, text: &str, base: Base) -> Option<u32> {
        let start = self.begin();
        let mut base = base;
        match canon::address(text) {
            Some(ip) => {
                if canon::is_common_address(ip) {
                    base.flags |= flag::COMMON;
                }
                self.id(IdType::Address, &ip.to_string());
            }
            None => self.id_if(IdType::Address, canon::token(text)),
        }
        (self.begin() > start || base.flags & flag::NESTED == 0).then(|| self.finish(start, EntityKind::Ip, base))
    }

    fn url(&mut self, text: &str, base: Base) -> Option<u32> {
        let start = self.begin();
        let (canonical, host) = canon::url(text)?;
        self.id(IdType::Url, &canonical);
        let url = self.finish(start, EntityKind::Url, base);
        if let Some(host) = host {
            let part = match canon::address(&host) {
                Some(_) => self.address(&host, base.nested()),
                None => self.domain(&host, base.nested()),
            };
            self.relate(url, Relation::Domain, part);
        }
        Some(url)
    }

    fn domain(&mut self, name: &str, base: Base) -> Option<u32> {
        let start = self.begin();
        self.id_if(IdType::Domain, canon::host(name));
        (self.begin() > start).then(|| self.finish(start, EntityKind::Dns, base))
    }

    fn dns(&mut self, at: At, base: Base, depth: u8) -> u32 {
        let name = self.text(at, Key::DomainName);
        let domain = name.and_then(|name| self.domain(name, base));
        let domain = domain.unwrap_or_else(|| self.unnamed(EntityKind::Dns, base));
        let mut addresses: Vec<At> = self.reader.items(at, Key::IpAddresses, &path(self.item)).collect();
        addresses.extend(self.object(at, Key::HostIpAddress));
        for address in addresses {
            let ip = self.entity(address, EntityKind::Ip, base.nested(), depth + 1);
            self.relate(domain, Relation::ResolvesTo, ip);
        }
        domain
    }

    fn mailbox(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let primary = self.text(at, Key::PrimaryAddress).and_then(canon::token);
        let upn = self.text(at, Key::Upn).and_then(canon::token);
        self.id_if(IdType::Upn, upn.as_deref());
        self.id_if(IdType::Email, primary.as_deref());
        let mailbox = self.finish(start, EntityKind::Mailbox, base);
        let shown = self.text(at, Key::PrimaryAddress).or_else(|| self.text(at, Key::Upn));
        self.name(mailbox, shown);
        let owner = self.object(at, Key::UserAccount).and_then(|account| self.user(account, base.nested(), None));
        let owner = owner.or_else(|| upn.filter(|u| u.contains('@')).map(|upn| self.upn(&upn, base.nested())));
        self.relate(mailbox, Relation::Owner, owner);
        mailbox
    }

    fn upn(&mut self, upn: &str, base: Base) -> u32 {
        let start = self.begin();
        self.id(IdType::Upn, upn);
        self.finish(start, EntityKind::User, base)
    }

    fn email(&mut self, kind: EntityKind, address: &str, base: Base) -> Option<u32> {
        let start = self.begin();
        self.id_if(IdType::Email, canon::token(&canon::refang(address)).map(Cow::into_owned));
        (self.begin() > start).then(|| self.finish(start, kind, base))
    }

    fn message(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let network = self.text(at, Key::NetworkMessageId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let recipient = self.text(at, Key::RecipientEmailAddress).and_then(canon::token);
        let internet = self.text(at, Key::InternetMessageId);
        if let Some(network) = &network {
            // One mail in two mailboxes is two messages.
            self.id(IdType::NetworkMessage, &format!("{network}|{}", recipient.as_deref().unwrap_or_default()));
        }
        self.id_if(IdType::InternetMessage, internet);
        let urn = self.text(at, Key::Urn).filter(|_| network.is_none());
        self.id_if(IdType::Urn, urn);
        let message = self.finish(start, EntityKind::AnalyzedMessage, base);
        let shown = self.text(at, Key::Subject);
        self.name(message, shown);
        for key in [Key::P2Sender, Key::P1Sender] {
            let sender = self.object(at, key).and_then(|s| self.text(s, Key::EmailAddress));
            let sender = sender.and_then(|s| self.email(EntityKind::EmailSender, s, base.nested()));
            self.relate(message, Relation::Sender, sender);
        }
        let mailbox = recipient.and_then(|r| self.email(EntityKind::Mailbox, &r, base.nested()));
        self.relate(message, Relation::Recipient, mailbox);
        let sender_ip = self.text(at, Key::SenderIp).and_then(|ip| self.address(ip, base.nested()));
        self.relate(message, Relation::Address, sender_ip);
        let urls: Vec<&str> = self.reader.texts(at, Key::Urls, &path(self.item)).collect();
        let most = self.limits.urls_per_message as usize;
        if urls.len() > most {
            let message = format!("{} URLs in one message, `limits.urlsPerMessage` reads the first {most}", urls.len());
            self.limit(".urls", message);
        }
        for url in urls.into_iter().take(most) {
            let url = self.url(url, base.nested());
            self.relate(message, Relation::Contains, url);
        }
        message
    }

    fn registry(&mut self, at: At, kind: EntityKind, base: Base) -> u32 {
        let scope = self.scope_of(at, base);
        let start = self.begin();
        let hive = self.text(at, Key::RegistryHive).map(hive_name).unwrap_or_default();
        let key = self.text(at, Key::RegistryKey).unwrap_or_default().trim_matches('\\').to_lowercase();
        if !key.is_empty() {
            let name = if kind == EntityKind::RegistryValue { self.text(at, Key::RegistryValueName) } else { None };
            let full = match name {
                Some(name) => format!("{hive}\\{key}\\\\{}", name.to_lowercase()),
                None => format!("{hive}\\{key}"),
            };
            self.scoped_ids(scope, &full);
        }
        let entry = self.finish(start, kind, base);
        if self.reader.out.wants_names {
            let parts = [Key::RegistryHive, Key::RegistryKey, Key::RegistryValueName]
                .map(|key| self.text(at, key).unwrap_or_default());
            let shown: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            self.name(entry, Some(shown.join("\\").as_str()).filter(|s| !s.is_empty()));
        }
        self.relate(entry, Relation::On, scope.occurrence);
        entry
    }

    fn session(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> u32 {
        let host =
            self.object(at, Key::Host).and_then(|host| self.entity(host, EntityKind::Device, base.nested(), depth + 1));
        let scope = match host {
            Some(host) => self.devices.iter().find(|d| d.occurrence == Some(host)).copied().unwrap_or_default(),
            None => self.scope,
        };
        let start = self.begin();
        if let Some(session) = self.text(at, Key::SessionId).and_then(canon::token) {
            if kind == EntityKind::CloudLogonSession {
                self.id(IdType::Session, &session);
            } else if !matches!(&*session, "0x3e7" | "0x3e4" | "0x3e5" | "999" | "996" | "997") {
                // The well-known sessions of SYSTEM and the service accounts exist on every machine.
                self.scoped_ids(scope, &session);
            }
        }
        let session = self.finish(start, kind, base);
        let account = self.object(at, Key::Account);
        let account = account.and_then(|a| {
            let inner = self.object(a, Key::UserAccount).unwrap_or(a);
            self.user(inner, base.nested(), Some(scope))
        });
        self.relate(session, Relation::SessionOf, account);
        if kind == EntityKind::HostLogonSession {
            self.relate(session, Relation::On, scope.occurrence);
        }
        session
    }

    fn connection(&mut self, at: At, base: Base, depth: u8) -> u32 {
        let mut ends = [None, None];
        let mut addresses = [None, None];
        let keys = [Key::SourceAddress, Key::DestinationAddress];
        for ((key, end), address) in keys.into_iter().zip(&mut ends).zip(&mut addresses) {
            if let Some(object) = self.object(at, key) {
                *address = self.text(object, Key::IpAddress).and_then(canon::address);
                *end = self.entity(object, EntityKind::Ip, base.nested(), depth + 1);
            }
        }
        let where_ = path(self.item);
        let source_port = self.reader.int(at, Key::SourcePort, &where_);
        let destination_port = self.reader.int(at, Key::DestinationPort, &where_);
        let protocol = self.text(at, Key::Protocol).unwrap_or_default().to_ascii_lowercase();
        let start = self.begin();
        if let [Some(source), Some(destination)] = addresses {
            let port = |p: Option<i64>| p.map(|p| p.to_string()).unwrap_or_default();
            let value = format!("{protocol}|{source}|{}|{destination}|{}", port(source_port), port(destination_port));
            self.id(IdType::Id, &value);
        }
        let connection = self.finish(start, EntityKind::NetworkConnection, base);
        for end in ends {
            self.relate(connection, Relation::Address, end);
        }
        connection
    }

    fn malware(&mut self, at: At, base: Base, depth: u8) -> u32 {
        let start = self.begin();
        let name = self.text(at, Key::Name).and_then(canon::token);
        self.id_if(IdType::Name, name);
        let malware = self.finish(start, EntityKind::Malware, base);
        let shown = self.text(at, Key::Name);
        self.name(malware, shown);
        for (key, kind) in [(Key::Files, EntityKind::File), (Key::Processes, EntityKind::Process)] {
            for part in self.reader.items(at, key, &path(self.item)) {
                if self.reader.is_object(part) {
                    let part = self.entity(part, kind, base.nested(), depth + 1);
                    self.relate(malware, Relation::Instance, part);
                }
            }
        }
        malware
    }

    fn cloud_application(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let app = self.id_text(at, Key::AppId).or_else(|| self.id_text(at, Key::SaasAppId));
        let instance = self.id_text(at, Key::InstanceId);
        if let Some(app) = app {
            self.id(IdType::AppId, &format!("{app}|{}", instance.as_deref().unwrap_or_default()));
        } else {
            let name = self.text(at, Key::DisplayName).and_then(canon::token);
            self.id_if(IdType::Name, name);
        }
        let application = self.finish(start, EntityKind::CloudApplication, base);
        let shown = self.text(at, Key::DisplayName);
        self.name(application, shown);
        application
    }

    /// The kinds whose identifiers are plain members; parts lead to the whole they belong to.
    fn by_table(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> u32 {
        let (ids, parts) = table(kind);
        let mut wholes: Vec<u32> = Vec::new();
        let mut context = String::new();
        for (key, part_kind) in parts {
            if let Some(part) = self.object(at, *key)
                && let Some(whole) = self.entity(part, *part_kind, base.nested(), depth + 1)
            {
                {
                    // A name inside a namespace inside a cluster is only unique there.
                    let first = self.reader.out.occurrences.get(whole as usize).map(|o| o.ids.0);
                    if let Some(id) = first.and_then(|f| self.reader.out.ids.get(f as usize).copied()) {
                        context.push_str(self.reader.out.str(id.value));
                        context.push('/');
                    }
                    wholes.push(whole);
                }
            }
        }
        let start = self.begin();
        for (id_type, key) in ids {
            if let Some(value) = self.id_text(at, *key)
                && let Some(value) = canon::token(&value)
            {
                {
                    match id_type {
                        IdType::Name => self.id(IdType::Name, &format!("{context}{value}")),
                        IdType::Sid => self.id(IdType::Sid, &value.to_ascii_uppercase()),
                        _ => self.id(*id_type, &value),
                    }
                }
            }
        }
        let entity = self.finish(start, kind, base);
        if self.reader.out.wants_names {
            let keys = [
                Key::DisplayName,
                Key::Name,
                Key::ResourceName,
                Key::ServicePrincipalName,
                Key::AgentName,
                Key::Subject,
            ];
            let shown = keys.into_iter().find_map(|key| self.text(at, key));
            self.name(entity, shown);
        }
        for whole in wholes {
            self.relate(entity, Relation::PartOf, Some(whole));
        }
        entity
    }
}

type Ids = &'static [(IdType, Key)];
type Parts = &'static [(Key, EntityKind)];

/// Identifiers, strongest first, and the evidence inside that the entity is a part of.
fn table(kind: EntityKind) -> (Ids, Parts) {
    use EntityKind as K;
    match kind {
        K::SecurityGroup => {
            (&[(IdType::Sid, Key::Sid), (IdType::Id, Key::SecurityGroupId), (IdType::Name, Key::DisplayName)], &[])
        }
        K::ActiveDirectoryDomain => (&[(IdType::Domain, Key::ActiveDirectoryDomainName)], &[]),
        K::ServicePrincipal => (
            &[
                (IdType::ObjectId, Key::ServicePrincipalObjectId),
                (IdType::AppId, Key::AppId),
                (IdType::Name, Key::ServicePrincipalName),
            ],
            &[],
        ),
        K::CloudLogonRequest => (&[(IdType::Id, Key::RequestId)], &[]),
        K::Nic => (&[(IdType::Mac, Key::MacAddress)], &[(Key::IpAddress, K::Ip)]),
        K::MailCluster => (&[(IdType::Urn, Key::Urn), (IdType::Query, Key::Query)], &[]),
        K::SubmissionMail => (&[(IdType::NetworkMessage, Key::NetworkMessageId), (IdType::Id, Key::SubmissionId)], &[]),
        K::MailboxConfiguration => (&[(IdType::Id, Key::ConfigurationId)], &[]),
        K::TeamsMessage => (&[(IdType::Id, Key::MessageId), (IdType::Session, Key::ThreadId)], &[]),
        K::OauthApplication => {
            (&[(IdType::ObjectId, Key::ObjectId), (IdType::AppId, Key::AppId), (IdType::Name, Key::DisplayName)], &[])
        }
        K::AiAgent => (&[(IdType::Id, Key::AgentId), (IdType::Name, Key::AgentName)], &[]),
        K::AzureResource => (&[(IdType::Id, Key::ResourceId), (IdType::Name, Key::ResourceName)], &[]),
        K::AmazonResource => (&[(IdType::Id, Key::AmazonResourceId), (IdType::Name, Key::ResourceName)], &[]),
        K::GoogleCloudResource => (&[(IdType::Id, Key::FullResourceName), (IdType::Name, Key::ResourceName)], &[]),
        K::BlobContainer => {
            (&[(IdType::Url, Key::Url), (IdType::Name, Key::Name)], &[(Key::StorageResource, K::AzureResource)])
        }
        K::Blob => (&[(IdType::Url, Key::Url), (IdType::Name, Key::Name)], &[(Key::BlobContainer, K::BlobContainer)]),
        K::SasToken => (&[(IdType::Id, Key::SignatureHash)], &[(Key::StorageResource, K::AzureResource)]),
        K::Container => (
            &[(IdType::Id, Key::ContainerId), (IdType::Name, Key::Name)],
            &[(Key::Pod, K::KubernetesPod), (Key::Image, K::ContainerImage)],
        ),
        K::ContainerImage => (
            &[(IdType::Id, Key::ImageId)],
            &[(Key::Registry, K::ContainerRegistry), (Key::DigestImage, K::ContainerImage)],
        ),
        K::ContainerRegistry => (&[(IdType::Name, Key::Registry)], &[]),
        K::KubernetesCluster => (&[(IdType::Name, Key::Name)], &[(Key::CloudResource, K::AzureResource)]),
        K::KubernetesNamespace => (&[(IdType::Name, Key::Name)], &[(Key::Cluster, K::KubernetesCluster)]),
        K::KubernetesPod => (&[(IdType::Name, Key::Name)], &[(Key::Namespace, K::KubernetesNamespace)]),
        K::KubernetesController | K::KubernetesSecret | K::KubernetesService | K::KubernetesServiceAccount => {
            (&[(IdType::Name, Key::Name)], &[(Key::Namespace, K::KubernetesNamespace)])
        }
        K::GitHubOrganization => (&[(IdType::Id, Key::OrgId), (IdType::Name, Key::Login)], &[]),
        K::GitHubRepo => (&[(IdType::Id, Key::RepoId), (IdType::Name, Key::BaseUrl)], &[]),
        K::GitHubUser => (&[(IdType::Id, Key::UserId), (IdType::Name, Key::Login)], &[]),
        K::IotDevice => (
            &[(IdType::Id, Key::DeviceId), (IdType::ObjectId, Key::SerialNumber), (IdType::Mac, Key::MacAddress)],
            &[(Key::IpAddress, K::Ip)],
        ),
        _ => (&[(IdType::Id, Key::Id), (IdType::Name, Key::Name)], &[]),
    }
}

fn hive_name(hive: &str) -> String {
    match hive.to_ascii_uppercase().as_str() {
        "HKLM" | "HKEY_LOCAL_MACHINE" | "LOCALMACHINE" => "hklm".to_owned(),
        "HKCU" | "HKEY_CURRENT_USER" | "CURRENTUSER" => "hkcu".to_owned(),
        "HKU" | "HKEY_USERS" | "USERS" => "hku".to_owned(),
        "HKCR" | "HKEY_CLASSES_ROOT" | "CLASSESROOT" => "hkcr".to_owned(),
        "HKCC" | "HKEY_CURRENT_CONFIG" | "CURRENTCONFIG" => "hkcc".to_owned(),
        other => other.to_lowercase(),
    }
}

fn is_null_guid(text: &str) -> bool {
    text.bytes().all(|b| b == b'0' || b == b'-')
}
