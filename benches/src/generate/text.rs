//! Planned alerts as JSON Lines: the spelling of every value, and the evidence built of them.

use super::KINDS;
use super::plan::{Alert, CAMPAIGN, Item, Kind, LOCAL, PRIVATE, RESOLVER, SCANNER, SEC, SLICE, START, process_key};
use super::random::digest;
use super::tables::{
    CATEGORIES, DETAILED, FOLDERS, GROUPS, PRODUCTS, REGISTRY, ROLES, SEVERITIES, STATUSES, SYSTEM_FILES, SYSTEMS,
    VERDICTS, WORDS,
};

/// JSON of planned alerts. All text put in is ASCII and, where it has a backslash, escaped already.
pub(super) struct Text {
    pub(super) buf: Vec<u8>,
    pub(super) seed: u64,
    pub(super) tenants: u64,
}

/// Appends its arguments in turn: text, or `[method argument ...]` for a method of [`Text`].
macro_rules! put {
    ($t:expr $(, $part:tt)* $(,)?) => {{ $( put!(@ $t, $part); )* }};
    (@ $t:expr, [$method:ident $($arg:expr),*]) => { $t.$method($($arg),*) };
    (@ $t:expr, $text:tt) => { $t.s($text) };
}

impl Text {
    pub(super) fn s(&mut self, text: &str) {
        self.buf.extend_from_slice(text.as_bytes());
    }

