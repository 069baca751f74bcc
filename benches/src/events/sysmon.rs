//! Sysmon's events.

use super::programs::{PROGRAMS, Parent, Program, parents};
use super::text::Line;
use super::values::{FILES, FRAMES, KEYS, LIBRARIES, LIBRARY_FILES, PIPES, VALUES};
use super::{Provider, header, odd};

const HASHES: &str = "SHA1={X40},MD5={X32},SHA256={X64},IMPHASH={X32}";

const SYSMON: Provider = Provider {
    source: "Microsoft-Windows-Sysmon",
    guid: "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
    level: "4",
    keywords: "0x8000000000000000",
    channel: "Microsoft-Windows-Sysmon/Operational",
};

fn begin(line: &mut Line, id: u64, event_type: Option<&str>) {
    header(line, &SYSMON, id, &id.to_string());
    line.text("RuleName", "-");
    if let Some(event_type) = event_type {
        line.text("EventType", event_type);
    }
    line.time("UtcTime", ' ', "");
}

/// Process number and image of the acting process.
fn actor(line: &mut Line) {
    let image = line.rng.often(PROGRAMS).image;
    actor_named(line, image);
}

fn actor_named(line: &mut Line, image: &str) {
    line.text("ProcessGuid", "{{g}}");
    line.text("ProcessId", "{d4}");
    line.text("Image", image);
}

fn version(line: &mut Line, company: &str) {
    line.text(
        "FileVersion",
        if company == "Microsoft Corporation" { "10.0.19041.{d4} (WinBuild.160101.0800)" } else { "{d2}.{d1}.{d3}" },
    );
}

fn product<'p>(description: &'p str, company: &str) -> &'p str {
    if company == "Microsoft Corporation" { "Microsoft® Windows® Operating System" } else { description }
}

