//! Values of ordinary events: libraries, registry keys, files, pipes, scripts. All are templates.

/// Loaded libraries: name, description, and what stands before the name.
pub(super) static LIBRARIES: &[(&str, &str)] = &[
    ("ntdll.dll", "NT Layer DLL"),
    ("kernel32.dll", "Windows NT BASE API Client DLL"),
    ("KernelBase.dll", "Windows NT BASE API Client DLL"),
    ("ucrtbase.dll", "Microsoft® C Runtime Library"),
    ("combase.dll", "Microsoft COM for Windows"),
    ("rpcrt4.dll", "Remote Procedure Call Runtime"),
    ("msvcrt.dll", "Windows NT CRT DLL"),
    ("sechost.dll", "Host for SCM/SDDL/LSA Lookup APIs"),
    ("advapi32.dll", "Advanced Windows 32 Base API"),
    ("user32.dll", "Multi-User Windows USER API Client DLL"),
    ("gdi32full.dll", "GDI Client DLL"),
    ("shlwapi.dll", "Shell Light-weight Utility Library"),
    ("bcryptprimitives.dll", "Windows Cryptographic Primitives Library"),
    ("clbcatq.dll", "COM+ Configuration Catalog"),
    ("oleaut32.dll", "OLEAUT32.DLL"),
    ("propsys.dll", "Microsoft Property System"),
    ("uxtheme.dll", "Microsoft UxTheme Library"),
    ("windows.storage.dll", "Microsoft WinRT Storage API"),
    ("profapi.dll", "User Profile Basic API"),
    ("crypt32.dll", "Crypto API32"),
    ("winhttp.dll", "Windows HTTP Services"),
    ("mswsock.dll", "Microsoft Windows Sockets 2.0 Service Provider"),
    ("dnsapi.dll", "DNS Client API DLL"),
    ("OnDemandConnRouteHelper.dll", "On Demand Connctiond Route Helper"),
    ("iertutil.dll", "Run time utility for Internet Explorer"),
    ("urlmon.dll", "OLE32 Extensions for Win32"),
    ("wbemcomn.dll", "WMI"),
    ("FastProx.dll", "WMI Custom Marshaller"),
    ("schannel.dll", "TLS / SSL Security Provider"),
    ("ncrypt.dll", "Windows NCrypt Router"),
    ("cryptsp.dll", "Cryptographic Service Provider API"),
    ("userenv.dll", "Userenv"),
    ("msi.dll", "Windows Installer"),
    ("mpr.dll", "Multiple Provider Router DLL"),
    ("edputil.dll", "EDP util"),
    ("wintrust.dll", "Microsoft Trust Verification APIs"),
];

/// Places of libraries that are not the system's own.
pub(super) static LIBRARY_FILES: &[&str] = &[
    r"C:\Program Files\Harrier\Browser\131.0.{d4}.{d2}\harrier_elf.dll",
    r"C:\Program Files\Plume Editor\resources\app\node_modules\{w}\build\Release\{w}.node",
    r"C:\Program Files\Stonebackup\plugins\{w}{d1}.dll",
    r"C:\Program Files\Brightdesk\lib\{w}.dll",
    r"C:\Program Files\Portolan\modules\{w}-{d1}.{d1}.dll",
    r"C:\Program Files\Common Files\microsoft shared\ClickToRun\{w}.dll",
    r"C:\Program Files\Meridian ERP\client\{w}32.dll",
    r"C:\Program Files\Java\jdk-21\bin\{w}.dll",
];

