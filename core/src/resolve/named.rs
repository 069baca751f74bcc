//! What people and lists name: from an indicator or a public id to identifiers in canonical form.

use crate::error::{Error, ErrorCode, Result};
use crate::model::Indicator;

use super::canon;
use super::kind::{EntityKind, IdType};

/// Canonical identifiers that an indicator may mean.
pub(crate) fn identifiers(indicator: &Indicator) -> Option<(EntityKind, Vec<(IdType, String)>)> {
    let kind = match indicator.kind.to_ascii_lowercase().as_str() {
        "domain" | "domainname" => EntityKind::Dns,
        "filehash" | "hash" => EntityKind::File,
        "ipaddress" | "address" => EntityKind::Ip,
        "sender" => EntityKind::EmailSender,
        name => EntityKind::from_name(name)?,
    };
    let value = indicator.value.trim();
    let token = || canon::token(value).map(|t| t.into_owned());
    let host = || canon::host(value).map(|t| t.into_owned());
    let ids: Vec<(IdType, Option<String>)> = match kind {
        EntityKind::Ip => vec![(IdType::Address, canon::address(value).map(|a| a.to_string()))],
        EntityKind::Url => vec![(IdType::Url, canon::url(value).map(|(url, _)| url))],
        EntityKind::Dns => vec![(IdType::Domain, host())],
        EntityKind::File => [(64, IdType::Sha256), (40, IdType::Sha1), (32, IdType::Md5)]
            .map(|(hex, id_type)| (id_type, canon::hash(value, hex).map(|h| h.into_owned())))
            .to_vec(),
        EntityKind::Mailbox | EntityKind::EmailSender => {
            let address = canon::token(&canon::refang(value)).map(|t| t.into_owned());
            vec![(IdType::Email, address.clone()), (IdType::Upn, address)]
        }
        EntityKind::User => vec![
            (IdType::Sid, canon::sid(value).map(|s| s.into_owned())),
            (IdType::Aad, token()),
            (IdType::Upn, token().filter(|t| t.contains('@'))),
            (IdType::Account, token().filter(|t| t.contains('\\'))),
        ],
        EntityKind::Device => {
            vec![(IdType::Mde, token()), (IdType::Aad, token()), (IdType::Fqdn, host()), (IdType::Host, host())]
        }
        _ => IdType::ALL.into_iter().map(|id_type| (id_type, token())).collect(),
    };
    let ids: Vec<(IdType, String)> = ids.into_iter().filter_map(|(id_type, id)| Some((id_type, id?))).collect();
    Some((kind, ids))
}

/// Reads a public entity id, `kind:type:value`.
pub(crate) fn parse_entity(id: &str) -> Result<(EntityKind, IdType, &str)> {
    let mut parts = id.splitn(3, ':');
    let kind = parts.next().and_then(EntityKind::from_name);
    let id_type = parts.next().and_then(|t| IdType::ALL.into_iter().find(|x| x.as_str().eq_ignore_ascii_case(t)));
    match (kind, id_type, parts.next()) {
        (Some(kind), Some(id_type), Some(value)) => Ok((kind, id_type, value)),
        _ => {
            let shown: String = id.chars().take(80).collect();
            Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("no entity id `{}`, expected `kind:type:value`", shown.escape_debug()),
            ))
        }
    }
}
