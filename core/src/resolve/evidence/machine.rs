//! Devices, the accounts on them and their logon sessions; and the scope that a device gives to
//! names that are only unique on it.

use std::borrow::Cow;

use crate::ingest::tape::{At, Key};
use crate::resolve::canon;
use crate::resolve::extract::{Id, Said, Span, flag};
use crate::resolve::kind::{EntityKind, IdType};
use crate::resolve::read::Base;
use crate::resolve::relation::Relation;

use super::{Evidence, is_null_guid, path};

/// The device that relative names of an alert are relative to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope {
    pub(super) occurrence: Option<u32>,
    pub(super) mde: Option<Span>,
    pub(super) host: Option<Span>,
}

impl Evidence<'_, '_, '_> {
    pub(super) fn device(&mut self, at: At, base: Base) -> u32 {
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
        let group = self.text(at, Key::RbacGroupName).map(str::to_lowercase);
        let group = group.or_else(|| self.id_text(at, Key::RbacGroupId).map(|id| format!("#{id}")));
        let value = self.text(at, Key::DeviceValue).map(str::to_owned);
        for (what, text) in [(Said::Group, group), (Said::Value, value)] {
            if let Some(text) = text {
                let text = self.reader.out.put(&text);
                self.reader.out.said.push((device, what, text));
            }
        }
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

    /// The device an evidence item says it is on, or the only one of the alert. Our own alerts name the host
    /// where there are several.
    pub(super) fn scope_of(&mut self, at: At, base: Base) -> Scope {
        let mde = self.text(at, Key::MdeDeviceId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let Some(mde) = mde else {
            let host = self.text(at, Key::OnHost).and_then(canon::host);
            let label = |span: Span| self.reader.out.str(span).split('.').next();
            let named = host.and_then(|host| {
                self.devices.iter().find(|d| d.host.is_some_and(|known| label(known) == Some(&*host)))
            });
            return named.copied().unwrap_or(self.scope);
        };
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
    pub(super) fn scoped_ids(&mut self, scope: Scope, value: &str) {
        for (id_type, place) in [(IdType::OnDevice, scope.mde), (IdType::OnHost, scope.host)] {
            if let Some(place) = place {
                let value = self.reader.out.put_scoped(place, value);
                self.reader.out.ids.push(Id { id_type, value });
            }
        }
    }

    pub(super) fn user(&mut self, at: At, base: Base, scope: Option<Scope>) -> Option<u32> {
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

    pub(super) fn session(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> u32 {
        let host =
            self.object(at, Key::Host).and_then(|host| self.entity(host, EntityKind::Device, base.nested(), depth + 1));
        let scope = match host {
            Some(host) => self.devices.iter().find(|d| d.occurrence == Some(host)).copied().unwrap_or_default(),
            None => self.scope_of(at, base),
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
}
