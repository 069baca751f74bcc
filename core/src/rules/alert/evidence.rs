//! Evidence in Graph's form, from the fields that the tables name.

use serde_json::{Value, json};

use super::fields::{RunIds, View, address, second};
use super::parts::{NAME_BYTES, account_of, file_details, is_common, is_kind, program, put, split_hive, wrap};
use super::tables::{self, Account, Process, Run};
use super::{cloud, host};
use crate::ingest::convert::{Object, evidence, integer, unknown_evidence};
use crate::model::EvidenceRole;
use crate::resolve::canon;

/// Evidence items of one alert; an event with more is one that was made to be long.
const ITEMS: usize = 64;
/// Answers of one question that become addresses.
const ANSWERS: usize = 32;

pub(super) struct Out<'v, 'r> {
    pub(super) view: &'v View<'r>,
    roles: &'v [(&'v str, &'v str)],
    /// What the rule asks about.
    asked: &'v [&'v str],
    /// By what others name the process that did what the event tells.
    by: Option<String>,
    host: Option<String>,
    items: Vec<Value>,
    /// Items over [`ITEMS`].
    more: u64,
}

/// All evidence of an event, the device first, and how many items it would hold beyond its limit.
pub(super) fn of(view: &View<'_>, roles: &[(&str, &str)], asked: &[&str]) -> (Vec<Value>, u64) {
    let mut out = Out { view, roles, asked, by: None, host: host(view.record()), items: Vec::new(), more: 0 };
    out.device();
    tables::PROCESSES.iter().for_each(|row| out.process(row));
    tables::FILES.iter().for_each(|(field, role)| out.file(field, *role));
    out.service_programs();
    out.registry();
    out.connection();
    tables::DOMAINS.iter().for_each(|field| out.domain(field));
    tables::URLS.iter().for_each(|field| out.url(field));
    tables::ACCOUNTS.iter().for_each(|row| out.account(row));
    tables::ADDRESSES.iter().for_each(|(field, role)| out.address(field, *role));
    out.simple();
    out.others();
    cloud::add(&mut out);
    (out.items, out.more)
}

impl Out<'_, '_> {
    /// Adds an item; `field` is what it is made from, whose role the rule may say.
    pub(super) fn push(&mut self, field: &str, role: Option<&str>, mut item: Object) {
        let said = self.roles.iter().find(|(of, _)| of.eq_ignore_ascii_case(field)).map(|(_, role)| *role);
        let known = |role: &&str| EvidenceRole::ALL.iter().any(|known| known.as_str() == *role);
        if let Some(role) = said.filter(known).or(role) {
            item.insert("roles".to_owned(), json!([role]));
        }
        let item = Value::Object(item);
        if self.items.contains(&item) {
            return;
        }
        if self.items.len() < ITEMS { self.items.push(item) } else { self.more += 1 }
    }

    /// Adds an item that the process of the event made, or spoke to.
    fn push_of_process(&mut self, field: &str, role: Option<&str>, mut item: Object) {
        put(&mut item, "casegraph.by", self.by.clone());
        self.push(field, role, item);
    }

    pub(super) fn name(&self, fields: &[&str]) -> Option<String> {
        self.view.value(fields).filter(|name| name.len() <= NAME_BYTES)
    }

    fn device(&mut self) {
        let Some((field, name)) = self.view.first(tables::DEVICE_NAME) else { return };
        if name.len() > NAME_BYTES {
            return;
        }
        let mut item = evidence("device");
        let ip = name.parse::<std::net::IpAddr>().is_ok();
        match name.split_once('.').filter(|_| !ip) {
            Some((label, domain)) => {
                item.insert("hostName".to_owned(), label.into());
                item.insert("dnsDomain".to_owned(), domain.into());
                item.insert("deviceDnsName".to_owned(), name.as_str().into());
            }
            None => _ = item.insert("hostName".to_owned(), name.as_str().into()),
        }
        let more = [
            ("mdeDeviceId", tables::DEVICE_MDE),
            ("ntDomain", tables::DEVICE_DOMAIN),
            ("osPlatform", tables::DEVICE_OS),
        ];
        for (member, fields) in more {
            put(&mut item, member, self.name(fields));
        }
        self.push(field, None, item);
    }

