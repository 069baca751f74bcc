//! The parser that ingest stands on, alone: the yardstick for the pipeline.

use std::borrow::Cow;
use std::io::BufRead;

use serde::Deserialize;

/// A text that borrows where JSON allows it.
#[derive(Debug, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The members of an alert that a typed reader would want.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert<'a> {
    /// Id.
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    /// Tenant.
    #[serde(borrow)]
    pub tenant_id: Option<Text<'a>>,
    /// Title.
    #[serde(borrow)]
    pub title: Option<Text<'a>>,
    /// Severity.
    #[serde(borrow)]
    pub severity: Option<Text<'a>>,
    /// Status.
    #[serde(borrow)]
    pub status: Option<Text<'a>>,
    /// Detector.
    #[serde(borrow)]
    pub detector_id: Option<Text<'a>>,
    /// Category.
    #[serde(borrow)]
    pub category: Option<Text<'a>>,
    /// Techniques.
    #[serde(borrow, default)]
    pub mitre_techniques: Vec<Text<'a>>,
    /// First activity.
    #[serde(borrow)]
    pub first_activity_date_time: Option<Text<'a>>,
    /// Last update.
    #[serde(borrow)]
    pub last_update_date_time: Option<Text<'a>>,
    /// Evidence.
    #[serde(borrow, default)]
    pub evidence: Vec<Evidence<'a>>,
}

/// The members of evidence that a typed reader would want.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence<'a> {
    /// Type.
    #[serde(borrow, rename = "@odata.type")]
    pub odata_type: Option<Text<'a>>,
    /// Verdict.
    #[serde(borrow)]
    pub verdict: Option<Text<'a>>,
    /// Remediation status.
    #[serde(borrow)]
    pub remediation_status: Option<Text<'a>>,
    /// Roles.
    #[serde(borrow, default)]
    pub roles: Vec<Text<'a>>,
    /// Device.
    #[serde(borrow)]
    pub mde_device_id: Option<Text<'a>>,
    /// Device name.
    #[serde(borrow)]
    pub device_dns_name: Option<Text<'a>>,
    /// Address.
    #[serde(borrow)]
    pub ip_address: Option<Text<'a>>,
    /// URL.
    #[serde(borrow)]
    pub url: Option<Text<'a>>,
    /// Process id.
    pub process_id: Option<i64>,
    /// Creation time.
    #[serde(borrow)]
    pub process_creation_date_time: Option<Text<'a>>,
    /// Parent.
    pub parent_process_id: Option<i64>,
    /// Account.
    #[serde(borrow)]
    pub user_account: Option<Account<'a>>,
    /// File.
    #[serde(borrow)]
    pub file_details: Option<File<'a>>,
    /// Image.
    #[serde(borrow)]
    pub image_file: Option<File<'a>>,
    /// Image of the parent.
    #[serde(borrow)]
    pub parent_process_image_file: Option<File<'a>>,
    /// Message.
    #[serde(borrow)]
    pub network_message_id: Option<Text<'a>>,
    /// Recipient.
    #[serde(borrow)]
    pub recipient_email_address: Option<Text<'a>>,
    /// Registry key.
    #[serde(borrow)]
    pub registry_key: Option<Text<'a>>,
}

/// An account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account<'a> {
    /// SID.
    #[serde(borrow)]
    pub user_sid: Option<Text<'a>>,
    /// UPN.
    #[serde(borrow)]
    pub user_principal_name: Option<Text<'a>>,
    /// Name.
    #[serde(borrow)]
    pub account_name: Option<Text<'a>>,
    /// Domain.
    #[serde(borrow)]
    pub domain_name: Option<Text<'a>>,
}

/// A file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File<'a> {
    /// SHA-256.
    #[serde(borrow)]
    pub sha256: Option<Text<'a>>,
    /// SHA-1.
    #[serde(borrow)]
    pub sha1: Option<Text<'a>>,
    /// Name.
    #[serde(borrow)]
    pub file_name: Option<Text<'a>>,
    /// Folder.
    #[serde(borrow)]
    pub file_path: Option<Text<'a>>,
}

/// Reads every line with `serde_json` into borrowed structs; gives the evidence items.
///
/// # Errors
/// Those of the parser and of the input.
pub fn typed(input: impl BufRead) -> std::io::Result<usize> {
    lines(input, |line| Ok(serde_json::from_slice::<Alert<'_>>(line)?.evidence.len()))
}

/// Reads every line with `serde_json` into a `Value`; gives the evidence items.
///
/// # Errors
/// Those of the parser and of the input.
pub fn value(input: impl BufRead) -> std::io::Result<usize> {
    lines(input, |line| {
        let value: serde_json::Value = serde_json::from_slice(line)?;
        Ok(value.get("evidence").and_then(|e| e.as_array()).map_or(0, Vec::len))
    })
}

fn lines(mut input: impl BufRead, read: impl Fn(&[u8]) -> serde_json::Result<usize>) -> std::io::Result<usize> {
    let (mut line, mut items) = (Vec::new(), 0);
    while input.read_until(b'\n', &mut line)? > 0 {
        items += read(&line)?;
        line.clear();
    }
    Ok(items)
}