/// Keys that processes make and delete.
pub(super) static KEYS: &[&str] = &[
    r"HKLM\System\CurrentControlSet\Services\Tcpip\Parameters",
    r"HKLM\System\CurrentControlSet\Services\WinSock2\Parameters\Protocol_Catalog9\0000000{x1}",
    r"HKLM\SOFTWARE\Microsoft\SystemCertificates\CA",
    r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\{w}",
    r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections",
    r"HKU\{s}\Software\Policies\Microsoft\SystemCertificates\CTLs",
    r"HKU\{s}\Software\Microsoft\SystemCertificates\SmartCardRoot",
    r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Explorer\SessionInfo\{d1}\ApplicationViewManagement\W32:{X16}",
    r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\CloudStore\Store\Cache\DefaultAccount\${g}$windows.data.{w}",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Diagnostics\DiagTrack\SettingsRequests\telemetry.{w}",
    r"HKLM\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings\{w}",
    r"HKLM\System\CurrentControlSet\Services\bam\State\UserSettings\{s}",
    r"HKLM\System\CurrentControlSet\Control\DeviceClasses\{g}",
    r"HKU\{s}\Software\Harrier\Browser\StabilityMetrics",
    r"HKU\{s}\Software\Lattice\Sync\Accounts\{w}",
    r"HKLM\SOFTWARE\Brightdesk\Inventory\Classes\{w}",
    r"HKLM\SOFTWARE\WOW6432Node\Stone Systems\Jobs\{w}{d2}",
    r"HKLM\SOFTWARE\Classes\Installer\Products\{X32}\SourceList",
    r"HKU\{s}\Software\Microsoft\Office\16.0\Common\Roaming\Identities\{w}_LiveId",
    r"HKU\{s}\Software\Microsoft\Office\16.0\Excel\Reading Locations\Document {d2}",
    r"HKLM\System\CurrentControlSet\Enum\USB\VID_{x4}&PID_{x4}\{d1}&{x8}&0&{d1}",
    r"HKLM\SOFTWARE\Microsoft\Windows Search\Gather\Windows\SystemIndex\Sites\{w}",
];

/// Values that processes set, and their details.
pub(super) static VALUES: &[(&str, &str)] = &[
    (
        r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}\Count\{w}",
        "Binary Data",
    ),
    (
        r"HKLM\System\CurrentControlSet\Services\bam\State\UserSettings\{s}\\Device\HarddiskVolume3\Windows\explorer.exe",
        "Binary Data",
    ),
    (r"HKLM\System\CurrentControlSet\Services\W32Time\Config\LastKnownGoodTime", "QWORD (0x01d{x5}-0x{x8})"),
    (r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs\.docx\{d2}", "Binary Data"),
    (
        r"HKU\{s}\Software\Microsoft\Windows\CurrentVersion\Search\RecentApps\{g}\LastAccessedTime",
        "QWORD (0x01d{x5}-0x{x8})",
    ),
    (r"HKU\{s}\Software\Harrier\Browser\BLBeacon\version", "131.0.{d4}.{d2}"),
    (r"HKU\{s}\Software\Lattice\Sync\LastSync", "DWORD (0x{x8})"),
    (r"HKLM\SOFTWARE\Brightdesk\Inventory\LastUpload", "2026-01-1{d1}T0{d1}:{d2}:00Z"),
    (r"HKLM\SOFTWARE\Stone Systems\Jobs\{w}\State", "DWORD (0x0000000{x1})"),
    (r"HKLM\System\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{g}\LeaseObtainedTime", "DWORD (0x{x8})"),
    (r"HKLM\System\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{g}\DhcpIPAddress", "{i}"),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\LastOnlineScanTimeForAppCategory\{X8}",
        "2026-01-1{d1} 0{d1}:{d2}:{d2}",
    ),
    (
        r"HKU\{s}\Software\Microsoft\Office\16.0\Word\File MRU\Item {d1}",
        r"[F00000000][T01D{X13}][O00000000]*C:\Users\{u}\Documents\{w}.docx",
    ),
    (r"HKLM\SOFTWARE\Meridian Business\Client\{w}\Window", "{d3},{d3},{d4},{d3}"),
    (r"HKU\{s}\Printers\Settings\PRN-{d3}", "Binary Data"),
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Diagnostics\DiagTrack\TestHooks\{w}", "DWORD (0x00000000)"),
];

