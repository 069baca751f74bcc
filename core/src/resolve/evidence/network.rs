//! Addresses, URLs, domains, and the connections between addresses.

use crate::ingest::tape::{At, Key};
use crate::resolve::canon;
use crate::resolve::extract::flag;
use crate::resolve::kind::{EntityKind, IdType};
use crate::resolve::read::Base;
use crate::resolve::relation::Relation;

use super::{Evidence, path};

impl Evidence<'_, '_, '_> {
    pub(super) fn ip(&mut self, at: At, base: Base) -> Option<u32> {
        let text = self.text(at, Key::IpAddress);
        match text {
            Some(text) => self.address(text, base),
            None => Some(self.unnamed(EntityKind::Ip, base)),
        }
    }

    pub(super) fn address(&mut self, text: &str, base: Base) -> Option<u32> {
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

    pub(super) fn url(&mut self, text: &str, base: Base) -> Option<u32> {
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

    pub(super) fn dns(&mut self, at: At, base: Base, depth: u8) -> u32 {
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

    pub(super) fn connection(&mut self, at: At, base: Base, depth: u8) -> u32 {
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
        self.act(at, base, Relation::Connected, Some(connection));
        let [source, destination] = ends;
        let incoming = self.text(at, Key::Incoming).is_some();
        self.act(at, base, Relation::Connected, if incoming { source } else { destination });
        connection
    }
}