    /// Decimal.
    fn n(&mut self, mut n: u64) {
        let mut digits = [0_u8; 20];
        let mut at = 20;
        loop {
            at -= 1;
            digits[at] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        self.buf.extend_from_slice(&digits[at..]);
    }

    /// Decimal in exactly `width` digits (at most 8), higher ones dropped.
    fn pad(&mut self, n: u64, width: usize) {
        let mut digits = [b'0'; 8];
        let mut rest = n;
        for d in digits[..width].iter_mut().rev() {
            *d += (rest % 10) as u8;
            rest /= 10;
        }
        self.buf.extend_from_slice(&digits[..width]);
    }

    /// The low `width` hexadecimal digits (at most 16).
    fn hex(&mut self, n: u64, width: usize) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0_u8; 16];
        for (i, d) in digits.iter_mut().enumerate() {
            *d = DIGITS[(n >> (60 - 4 * i) & 15) as usize];
        }
        self.buf.extend_from_slice(&digits[16 - width..]);
    }

    /// `width` hexadecimal digits that belong to a value.
    fn id(&mut self, kind: Kind, key: u64, n: u64, width: usize) {
        let mut left = width;
        let mut part = n << 8;
        while left > 0 {
            let w = left.min(16);
            self.hex(digest(self.seed, kind, key, part), w);
            part += 1;
            left -= w;
        }
    }

    fn guid(&mut self, kind: Kind, key: u64, n: u64) {
        let (a, b) = (digest(self.seed, kind, key, n << 8), digest(self.seed, kind, key, (n << 8) | 1));
        put!(self, [hex a >> 32, 8], "-", [hex a >> 16, 4], "-4", [hex a, 3], "-", [hex 8 | (b >> 60 & 3), 1], [hex b >> 48, 3], "-", [hex b, 12]);
    }

    /// A time with seven digits after the second, as Graph prints it.
    pub(super) fn time(&mut self, ticks: u64) {
        let seconds = ticks / SEC;
        // Days to a civil date (Hinnant): years begin in March, so that the leap day comes last.
        let z = seconds / 86_400 + 719_468;
        let (era, day) = (z / 146_097, z % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let date = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        put!(self, [pad year, 4], "-", [pad month, 2], "-", [pad date, 2], "T", [pad seconds / 3600 % 24, 2], ":", [pad seconds / 60 % 60, 2], ":",
            [pad seconds % 60, 2], ".", [pad ticks % SEC, 7], "Z");
    }

    fn word(&mut self, n: u64) {
        self.s(WORDS[n as usize % WORDS.len()]);
    }

    /// A name that two values never share: two words and the key.
    fn name(&mut self, kind: Kind, key: u64) {
        let d = digest(self.seed, kind, key, 99);
        put!(self, [word d], "-", [word d >> 8], [hex key, if key < 1 << 24 { 6 } else { 11 }]);
    }

    fn domain(&mut self, key: u64) {
        put!(self, [name Kind::Dns, key], ".example");
    }

    fn url(&mut self, key: u64) {
        let d = digest(self.seed, Kind::Url, key, 0);
        // Several URLs to a domain, except in campaigns.
        put!(self, "https://", [domain if key & CAMPAIGN == 0 { key & !3 } else { key }], "/", [word d >> 8], "/", [word d >> 16], "/", [hex key, 11], "?id=", [hex d, 6]);
    }

    /// Place in 198.18.0.0/15, for as many keys as it has room; no two keys share one.
    fn v4(key: u64) -> Option<u64> {
        let (device, n) = ((key & (LOCAL - 1)) >> 6, key & 63);
        if key & LOCAL != 0 {
            (n < 8 && device < 12_288).then_some(0x8000 + device * 8 + n)
        } else {
            (key & (CAMPAIGN | 1) == 0 && key < 2 * 0x7F00).then_some(0x100 + key / 2)
        }
    }

    fn ip(&mut self, key: u64) {
        if key == RESOLVER {
            self.s("198.18.0.53");
        } else if key & PRIVATE != 0 {
            let d = (key + 257) & 0xFF_FFFF;
            put!(self, "10.", [n d >> 16], ".", [n d >> 8 & 255], ".", [n d & 255]);
        } else if let Some(d) = Self::v4(key) {
            put!(self, "198.", [n 18 + (d >> 16)], ".", [n d >> 8 & 255], ".", [n d & 255]);
        } else if key & LOCAL != 0 {
            put!(self, "2001:db8:300:", [hex key >> 30 & 0x1FF | 0x8000, 4], "::", [hex key >> 15 & 0x7FFF | 0x8000, 4], ":", [hex key & 0x7FFF | 0x8000, 4]);
        } else {
            let net = if key & CAMPAIGN == 0 { 0x100 } else { 0x200 };
            put!(self, "2001:db8:", [hex net, 3], "::", [hex key >> 15 & 0x7FFF | 0x8000, 4], ":", [hex key & 0x7FFF | 0x8000, 4]);
        }
    }

    fn host(&mut self, device: u64) {
        put!(self, [word digest(self.seed, Kind::Device, device, 7)], "-", [pad device, 7]);
    }

    fn zone(&mut self, device: u64) {
        put!(self, ".t", [n device % self.tenants], ".corp.example");
    }

    fn account(&mut self, user: u64) {
        if user == SCANNER {
            self.s("svc-scanner");
        } else {
            put!(self, [word digest(self.seed, Kind::User, user, 7)], ".", [n user]);
        }
    }

    /// `userAccount`; `full` with the identifiers of the cloud.
    fn user_account(&mut self, tenant: u32, user: u64, full: bool) {
        let t = u64::from(tenant);
        // The scanner is one account in each tenant.
        let key = if user == SCANNER { SCANNER | t } else { user };
        put!(self, "\"userAccount\":{\"accountName\":\"", [account user], "\",\"domainName\":\"CORP", [n t], "\",\"userSid\":\"S-1-5-21-",
            [n digest(self.seed, Kind::User, t, 90) >> 33], "-", [n digest(self.seed, Kind::User, t, 91) >> 33], "-", [n digest(self.seed, Kind::User, t, 92) >> 33], "-",
            [n if user == SCANNER { 999 } else { 1000 + user }], "\",\"azureAdUserId\":");
        if full {
            put!(self, "\"", [guid Kind::User, key, 1], "\",\"userPrincipalName\":\"", [account user], "@t", [n t], ".example\",\"displayName\":\"", [account user], "\"}");
        } else {
            self.s("null,\"userPrincipalName\":null,\"displayName\":null}");
        }
    }

    /// The inside of `fileDetails`; `full` with hashes.
    fn file_details(&mut self, file: u64, full: bool) {
        let d = digest(self.seed, Kind::File, file, 9);
        self.s("{\"sha1\":");
        if full {
            put!(self, "\"", [id Kind::File, file, 1, 40], "\",\"sha256\":\"", [id Kind::File, file, 2, 64], "\",\"fileName\":\"");
        } else {
            self.s("null,\"sha256\":null,\"fileName\":\"");
        }
        let size = 4096 + (d >> 40);
        match SYSTEM_FILES.get(usize::try_from(file).unwrap_or(usize::MAX)) {
            Some(name) => {
                put!(self, name, r#"","filePath":"C:\\Windows\\System32","fileSize":"#, [n size],
                ",\"filePublisher\":\"Microsoft Corporation\",\"signer\":\"Microsoft Windows\"}")
            }
            None => {
                put!(self, [name Kind::File, file], ".exe\",\"filePath\":\"", (FOLDERS[d as usize % FOLDERS.len()]), "\",\"fileSize\":", [n size],
                ",\"filePublisher\":null,\"signer\":null}")
            }
        }
    }

    /// Pid and creation time of a process: a function of its key.
    fn process_facts(&self, key: u64) -> (u64, u64, u64) {
        let d = digest(self.seed, Kind::Process, key, 0);
        let born = (key >> 4 & 0xF_FFFF) * SLICE + (d >> 20) % SLICE;
        // Four in five processes run a system program.
        let file = if !d.is_multiple_of(5) {
            (d >> 8) % SYSTEM_FILES.len() as u64
        } else {
            LOCAL | ((key >> 24) << 6) | ((d >> 8) & 15)
        };
        // Sixteen slots a slice: no two processes of a slice share a pid.
        let pid = 1000 + 64 * (d % 600) + 4 * (key & 15);
        (pid, born, file)
    }

    fn process(&mut self, a: &Alert, item: &Item) {
        let (device, slot) = (item.key >> 24, item.key & 15);
        let (pid, born, file) = self.process_facts(item.key);
        let (parent_pid, parent_born, parent_file) =
            self.process_facts(process_key(device, (item.key >> 4 & 0xF_FFFF) - 1, slot / 2));
        let task = digest(self.seed, Kind::Process, item.key, 1);
        put!(self, "\"processId\":", [n pid], ",\"parentProcessId\":", [n parent_pid], ",\"processCommandLine\":\"");
        match SYSTEM_FILES.get(usize::try_from(file).unwrap_or(usize::MAX)) {
            Some(name) => self.s(name),
            None => {
                put!(self, r#"\""#, (FOLDERS[slot as usize % FOLDERS.len()]), r"\\", [name Kind::File, file], r#".exe\""#)
            }
        }
        put!(self, " /run -k ", [word task >> 40], " --task ", [hex task, 8],
            "\",\"processCreationDateTime\":\"", [time born], "\",\"parentProcessCreationDateTime\":\"", [time parent_born], "\",\"detectionStatus\":\"detected\",\"mdeDeviceId\":\"",
            [id Kind::Device, device, 1, 40], "\",\"imageFile\":", [file_details file, true], ",\"parentProcessImageFile\":", [file_details parent_file, false], ",");
        if task & 3 == 0 {
            self.s("\"userAccount\":{\"accountName\":\"SYSTEM\",\"domainName\":\"NT AUTHORITY\",\"userSid\":\"S-1-5-18\",\"azureAdUserId\":null,\"userPrincipalName\":null,\"displayName\":null}}");
        } else {
            put!(self, [user_account a.tenant, device, task & 12 == 0], "}");
        }
    }

    fn device(&mut self, item: &Item) {
        let d = item.key;
        let bits = digest(self.seed, Kind::Device, d, 0);
        let (platform, build, version) = SYSTEMS[(bits >> 8) as usize % SYSTEMS.len()];
        let group = (bits >> 16) as usize % GROUPS.len();
        put!(self, "\"firstSeenDateTime\":\"", [time START - (bits >> 16) % (400 * 86_400 * SEC)], "\",\"mdeDeviceId\":\"", [id Kind::Device, d, 1, 40], "\",\"azureAdDeviceId\":");
        // One in four alerts knows the device by fewer names.
        if item.bits & 3 == 0 {
            self.s("null");
        } else {
            put!(self, "\"", [guid Kind::Device, d, 2], "\"");
        }
        put!(self, ",\"deviceDnsName\":\"", [host d], [zone d], "\",\"hostName\":\"", [host d], "\",\"ntDomain\":\"CORP", [n d % self.tenants], "\",\"osPlatform\":\"", platform,
            "\",\"osBuild\":", build, ",\"version\":\"", version, "\",\"healthStatus\":\"active\",\"riskScore\":\"", (["none", "low", "medium", "high"][(bits >> 4) as usize % 4]),
            "\",\"rbacGroupId\":", [n 10 + group as u64], ",\"rbacGroupName\":\"", (GROUPS[group]), "\",\"onboardingStatus\":\"onboarded\",\"defenderAvStatus\":\"updated\",\"lastIpAddress\":\"",
            [ip PRIVATE | d], "\",\"ipInterfaces\":[\"", [ip PRIVATE | d], "\"],\"loggedOnUsers\":[{\"accountName\":\"", [account d],
            "\",\"domainName\":\"CORP", [n d % self.tenants], "\"}]}");
    }

    fn message(&mut self, a: &Alert, item: &Item) {
        let to = a.mail;
        // Copies of a campaign's message differ in the network id only. Other senders and links occur a few times.
        let copy = item.key;
        let key = copy & (2 * CAMPAIGN - 1);
        let (from, url) = if key & CAMPAIGN == 0 { ((1 << 22) + key / 8, (1 << 22) + key / 2) } else { (key, key) };
        put!(self, "\"networkMessageId\":\"", [guid Kind::Message, copy, 1], "\",\"internetMessageId\":\"<", [id Kind::Message, key, 2, 24], "@mail.", [domain from], ">\",\"subject\":\"Re: ",
            [word key], " ", [word key >> 5], " order ", [n key & 0xFF_FFFF], "\",\"language\":\"en\",\"senderIp\":\"", [ip key & (CAMPAIGN | 0xFFFF)], "\",\"recipientEmailAddress\":\"",
            [account to], "@t", [n u64::from(a.tenant)], ".example\",\"antiSpamDirection\":\"Inbound\",\"deliveryAction\":\"Delivered\",\"deliveryLocation\":\"Inbox\",\"urn\":\"urn:MailMessage:",
            [id Kind::Message, copy, 3, 32], "\",\"threats\":[\"Phish\"],\"threatDetectionMethods\":[\"UrlReputation\"],\"urls\":[\"", [url url], "\"],\"urlCount\":1,\"attachmentsCount\":1,\"receivedDateTime\":\"",
            [time a.first], "\",\"p1Sender\":{\"emailAddress\":\"bounce@mail.", [domain from], "\",\"displayName\":null,\"domainName\":\"mail.", [domain from],
            "\"},\"p2Sender\":{\"emailAddress\":\"", [word key], "@", [domain from], "\",\"displayName\":\"", [word key], " accounts\",\"domainName\":\"", [domain from], "\"}}");
    }

    fn evidence(&mut self, a: &Alert, item: &Item) {
        let Item { kind, key, verdict, bits } = *item;
        let b = bits as usize;
        let status = if verdict == 0 { "none" } else { STATUSES[b >> 4 & 7] };
        put!(self, "{\"@odata.type\":\"#microsoft.graph.security.", (KINDS[kind as usize]), "Evidence\",\"createdDateTime\":\"", [time a.created], "\",\"verdict\":\"",
            (VERDICTS[verdict as usize & 3]), "\",\"remediationStatus\":\"", status, "\",\"remediationStatusDetails\":null,\"roles\":[", (ROLES[b >> 8 & 7]), "],\"detailedRoles\":[",
            (DETAILED[b >> 12 & 3]), "],\"tags\":[],");
        match kind {
            Kind::Device => self.device(item),
            Kind::User => {
                put!(self, "\"stream\":null,", [user_account a.tenant, key, bits & 3 != 0], "}")
            }
            Kind::Process => self.process(a, item),
            Kind::File => {
                put!(self, "\"detectionStatus\":\"detected\",\"mdeDeviceId\":\"", [id Kind::Device, a.device, 1, 40], "\",\"fileDetails\":", [file_details key, true], "}")
            }
            Kind::Ip => put!(self, "\"ipAddress\":\"", [ip key], "\",\"countryLetterCode\":null}"),
            Kind::Url => put!(self, "\"url\":\"", [url key], "\"}"),
            Kind::Dns => {
                put!(self, "\"domainName\":\"", [domain key], "\",\"dnsServerIp\":null,\"hostIpAddress\":null,\"ipAddresses\":[]}")
            }
            Kind::RegistryValue => {
                put!(self, "\"mdeDeviceId\":\"", [id Kind::Device, key >> 8, 1, 40], "\",\"registryHive\":\"HKEY_LOCAL_MACHINE\",\"registryKey\":\"",
                (REGISTRY[key as usize % REGISTRY.len()]), "\",\"registryValueName\":\"", [word key], [n key & 255], "\",\"registryValue\":\"", (FOLDERS[key as usize % FOLDERS.len()]), r"\\",
                [word key], ".exe /background\",\"registryValueType\":\"String\"}")
            }
            Kind::Message => self.message(a, item),
            Kind::Mailbox => {
                put!(self, "\"primaryAddress\":\"", [account key], "@t", [n u64::from(a.tenant)], ".example\",\"displayName\":\"", [account key], "\",\"upn\":\"", [account key], "@t",
                [n u64::from(a.tenant)], ".example\",", [user_account a.tenant, key, true], "}")
            }
            Kind::App => {
                put!(self, "\"appId\":", [n 20_000 + key], ",\"displayName\":\"", [word key], " cloud\",\"instanceId\":0,\"instanceName\":\"", [word key], "\",\"saasAppId\":", [n 20_000 + key], ",\"stream\":null}")
            }
        }
    }

    pub(super) fn alert(&mut self, a: &Alert) {
        let d = u64::from(a.detector);
        let category = &CATEGORIES[a.detector as usize % 12];
        let product = &PRODUCTS[a.product];
        let tag = digest(self.seed, Kind::App, d, 50);
        let severity = SEVERITIES[tag as usize % 16];
        let title = category.titles[(tag >> 8) as usize % 3];
        let id = (a.number << 8) | 1;
        put!(self, "{\"@odata.type\":\"#microsoft.graph.security.alert\",\"id\":\"", (product.prefix), [guid Kind::App, id, 60], "_1\",\"providerAlertId\":\"", [guid Kind::App, id, 60],
            "_1\",\"incidentId\":null,\"status\":\"new\",\"severity\":\"", severity, "\",\"classification\":\"unknown\",\"determination\":\"unknown\",\"serviceSource\":\"", (product.service),
            "\",\"detectionSource\":\"", (product.source), "\",\"detectorId\":\"", [guid Kind::App, d, 51], "\",\"tenantId\":\"",
            [guid Kind::App, u64::from(a.tenant), 52], "\",\"title\":\"", title, " (", [n d], ")\",\"description\":\"", title,
            ".\",\"recommendedActions\":null,\"category\":\"", (category.name), "\",\"assignedTo\":null,\"alertWebUrl\":null,\"incidentWebUrl\":null,\"actorDisplayName\":null,\"threatDisplayName\":null,\"threatFamilyName\":null,\"mitreTechniques\":[");
        let technique = category.techniques[(tag >> 16) as usize % 4];
        if !technique.is_empty() {
            put!(self, "\"", technique, "\"");
        }
        put!(self, "],\"createdDateTime\":\"", [time a.created], "\",\"lastUpdateDateTime\":\"", [time a.created + 90 * SEC + 3_333_333], "\",\"resolvedDateTime\":null,\"firstActivityDateTime\":\"",
            [time a.first], "\",\"lastActivityDateTime\":\"", [time a.last], "\",\"systemTags\":[],\"investigationState\":\"queued\",\"comments\":[],\"evidence\":[");
        for (i, item) in a.items.iter().enumerate() {
            if i > 0 {
                self.s(",");
            }
            self.evidence(a, item);
        }
        self.s("]}\n");
    }
}