    fn process(&mut self, row: &Process) {
        let ids = self.view.run(&row.own);
        let image = self.image(&row.own);
        // A shape may have given the initiating process the names of rules; it has a row of its own.
        let path = |fields: &[&str]| self.view.value(fields).map(|path| path.to_lowercase());
        let initiating = path(&["InitiatingProcessFolderPath"]);
        if row.initiating().is_none() && initiating.is_some() && path(row.own.image) == initiating {
            let pid = self.view.number(&["InitiatingProcessId"], i64::from(u32::MAX));
            if ids.pid.is_none() || ids.pid == pid {
                return;
            }
        }
        let begins = ids.start.or(ids.begun);
        if ids.guid.is_none() && ids.pid.is_none() || image.is_none() && ids.guid.is_none() && begins.is_none() {
            if let Some((field, Some(image))) = image {
                // A program without a run of its own is a file.
                self.push(field, None, wrap("file", "fileDetails", image));
            }
            return;
        }
        let mut item = evidence("process");
        let field = image.as_ref().map_or("ProcessId", |(field, _)| *field);
        put(&mut item, "processId", ids.pid);
        put(&mut item, "processCreationDateTime", begins.and_then(second));
        put(&mut item, "casegraph.begun", ids.begun.and_then(second));
        put(&mut item, "casegraph.run", self.run_of(&ids, image.as_ref()));
        put(&mut item, "processCommandLine", self.view.value(row.own.command));
        put(&mut item, "casegraph.processGuid", ids.guid);
        if let Some((_, Some(mut image))) = image {
            let prefix = if row.own.image.first() == Some(&"Image") { Some("") } else { row.initiating() };
            if let Some(prefix) = prefix {
                self.add_hashes(&mut image, prefix, field);
            }
            item.insert("imageFile".to_owned(), Value::Object(image));
        }
        if let Some(account) = self.user_of(&row.own) {
            item.insert("userAccount".to_owned(), Value::Object(account));
        }
        if let Some(parent) = &row.parent {
            let ids = self.view.run(parent);
            put(&mut item, "casegraph.parentRun", self.run_of(&ids, self.image(parent).as_ref()));
            put(&mut item, "parentProcessId", ids.pid);
            put(&mut item, "parentProcessCreationDateTime", ids.start.and_then(second));
            put(&mut item, "casegraph.parentProcessGuid", ids.guid);
            put(&mut item, "casegraph.parentCommandLine", self.view.value(parent.command));
            if let Some((_, Some(image))) = self.image(parent) {
                item.insert("parentProcessImageFile".to_owned(), Value::Object(image));
            }
        }
        let path = self.view.value(row.own.image);
        let broker = path.as_deref().is_some_and(canon::is_broker);
        if self.by.is_none() && !broker && row.acts {
            let run = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
            self.by = run("casegraph.processGuid").or_else(|| run("casegraph.run"));
        }
        // A service of the system that did what somebody asked for, or that was opened, is a bystander.
        let bystander = broker && !(row.acts && (self.begins() || self.asks(&row.own)));
        self.push(field, Some("contextual").filter(|_| bystander), item);
    }

    /// Does the event tell the start of its process?
    fn begins(&self) -> bool {
        ["NewProcessId", "ParentProcessGuid"].iter().any(|field| self.view.text(field).is_some())
    }

    /// Does the rule ask what this process is or was told?
    fn asks(&self, run: &Run) -> bool {
        let about = |field: &&str| [run.image, run.name, run.command].iter().any(|own| own.contains(field));
        self.asked.iter().any(|field| about(field) || *field == "OriginalFileName")
    }

