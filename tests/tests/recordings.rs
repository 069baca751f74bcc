//! Recordings of real attacks, read when `../shared` lies beside the workspace, else skipped with a note: what their
//! metadata describes as the attack is malicious or suspicious, and hardly anything else is. With the published
//! rules and those that ship.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say with a panic what failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use casegraph::Casebook;
use casegraph::model::Verdict;
use casegraph::rules::RuleSet;

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(part);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("note: ../shared/{part} is not there, nothing was checked");
    }
    found
}

static RULES: LazyLock<Option<RuleSet>> = LazyLock::new(|| {
    let root = shared("data/sigma")?;
    let mut builder = RuleSet::builder().add_builtin();
    for tree in ["rules", "rules-emerging-threats", "rules-threat-hunting"] {
        builder = builder.add_path(root.join(tree));
    }
    Some(builder.build().unwrap())
});

/// All members of an archive, one after the other, each ending its last line.
fn unpacked(archive: &Path) -> Option<Vec<u8>> {
    let Ok(output) = Command::new("unzip").arg("-p").arg(archive).output() else {
        println!("note: no `unzip` on the path, nothing was checked");
        return None;
    };
    assert!(output.status.success(), "{}: {}", archive.display(), String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn recording(archives: &[&str]) -> Option<Casebook> {
    let folder = shared("data/events")?;
    let mut book = Casebook::new();
    book.set_rules(RULES.clone()?).unwrap();
    for archive in archives {
        let report = book.ingest(archive, &unpacked(&folder.join(archive))?).unwrap();
        assert!(report.events > 0 && report.problems.is_empty(), "{archive}: {:?}", report.problems);
    }
    Some(book)
}

/// An entity of the recording, with the incident that holds it.
#[derive(Debug, Clone)]
struct Seen {
    id: String,
    name: String,
    verdict: Verdict,
    score: f64,
    alert: String,
}

fn seen(book: &Casebook) -> BTreeMap<String, Seen> {
    let mut all = BTreeMap::new();
    for incident in book.incidents() {
        for entity in &incident.entities {
            let seen = Seen {
                id: entity.id.clone(),
                name: entity.name.clone(),
                verdict: entity.verdict.clone(),
                score: entity.score,
                alert: incident.id.clone(),
            };
            all.insert(entity.id.clone(), seen);
        }
    }
    all
}

/// How an entity of the attack is told: the beginning of its id, a part of it in small letters, and how its name
/// begins.
type Label = (&'static str, &'static str, &'static str);

fn fits(entity: &Seen, (kind, part, name): &Label) -> bool {
    entity.id.starts_with(&format!("{kind}:"))
        && entity.id.to_lowercase().contains(part)
        && entity.name.to_lowercase().starts_with(name)
}

/// What came out of one recording.
#[derive(Debug, PartialEq)]
struct Figures {
    entities: usize,
    /// Of the processes, files, users and addresses that the metadata describes, and all of them.
    found: (usize, usize),
    /// Of what else the attack left behind, and all of it.
    traces: (usize, usize),
    false_alarms: usize,
}

fn measure(book: &Casebook, described: &[Label], traces: &[Label]) -> Figures {
    let all = seen(book);
    for label in described.iter().chain(traces) {
        assert!(all.values().any(|entity| fits(entity, label)), "nothing is {label:?}");
    }
    let mut figures = Figures { entities: all.len(), found: (0, 0), traces: (0, 0), false_alarms: 0 };
    for entity in all.values() {
        let bad = entity.verdict >= Verdict::Suspicious;
        let is = |labels: &[Label]| labels.iter().any(|label| fits(entity, label));
        let what = if is(described) {
            figures.found = (figures.found.0 + usize::from(bad), figures.found.1 + 1);
            if bad { "attack" } else { "MISS" }
        } else if is(traces) {
            figures.traces = (figures.traces.0 + usize::from(bad), figures.traces.1 + 1);
            if bad { "trace" } else { "trace, not flagged" }
        } else {
            figures.false_alarms += usize::from(bad);
            if bad { "FALSE ALARM" } else { "other" }
        };
        println!("{what:<20} {:<14} {:.2} {} | {}", entity.verdict.as_str(), entity.score, entity.name, entity.id);
    }
    let (others, flagged) = (figures.entities - figures.found.1 - figures.traces.1, figures.false_alarms);
    println!("{figures:?}: {flagged} false alarms of {others} others\n");
    assert_eq!(figures.found.0, figures.found.1, "part of the attack was missed");
    assert!(flagged * 50 <= others, "more than 2 % of the others are false alarms");
    figures
}

/// `schtasks /S` from a shell makes a task on the other machine, under a name among those of Windows.
#[test]
fn a_task_scheduled_on_another_machine() {
    let Some(book) = recording(&["schtask_create.zip"]) else { return };
    let described = [
        ("process", "", "powershell.exe"),
        ("process", "", "cmd.exe"),
        ("process", "", "schtasks.exe"),
        ("file", r"\tasks\microsoft\windows\softwareprotectionplatform\", "eventcachemanager"),
        ("user", "", r"theshire\pgustavo"),
    ];
    let traces = [
        ("hostLogonSession", "workstation5.", ""),
        ("registryKey", r"\softwareprotectionplatform\eventcachemanager", ""),
        ("registryValue", r"\softwareprotectionplatform\eventcachemanager", ""),
        // The scheduler writes the rest of the task under a number that only the key above connects with its name.
        ("registryKey", r"\taskcache\tasks\", ""),
        ("registryValue", r"\taskcache\tasks\", ""),
    ];
    let figures = measure(&book, &described, &traces);
    assert_eq!((figures.found, figures.false_alarms), ((5, 5), 0));
    // On both machines an agent runs a script as SYSTEM, which two published rules take for an attack.
    let agents: Vec<Seen> = seen(&book).into_values().filter(|e| fits(e, &("process", "", "cscript.exe"))).collect();
    assert_eq!(agents.len(), 2);
    for agent in agents {
        let why = book.explain(&agent.alert, &agent.id).unwrap();
        assert_eq!(why.verdict, Verdict::Clean, "{why:?}");
        assert!(why.because.contains("exculpating rule `Script of a monitoring agent`"), "{}", why.because);
        assert!(why.overruled.iter().any(|o| o.because.contains("SYSTEM")), "{why:?}");
    }
}

/// An agent on one machine runs its stager on another over PowerShell remoting; there it calls home and is asked
/// who it is.
#[test]
fn a_stager_over_powershell_remoting() {
    let Some(book) = recording(&["empire_psremoting_stager.zip"]) else { return };
    let described = [
        ("process", "workstation5.", "powershell.exe"),
        ("process", "workstation6.", "powershell.exe"),
        ("process", "workstation6.", "wsmprovhost.exe"),
        ("process", "workstation6.", "whoami.exe"),
        ("user", "", r"theshire\pgustavo"),
        ("ip", "172.18.39.5", ""),
        ("ip", "172.18.39.6", ""),
        ("ip", "10.10.10.5", ""),
    ];
    let traces = [
        ("networkConnection", "|5985", ""),
        ("networkConnection", "|10.10.10.5|80", ""),
        ("hostLogonSession", "workstation6.", ""),
        // The pipes by which the shells of the attack are reached.
        ("other", r"\pshost.", ""),
    ];
    let figures = measure(&book, &described, &traces);
    // `whoami` is there twice: Sysmon gives no number here, so the two logs have nothing in common.
    assert_eq!((figures.found, figures.false_alarms), ((9, 9), 0));
    let stager = seen(&book).into_values().find(|e| fits(e, &("process", "workstation6.", "powershell.exe"))).unwrap();
    assert_eq!(stager.verdict, Verdict::Malicious);
}

/// The signing key of a federation service is read, and with a forged token an application is given rights to read
/// mail.
#[test]
fn a_forged_token_that_reads_mail() {
    let folder = "GoldenSAMLADFSMailAccess/";
    let members =
        ["WindowsEvents.Zip", "Microsoft365DefenderEvents.Zip", "AADAuditEvents.Zip", "OfficeActivityEvents.Zip"]
            .map(|name| format!("{folder}{name}"));
    let Some(book) = recording(&members.each_ref().map(String::as_str)) else { return };
    let described = [
        ("process", "adfs01.", "powershell.exe"),
        ("user", "", r"simulandlabs\wardog"),
        ("user", "", "pgustavo@"),
        ("ip", "1.2.3.4", ""),
    ];
    let traces = [("oauthApplication", "", ""), ("hostLogonSession", "", ""), ("mailbox", "", "pgustavo@")];
    let figures = measure(&book, &described, &traces);
    assert_eq!((figures.found, figures.false_alarms), ((4, 4), 0));
}
