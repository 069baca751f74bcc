//! Texts of fields in, the parts of evidence that they say out: accounts, files, programs, registry paths.

use serde_json::{Map, Value};

use crate::ingest::convert::{Object, evidence};
use crate::resolve::canon;

/// Bytes of a path, an account or another name; longer ones name nothing.
pub(super) const NAME_BYTES: usize = 4_096;

pub(super) fn is_kind(item: &Value, kind: &str) -> bool {
    item.get("@odata.type")
        .and_then(|t| t.as_str()?.strip_prefix("#microsoft.graph.security.")?.strip_suffix("Evidence"))
        == Some(kind)
}

pub(super) fn put<V: Into<Value>>(item: &mut Object, member: &str, value: Option<V>) {
    if let Some(value) = value {
        item.insert(member.to_owned(), value.into());
    }
}

pub(super) fn wrap(kind: &str, member: &str, inner: Object) -> Object {
    let mut item = evidence(kind);
    item.insert(member.to_owned(), Value::Object(inner));
    item
}

/// The account that a name says: `DOMAIN\name`, `name@realm` or a bare name; none of a system account.
pub(super) fn account_of(name: &str) -> Option<Object> {
    let mut account = Map::new();
    if canon::sid(name).is_some() {
        account.insert("userSid".to_owned(), name.into());
    } else if let Some((domain, name)) = name.split_once('\\') {
        account.insert("accountName".to_owned(), name.into());
        account.insert("domainName".to_owned(), domain.into());
    } else {
        account.insert("accountName".to_owned(), name.into());
        put(&mut account, "userPrincipalName", Some(name).filter(|name| name.contains('@')));
    }
    (name.len() <= NAME_BYTES && !is_common(&account)).then_some(account)
}

/// Accounts that every machine has, and those of machines.
pub(super) fn is_common(account: &Object) -> bool {
    let text = |key: &str| account.get(key).and_then(Value::as_str).map(str::to_lowercase);
    let (name, domain) = (text("accountName"), text("domainName").unwrap_or_default());
    let sid = account.get("userSid").and_then(Value::as_str).and_then(canon::sid);
    sid.is_some_and(|sid| canon::is_common_sid(&sid))
        || name.is_some_and(|name| name.is_empty() || name == "-" || canon::is_common_account(&name, &domain))
}

/// Folder and name of a path; of a text that is no path, the name.
pub(super) fn file_details(path: &str) -> Option<Object> {
    let path = path.trim().trim_matches('"');
    let path = path.strip_prefix(r"\??\").unwrap_or(path);
    let (folder, name) = canon::split(path);
    if name.is_empty() || path.len() > NAME_BYTES || path.contains(['\n', '\0']) {
        return None;
    }
    let mut details = Map::new();
    details.insert("fileName".to_owned(), name.into());
    put(&mut details, "filePath", Some(folder).filter(|folder| !folder.is_empty()));
    Some(details)
}

/// The program at the start of a command line, when it is written with its path.
pub(super) fn program(command: &str) -> Option<&str> {
    let command = command.trim();
    let program = match command.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        None => {
            let lower = command.to_ascii_lowercase();
            let end = [".exe", ".sys", ".dll"].iter().filter_map(|ext| Some(lower.find(ext)? + ext.len())).min();
            command.get(..end.unwrap_or_else(|| command.find(' ').unwrap_or(command.len())))?
        }
    };
    program.contains(['\\', '/']).then_some(program)
}

/// The hive as Windows writes it in full, and the key below.
pub(super) fn split_hive(path: &str) -> Option<(&'static str, String)> {
    const HIVES: &[(&str, &str)] = &[
        ("HKEY_LOCAL_MACHINE", "HKEY_LOCAL_MACHINE"),
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        (r"\REGISTRY\MACHINE", "HKEY_LOCAL_MACHINE"),
        ("HKEY_CURRENT_USER", "HKEY_CURRENT_USER"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKEY_USERS", "HKEY_USERS"),
        ("HKU", "HKEY_USERS"),
        (r"\REGISTRY\USER", "HKEY_USERS"),
        ("HKEY_CLASSES_ROOT", "HKEY_CLASSES_ROOT"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKEY_CURRENT_CONFIG", "HKEY_CURRENT_CONFIG"),
    ];
    HIVES.iter().find_map(|(prefix, hive)| {
        let (start, rest) = path.split_at_checked(prefix.len())?;
        let key = rest.strip_prefix('\\').filter(|key| !key.is_empty())?;
        start.eq_ignore_ascii_case(prefix).then(|| (*hive, key.to_owned()))
    })
}
