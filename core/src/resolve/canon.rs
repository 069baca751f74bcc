//! Canonical forms: the one spelling under which two identifiers are compared.
//!
//! Every function is total, keeps what it does not understand (lower-cased), and says with `None`
//! that a text identifies nothing. The original spelling stays in the fact.

use std::borrow::Cow;
use std::net::IpAddr;

/// Texts that stand for "no value" in real exports.
fn is_blank(text: &str) -> bool {
    matches!(text, "" | "-" | "N/A" | "n/a" | "null" | "None" | "none" | "unknown" | "Unknown")
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Any identifier that is compared without regard to case.
pub(crate) fn token(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    (!is_blank(text)).then(|| lower(text))
}

/// Undoes the usual ways of making an indicator unclickable: `hxxp`, `[.]`, `(.)`, `[:]`, `[at]`.
pub(crate) fn refang(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let scheme = text.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("hxxp"));
    if !scheme && !text.contains(['[', '(']) {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    for (from, to) in
        [("[.]", "."), ("(.)", "."), ("[dot]", "."), ("[:]", ":"), ("[://]", "://"), ("[at]", "@"), ("[@]", "@")]
    {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    if scheme {
        out.replace_range(..4, "http");
    }
    Cow::Owned(out)
}

/// A host name or domain: lower case, no trailing dot.
pub(crate) fn host(text: &str) -> Option<Cow<'_, str>> {
    let text = match refang(text) {
        Cow::Borrowed(text) => text.strip_suffix('.').unwrap_or(text),
        Cow::Owned(text) => return token(&text).map(|t| Cow::Owned(t.trim_end_matches('.').to_owned())),
    };
    token(text)
}

/// An address, IPv4-mapped IPv6 as IPv4; a port or prefix length is no part of it.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = refang(text);
    let text = text.strip_prefix('[').and_then(|t| t.split(']').next()).unwrap_or(&text);
    let text = text.split('%').next().unwrap_or(text);
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Does an address say nothing about who is behind it, so that sharing it links nothing?
///
/// Private, loopback, link-local, multicast and unspecified ranges (RFC 1918, 4193, 4291, 6598) and
/// the public resolvers that every network talks to.
pub(crate) fn is_common_address(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || matches!(
                    v4.octets(),
                    [8, 8, 8, 8]
                        | [8, 8, 4, 4]
                        | [1, 1, 1, 1]
                        | [1, 0, 0, 1]
                        | [9, 9, 9, 9]
                        | [149, 112, 112, 112]
                        | [208, 67, 222, 222]
                        | [208, 67, 220, 220]
                        | [168, 63, 129, 16]
                )
        }
        IpAddr::V6(v6) => {
            let [first, ..] = v6.segments();
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || (first & 0xfe00) == 0xfc00
                || (first & 0xffc0) == 0xfe80
                || matches!(
                    v6.segments(),
                    [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888 | 0x8844]
                        | [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111 | 0x1001]
                        | [0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe]
                )
        }
    }
}

/// A URL by the WHATWG rules, without its fragment; a text without a scheme is taken as `http`.
/// Gives the canonical text and the host.
pub(crate) fn url(text: &str) -> Option<(String, Option<String>)> {
    let text = refang(text);
    if is_blank(&text) {
        return None;
    }
    let parsed = url::Url::parse(&text).ok().filter(|u| u.has_host() || text.contains("://"));
    let parsed = parsed.or_else(|| url::Url::parse(&format!("http://{text}")).ok());
    match parsed {
        Some(mut parsed) => {
            parsed.set_fragment(None);
            let host = parsed.host_str().map(|h| h.trim_end_matches('.').to_owned());
            Some((parsed.into(), host.filter(|h| !h.is_empty())))
        }
        None => token(&text).map(|t| (t.into_owned(), None)),
    }
}

/// A hash of exactly `hex` digits, lower case; the digest of the empty input identifies nothing.
pub(crate) fn hash(text: &str, hex: usize) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let well_formed = text.len() == hex && text.bytes().all(|b| b.is_ascii_hexdigit());
    let zero = text.bytes().all(|b| b == b'0');
    let text = (well_formed && !zero).then(|| lower(text))?;
    (!is_empty_digest(&text)).then_some(text)
}

fn is_empty_digest(text: &str) -> bool {
    matches!(
        text,
        "d41d8cd98f00b204e9800998ecf8427e"
            | "da39a3ee5e6b4b0d3255bfef95601890afd80709"
            | "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
}

/// A full path from folder and name. Windows paths (with a drive or a backslash) compare without
/// regard to case and with one kind of separator; others are compared as they are.
pub(crate) fn path(folder: &str, name: &str) -> Option<String> {
    let (folder, name) = (folder.trim(), name.trim());
    if is_blank(name) && is_blank(folder) {
        return None;
    }
    let full = joined(folder, name);
    Some(if is_windows(folder, name) { full.replace('/', "\\").to_lowercase() } else { full })
}

/// Folder and name as one path, spelt as they are, with the separator that the folder has.
pub(crate) fn joined(folder: &str, name: &str) -> String {
    let (folder, name) = (folder.trim(), name.trim());
    let mut full = String::with_capacity(folder.len() + name.len() + 1);
    full.push_str(folder.trim_end_matches(['\\', '/']));
    // Some sources give the full path in the folder member too.
    if !is_blank(name) && !ends_with_name(folder, name) {
        if !full.is_empty() || folder.starts_with('/') {
            let windows = folder.contains('\\') || (is_windows(folder, name) && !folder.contains('/'));
            full.push(if windows { '\\' } else { '/' });
        }
        full.push_str(name);
    }
    full
}

/// Folder and last part of a path of either kind, without the separator between them.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once(['\\', '/']).unwrap_or(("", path))
}

