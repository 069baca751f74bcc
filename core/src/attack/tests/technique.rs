//! Techniques: by id, by name, their lifecycle and their tactics.

use super::{BOTH, short_names};
use crate::attack::*;

#[test]
fn techniques_are_counted_per_domain() {
    let count = |domain, f: fn(&Technique) -> bool| techniques(domain).filter(f).count();
    let active = |t: &Technique| !t.is_revoked() && !t.is_deprecated();
    assert_eq!(count(Domain::Enterprise, active), 697);
    assert_eq!(count(Domain::Enterprise, |_| true), 835 + 23);
    assert_eq!([count(Domain::Mobile, active), count(Domain::Mobile, |_| true)], [124, 190]);
    assert_eq!([count(Domain::Ics, active), count(Domain::Ics, |_| true)], [83, 95]);
    for domain in Domain::ALL {
        assert!(techniques(domain).is_sorted() && techniques(domain).all(|t| t.domain() == domain));
    }
}

#[test]
fn a_technique_is_found_by_id() {
    for id in ["T1059.001", "t1059.001", "attack.t1059.001", "ATTACK.T1059.001", " T1059.001\n", "T1059/001"] {
        let t = technique(id).unwrap();
        assert_eq!((t.id(), t.name(), t.domain()), ("T1059.001", "PowerShell", Domain::Enterprise));
        assert_eq!(t.parent(), technique("T1059"));
    }
    assert_eq!(technique("T1059").unwrap().parent(), None);
    assert_eq!(technique("T1059.001").unwrap().to_string(), "T1059.001");
    assert_eq!(technique("T0801").unwrap().domain(), Domain::Ics);
    assert_eq!(short_names("T1053.005", Edition::V18), ["execution", "persistence", "privilege-escalation"]);
}

#[test]
fn a_technique_is_found_by_name() {
    let id = |name: &str| technique_by_name(name).map(Technique::id);
    assert_eq!(id("powershell"), Some("T1059.001"));
    assert_eq!(id("Command and Scripting Interpreter: PowerShell"), Some("T1059.001"));
    assert_eq!(id("OS Credential Dumping:LSASS Memory"), Some("T1003.001"));
    assert_eq!(id("Process Injection"), Some("T1055"));
    assert_eq!(id("process-injection"), Some("T1055"));
    assert_eq!(id("Process Doppelgänging"), Some("T1055.013"));
    assert_eq!(id("point and tag identification"), id("Point & Tag Identification"));
    assert_eq!(id("Point & Tag Identification"), Some("T0861"));
    // Several domains: enterprise. Several sub-techniques: the parent says which.
    assert_eq!(id("Spearphishing Attachment"), Some("T1566.001"));
    assert_eq!(id("Phishing for Information: Spearphishing Attachment"), Some("T1598.002"));
    assert_eq!(id("DNS"), Some("T1071.004"));
    // In use before retired, but a retired enterprise technique before a mobile one (T1629.003).
    assert_eq!(id("Disable or Modify Tools"), Some("T1685"));
    assert_eq!(id("Impair Defenses: Disable or Modify Tools"), Some("T1562.001"));
    // The name of v18 still counts.
    assert_eq!(id("LLMNR/NBT-NS Poisoning and SMB Relay"), Some("T1557.001"));
    assert_eq!(technique("T1211").unwrap().former_name(), Some("Exploitation for Defense Evasion"));
    assert_eq!(technique("T1059").unwrap().former_name(), None);
    for missing in ["", ":", "PowerShell:", ": PowerShell", "Phishing: PowerShell", "T1059", "zzz", "\u{10ffff}"] {
        assert_eq!(id(missing), None, "{missing}");
    }
    for t in Domain::ALL.into_iter().flat_map(techniques) {
        let found = technique_by_name(&t.name().to_uppercase().replace('Ä', "ä")).unwrap();
        assert!(
            found == t || found.name().eq_ignore_ascii_case(t.name()) || found.former_name() == Some(t.name()),
            "{t:?} {found:?}"
        );
    }
}

#[test]
fn successors_are_followed_to_the_end() {
    let current = |id: &str| technique(id).unwrap().current().id();
    assert_eq!(current("T1073"), "T1574.001"); // by T1574.002
    assert_eq!(current("T1562.001"), "T1685");
    assert_eq!(current("T1059"), "T1059");
    // Deprecated without a successor in the data, although T1059 does its work today.
    let scripting = technique("T1064").unwrap();
    assert!(scripting.is_deprecated() && !scripting.is_revoked() && scripting.revoked_by().is_none());
    assert_eq!(scripting.current(), scripting);
    assert!(technique("T1454").unwrap().is_revoked() && technique("T1454").unwrap().revoked_by().is_none());
    for t in Domain::ALL.into_iter().flat_map(techniques) {
        assert!(!t.current().is_revoked() || t.id() == "T1454" || t.current().revoked_by().is_none(), "{t}");
        assert_eq!(t.current().current(), t.current(), "{t}");
        assert!(t.is_revoked() || t.revoked_by().is_none(), "{t}");
    }
}

#[test]
fn both_editions_list_their_own_tactics() {
    assert_eq!(short_names("T1055", Edition::V18), ["privilege-escalation", "defense-evasion"]);
    assert_eq!(short_names("T1055", Edition::V19), ["privilege-escalation", "stealth"]);
    assert_eq!(short_names("T1548.002", Edition::V19), ["privilege-escalation"]);
    assert_eq!(short_names("T1562.001", Edition::V19), ["defense-impairment"]);
    assert_eq!(short_names("T1685", Edition::V18), ["defense-evasion"]);
    // No successor and not in v19: either is possible.
    assert_eq!(short_names("T1064", Edition::V19), ["execution", "stealth", "defense-impairment"]);
    let listed = |id: &str| BOTH.map(|e| technique(id).unwrap().is_listed(e));
    assert_eq!(listed("T1055"), [true, true]);
    assert_eq!(listed("T1685"), [false, true]);
    assert_eq!(listed("T1562"), [true, false]);
    assert_eq!(listed("T1064"), [true, false]);
    for t in techniques(Domain::Enterprise) {
        assert!(t.tactics(Edition::V18).all(|x| x.short_name != "stealth" && x.id != "TA0112"), "{t}");
        assert!(t.tactics(Edition::V19).all(|x| x.short_name != "defense-evasion"), "{t}");
        assert!(BOTH.iter().all(|e| t.tactics(*e).next().is_some()), "{t}");
    }
}
