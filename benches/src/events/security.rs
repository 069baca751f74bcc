//! Events of the Security channel, of PowerShell, and of services and tasks.

use super::programs::PROGRAMS;
use super::sysmon::choose;
use super::text::Line;
use super::values::{FILES, SCRIPTS};
use super::{Provider, header, odd};

const ZERO: &str = "{00000000-0000-0000-0000-000000000000}";

const SECURITY: Provider = Provider {
    source: "Microsoft-Windows-Security-Auditing",
    guid: "{54849625-5478-4994-a5ba-3e3b0328c30d}",
    level: "0",
    keywords: "0x8020000000000000",
    channel: "Security",
};
const POWERSHELL: Provider = Provider {
    source: "Microsoft-Windows-PowerShell",
    guid: "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}",
    level: "5",
    keywords: "0x0",
    channel: "Microsoft-Windows-PowerShell/Operational",
};
const SERVICES: Provider = Provider {
    source: "Service Control Manager",
    guid: "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
    level: "4",
    keywords: "0x8080000000000000",
    channel: "System",
};
const TASKS: Provider = Provider {
    source: "Microsoft-Windows-TaskScheduler",
    guid: "{de7b24ea-73c8-4a09-985d-5bdadcfa9017}",
    level: "4",
    keywords: "0x8000000000000000",
    channel: "Microsoft-Windows-TaskScheduler/Operational",
};

fn begin(line: &mut Line, id: u64, task: &str) {
    header(line, &SECURITY, id, task);
}

/// The account that acts: the device's own three times out of four.
fn subject(line: &mut Line) {
    let own = line.rng.below(4) > 0;
    line.text("SubjectUserSid", if own { "S-1-5-18" } else { "{s}" });
    line.text("SubjectUserName", if own { "{h}$" } else { "{u}" });
    line.text("SubjectDomainName", "CORP");
    line.text("SubjectLogonId", if own { "0x3e7" } else { "0x{x6}" });
}

fn process_of(line: &mut Line) {
    line.text("ProcessId", "0x{x3}");
    let image = line.rng.often(PROGRAMS).image;
    line.text("ProcessName", image);
}

