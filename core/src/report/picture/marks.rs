//! Marks: a glyph for what something is, a shape for how bad it is. None relies on its colour.
//!
//! In: kinds, verdicts, severities. Out: paths in a square of 16, and the class that colours them. This file must
//! never draw text of others.

use crate::graph::{EntityKind, NodeKind};
use crate::model::{AlertSeverity, Verdict};

use super::svg::Canvas;

/// The class of a verdict.
pub(super) fn verdict_class(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Malicious) => "cg-bad",
        Some(Verdict::Suspicious) => "cg-odd",
        Some(Verdict::Clean) => "cg-good",
        _ => "cg-none",
    }
}

/// A verdict as people say it.
pub(super) fn word(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Clean => "no threats found",
        verdict => verdict.as_str(),
    }
}

/// The class of a verdict's word.
pub(super) fn text_class(verdict: Option<&Verdict>) -> &'static str {
    match verdict_class(verdict) {
        "cg-bad" => "cg-badtext",
        "cg-odd" => "cg-oddtext",
        "cg-good" => "cg-goodtext",
        _ => "cg-soft",
    }
}

/// The class of a severity.
pub(super) fn severity_class(severity: &AlertSeverity) -> &'static str {
    match severity {
        AlertSeverity::High => "cg-bad",
        AlertSeverity::Medium => "cg-odd",
        AlertSeverity::Low => "cg-calm",
        _ => "cg-none",
    }
}

/// A verdict as a shape of 14 around a point: an octagon with a cross, a triangle with a stroke, a tick, a ring.
pub(super) fn verdict(canvas: &mut Canvas, x: i32, y: i32, verdict: Option<&Verdict>) {
    let (shape, line) = match verdict {
        Some(Verdict::Malicious) => ("M-3 -7h6l4 4v6l-4 4h-6l-4 -4v-6z", "M-2.6 -2.6l5.2 5.2m0 -5.2l-5.2 5.2"),
        Some(Verdict::Suspicious) => ("M0 -7.5l8 14h-16z", "M0 -2.5v4m0 2.4v.2"),
        Some(Verdict::Clean) => ("M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z", "M-3 .2l2.2 2.4l4 -5"),
        _ => ("M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", "M-1.8 -1.4a1.9 1.9 0 1 1 2.6 1.8q-.8 .4 -.8 1.2m0 1.8v.1"),
    };
    shape_at(canvas, x, y, shape, line);
}

/// A severity as a shape of 16 around a point: a square with its letter.
pub(super) fn severity(canvas: &mut Canvas, x: i32, y: i32, severity: &AlertSeverity) {
    let line = match severity {
        AlertSeverity::High => "M-2.6 -3.8v7.6m5.2 -7.6v7.6m-5.2 -3.8h5.2",
        AlertSeverity::Medium => "M-3.6 3.8v-7.6l3.6 5l3.6 -5v7.6",
        AlertSeverity::Low => "M-2 -3.8v7.6h4.4",
        AlertSeverity::Informational => "M0 -1v4.8m0 -7.6v.2",
        _ => "M-2.2 -2a2.3 2.3 0 1 1 3.2 2.2q-1 .5 -1 1.5m0 2.1v.1",
    };
    shape_at(canvas, x, y, "M-5 -8h10a3 3 0 0 1 3 3v10a3 3 0 0 1 -3 3h-10a3 3 0 0 1 -3 -3v-10a3 3 0 0 1 3 -3z", line);
}

fn shape_at(canvas: &mut Canvas, x: i32, y: i32, shape: &str, line: &str) {
    canvas.tag("g").word("transform", &format!("translate({x} {y})")).open();
    canvas.path("cg-mark", "1.2", shape);
    canvas.path("cg-markline", "1.7", line);
    canvas.end();
}

/// What something is, as strokes in a square of 16 around a point.
pub(super) fn glyph(canvas: &mut Canvas, x: i32, y: i32, kind: NodeKind) {
    let shape = match kind {
        NodeKind::Alert => "M8 2.5l6 11h-12zM8 6.8v3M8 11.6v.1",
        NodeKind::Entity(kind) => of(kind),
    };
    let at = format!("translate({} {})", x - 8, y - 8);
    canvas.tag("path").class("cg-glyph").word("stroke-width", "1.3").word("transform", &at).word("d", shape).close();
}

