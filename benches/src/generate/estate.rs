//! Alerts of many incidents that stay apart: what a casebook holds when correlation has little left to doubt.
//!
//! Some tens of thousands of incidents over 30 days in four tenants, of 1 to 300 alerts and 10 on average, each on
//! 1 to 6 devices with a file, an address and a domain of its own; beside them, an eighth of all alerts, the
//! daily noise of five detectors on sixty servers. Every alert has eight evidence items, of which two are found
//! on every device.

use serde_json::{Value, json};

use super::random::{Rng, scramble};

const TENANTS: u64 = 4;
const DAYS: u64 = 30;
const SERVERS: u64 = 60;
/// In permille: how many incidents have so many alerts, and up to how many more.
const SIZES: [(u64, u64, u64); 4] = [(550, 1, 3), (330, 4, 9), (105, 13, 48), (15, 61, 240)];

/// One alert as a JSON line, and the number of its incident; noise has one number for each server.
#[derive(Debug, Clone)]
pub struct Alert {
    /// The alert.
    pub line: String,
    /// Those of one number belong together.
    pub incident: u64,
    /// Days and seconds since the first.
    pub time: (u64, u64),
}

/// So many alerts in order of time; the same number gives the same alerts.
#[must_use]
pub fn estate(alerts: usize) -> Vec<Alert> {
    let mut rng = Rng(0x0E57_A7E0);
    let devices = (alerts as u64 / 8).max(64);
    let mut out: Vec<Alert> = Vec::with_capacity(alerts);
    for n in 0..alerts as u64 / 8 {
        let server = rng.below(SERVERS);
        let (detector, seconds) = (rng.below(5), rng.below(DAYS * 86_400));
        let told = Told { tenant: server % TENANTS, device: devices + server, incident: server, detector, seconds };
        out.push(told.alert(n));
    }
    let mut incident = SERVERS;
    while out.len() < alerts {
        let size = size(&mut rng).min((alerts - out.len()) as u64);
        let tenant = incident % TENANTS;
        let held: Vec<u64> = (0..=(size / 8).min(5)).map(|_| rng.below(devices) / TENANTS * TENANTS + tenant).collect();
        let mut seconds = rng.below(DAYS * 86_400);
        for _ in 0..size {
            seconds += rng.below(1_800);
            let device = held[rng.below(held.len() as u64) as usize];
            let told = Told { tenant, device, incident, detector: 5 + rng.heavy(400), seconds };
            out.push(told.alert(out.len() as u64));
        }
        incident += 1;
    }
    out.sort_by_key(|alert| alert.time);
    out
}

fn size(rng: &mut Rng) -> u64 {
    let mut left = rng.below(1_000);
    for (share, least, more) in SIZES {
        if left < share {
            return least + rng.below(more);
        }
        left -= share;
    }
    1
}

/// What an alert is about.
struct Told {
    tenant: u64,
    device: u64,
    incident: u64,
    detector: u64,
    seconds: u64,
}

impl Told {
    fn alert(&self, n: u64) -> Alert {
        let Told { tenant, device, incident, detector, seconds } = *self;
        let time = Value::from(super::time(seconds));
        let graph = |kind: &str, members: Value| {
            let mut item = json!({"@odata.type": format!("#microsoft.graph.security.{kind}Evidence")});
            if let (Some(item), Value::Object(members)) = (item.as_object_mut(), members) {
                item.extend(members);
            }
            item
        };
        let file = |name: String, seed: u64| {
            let hash: String = (0..4).map(|part| format!("{:016x}", scramble(seed * 4 + part))).collect();
            json!({"fileName": name, "filePath": "C:\\ProgramData", "sha256": hash})
        };
        let address = |seed: u64| {
            let bits = scramble(seed);
            format!("2001:db8:{:x}:{:x}::{:x}", bits & 0xffff, bits >> 16 & 0xffff, bits >> 32 & 0xffff)
        };
        // Noise has nothing but the server and what is everywhere in common.
        let own = if incident < SERVERS { 1 << 40 | n } else { incident };
        let verdict = if n.is_multiple_of(10) { "suspicious" } else { "unknown" };
        let evidence = [
            graph(
                "device",
                json!({"mdeDeviceId": format!("{:040x}", device), "deviceDnsName": format!("host-{device}.example")}),
            ),
            graph("user", json!({"userAccount": {"userPrincipalName": format!("user-{device}@corp.example")}})),
            graph("file", json!({"fileDetails": file(format!("tool-{own}.exe"), own), "verdict": verdict})),
            graph("file", json!({"fileDetails": file("svchost.exe".to_owned(), 1 << 50)})),
            graph(
                "process",
                json!({"processId": 1_000 + n % 50_000, "processCreationDateTime": time,
                "processCommandLine": "tool.exe -run", "mdeDeviceId": format!("{:040x}", device),
                "imageFile": file(format!("tool-{own}.exe"), own)}),
            ),
            graph("ip", json!({"ipAddress": address(own), "verdict": verdict})),
            graph("ip", json!({"ipAddress": "2001:db8::53"})),
            graph("url", json!({"url": format!("https://site-{own}.example/{}", n % 3)})),
        ];
        let severity = ["low", "medium", "high"][n as usize % 3];
        let category = ["Execution", "Persistence", "Discovery"][n as usize % 3];
        let line = json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": format!("estate-{n}"),
            "tenantId": format!("tenant-{tenant}"), "title": format!("Detection {detector}"),
            "detectorId": format!("detector-{detector}"), "severity": severity, "category": category,
            "serviceSource": "microsoftDefenderForEndpoint", "createdDateTime": time, "firstActivityDateTime": time,
            "lastActivityDateTime": time, "lastUpdateDateTime": time, "evidence": evidence,
        });
        Alert { line: line.to_string(), incident, time: (seconds / 86_400, seconds) }
    }
}
