//! What clouds nest in their records: who began it, what it was done to, and which settings were made.

use serde_json::{Map, Value};

use super::evidence::Out;
use super::parts::{put, wrap};
use crate::ingest::convert::{Object, evidence};

/// Bytes of JSON inside a text that are read.
const JSON_BYTES: usize = 262_144;
/// Things that an operation was done to.
const TARGETS: usize = 32;

pub(super) fn add(out: &mut Out<'_, '_>) {
    initiated_by(out);
    targets(out);
    amazon(out);
    azure_resource(out);
    forwarding(out);
    kubernetes(out);
}

/// An object or a list that a text holds.
fn json(text: &str) -> Option<Value> {
    let starts = text.starts_with(['{', '[']);
    (starts && text.len() <= JSON_BYTES).then(|| serde_json::from_str(text).ok()).flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !super::fields::is_placeholder(text)).map(str::to_owned)
}

fn initiated_by(out: &mut Out<'_, '_>) {
    let parsed = out.view.text("InitiatedBy").as_deref().and_then(json);
    let member = |out: &Out<'_, '_>, path: &str| match &parsed {
        Some(value) => path.split('.').try_fold(value, |value, name| value.get(name)).and_then(text),
        None => out.name(&[&format!("InitiatedBy.{path}")]),
    };
    let mut user = Map::new();
    put(&mut user, "userPrincipalName", member(out, "user.userPrincipalName").filter(|upn| upn.contains('@')));
    put(&mut user, "azureAdUserId", member(out, "user.id"));
    if !user.is_empty() {
        out.push("InitiatedBy", None, wrap("user", "userAccount", user));
    }
    if let Some(ip) = member(out, "user.ipAddress").as_deref().and_then(super::fields::address) {
        let mut item = evidence("ip");
        item.insert("ipAddress".to_owned(), ip.to_string().into());
        out.push("InitiatedBy", Some("source"), item);
    }
    let mut principal = evidence("servicePrincipal");
    let parts = [
        ("servicePrincipalObjectId", "app.servicePrincipalId"),
        ("appId", "app.appId"),
        ("servicePrincipalName", "app.displayName"),
    ];
    let before = principal.len();
    for (to, from) in parts {
        put(&mut principal, to, member(out, from));
    }
    if principal.len() > before {
        out.push("InitiatedBy", None, principal);
    }
}

fn targets(out: &mut Out<'_, '_>) {
    let listed = match out.view.text("TargetResources").as_deref().and_then(json) {
        Some(Value::Array(items)) => items,
        Some(one) => vec![one],
        None => zipped(out),
    };
    for target in listed.iter().take(TARGETS) {
        let get = |name: &str| target.get(name).and_then(text);
        let (id, name, upn) = (get("id"), get("displayName"), get("userPrincipalName"));
        let mut item: Object;
        match get("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "application" => {
                item = evidence("oauthApplication");
                put(&mut item, "objectId", id);
                put(&mut item, "displayName", name);
            }
            "serviceprincipal" => {
                item = evidence("servicePrincipal");
                put(&mut item, "servicePrincipalObjectId", id);
                put(&mut item, "servicePrincipalName", name);
            }
            "user" => {
                let mut account = Map::new();
                put(&mut account, "azureAdUserId", id);
                put(&mut account, "userPrincipalName", upn);
                put(&mut account, "displayName", name);
                item = wrap("user", "userAccount", account);
            }
            "group" => {
                item = evidence("securityGroup");
                put(&mut item, "securityGroupId", id);
                put(&mut item, "displayName", name);
            }
            _ => continue,
        }
        out.push("TargetResources", None, item);
    }
}

/// Targets of a record that nests them; only when the columns can be told to belong together.
fn zipped(out: &Out<'_, '_>) -> Vec<Value> {
    let column = |name: &str| out.view.texts(&format!("TargetResources.{name}"));
    let (ids, kinds, names) = (column("id"), column("type"), column("displayName"));
    if ids.len() != kinds.len() {
        return Vec::new();
    }
    let named = names.len() == ids.len();
    ids.into_iter()
        .zip(kinds)
        .enumerate()
        .map(|(at, (id, kind))| {
            let name = names.get(at).filter(|_| named);
            serde_json::json!({"id": id, "type": kind, "displayName": name})
        })
        .collect()
}

