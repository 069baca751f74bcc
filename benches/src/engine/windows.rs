//! Which Sigma logsources an event of the Windows event log belongs to: a table by channel and event id.

/// Events that have the same logsources.
pub(super) struct Route {
    /// In lower case.
    pub(super) channel: &'static str,
    /// Empty: all that no earlier route of the channel has.
    pub(super) ids: &'static [u64],
    /// What the member `EventType` begins with; empty for any.
    pub(super) event_type: &'static str,
    pub(super) categories: &'static [&'static str],
    pub(super) service: Option<&'static str>,
}

const SYSMON: &str = "microsoft-windows-sysmon/operational";
const POWERSHELL: &str = "microsoft-windows-powershell/operational";
const CORE: &str = "powershellcore/operational";
const CLASSIC: &str = "windows powershell";

const fn sysmon(ids: &'static [u64], event_type: &'static str, categories: &'static [&'static str]) -> Route {
    Route { channel: SYSMON, ids, event_type, categories, service: Some("sysmon") }
}

const fn of(
    channel: &'static str,
    ids: &'static [u64],
    categories: &'static [&'static str],
    service: &'static str,
) -> Route {
    Route { channel, ids, event_type: "", categories, service: Some(service) }
}

const fn all(channel: &'static str, service: &'static str) -> Route {
    of(channel, &[], &[], service)
}

/// The first that fits counts.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    sysmon(&[1], "", &["process_creation"]),
    sysmon(&[2], "", &["file_change"]),
    sysmon(&[3], "", &["network_connection"]),
    sysmon(&[4, 16], "", &["sysmon_status"]),
    sysmon(&[5], "", &["process_termination"]),
    sysmon(&[6], "", &["driver_load"]),
    sysmon(&[7], "", &["image_load"]),
    sysmon(&[8], "", &["create_remote_thread"]),
    sysmon(&[9], "", &["raw_access_thread"]),
    sysmon(&[10], "", &["process_access"]),
    sysmon(&[11], "", &["file_event"]),
    sysmon(&[12], "Create", &["registry_event", "registry_add"]),
    sysmon(&[12], "Delete", &["registry_event", "registry_delete"]),
    sysmon(&[12], "", &["registry_event"]),
    sysmon(&[13], "", &["registry_event", "registry_set"]),
    sysmon(&[14], "", &["registry_event", "registry_rename"]),
    sysmon(&[15], "", &["create_stream_hash"]),
    sysmon(&[17, 18], "", &["pipe_created"]),
    sysmon(&[19, 20, 21], "", &["wmi_event"]),
    sysmon(&[22], "", &["dns_query"]),
    sysmon(&[23, 26], "", &["file_delete"]),
    sysmon(&[24], "", &["clipboard_capture"]),
    sysmon(&[25], "", &["process_tampering"]),
    sysmon(&[27], "", &["file_block_executable"]),
    sysmon(&[28], "", &["file_block_shredding"]),
    sysmon(&[29], "", &["file_executable_detected"]),
    sysmon(&[255], "", &["sysmon_error"]),
    sysmon(&[], "", &[]),
    of("security", &[4688], &["process_creation"], "security"),
    all("security", "security"),
    of(POWERSHELL, &[4103], &["ps_module"], "powershell"),
    of(POWERSHELL, &[4104], &["ps_script"], "powershell"),
    all(POWERSHELL, "powershell"),
    of(CORE, &[4103], &["ps_module"], "powershell"),
    of(CORE, &[4104], &["ps_script"], "powershell"),
    all(CORE, "powershell"),
    of(CLASSIC, &[400], &["ps_classic_start"], "powershell-classic"),
    of(CLASSIC, &[600], &["ps_classic_provider_start"], "powershell-classic"),
    all(CLASSIC, "powershell-classic"),
    all("system", "system"),
    all("application", "application"),
    all("dns server", "dns-server"),
    all("msexchange management", "msexchange-management"),
    all("openssh/operational", "openssh"),
    all("microsoft-iis-configuration/operational", "iis-configuration"),
    all("microsoft-servicebus-client/operational", "microsoft-servicebus-client"),
    all("microsoft-windows-applocker/exe and dll", "applocker"),
    all("microsoft-windows-applocker/msi and script", "applocker"),
    all("microsoft-windows-applocker/packaged app-deployment", "applocker"),
    all("microsoft-windows-applocker/packaged app-execution", "applocker"),
    all("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    all("microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"),
    all("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    all("microsoft-windows-bits-client/operational", "bits-client"),
    all("microsoft-windows-capi2/operational", "capi2"),
    all("microsoft-windows-certificateservicesclient-lifecycle-system/operational", "certificateservicesclient-lifecycle-system"),
    all("microsoft-windows-codeintegrity/operational", "codeintegrity-operational"),
    all("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    all("microsoft-windows-dns client events/operational", "dns-client"),
    all("microsoft-windows-dns-client/operational", "dns-client"),
    all("microsoft-windows-dns-server/analytical", "dns-server-analytic"),
    all("microsoft-windows-driverframeworks-usermode/operational", "driver-framework"),
    all("microsoft-windows-ldap-client/debug", "ldap"),
    all("microsoft-windows-lsa/operational", "lsa-server"),
    all("microsoft-windows-ntlm/operational", "ntlm"),
    all("microsoft-windows-printservice/admin", "printservice-admin"),
    all("microsoft-windows-printservice/operational", "printservice-operational"),
    all("microsoft-windows-security-mitigations/kernel mode", "security-mitigations"),
    all("microsoft-windows-security-mitigations/user mode", "security-mitigations"),
    all("microsoft-windows-shell-core/operational", "shell-core"),
    all("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    all("microsoft-windows-smbclient/security", "smbclient-security"),
    all("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    all("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    all("microsoft-windows-terminalservices-localsessionmanager/operational", "terminalservices-localsessionmanager"),
    all("microsoft-windows-windows defender/operational", "windefend"),
    all("microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"),
    all("microsoft-windows-wmi-activity/operational", "wmi"),
    Route { channel: "", ids: &[], event_type: "", categories: &[], service: None },
];
