//! Input from outside: the categories of vendors, and text that means nothing.

use crate::attack::*;

#[test]
fn categories_of_vendors_are_tactics_or_components() {
    let stages = [
        ("Reconnaissance", "reconnaissance"),
        ("InitialAccess", "initial-access"),
        ("Initial access", "initial-access"),
        ("SocialEngineering", "initial-access"),
        ("WebExploit", "initial-access"),
        ("DocumentExploit", "initial-access"),
        ("Delivery", "execution"),
        ("MalwareDownload", "execution"),
        ("Installation", "persistence"),
        ("DefenseEvasion", "defense-evasion"),
        ("CredentialTheft", "credential-access"),
        ("WebFingerprinting", "discovery"),
        ("NetworkPropagation", "lateral-movement"),
        ("CommandAndControl", "command-and-control"),
        ("exploit", "execution"),
        ("Ransomware", "impact"),
        ("DefenseImpairment", "defense-impairment"),
        ("ImpairProcessControl", "impair-process-control"),
    ];
    for (name, stage) in stages {
        assert_eq!(category(name), Category::Tactic(tactic(stage).unwrap()), "{name}");
    }
    for name in [
        "Malware",
        "Backdoor",
        "Trojan",
        "trojan downloader",
        "CredentialStealing",
        "Weaponization",
        "RemoteAccessTool",
    ] {
        assert_eq!(category(name), Category::Component(Component::Malware), "{name}");
    }
    for name in [
        "SuspiciousActivity",
        "Suspicious activity",
        "General",
        "None",
        "NotApplicable",
        "EnterprisePolicy",
        "SuspiciousNetworkTraffic",
    ] {
        assert_eq!(category(name), Category::Component(Component::SuspiciousActivity), "{name}");
    }
    assert_eq!(category("UnwantedSoftware"), Category::Component(Component::UnwantedSoftware));
    for name in ["", " ", "AnonymousLogin", "ExecutionX", "T1059", "&"] {
        assert_eq!(category(name), Category::Unknown, "{name}");
    }
}

#[test]
fn odd_input_finds_nothing_and_never_panics() {
    let long = "T1059.001".repeat(100_000);
    let dashes = "-".repeat(1_000_000);
    let odd = [
        "",
        " ",
        ".",
        "T",
        "T1",
        "T105",
        "T10599",
        "T1059.",
        "T1059.1",
        "T1059.01",
        "T1059.000",
        "T1059.999",
        "T9999",
        "T1059.0011",
        "T1059,001",
        "T+059",
        "T-059",
        "T１０５９",
        "attack.",
        "attack.T",
        "attack.attack.t1059",
        "attack",
        "ＴＡ０００５",
        "TA9999",
        "ä",
        "attack.ä",
        "aaaaaaä.",
        "\u{0}",
        "\u{202e}T1059",
        "💥💥",
        "&&&&",
        "----",
        "T\u{301}1059",
        long.as_str(),
        dashes.as_str(),
    ];
    for text in odd {
        assert_eq!(technique(text), None, "{text:.20}");
        assert_eq!(tactic(text), None, "{text:.20}");
        assert_eq!(technique_by_name(text), None, "{text:.20}");
        assert_eq!(category(text), Category::Unknown, "{text:.20}");
        assert_eq!(tactic_in(Domain::Ics, Edition::V18, text), None, "{text:.20}");
    }
    // Every cut and every changed byte of what is valid.
    let mut seed = 7_u32;
    for text in ["attack.t1059.001", "Command & Control", "Parent: Process Doppelgänging", "TA0005"] {
        for _ in 0..2_000 {
            let mut chars: Vec<char> = text.chars().collect();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (seed >> 8) as usize % chars.len();
            chars[at] = char::from_u32(seed >> 12).unwrap_or('.');
            chars.truncate(1 + (seed >> 20) as usize % (2 * chars.len()));
            let odd: String = chars.into_iter().collect();
            let _ = (technique(&odd), tactic(&odd), technique_by_name(&odd), category(&odd));
        }
    }
}