fn amazon(out: &mut Out<'_, '_>) {
    let account = out.name(&["userIdentity.accountId", "recipientAccountId"]);
    for field in ["resources.ARN", "resources.arn"] {
        for arn in out.view.texts(field).into_iter().filter(|arn| arn.starts_with("arn:")).take(TARGETS) {
            let mut item = evidence("amazonResource");
            item.insert("amazonResourceId".to_owned(), arn.into());
            out.push(field, None, item);
        }
    }
    if let (Some(bucket), Some(_)) = (out.name(&["requestParameters.bucketName"]), out.name(&["eventSource"])) {
        let mut item = evidence("amazonResource");
        item.insert("amazonResourceId".to_owned(), format!("arn:aws:s3:::{bucket}").into());
        item.insert("resourceName".to_owned(), bucket.into());
        item.insert("resourceType".to_owned(), "AWS::S3::Bucket".into());
        put(&mut item, "amazonAccountId", account);
        out.push("requestParameters.bucketName", None, item);
    }
}

fn azure_resource(out: &mut Out<'_, '_>) {
    let Some(id) = out.name(&["ResourceId", "_ResourceId"]) else { return };
    // The directory itself writes its tenant here.
    if !id.to_ascii_lowercase().starts_with("/subscriptions/") || out.name(&["EventID"]).is_some() {
        return;
    }
    let mut item = evidence("azureResource");
    put(&mut item, "resourceName", id.rsplit('/').next().filter(|name| !name.is_empty()));
    item.insert("resourceId".to_owned(), id.into());
    out.push("ResourceId", None, item);
}

/// Rules of a mailbox that send mail on.
fn forwarding(out: &mut Out<'_, '_>) {
    let parsed = out.view.text("Parameters").as_deref().and_then(json);
    let pairs: Vec<(String, String)> = match parsed {
        Some(Value::Array(items)) => {
            items.iter().filter_map(|item| Some((text(item.get("Name")?)?, text(item.get("Value")?)?))).collect()
        }
        _ => {
            let (names, values) = (out.view.texts("Parameters.Name"), out.view.texts("Parameters.Value"));
            if names.len() == values.len() { names.into_iter().zip(values).collect() } else { Vec::new() }
        }
    };
    let forwards = |name: &str| {
        matches!(
            name,
            "ForwardTo" | "RedirectTo" | "ForwardAsAttachmentTo" | "ForwardingSmtpAddress" | "ForwardingAddress"
        )
    };
    let to: Vec<&str> = pairs.iter().filter(|(name, _)| forwards(name)).map(|(_, to)| to.as_str()).collect();
    if to.is_empty() {
        return;
    }
    let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let mailbox = out.name(&["MailboxOwnerUPN"]).or_else(|| value("Mailbox")).or_else(|| out.name(&["UserId"]));
    let mut item = evidence("mailboxConfiguration");
    item.insert("configurationType".to_owned(), "mailForwardingRule".into());
    let rule = value("Name").or_else(|| value("Identity"));
    if let Some(mailbox) = &mailbox {
        let id = format!("{mailbox}|{}", rule.as_deref().unwrap_or("forwarding"));
        item.insert("configurationId".to_owned(), id.into());
        item.insert("upn".to_owned(), mailbox.as_str().into());
        item.insert("mailboxPrimaryAddress".to_owned(), mailbox.as_str().into());
    }
    put(&mut item, "displayName", rule);
    item.insert("forwardsTo".to_owned(), to.into());
    out.push("Parameters", None, item);
}

fn kubernetes(out: &mut Out<'_, '_>) {
    let Some(resource) = out.name(&["objectRef.resource"]) else { return };
    let kind = match resource.as_str() {
        "pods" => "kubernetesPod",
        "secrets" => "kubernetesSecret",
        "services" => "kubernetesService",
        "serviceaccounts" => "kubernetesServiceAccount",
        "deployments" | "daemonsets" | "statefulsets" | "replicasets" | "jobs" | "cronjobs" => "kubernetesController",
        _ => return,
    };
    let Some(name) = out.name(&["objectRef.name"]) else { return };
    let mut item = evidence(kind);
    item.insert("name".to_owned(), name.into());
    if let Some(namespace) = out.name(&["objectRef.namespace"]) {
        let mut inner = evidence("kubernetesNamespace");
        inner.insert("name".to_owned(), namespace.into());
        item.insert("namespace".to_owned(), Value::Object(inner));
    }
    out.push("objectRef.name", None, item);
}