fn is_windows(folder: &str, name: &str) -> bool {
    folder.contains('\\') || folder.as_bytes().get(1) == Some(&b':') || name.contains('\\')
}

fn ends_with_name(folder: &str, name: &str) -> bool {
    folder.rsplit(['\\', '/']).next().is_some_and(|last| last.eq_ignore_ascii_case(name)) && folder.len() > name.len()
}

/// The operating system's own programs, sorted.
pub(crate) const PROGRAMS: [&str; 97] = [
    "arp.exe",
    "at.exe",
    "attrib.exe",
    "audiodg.exe",
    "backgroundtaskhost.exe",
    "bash.exe",
    "bcdedit.exe",
    "bitsadmin.exe",
    "certutil.exe",
    "cmd.exe",
    "conhost.exe",
    "consent.exe",
    "control.exe",
    "csc.exe",
    "cscript.exe",
    "csrss.exe",
    "ctfmon.exe",
    "dllhost.exe",
    "dwm.exe",
    "explorer.exe",
    "findstr.exe",
    "fltmc.exe",
    "fontdrvhost.exe",
    "forfiles.exe",
    "hostname.exe",
    "icacls.exe",
    "ipconfig.exe",
    "klist.exe",
    "logonui.exe",
    "lsass.exe",
    "lsm.exe",
    "mmc.exe",
    "msbuild.exe",
    "mshta.exe",
    "msiexec.exe",
    "msmpeng.exe",
    "mstsc.exe",
    "net.exe",
    "net1.exe",
    "netsh.exe",
    "netstat.exe",
    "nltest.exe",
    "notepad.exe",
    "nslookup.exe",
    "ntoskrnl.exe",
    "ping.exe",
    "powershell.exe",
    "print.exe",
    "query.exe",
    "quser.exe",
    "qwinsta.exe",
    "reg.exe",
    "regedit.exe",
    "regsvr32.exe",
    "route.exe",
    "runas.exe",
    "rundll32.exe",
    "runtimebroker.exe",
    "sc.exe",
    "schtasks.exe",
    "searchfilterhost.exe",
    "searchindexer.exe",
    "searchprotocolhost.exe",
    "services.exe",
    "setx.exe",
    "shutdown.exe",
    "sihost.exe",
    "smss.exe",
    "spoolsv.exe",
    "svchost.exe",
    "systeminfo.exe",
    "takeown.exe",
    "taskeng.exe",
    "taskhostw.exe",
    "taskkill.exe",
    "tasklist.exe",
    "taskmgr.exe",
    "tracert.exe",
    "trustedinstaller.exe",
    "userinit.exe",
    "vssadmin.exe",
    "wbadmin.exe",
    "werfault.exe",
    "wermgr.exe",
    "wevtutil.exe",
    "where.exe",
    "whoami.exe",
    "wininit.exe",
    "winlogon.exe",
    "winrm.cmd",
    "winrs.exe",
    "winrshost.exe",
    "wmic.exe",
    "wmiprvse.exe",
    "wscript.exe",
    "wsmprovhost.exe",
    "wusa.exe",
];

/// Is a path one of the operating system's own programs, present on every machine?
pub(crate) fn is_common_program(path: &str) -> bool {
    const FOLDERS: [&str; 5] = [
        "\\windows\\system32\\",
        "\\windows\\syswow64\\",
        "\\windows\\",
        "\\windows\\microsoft.net\\",
        "\\program files\\windows defender\\",
    ];
    let Some(cut) = path.rfind('\\') else {
        return matches!(
            path,
            "/bin/sh"
                | "/bin/bash"
                | "/usr/bin/bash"
                | "/bin/dash"
                | "/usr/bin/sudo"
                | "/usr/sbin/sshd"
                | "/usr/bin/python3"
        );
    };
    let (folder, name) = path.split_at(cut + 1);
    PROGRAMS.binary_search(&name).is_ok()
        && (FOLDERS.iter().any(|f| folder.ends_with(f))
            || folder.contains("\\windows\\system32\\")
            || folder.contains("\\windows\\syswow64\\"))
}

/// Programs of the system that do what others ask of them, sorted.
pub(crate) const BROKERS: [&str; 14] = [
    "csrss.exe",
    "dllhost.exe",
    "lsass.exe",
    "lsm.exe",
    "searchindexer.exe",
    "services.exe",
    "smss.exe",
    "spoolsv.exe",
    "svchost.exe",
    "taskhostw.exe",
    "trustedinstaller.exe",
    "wininit.exe",
    "winlogon.exe",
    "wmiprvse.exe",
];