    /// Number, program and day: what sources of one device that know a process by different means agree on.
    fn run_of(&self, ids: &RunIds, image: Option<&(&'static str, Option<Object>)>) -> Option<String> {
        let details = image?.1.as_ref()?;
        let text = |member: &str| details.get(member).and_then(Value::as_str);
        let path = canon::path(text("filePath")?, text("fileName")?)?;
        Some(format!("{}|{path}|{}", ids.pid?, self.view.day()?))
    }

    /// Whom a program runs as. Security events say the domain and the SID elsewhere.
    fn user_of(&self, run: &Run) -> Option<Object> {
        let name = self.name(run.user)?;
        let mut account = account_of(&name)?;
        if self.name(&["SubjectUserName"]).is_some_and(|subject| subject == name) {
            put(&mut account, "domainName", self.name(&["SubjectDomainName"]));
            put(&mut account, "userSid", self.name(&["SubjectUserSid"]).filter(|sid| canon::sid(sid).is_some()));
        }
        Some(account)
    }

    fn image(&self, run: &Run) -> Option<(&'static str, Option<Object>)> {
        let (field, path) = self.view.first(run.image).or_else(|| self.view.first(run.name))?;
        Some((field, file_details(&path)))
    }

    /// Hashes belong to the file that the event is about, which is the image only when there is no other.
    fn add_hashes(&self, file: &mut Object, prefix: &str, field: &str) {
        let other = tables::HASHED.iter().find(|hashed| self.view.text(hashed).is_some());
        if other.is_some_and(|other| *other != field) && prefix.is_empty() || self.view.text("ClientInfo").is_some() {
            return;
        }
        for (member, name, hex) in [("sha1", "SHA1", 40), ("sha256", "SHA256", 64), ("md5", "MD5", 32)] {
            let value = self.view.text(&format!("{prefix}{name}"));
            let value = value.as_deref().and_then(|v| canon::hash(v, hex)).map(std::borrow::Cow::into_owned);
            put(file, member, value);
        }
        if !prefix.is_empty() {
            return;
        }
        for text in ["Hashes", "Hash"].into_iter().filter_map(|field| self.view.text(field)) {
            for (kind, value) in text.split(',').filter_map(|part| part.split_once('=')) {
                let (member, hex) = match kind.trim().to_ascii_uppercase().as_str() {
                    "SHA1" => ("sha1", 40),
                    "SHA256" => ("sha256", 64),
                    "MD5" => ("md5", 32),
                    _ => continue,
                };
                put(file, member, canon::hash(value.trim(), hex).map(std::borrow::Cow::into_owned));
            }
        }
    }

    fn file(&mut self, field: &str, role: Option<&str>) {
        let Some(mut details) = self.name(&[field]).as_deref().and_then(file_details) else { return };
        self.add_hashes(&mut details, "", field);
        if field == "ImageLoaded" {
            put(&mut details, "filePublisher", self.name(&["Company"]));
            let signed = self.view.text("Signed").is_some_and(|signed| signed.eq_ignore_ascii_case("true"));
            put(&mut details, "signer", self.name(&["Signature"]).filter(|_| signed));
        }
        let item = wrap("file", "fileDetails", details);
        if field == "TargetFilename" { self.push_of_process(field, role, item) } else { self.push(field, role, item) }
    }

    fn service_programs(&mut self) {
        for field in tables::SERVICE_COMMANDS {
            let program = self.view.text(field).and_then(|command| program(&command).map(str::to_owned));
            if let Some(details) = program.as_deref().and_then(file_details) {
                self.push(field, None, wrap("file", "fileDetails", details));
            }
        }
    }

    fn registry(&mut self) {
        let named = self.name(&["ObjectValueName", "RegistryValueName"]);
        let data = self.view.value(&["Details", "NewValue", "RegistryValueData"]);
        let Some((field, path)) = self.view.first(&["TargetObject", "RegistryKey", "ObjectName"]) else { return };
        let Some((hive, key)) = split_hive(&path).filter(|_| path.len() <= NAME_BYTES) else { return };
        let (key, name) = match (named, &data) {
            (Some(name), _) => (key, Some(name)),
            (None, Some(_)) => match key.rsplit_once('\\') {
                Some((key, name)) => (key.to_owned(), Some(name.to_owned())),
                None => (key, None),
            },
            (None, None) => (key, None),
        };
        let mut item = evidence(if name.is_some() { "registryValue" } else { "registryKey" });
        item.insert("registryHive".to_owned(), hive.into());
        item.insert("registryKey".to_owned(), key.into());
        put(&mut item, "registryValueName", name);
        // An object that was opened was not written.
        let written = field != "ObjectName" || data.is_some();
        put(&mut item, "registryValue", data);
        if written { self.push_of_process(field, None, item) } else { self.push(field, None, item) }
    }

    fn connection(&mut self) {
        let end = |fields: &[&'static str]| fields.iter().find_map(|f| Some((*f, address(&self.view.text(f)?)?)));
        let (source, destination) = (end(tables::SOURCE_IP), end(tables::DESTINATION_IP));
        let ip = |ip: std::net::IpAddr| {
            let mut item = evidence("ip");
            item.insert("ipAddress".to_owned(), ip.to_string().into());
            item
        };
        let (Some((_, from)), Some((field, to))) = (source, destination) else {
            for ((field, one), role) in
                source.into_iter().zip(["source"]).chain(destination.into_iter().zip(["destination"]))
            {
                if role == "destination" && !self.incoming() {
                    self.push_of_process(field, Some(role), ip(one));
                } else {
                    self.push(field, Some(role), ip(one));
                }
            }
            return;
        };
        let mut item = evidence("networkConnection");
        item.insert("sourceAddress".to_owned(), Value::Object(ip(from)));
        put(&mut item, "sourcePort", self.view.number(tables::SOURCE_PORT, 65_535));
        item.insert("destinationAddress".to_owned(), Value::Object(ip(to)));
        put(&mut item, "destinationPort", self.view.number(tables::DESTINATION_PORT, 65_535));
        let protocol = match self.view.value(tables::PROTOCOL).unwrap_or_default().to_ascii_lowercase().as_str() {
            "6" | "tcp" => Some("tcp"),
            "17" | "udp" => Some("udp"),
            _ => None,
        };
        put(&mut item, "protocol", protocol);
        put(&mut item, "casegraph.incoming", self.incoming().then_some("true"));
        self.push_of_process(field, None, item);
    }

    /// Was the connection opened by the other end?
    fn incoming(&self) -> bool {
        let is = |field: &str, value: &str| self.view.text(field).is_some_and(|text| text.eq_ignore_ascii_case(value));
        // `%%14592` is the number that the Windows log has for "inbound".
        is("Initiated", "false") || self.view.quoted("Direction", 16).iter().any(|text| text == "%%14592")
    }

    fn domain(&mut self, field: &str) {
        let Some(name) = self.name(&[field]) else { return };
        let host = name.trim_end_matches('.');
        if address(host).is_some() || !host.contains('.') || host.contains([' ', '/', '\\', ':']) || host.len() > 253 {
            return;
        }
        let mut item = evidence("dns");
        item.insert("domainName".to_owned(), host.into());
        if matches!(field, "QueryName" | "query" | "QNAME") {
            let answers = tables::ANSWERS.iter().flat_map(|field| self.view.texts(field));
            let mut addresses: Vec<Value> = Vec::new();
            for ip in answers.flat_map(|text| text.split(';').filter_map(address).collect::<Vec<_>>()).take(ANSWERS) {
                let mut part = evidence("ip");
                part.insert("ipAddress".to_owned(), ip.to_string().into());
                addresses.push(Value::Object(part));
            }
            if !addresses.is_empty() {
                item.insert("ipAddresses".to_owned(), addresses.into());
            }
            self.push_of_process(field, None, item);
            return;
        }
        self.push(field, None, item);
    }

    fn url(&mut self, field: &str) {
        let Some(url) = self.name(&[field]).filter(|url| {
            let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
            url.contains("://") && matches!(scheme.as_str(), "http" | "https" | "ftp" | "ws" | "wss")
        }) else {
            return;
        };
        let mut item = evidence("url");
        item.insert("url".to_owned(), url.into());
        self.push_of_process(field, None, item);
    }

    fn account(&mut self, row: &Account) {
        let field = [row.name, row.upn, row.sid, row.object].into_iter().find_map(|fields| self.view.first(fields));
        let Some((field, _)) = field else { return };
        let mut account = self.name(row.name).and_then(|name| account_of(&name)).unwrap_or_default();
        if !account.contains_key("domainName") && account.contains_key("accountName") {
            put(&mut account, "domainName", self.name(row.domain));
        }
        put(&mut account, "userPrincipalName", self.name(row.upn).filter(|upn| upn.contains('@')));
        put(&mut account, "userSid", self.name(row.sid).filter(|sid| canon::sid(sid).is_some()));
        put(&mut account, "azureAdUserId", self.name(row.object));
        if account.is_empty() || is_common(&account) {
            return;
        }
        // `User` alone of an account that the event names in full elsewhere says nothing new.
        let text = |item: &Value, key: &str| item.get("userAccount")?.get(key)?.as_str().map(str::to_lowercase);
        let name = account.get("accountName").and_then(Value::as_str).map(str::to_lowercase);
        let known = self.items.iter().any(|item| text(item, "accountName") == name && is_kind(item, "user"));
        let bare = account.keys().all(|key| matches!(key.as_str(), "accountName" | "domainName"));
        if !(known && bare && name.is_some()) {
            put(&mut account, "displayName", self.name(row.display));
            self.push(field, None, wrap("user", "userAccount", account.clone()));
        }
        self.session(row, account);
    }

    fn session(&mut self, row: &Account, account: Object) {
        let Some((field, text)) = self.view.first(row.session) else { return };
        let Some(number) = integer(&text).and_then(|n| n.as_u64()) else { return };
        // SYSTEM and the service accounts have the same sessions everywhere.
        if matches!(number, 0 | 0x3e3..=0x3e7) {
            return;
        }
        let id = format!("{number:#x}");
        if self
            .items
            .iter()
            .any(|item| is_kind(item, "hostLogonSession") && item.get("sessionId").is_some_and(|known| *known == *id))
        {
            return;
        }
        let mut item = evidence("hostLogonSession");
        item.insert("sessionId".to_owned(), id.into());
        item.insert("account".to_owned(), Value::Object(wrap("user", "userAccount", account)));
        self.push(field, None, item);
    }

    pub(super) fn address(&mut self, field: &str, role: Option<&str>) {
        for ip in self.view.texts(field).iter().filter_map(|text| address(text)) {
            let mut item = evidence("ip");
            item.insert("ipAddress".to_owned(), ip.to_string().into());
            self.push(field, role, item);
        }
    }

    fn simple(&mut self) {
        for (kind, members) in tables::SIMPLE {
            let Some((first, _)) = members.first().and_then(|(_, fields)| self.view.first(fields)) else { continue };
            let mut item = evidence(kind);
            for (member, fields) in *members {
                put(&mut item, member, self.name(fields));
            }
            self.push(first, None, item);
        }
    }

    fn others(&mut self) {
        for (kind, names, of_device, more) in tables::OTHERS {
            let Some((field, name)) = self.view.first(names) else { continue };
            // `Name` alone is in too many events to be a subscription.
            if name.len() > NAME_BYTES || (field == "Name" && self.view.text("Operation").is_none()) {
                continue;
            }
            let mut item = unknown_evidence(kind);
            let id = match (&self.host, of_device) {
                (Some(host), true) => format!("{host}|{kind}|{name}"),
                (None, true) => String::new(),
                _ => format!("{kind}|{name}"),
            };
            put(&mut item, "id", Some(id.to_lowercase()).filter(|id| !id.is_empty()));
            item.insert("displayName".to_owned(), name.into());
            for field in *more {
                let mut chars = field.chars();
                let first = chars.next().map(|c| c.to_ascii_lowercase());
                let member: String = first.into_iter().chain(chars).collect();
                put(&mut item, &member, self.view.text(field));
            }
            // What was opened, read or asked for belongs to whom it was done to.
            let opened = match *kind {
                "namedPipe" => self.view.text("EventID").is_none_or(|id| id != "17"),
                "networkShare" | "directoryObject" => true,
                _ => false,
            };
            self.push(field, Some("contextual").filter(|_| opened), item);
        }
    }
}

impl Process {
    /// Defender names the hashes of the process that did something after it.
    fn initiating(&self) -> Option<&'static str> {
        self.own.image.first().filter(|field| **field == "InitiatingProcessFolderPath").map(|_| "InitiatingProcess")
    }
}