/// Files that processes write, delete or stamp.
pub(super) static FILES: &[&str] = &[
    r"C:\Users\{u}\AppData\Local\Harrier\User Data\Default\Cache\Cache_Data\f_{x6}",
    r"C:\Users\{u}\AppData\Local\Harrier\User Data\Default\Code Cache\js\{x16}_0",
    r"C:\Users\{u}\Documents\{w}\{w} {d2}.docx",
    r"C:\Users\{u}\Documents\{w}.xlsx",
    r"C:\Users\{u}\Lattice\{w}\{w}-{d4}.pdf",
    r"C:\Users\{u}\AppData\Local\Microsoft\Office\16.0\{w}{d4}.tmp",
    r"C:\Users\{u}\AppData\Roaming\Chatterbox\Local Storage\leveldb\{d6}.ldb",
    r"C:\ProgramData\Brightdesk\queue\{g}.json",
    r"C:\ProgramData\Stonebackup\index\{w}.{d3}.idx",
    r"C:\src\{w}\build\obj\{w}.obj",
    r"C:\src\{w}\target\debug\deps\{w}-{x16}.rmeta",
    r"C:\src\{w}\node_modules\.cache\{w}\{x32}.json",
    r"D:\logs\{w}\2026-01-1{d1}.log",
    r"C:\Windows\SoftwareDistribution\DataStore\Logs\edb{x5}.log",
    r"C:\Windows\ServiceState\EventLog\Data\lastalive{d1}.dat",
    r"C:\plots\{w}-{d4}.plt",
];

pub(super) static PIPES: &[&str] = &[
    "<Anonymous Pipe>",
    r"\mojo.{d5}.{d4}.{d18}",
    r"\crashpad_{d5}_{X16}",
    r"\Winsock2\CatalogChangeListener-{x3}-0",
    r"\plume-{x32}-1.9{d1}-main-sock",
    r"\brightdesk.{w}.{d4}",
    r"\MSSQL$MAIN\sql\query",
    r"\stone-{w}",
    r"\lsass",
    r"\wkssvc",
    r"\srvsvc",
    r"\dockerDesktop{w}",
];

/// Script blocks of ordinary administration.
pub(super) static SCRIPTS: &[&str] = &[
    "param([int]$Days = {d2})\r\n$limit = (Get-Date).AddDays(-$Days)\r\nGet-ChildItem D:\\logs\\{w} -Filter *.log | Where-Object LastWriteTime -lt $limit | ForEach-Object { Move-Item $_.FullName E:\\cold\\{w} }\r\nWrite-Output \"moved\"",
    "function Test-{w} {\r\n  param($Server)\r\n  $r = Test-Path \\\\files.corp.example\\{w}\\health.txt\r\n  if (-not $r) { Write-Warning \"no {w} on $Server\" }\r\n  return $r\r\n}\r\nTest-{w} -Server {h}",
    "$rows = Import-Csv D:\\{w}\\{w}.csv -Delimiter ';'\r\n$rows | Group-Object Department | Select-Object Name, Count | Export-Csv D:\\out\\{w}.csv -NoTypeInformation",
    "Get-Service {w}svc | Select-Object Status, StartType\r\n$free = (Get-PSDrive D).Free / 1GB\r\nif ($free -lt {d2}) { Write-Warning \"little room on D\" }",
    "Import-Module {w}Tools\r\n$job = Start-{w}Job -Name nightly-{d3} -Pool {w}\r\nWait-{w}Job $job -Minutes {d2}\r\nWrite-Verbose $job.State",
    "prompt",
    "{ Set-StrictMode -Version 1; $_.PSMessageDetails }",
];

/// Call traces end in one of these, after one to eight frames of system libraries.
pub(super) static FRAMES: &[&str] = &[
    r"C:\Windows\SYSTEM32\ntdll.dll+{x5}",
    r"C:\Windows\System32\KERNELBASE.dll+{x5}",
    r"C:\Windows\SYSTEM32\psmserviceexthost.dll+{x5}",
    r"C:\Windows\System32\RPCRT4.dll+{x5}",
    r"C:\Windows\System32\combase.dll+{x5}",
    r"C:\Windows\System32\windows.storage.dll+{x5}",
    r"c:\windows\system32\lsm.dll+{x5}",
    r"C:\Windows\System32\sechost.dll+{x5}",
    r"C:\Windows\System32\KERNEL32.DLL+{x5}",
];