fn object(line: &mut Line) {
    line.text("ObjectServer", "Security");
    if line.rng.below(3) == 0 {
        line.text("ObjectType", "File");
        line.any("ObjectName", FILES);
    } else {
        line.text("ObjectType", "Key");
        line.text("ObjectName", r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\{w}\Parameters");
    }
    line.text("HandleId", "0x{x4}");
}

pub(super) fn handle_closed(line: &mut Line, _odd: bool) {
    begin(line, 4658, "12801");
    subject(line);
    line.text("ObjectServer", "Security");
    line.text("HandleId", "0x{x4}");
    process_of(line);
}

pub(super) fn handle_asked(line: &mut Line, _odd: bool) {
    begin(line, 4656, "12801");
    subject(line);
    object(line);
    line.text("TransactionId", ZERO);
    line.text("AccessList", "%%1538\n\t\t\t\t%%4432\n\t\t\t\t%%4435\n\t\t\t\t%%4436\n\t\t\t\t");
    line.text("AccessReason", "-");
    line.text("AccessMask", "0x20019");
    line.text("PrivilegeList", "-");
    line.text("RestrictedSidCount", "0");
    process_of(line);
    line.text("ResourceAttributes", "-");
}

pub(super) fn handle_copied(line: &mut Line, _odd: bool) {
    begin(line, 4690, "12807");
    subject(line);
    line.text("SourceHandleId", "0x{x4}");
    line.text("SourceProcessId", "0x{x3}");
    line.text("TargetHandleId", "0x{x4}");
    line.text("TargetProcessId", "0x4");
}

pub(super) fn object_used(line: &mut Line, _odd: bool) {
    begin(line, 4663, "12801");
    subject(line);
    object(line);
    line.text("AccessList", "%%4432\n\t\t\t\t");
    line.text("AccessMask", "0x1");
    process_of(line);
    line.text("ResourceAttributes", "-");
}

pub(super) fn connection(line: &mut Line, _odd: bool) {
    begin(line, 5156, "12810");
    line.text("ProcessID", "{d4}");
    line.text("Application", r"\device\harddiskvolume3\program files\{w}\{w}.exe");
    line.any("Direction", &["%%14592", "%%14593"]);
    line.text("SourceAddress", "{i}");
    line.text("SourcePort", "5{d4}");
    line.any("DestAddress", &["{i}", "{o}"]);
    line.any("DestPort", &["443", "80", "53", "8530"]);
    line.text("Protocol", "6");
    line.text("FilterRTID", "8{d4}");
    line.text("LayerName", "%%14611");
    line.text("LayerRTID", "48");
    line.text("RemoteUserID", "S-1-0-0");
    line.text("RemoteMachineID", "S-1-0-0");
}

pub(super) fn bind(line: &mut Line, _odd: bool) {
    begin(line, 5158, "12810");
    line.text("ProcessId", "{d4}");
    line.text("Application", r"\device\harddiskvolume3\program files\{w}\{w}.exe");
    line.text("SourceAddress", "0.0.0.0");
    line.text("SourcePort", "5{d4}");
    line.text("Protocol", "6");
    line.text("FilterRTID", "0");
    line.text("LayerName", "%%14608");
    line.text("LayerRTID", "36");
}

pub(super) fn process(line: &mut Line, odd: bool) {
    begin(line, 4688, "13312");
    let (parent, _, image, command) = choose(line, odd);
    subject(line);
    line.text("NewProcessId", "0x{x4}");
    line.text("NewProcessName", &image);
    line.text("TokenElevationType", "%%1938");
    line.text("ProcessId", "0x{x4}");
    line.text("CommandLine", &command);
    line.text("TargetUserSid", "S-1-0-0");
    line.text("TargetUserName", "-");
    line.text("TargetDomainName", "-");
    line.text("TargetLogonId", "0x0");
    line.text("ParentProcessName", &parent.0);
    line.text("MandatoryLabel", "S-1-16-8192");
}

pub(super) fn process_end(line: &mut Line, _odd: bool) {
    begin(line, 4689, "13313");
    subject(line);
    line.text("Status", "0x0");
    process_of(line);
}

pub(super) fn privilege_used(line: &mut Line, _odd: bool) {
    let (id, task) = *line.rng.pick(&[(4673, "13056"), (4674, "13056")]);
    begin(line, id, task);
    subject(line);
    line.text("ObjectServer", "Security");
    line.text("Service", "-");
    line.any(
        "PrivilegeList",
        &["SeProfileSingleProcessPrivilege", "SeIncreaseBasePriorityPrivilege", "SeCreateGlobalPrivilege"],
    );
    process_of(line);
}

pub(super) fn logon(line: &mut Line, _odd: bool) {
    begin(line, 4624, "12544");
    subject(line);
    line.text("TargetUserSid", "{s}");
    line.text("TargetUserName", "{u}");
    line.text("TargetDomainName", "CORP");
    line.text("TargetLogonId", "0x{x6}");
    line.any("LogonType", &["5", "5", "2", "7", "11"]);
    line.text("LogonProcessName", "User32 ");
    line.text("AuthenticationPackageName", "Negotiate");
    line.text("WorkstationName", "{h}");
    line.text("LogonGuid", "{{g}}");
    line.text("TransmittedServices", "-");
    line.text("LmPackageName", "-");
    line.text("KeyLength", "0");
    line.text("ProcessId", "0x{x3}");
    line.text("ProcessName", r"C:\Windows\System32\svchost.exe");
    line.text("IpAddress", "{i}");
    line.text("IpPort", "0");
    line.text("ImpersonationLevel", "%%1833");
    line.text("RestrictedAdminMode", "-");
    line.text("TargetOutboundUserName", "-");
    line.text("VirtualAccount", "%%1843");
    line.text("TargetLinkedLogonId", "0x0");
    line.text("ElevatedToken", "%%1842");
}

/// 4634, an account was logged off, which a rule is about; else 4627, its groups.
pub(super) fn logoff(line: &mut Line, odd: bool) {
    let (id, task) = if odd { (4634, "12545") } else { (4627, "12554") };
    begin(line, id, task);
    subject(line);
    line.text("TargetUserSid", "{s}");
    line.text("TargetUserName", "{u}");
    line.text("TargetDomainName", "CORP");
    line.text("TargetLogonId", "0x{x6}");
    line.text("LogonType", "3");
    if !odd {
        line.text("EventIdx", "1");
        line.text("EventCountTotal", "1");
        line.text(
            "GroupMembership",
            "\n\t\t%{S-1-1-0}\n\t\t%{S-1-5-32-545}\n\t\t%{S-1-5-11}\n\t\t%{S-1-5-15}\n\t\t%{{s}}",
        );
    }
}

pub(super) fn privileges(line: &mut Line, _odd: bool) {
    begin(line, 4703, "13317");
    subject(line);
    line.text("TargetUserSid", "S-1-5-18");
    line.text("TargetUserName", "{h}$");
    line.text("TargetDomainName", "CORP");
    line.text("TargetLogonId", "0x3e7");
    process_of(line);
    line.text("EnabledPrivilegeList", "SeAssignPrimaryTokenPrivilege\r\n\t\t\tSeIncreaseQuotaPrivilege\r\n\t\t\tSeSystemtimePrivilege\r\n\t\t\tSeShutdownPrivilege");
    line.text("DisabledPrivilegeList", "-");
}

/// PowerShell 4104: a block of script.
pub(super) fn script(line: &mut Line, odd: bool) {
    header(line, &POWERSHELL, 4104, "2");
    line.text("MessageNumber", "1");
    line.text("MessageTotal", "1");
    line.any("ScriptBlockText", if odd { odd::SCRIPTS } else { SCRIPTS });
    line.text("ScriptBlockId", "{g}");
    line.text("Path", r"C:\scripts\{w}.ps1");
}

/// PowerShell 4103: a command and what it was given.
pub(super) fn command(line: &mut Line, _odd: bool) {
    header(line, &POWERSHELL, 4103, "106");
    line.text(
        "ContextInfo",
        "        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        Host Version = 5.1.19041.{d4}\r\n        Host ID = {g}\r\n        Host Application = C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -File C:\\scripts\\{w}.ps1\r\n        Engine Version = 5.1.19041.{d4}\r\n        Runspace ID = {g}\r\n        Pipeline ID = {d2}\r\n        Command Name = Select-Object\r\n        Command Type = Cmdlet\r\n        Script Name = C:\\scripts\\{w}.ps1\r\n        Command Path = \r\n        Sequence Number = {d3}\r\n        User = CORP\\{u}\r\n        Connected User = \r\n        Shell ID = Microsoft.PowerShell\r\n",
    );
    line.text("UserData", "");
    line.text("Payload", "CommandInvocation(Select-Object): \"Select-Object\"\r\nParameterBinding(Select-Object): name=\"Property\"; value=\"{w}, {w}\"\r\nParameterBinding(Select-Object): name=\"InputObject\"; value=\"@{{w}={d4}; {w}={w}}\"\r\n");
}

/// Service Control Manager 7036 and 7040.
pub(super) fn service(line: &mut Line, _odd: bool) {
    let (id, name, to) = *line.rng.pick(&[
        (7036, "Windows Update", "running"),
        (7036, "{w} Agent", "stopped"),
        (7040, "Background Intelligent Transfer Service", "auto start"),
    ]);
    header(line, &SERVICES, id, "0");
    line.text("param1", name);
    line.text("param2", to);
}

/// Task Scheduler 106, 140 and 200.
pub(super) fn task(line: &mut Line, _odd: bool) {
    let id = *line.rng.pick(&[106, 140, 200]);
    header(line, &TASKS, id, "100");
    line.text("TaskName", r"\Microsoft\Windows\SoftwareProtectionPlatform\{w}");
    line.text("UserContext", "S-1-5-18");
}