/// 1: a process is created.
pub(super) fn process(line: &mut Line, odd: bool) {
    begin(line, 1, None);
    let (parent, Program { original, description, company, .. }, image, command) = choose(line, odd);
    let or_dash = |text: &'static str| if text.is_empty() { "-" } else { text };
    actor_named(line, &image);
    version(line, company);
    line.text("Description", or_dash(description));
    line.text("Product", or_dash(product(description, company)));
    line.text("Company", or_dash(company));
    line.text("OriginalFileName", or_dash(original));
    line.text("CommandLine", &command);
    let service = parent.0.contains("services.exe") || parent.0.contains("svchost.exe");
    let directory = *line.rng.pick(if service {
        &[r"C:\Windows\system32\"]
    } else {
        &[r"C:\Users\{u}\", r"C:\src\{w}\", r"C:\Windows\system32\", r"D:\{w}\"]
    });
    line.text("CurrentDirectory", directory);
    line.text("User", if service { r"NT AUTHORITY\SYSTEM" } else { r"CORP\{u}" });
    line.text("LogonGuid", "{{g}}");
    line.text("LogonId", if service { "0x3e7" } else { "0x{x6}" });
    line.text("TerminalSessionId", if service { "0" } else { "1" });
    line.text("IntegrityLevel", if service { "System" } else { "Medium" });
    line.text("Hashes", HASHES);
    line.text("ParentProcessGuid", "{{g}}");
    line.text("ParentProcessId", "{d4}");
    line.text("ParentImage", &parent.0);
    line.text("ParentCommandLine", &parent.1);
}

/// Image and command line of a parent, the program, its image, and its command line.
pub(super) fn choose(line: &mut Line, odd: bool) -> ((String, String), Program, String, String) {
    let whole = |image: &str, arguments: &str| match (image.contains(' '), arguments) {
        (_, "") => image.to_owned(),
        (true, arguments) => format!("\"{image}\" {arguments}"),
        (false, arguments) => format!("{image} {arguments}"),
    };
    if odd {
        let (parent, image, original, arguments) = *line.rng.pick(odd::PROCESSES);
        let (company, description) = ("Microsoft Corporation", "-");
        let program = Program { image, original, description, company, parent: Parent::Itself, arguments: &[] };
        return (
            (parent.to_owned(), format!("\"{parent}\"")),
            program,
            line.fill(image),
            line.fill(&whole(image, arguments)),
        );
    }
    let Program { image, original, description, company, parent, arguments } = *line.rng.often(PROGRAMS);
    let program = Program { image, original, description, company, parent, arguments };
    let image = line.fill(image);
    let arguments = *line.rng.pick(arguments);
    let command = line.fill(&whole(&image, arguments));
    let parent = match parents(parent) {
        [] => (image.clone(), format!("\"{image}\"")),
        several => {
            let (parent, command) = line.rng.pick(several);
            ((*parent).to_owned(), line.fill(command))
        }
    };
    (parent, program, image, command)
}

/// 3: a connection.
pub(super) fn connection(line: &mut Line, _odd: bool) {
    begin(line, 3, None);
    let image = *line.rng.pick(&[
        r"C:\Program Files\Harrier\Browser\harrier.exe",
        r"C:\Windows\System32\svchost.exe",
        r"C:\Program Files\Stonebackup\sbclient.exe",
        r"C:\Program Files\Brightdesk\inventory.exe",
        r"C:\Program Files\Tessera\tessera.exe",
        r"C:\Program Files\Meridian ERP\client\meridian.exe",
    ]);
    actor_named(line, image);
    line.text("User", r"CORP\{u}");
    line.any("Protocol", &["tcp", "tcp", "udp"]);
    line.text("Initiated", "true");
    line.text("SourceIsIpv6", "false");
    line.text("SourceIp", "{i}");
    line.text("SourceHostname", "{h}.corp.example");
    line.text("SourcePort", "5{d4}");
    line.text("SourcePortName", "-");
    line.text("DestinationIsIpv6", "false");
    line.any("DestinationIp", &["{i}", "{o}"]);
    line.any("DestinationHostname", &["-", "{n}"]);
    let (port, name) = *line.rng.pick(&[
        ("443", "https"),
        ("443", "https"),
        ("80", "http"),
        ("53", "domain"),
        ("445", "microsoft-ds"),
        ("8443", "-"),
    ]);
    line.text("DestinationPort", port);
    line.text("DestinationPortName", name);
}

/// 5: a process ends.
pub(super) fn end(line: &mut Line, _odd: bool) {
    begin(line, 5, None);
    actor(line);
}

/// 7: a library is loaded.
pub(super) fn library(line: &mut Line, _odd: bool) {
    begin(line, 7, None);
    actor(line);
    if line.rng.below(4) == 0 {
        let file = *line.rng.pick(LIBRARY_FILES);
        line.text("ImageLoaded", file);
        version(line, "");
        for name in ["Description", "Product", "Company"] {
            line.text(name, "{w} {w}");
        }
        line.text("OriginalFileName", "{w}.dll");
        line.text("Hashes", HASHES);
        line.text("Signed", "true");
        line.text("Signature", "Corp Code Signing");
        line.text("SignatureStatus", "Valid");
        return;
    }
    let (name, description) = *line.rng.often(LIBRARIES);
    line.text("ImageLoaded", &format!(r"C:\Windows\System32\{name}"));
    version(line, "Microsoft Corporation");
    line.text("Description", description);
    line.text("Product", "Microsoft® Windows® Operating System");
    line.text("Company", "Microsoft Corporation");
    line.text("OriginalFileName", name);
    line.text("Hashes", HASHES);
    line.text("Signed", "true");
    line.text("Signature", "Microsoft Windows");
    line.text("SignatureStatus", "Valid");
}

/// 9: a disk is read as it is.
pub(super) fn disk(line: &mut Line, _odd: bool) {
    begin(line, 9, None);
    let image = *line.rng.pick(&[r"C:\Windows\System32\svchost.exe", r"C:\Program Files\Stonebackup\sbclient.exe"]);
    actor_named(line, image);
    line.text("Device", r"\Device\HarddiskVolume{d1}");
}

/// 10: a process opens another.
pub(super) fn access(line: &mut Line, odd: bool) {
    begin(line, 10, None);
    let (source, target, granted) = if odd {
        (r"C:\Users\Public\{w}.exe", r"C:\Windows\system32\lsass.exe", "0x1410")
    } else {
        let source = *line.rng.pick(&[
            r"C:\Windows\system32\svchost.exe",
            r"C:\Windows\System32\svchost.exe",
            r"C:\Program Files\Brightdesk\inventory.exe",
            r"C:\Windows\Explorer.EXE",
        ]);
        (
            source,
            line.rng.often(PROGRAMS).image,
            *line.rng.pick(&["0x1000", "0x1000", "0x1000", "0x3000", "0x2000", "0x1400", "0x40", "0x100000"]),
        )
    };
    line.text("SourceProcessGUID", "{{g}}");
    line.text("SourceProcessId", "{d4}");
    line.text("SourceThreadId", "{d4}");
    line.text("SourceImage", source);
    line.text("TargetProcessGUID", "{{g}}");
    line.text("TargetProcessId", "{d4}");
    line.text("TargetImage", target);
    line.text("GrantedAccess", granted);
    let mut trace = FRAMES[0].to_owned();
    for _ in 0..1 + line.rng.below(9) {
        trace.push('|');
        let frame: &&str = line.rng.pick(FRAMES);
        trace.push_str(frame);
    }
    if odd {
        trace.push_str("|UNKNOWN({x16})");
    }
    line.text("CallTrace", &trace);
}

/// 11: a file is made.
pub(super) fn file(line: &mut Line, odd: bool) {
    begin(line, 11, None);
    let (image, file) = if odd { *line.rng.pick(odd::FILES) } else { writer(line) };
    actor_named(line, image);
    line.text("TargetFilename", file);
    line.time("CreationUtcTime", ' ', "");
}

/// A file and a program that writes such.
fn writer(line: &mut Line) -> (&'static str, &'static str) {
    let image = *line.rng.pick(&[
        r"C:\Program Files\Harrier\Browser\harrier.exe",
        r"C:\Program Files\Lattice\lattice-sync.exe",
        r"C:\Program Files\Stonebackup\sbclient.exe",
        r"C:\Program Files\nodejs\node.exe",
    ]);
    (image, *line.rng.pick(FILES))
}

/// 12: a key is made or deleted.
pub(super) fn key(line: &mut Line, _odd: bool) {
    let kind = *line.rng.pick(&["CreateKey", "CreateKey", "CreateKey", "DeleteKey", "DeleteValue"]);
    begin(line, 12, Some(kind));
    actor(line);
    line.any("TargetObject", KEYS);
}

/// 13: a value is set.
pub(super) fn value(line: &mut Line, odd: bool) {
    begin(line, 13, Some("SetValue"));
    let (image, object, details) = if odd {
        *line.rng.pick(odd::VALUES)
    } else {
        let (object, details) = *line.rng.pick(VALUES);
        (line.rng.often(PROGRAMS).image, object, details)
    };
    actor_named(line, image);
    line.text("TargetObject", object);
    line.text("Details", details);
}

/// 17 and 18: a pipe is made, or used.
pub(super) fn pipe(line: &mut Line, odd: bool) {
    let (id, kind) = *line.rng.pick(&[(17, "CreatePipe"), (18, "ConnectPipe")]);
    begin(line, id, Some(kind));
    line.text("ProcessGuid", "{{g}}");
    line.text("ProcessId", "{d4}");
    line.any("PipeName", if odd { odd::PIPES } else { PIPES });
    let image = if odd { r"C:\Windows\System32\rundll32.exe" } else { line.rng.often(PROGRAMS).image };
    line.text("Image", image);
}

/// 22: a name is looked up.
pub(super) fn lookup(line: &mut Line, odd: bool) {
    begin(line, 22, None);
    let image = *line.rng.pick(&[
        r"C:\Program Files\Harrier\Browser\harrier.exe",
        r"C:\Windows\System32\svchost.exe",
        r"C:\Program Files\Tessera\tessera.exe",
    ]);
    line.text("ProcessGuid", "{{g}}");
    line.text("ProcessId", "{d4}");
    line.text("QueryName", if odd { "{w}{x8}.onion" } else { "{n}" });
    line.text("QueryStatus", "0");
    line.any("QueryResults", &["::ffff:{o};", "type:  5 {n};::ffff:{o};::ffff:{o};", "{o};"]);
    line.text("Image", image);
}

/// 23: a file is deleted and kept.
pub(super) fn delete(line: &mut Line, _odd: bool) {
    begin(line, 23, None);
    let (image, file) = writer(line);
    line.text("ProcessGuid", "{{g}}");
    line.text("ProcessId", "{d4}");
    line.text("User", r"CORP\{u}");
    line.text("Image", image);
    line.text("TargetFilename", file);
    line.text("Hashes", HASHES);
    line.text("IsExecutable", "false");
    line.text("Archived", "true");
}