fn of(kind: EntityKind) -> &'static str {
    use EntityKind as K;
    match kind {
        K::Device | K::IotDevice => "M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3",
        K::User | K::GitHubUser | K::Actor | K::ServicePrincipal | K::KubernetesServiceAccount => {
            "M8 2.5a2.7 2.7 0 1 0 .01 0zM3 13.5c0-3 2-4.5 5-4.5s5 1.5 5 4.5"
        }
        K::SecurityGroup | K::ActiveDirectoryDomain | K::GitHubOrganization => {
            "M6 3.5a2.2 2.2 0 1 0 .01 0zM2 13c0-2.6 1.6-4 4-4s4 1.4 4 4M10.5 4.2a2 2 0 1 1 .6 3.7M11.5 9.3c1.6 .3 2.6 1.6 2.6 3.7"
        }
        K::Process => "M2.5 3h11v10h-11zM2.5 5.5h11M5 8l2 1.7l-2 1.7M8.5 11.3h2.5",
        K::File | K::Blob => "M4 2h5.5l3 3v9h-8.5zM9.5 2v3h3",
        K::Malware => {
            "M8 4.5a3.5 4.2 0 1 0 .01 0zM5.5 5l-1.5-2M10.5 5l1.5-2M4.5 9h-2.5M14 9h-2.5M5 12l-2 1.5M11 12l2 1.5"
        }
        K::RegistryKey | K::RegistryValue => {
            "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z"
        }
        K::Ip | K::Nic => "M8 2.5a5.5 5.5 0 1 0 .01 0zM2.5 8h11M8 2.5c-4 3.5-4 7.5 0 11c4-3.5 4-7.5 0-11",
        K::Url => {
            "M6.8 9.2l2.4-2.4M7.5 5l1.2-1.2a2.5 2.5 0 0 1 3.5 3.5l-1.2 1.2M8.5 11l-1.2 1.2a2.5 2.5 0 0 1-3.5-3.5l1.2-1.2"
        }
        K::Dns => "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5v.1M5 11v.1M8 5h3M8 11h3",
        K::NetworkConnection => "M2 5.5h10l-2.5-2.5M14 10.5h-10l2.5 2.5",
        K::AnalyzedMessage | K::EmailSender | K::MailCluster | K::SubmissionMail => "M2 3.5h12v9h-12zM2 4l6 5l6-5",
        K::Mailbox | K::MailboxConfiguration => "M2 8l2-5h8l2 5v5h-12zM2 8h3.5l1 2h3l1-2h3.5",
        K::TeamsMessage => "M2.5 3h11v7.5h-6l-3 2.5v-2.5h-2z",
        K::HostLogonSession | K::CloudLogonSession | K::CloudLogonRequest | K::SasToken | K::KubernetesSecret => {
            "M5 5a3 3 0 1 0 .01 0zM8 8h6v2.5M11.5 8v2"
        }
        K::CloudApplication | K::OauthApplication | K::AiAgent => "M3 3h4v4h-4zM9 3h4v4h-4zM3 9h4v4h-4zM11 9v4M9 11h4",
        K::Container | K::ContainerImage | K::ContainerRegistry | K::BlobContainer => {
            "M8 2l5.5 3v6l-5.5 3l-5.5-3v-6zM2.5 5l5.5 3l5.5-3M8 8v6"
        }
        K::AzureResource | K::AmazonResource | K::GoogleCloudResource => {
            "M4.5 12.5a3 3 0 0 1 0-6a4 4 0 0 1 7.5 1a2.5 2.5 0 0 1 0 5z"
        }
        K::KubernetesCluster
        | K::KubernetesController
        | K::KubernetesNamespace
        | K::KubernetesPod
        | K::KubernetesService => "M8 2l5 2.5l1 5l-3.5 4h-5l-3.5-4l1-5zM8 6a2 2 0 1 0 .01 0z",
        K::GitHubRepo => "M4 2.5h8.5v11h-8.5zM6.5 2.5v11M9 5.5h1.5",
        _ => "M8 3l5 5l-5 5l-5-5z",
    }
}
