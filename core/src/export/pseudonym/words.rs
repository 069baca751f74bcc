//! Words that stay: what judgements look for in paths, what every machine has, and everyday words of reports.
//!
//! They are the same in every book and say nothing of anybody; a customer's name that happens to be one of them stays in
//! paths, and in free texts only if no name of the book has it.

use std::sync::LazyLock;

use crate::attack::{self, Domain, Edition};
use crate::resolve::canon;

/// Accounts that every machine or directory has, besides those that link nothing.
pub(super) const ACCOUNTS: &[&str] = &[
    "administrator",
    "all users",
    "authenticated users",
    "domain admins",
    "domain users",
    "everyone",
    "guest",
    "krbtgt",
    "localhost",
    "workgroup",
    "n/a",
    "none",
    "null",
    "unknown",
];

/// Folders of users that are nobody's.
pub(super) const EVERYBODY: &[&str] = &["public", "default", "all users", "default user"];

/// Endings of domain names.
pub(super) const ENDINGS: &[&str] =
    &["arpa", "biz", "com", "edu", "example", "gov", "invalid", "mil", "net", "onion", "org"];

/// Folders, registry keys, and what leads to them.
const FOLDERS: &str = "\
    all amd64 appdata application applications assembly autorun bin boot cache classes common content control \
    cookies cron currentcontrolset currentversion data default defender desktop dev device documents downloads \
    drivers environment etc execution explorer favorites files fonts framework framework64 globalroot history hkcr \
    hkcu hkey hklm hku home image inetcache inetpub inf init installer internet launchagents launchdaemons lib lib64 \
    library local locallow logs machine media menu microsoft mnt music net ntuser opt options outlook packages \
    perflogs pictures policies prefetch private proc profile program programdata programs public recent recovery \
    recycle registry roaming root run runonce sbin sendto services servicing settings shell shm software spool start \
    startup sys system system32 systemroot sysvol syswow64 tasks temp templates temporary tmp user users usr var \
    videos volumes wbem windows windowsapps windowspowershell winlogon winsxs wow6432node wwwroot x64 x86";

/// Endings of file names, by which kinds of files are told, and schemes, which command lines hold too.
const EXTENSIONS: &str = "\
    7z ace apk app application appx bash bat bin bmp bz2 cab chm class cmd cmdline com conf config cpl csv dat db \
    dll dmg dmp doc docm docx dotm elf eml exe file ftp ftps gif gz hta htm html http https hxxp hxxps ico img inf \
    ini iqy iso jar jpeg jpg js jse json key ko ldap lnk log lzh mov mp3 mp4 msc msg msi msix msp mst ocx odt one \
    ost pdf pem pfx php pif pkg pl png pps ppt pptm pptx ps1 psd1 psm1 pst py pyc rar rb rdp reg rtf scr sct \
    settingcontent sh slk smb so sql ssh svg sys tar tgz tmp txt url vb vbe vbs vhd vhdx vmdk war wim wsc wsf wsh \
    xhtml xla xlam xll xls xlsb xlsm xlsx xml xsl xz zip zst";

/// Everyday words of reports, browsers and systems, besides those of the names of ATT&CK.
const PROSE: &str = "\
    a about abuse abused access accessed account accounts across action activity added after again alert alerts all \
    also an and android anomalous another antivirus any app applewebkit application are as asked at attack attacker \
    attempt attempted attempts authentication backdoor bad be because been before behavior behaviour between blocked \
    brute burst but by called can certificate change changed check chrome clean client cloud code command commands \
    confirmed connected connection connections contact contains copied country created creation credential \
    credentials data deleted deletion detected detection device devices did directory disable disabled disk dns \
    document does domain down download downloaded dump dumped edg edge email enabled encrypted endpoint enumeration \
    error event events evidence execution expected exploit external failed false file files firefox first folder for \
    force found from gecko group had harmful has have hidden high host identity if image impersonation in inbox \
    incident indicator information injected injection installed internal into investigate invoice ios ip iphone is \
    isolate it its job judged keep key khtml known large later lateral launched legitimate like link linux list \
    login logon low mac machine macos made mail mailbox malicious malware many may medium memory message messages \
    mobile modified more mozilla multiple name network new no not nt of off office on one only opened or other out \
    over own part password path permission phishing policy port positive possible potential potentially prevented \
    privilege process processes profile program protection public quarantined ran ransomware rare rarely reached \
    registry regular remote removed reported reset review risk role rule run running safari same scan scans script \
    seen sensitive sent server service session severity share sign signed since small software source spam started \
    stopped successful suspected suspicious system task tenant than that the their them then these this threat \
    through time to token tool traffic trojan true two unexpected unfamiliar unknown until unusual up upload url use \
    used user users using value virus volume vulnerability was web were when where whether which while who win64 \
    window windows with without worm write written wrote x64 you";

/// Is it a word of paths that every system has?
pub(super) fn is_of_systems(lower: &str) -> bool {
    static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut words: Vec<&str> = FOLDERS.split(' ').chain(EXTENSIONS.split(' ')).collect();
        words.extend(canon::PROGRAMS.iter().chain(&canon::BROKERS).filter_map(|name| name.split('.').next()));
        words.extend(["sudo", "sshd", "python3", "dash", "sh"]);
        words.sort_unstable();
        words
    });
    WORDS.binary_search(&lower).is_ok() || lower.starts_with("harddiskvolume")
}

/// Is it a word of reports that everybody uses?
pub(super) fn is_of_prose(lower: &str) -> bool {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut words: Vec<String> = PROSE.split(' ').map(str::to_owned).collect();
        let tactics = attack::tactics(Domain::Enterprise, Edition::V18).iter().map(|tactic| tactic.name);
        let names = attack::techniques(Domain::Enterprise).map(|technique| technique.name()).chain(tactics);
        words.extend(names.flat_map(|name| name.split(|c: char| !c.is_alphanumeric())).map(str::to_lowercase));
        words.sort_unstable();
        words
    });
    WORDS.binary_search_by(|word| word.as_str().cmp(lower)).is_ok() || is_of_systems(lower)
}
