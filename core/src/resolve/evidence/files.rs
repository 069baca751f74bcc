//! What is found on a device: files, processes, registry entries, and malware as a whole of them.

use crate::ingest::tape::{At, Key};
use crate::resolve::canon;
use crate::resolve::extract::{Id, flag};
use crate::resolve::kind::{EntityKind, IdType};
use crate::resolve::read::Base;
use crate::resolve::relation::Relation;

use super::machine::Scope;
use super::{Evidence, path};

/// By what a source knows a process.
struct Known<'k> {
    guid: Option<&'k str>,
    pid: Option<i64>,
    created: Option<i64>,
    begun: Option<i64>,
    run: Option<&'k str>,
}

impl Evidence<'_, '_, '_> {
    pub(super) fn file_evidence(&mut self, at: At, base: Base) -> Option<u32> {
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

    pub(super) fn file(&mut self, at: At, base: Base, scope: Scope) -> Option<u32> {
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

    pub(super) fn process(&mut self, at: At, base: Base) -> u32 {
        let scope = self.scope_of(at, base);
        let where_ = path(self.item);
        let pid = self.reader.int(at, Key::ProcessId, &where_);
        let created = self.reader.time(at, Key::ProcessCreationDateTime, &where_);
        let begun = self.reader.time(at, Key::Begun, &where_);
        let known = Known {
            guid: self.text(at, Key::ProcessGuid),
            pid,
            // What the clock of a collector says is shown as the time of creation, and no more than that.
            created: created.filter(|_| begun.is_none()),
            begun,
            run: self.text(at, Key::Run),
        };
        let process = self.process_ids(&known, base, scope);
        self.runs.extend(known.guid.or(known.run).map(|key| (key, scope.occurrence, process)));
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
        if parent_pid.is_some() || parent_image.is_some() || self.text(at, Key::ParentProcessGuid).is_some() {
            let known = Known {
                guid: self.text(at, Key::ParentProcessGuid),
                pid: parent_pid,
                created: parent_created,
                begun: None,
                run: self.text(at, Key::ParentRun),
            };
            let mut nested = base.nested();
            if parent_image.is_some_and(|image| self.is_broker(image)) {
                // It starts what anybody asks it to start; what it does itself is an alert about it.
                nested.flags |= flag::COMMON;
            }
            let parent = self.process_ids(&known, nested, scope);
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

    /// Is the file one of the system's own services, by its place, or by its name where the source tells no place?
    fn is_broker(&mut self, image: At) -> bool {
        let folder = self.text(image, Key::FilePath).unwrap_or_default();
        let name = self.text(image, Key::FileName).unwrap_or_default();
        canon::path(folder, name).is_some_and(|path| canon::is_broker(&path))
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

    /// Process ids are reused: one counts only with the time of creation and the device, or, in alerts of ours,
    /// with the program and the day. The GUID that Sysmon gives a process is good on its device.
    fn process_ids(&mut self, known: &Known<'_>, base: Base, scope: Scope) -> u32 {
        let start = self.begin();
        let place = scope.host.or(scope.mde);
        let scoped = |this: &mut Self, id_type: IdType, value: &str| {
            if let Some(place) = place {
                let value = this.reader.out.put_scoped(place, value);
                this.reader.out.ids.push(Id { id_type, value });
            }
        };
        if let Some(guid) = known.guid.and_then(canon::token) {
            scoped(self, IdType::Guid, &guid);
        }
        if let (Some(pid), Some(created)) = (known.pid, known.created) {
            self.scoped_ids(scope, &format!("{pid}|{created}"));
        }
        if let (Some(pid), Some(begun)) = (known.pid, known.begun) {
            scoped(self, IdType::Begun, &format!("{pid}|{begun}"));
        }
        if let Some(run) = known.run {
            scoped(self, IdType::Run, &run.to_lowercase());
        }
        if let (true, Some(pid)) = (self.begin() == start, known.pid) {
            let alert = self.reader.out.str(self.reader.out.alert.id).to_owned();
            self.id(IdType::InAlert, &format!("{alert}#pid{pid}|{}", known.created.unwrap_or(0)));
        }
        self.finish(start, EntityKind::Process, base)
    }

    pub(super) fn registry(&mut self, at: At, kind: EntityKind, base: Base) -> u32 {
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

    pub(super) fn malware(&mut self, at: At, base: Base, depth: u8) -> u32 {
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