/// Is a path one of the system's own programs that do what others ask of them? What such a one wrote or opened
/// is rarely its own doing. A bare name is taken for the place that it has on every machine.
pub(crate) fn is_broker(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let Some((folder, name)) = path.rsplit_once('\\') else {
        return path == "system" || BROKERS.binary_search(&path.as_str()).is_ok();
    };
    let own = ["\\windows\\system32", "\\windows\\system32\\wbem", "\\windows\\servicing"];
    let own = own.iter().any(|end| folder.ends_with(end));
    own && BROKERS.binary_search(&name).is_ok()
}

/// A security identifier in upper case, if the text is one.
pub(crate) fn sid(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let is = text.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("S-1-"));
    is.then(|| {
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            Cow::Owned(text.to_ascii_uppercase())
        } else {
            Cow::Borrowed(text)
        }
    })
}

/// Does a SID name the same account on every machine (SYSTEM, services, built-in groups, everyone)?
pub(crate) fn is_common_sid(sid: &str) -> bool {
    // Only S-1-5-21 (domain or machine), S-1-12-1 (Entra) and S-1-5-80/82 with sub-authorities name somebody.
    !(sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-"))
}

/// Is an account one that is in nearly every event and says nothing: SYSTEM, services, machine accounts?
pub(crate) fn is_common_account(name: &str, domain: &str) -> bool {
    let machine = name.ends_with('$');
    let builtin = matches!(
        domain,
        "nt authority"
            | "nt service"
            | "window manager"
            | "font driver host"
            | "builtin"
            | "autorite nt"
            | "nt-autorität"
    );
    machine
        || builtin
        || matches!(
            name,
            "system"
                | "local service"
                | "network service"
                | "anonymous logon"
                | "localsystem"
                | "dwm-1"
                | "umfd-0"
                | "root"
                | "nobody"
                | "local system"
        )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_defanged_forms_meet() {
        assert_eq!(host("WEB01.Example.COM.").unwrap(), "web01.example.com");
        assert_eq!(host("web01[.]example[.]com").unwrap(), "web01.example.com");
        assert_eq!(host("-"), None);
    }

    #[test]
    fn addresses_meet_in_one_form() {
        assert_eq!(address("::ffff:192.0.2.7"), address("192.0.2[.]7"));
        assert_eq!(address("2001:DB8::1"), address("2001:db8:0:0:0:0:0:1"));
        assert_eq!(address("fe80::1%eth0"), address("fe80::1"));
        assert_eq!(address("300.1.1.1"), None);
        assert!(is_common_address(address("10.1.2.3").unwrap()));
        assert!(is_common_address(address("8.8.8.8").unwrap()));
        assert!(!is_common_address(address("192.0.2.1").unwrap()));
    }

    #[test]
    fn urls_follow_whatwg() {
        let canonical = |t| url(t).unwrap().0;
        assert_eq!(canonical("HXXPS://Evil[.]Example.COM:443/a/../b?q=1#top"), "https://evil.example.com/b?q=1");
        assert_eq!(canonical("evil.example.com/x"), "http://evil.example.com/x");
        assert_eq!(url("http://evil.example.com/x").unwrap().1.unwrap(), "evil.example.com");
        assert_eq!(url(" "), None);
    }

    #[test]
    fn paths_fold_case_only_on_windows() {
        assert_eq!(path("C:\\Temp\\", "A.exe").unwrap(), "c:\\temp\\a.exe");
        assert_eq!(path("C:/Temp", "A.exe").unwrap(), "c:\\temp\\a.exe");
        assert_eq!(path("c:\\temp\\a.exe", "A.exe").unwrap(), "c:\\temp\\a.exe");
        assert_eq!(path("/tmp", "A").unwrap(), "/tmp/A");
        assert_eq!(path("/", "A").unwrap(), "/A");
        assert!(is_common_program("c:\\windows\\system32\\svchost.exe"));
        assert!(is_common_program("c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe"));
        assert!(!is_common_program("c:\\temp\\svchost.exe"));
    }

    #[test]
    fn empty_and_malformed_hashes_identify_nothing() {
        assert_eq!(hash("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", 64), None);
        assert_eq!(hash("xyz", 32), None);
        assert_eq!(hash("00000000000000000000000000000000", 32), None);
        assert_eq!(
            hash("5F1E8ACEDC065031AAD553B710838EB366CFEE9A", 40).unwrap(),
            "5f1e8acedc065031aad553b710838eb366cfee9a"
        );
    }

    #[test]
    fn accounts_of_the_system_are_known() {
        assert!(is_common_sid("S-1-5-18") && is_common_sid("S-1-1-0"));
        assert!(!is_common_sid("S-1-5-21-1-2-3-500"));
        assert!(is_common_account("host1$", "corp") && is_common_account("system", "nt authority"));
        assert!(!is_common_account("ada", "corp"));
    }
}
