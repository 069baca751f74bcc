//! Which alerts a new one touches, told from the documents alone: by no rule of the library.

use std::collections::BTreeSet;

use serde_json::Value;

/// Texts that name something in an alert, grouped by the object they stand in.
fn names(value: &Value, out: &mut Vec<Vec<String>>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| names(v, out)),
        Value::Object(members) => {
            let mut here = Vec::new();
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("verdict" | "remediationStatus" | "roles" | "tags" | "@odata.type" | "domainName", _) => {}
                    // In whatever spelling: host names by their first label, URLs by their last part.
                    (_, Value::String(text)) => {
                        let text = text.to_lowercase().replace("[.]", ".").replace("::ffff:", "");
                        let text = text.split('#').next().unwrap_or_default();
                        here.extend(text.split(['.', '\\', '/', '@']).filter(|p| p.len() > 2).map(str::to_owned));
                        here.push(text.to_owned());
                    }
                    (_, Value::Number(number)) => here.push(format!("pid {number}")),
                    (_, nested) => names(nested, out),
                }
            }
            out.push(here);
        }
        _ => {}
    }
}

/// Does the new alert touch the old one: by a name they share, directly or over things that others
/// know under several names; by the vendor's incident; or by a detector that fires on no asset?
#[must_use]
pub fn touching(alerts: &[String], new: &str) -> Vec<bool> {
    let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let alerts: Vec<Value> = alerts.iter().map(|a| read(a)).collect();
    let new: Value = read(new);
    let tenant = |a: &Value| a.get("tenantId").cloned();
    let mut groups: Vec<Vec<String>> = Vec::new();
    for alert in alerts.iter().filter(|a| tenant(a) == tenant(&new)) {
        names(member(alert, "evidence"), &mut groups);
    }
    let mut mine = Vec::new();
    names(member(&new, "evidence"), &mut mine);
    let mut reached: BTreeSet<String> = mine.into_iter().flatten().collect();
    loop {
        let before = reached.len();
        for group in &groups {
            if group.iter().any(|name| reached.contains(name)) {
                reached.extend(group.iter().cloned());
            }
        }
        if reached.len() == before {
            break;
        }
    }
    let touches = |old: &Value| {
        let mut theirs = Vec::new();
        names(member(old, "evidence"), &mut theirs);
        let same = |name: &str| member(old, name) == member(&new, name) && !member(old, name).is_null();
        theirs.into_iter().flatten().any(|name| reached.contains(&name)) || same("incidentId") || same("detectorId")
    };
    alerts.iter().map(|old| tenant(old) == tenant(&new) && touches(old)).collect()
}

fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}
