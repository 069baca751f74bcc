//! The built-in rules: verdict rules for the common cases, and detection rules that SigmaHQ has none for.
//! Optional, replaceable, and readable as examples.

#[cfg(test)]
mod tests;

/// Name and text of every file, as for `read`.
pub(crate) const FILES: [(&str, &str); 10] = [
    ("builtin/case.yml", include_str!("case.yml")),
    ("builtin/detections.yml", include_str!("detections.yml")),
    ("builtin/file.yml", include_str!("file.yml")),
    ("builtin/identity.yml", include_str!("identity.yml")),
    ("builtin/known_good.yml", include_str!("known_good.yml")),
    ("builtin/mail.yml", include_str!("mail.yml")),
    ("builtin/network.yml", include_str!("network.yml")),
    ("builtin/persistence.yml", include_str!("persistence.yml")),
    ("builtin/process.yml", include_str!("process.yml")),
    ("builtin/sequences.yml", include_str!("sequences.yml")),
];
