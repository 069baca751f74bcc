//! Programs of an ordinary Windows fleet: what they are called, who starts them, and with which arguments.

/// Who starts a program.
#[derive(Clone, Copy)]
pub(super) enum Parent {
    Services,
    Dcom,
    Schedule,
    Desktop,
    Shell,
    Tool,
    Itself,
}

pub(super) struct Program {
    pub(super) image: &'static str,
    pub(super) original: &'static str,
    pub(super) description: &'static str,
    pub(super) company: &'static str,
    pub(super) parent: Parent,
    /// Arguments; each is a template.
    pub(super) arguments: &'static [&'static str],
}

const MS: &str = "Microsoft Corporation";

const fn program(
    image: &'static str,
    original: &'static str,
    description: &'static str,
    company: &'static str,
    parent: Parent,
    arguments: &'static [&'static str],
) -> Program {
    Program { image, original, description, company, parent, arguments }
}

/// Image and command line of the processes that start others.
pub(super) fn parents(of: Parent) -> &'static [(&'static str, &'static str)] {
    match of {
        Parent::Services => &[(r"C:\Windows\System32\services.exe", r"C:\Windows\system32\services.exe")],
        Parent::Dcom => &[(r"C:\Windows\System32\svchost.exe", r"C:\Windows\system32\svchost.exe -k DcomLaunch -p")],
        Parent::Schedule => {
            &[(r"C:\Windows\System32\svchost.exe", r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule")]
        }
        Parent::Desktop => &[(r"C:\Windows\explorer.exe", r"C:\Windows\Explorer.EXE")],
        Parent::Shell => &[
            (r"C:\Windows\System32\cmd.exe", r#""C:\Windows\System32\cmd.exe" "#),
            (
                r"C:\Program Files\PowerShell\7\pwsh.exe",
                r#""C:\Program Files\PowerShell\7\pwsh.exe" -WorkingDirectory ~"#,
            ),
            (r"C:\Program Files\Git\usr\bin\bash.exe", r#""C:\Program Files\Git\usr\bin\bash.exe" --login -i"#),
        ],
        Parent::Tool => &[
            (r"C:\Program Files\Northbuild\agent.exe", r#""C:\Program Files\Northbuild\agent.exe" run --pool {w}"#),
            (r"C:\Program Files\Brightdesk\inventory.exe", r#""C:\Program Files\Brightdesk\inventory.exe" /service"#),
            (r"C:\Program Files\Plume Editor\plume.exe", r#""C:\Program Files\Plume Editor\plume.exe" C:\src\{w}"#),
        ],
        Parent::Itself => &[],
    }
}

/// Roughly by how often they start, the most frequent first.
#[rustfmt::skip]
pub(super) static PROGRAMS: &[Program] = &[
    program(r"C:\Windows\System32\svchost.exe", "svchost.exe", "Host Process for Windows Services", MS, Parent::Services, &[
        "-k netsvcs -p -s wlidsvc", "-k netsvcs -p -s Appinfo", "-k wsappx -p -s ClipSVC", "-k LocalService -p -s LicenseManager",
        "-k UnistackSvcGroup -s WpnUserService", "-k netsvcs -p -s BITS", "-k LocalServiceNetworkRestricted -p", "-k netsvcs -p -s gpsvc",
        "-k netsvcs -p -s UsoSvc", "-k WbioSvcGroup -s WbioSrvc", "-k defragsvc", "-k swprv", "-k LocalSystemNetworkRestricted -p -s WdiSystemHost",
    ]),
    program(r"C:\Windows\System32\conhost.exe", "CONHOST.EXE", "Console Window Host", MS, Parent::Tool, &[
        "0xffffffff -ForceV1", "0x{x1}", "0x4",
    ]),
    program(r"C:\Program Files\Harrier\Browser\harrier.exe", "harrier.exe", "Harrier Browser", "Harrier Labs", Parent::Itself, &[
        "--type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=4 --renderer-client-id={d3} --time-ticks-at-unix-epoch=-{d16} --launch-time-ticks={d11} --field-trial-handle={d4},i,{d19},{d18},262144 /prefetch:1",
        "--type=utility --utility-sub-type=storage.mojom.StorageService --lang=en-US --service-sandbox-type=service --field-trial-handle={d4},i,{d19},{d18},262144 /prefetch:8",
        "--type=gpu-process --gpu-preferences=UAAAAAAAAADgAAAEAAAAAAAAAAAAAAAAAABgAAEAAAA4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYAAAA --field-trial-handle={d4},i,{d19},{d18},262144",
        "--type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US --service-sandbox-type=none --mojo-platform-channel-handle={d4} /prefetch:3",
        "--type=renderer --extension-process --renderer-client-id={d2} --lang=de --mojo-platform-channel-handle={d4} /prefetch:2",
    ]),
    program(r"C:\Windows\System32\backgroundTaskHost.exe", "backgroundTaskHost.exe", "Background Task Host", MS, Parent::Dcom, &[
        "-ServerName:App.AppX{x16}.mca", "-ServerName:CortanaUI.AppX{x16}.mca", "-ServerName:BackgroundTaskHost.WebAccountProvider",
    ]),
    program(r"C:\Windows\System32\RuntimeBroker.exe", "RuntimeBroker.exe", "Runtime Broker", MS, Parent::Dcom, &["-Embedding"]),
    program(r"C:\Windows\System32\taskhostw.exe", "taskhostw.exe", "Host Process for Windows Tasks", MS, Parent::Schedule, &[
        "", "KEYROAMING", "Install $(Arg0)", "SYSTEM", "USER", "NGCKeyPregen", "TpmTasks", "-RegisterDevice -ProtectionStateChanged -FreeNetworkOnly",
    ]),
    program(r"C:\Windows\System32\dllhost.exe", "dllhost.exe", "COM Surrogate", MS, Parent::Dcom, &[
        "/Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}", "/Processid:{7966B4D8-4FDC-4126-A10B-39A3209AD251}", "/Processid:{973D20D7-562D-44B9-B70B-5A0F49CCDF3F}",
    ]),
    program(r"C:\Windows\System32\SearchProtocolHost.exe", "SearchProtocolHost.exe", "Microsoft Windows Search Protocol Host", MS, Parent::Services, &[
        r#"Global\UsGthrFltPipeMssGthrPipe{d3}_ Global\UsGthrCtrlFltPipeMssGthrPipe{d3} 1 -2147483646 "Software\Microsoft\Windows Search" "DownLevelDaemon""#,
        r#"Global\UsGthrFltPipeMssGthrPipe_{s}{d1}_ Global\UsGthrCtrlFltPipeMssGthrPipe_{s}{d1} 1 -2147483646 "Software\Microsoft\Windows Search" "1""#,
    ]),
    program(r"C:\Windows\System32\SearchFilterHost.exe", "SearchFilterHost.exe", "Microsoft Windows Search Filter Host", MS, Parent::Services, &[
        "0 {d3} {d3} {d3} 8192 {d3} {d3}", "0 {d3} {d3} {d3} 8192 {d3}",
    ]),
    program(r"C:\Windows\System32\wbem\WmiPrvSE.exe", "Wmiprvse.exe", "WMI Provider Host", MS, Parent::Dcom, &["-secured -Embedding", "-Embedding"]),
    program(r"C:\Program Files\Git\cmd\git.exe", "git.exe", "Git for Windows", "The Git Development Community", Parent::Tool, &[
        "status -z -uall", "rev-parse --show-toplevel", "fetch --prune origin", "for-each-ref --format=%(refname)%00%(objectname) --ignore-case refs/heads refs/remotes",
        "log --format=%H%n%aN%n%at -n 50 --shortstat -- src/{w}.ts", "diff --name-status HEAD", "ls-files --stage -- {w}/{w}.rs", "config --get commit.template",
        "remote --verbose", "branch --all --no-color", "clone https://git.corp.example/{w}/{w}.git", "show --textconv :{w}/{w}.md", "cat-file -s {x40}",
        "symbolic-ref --short HEAD", "stash list", "merge-base refs/heads/{w} refs/remotes/origin/main", "worktree list --porcelain", "blame --root --incremental HEAD -- {w}/{w}.go",
    ]),
    program(r"C:\Program Files\nodejs\node.exe", "node.exe", "Node.js JavaScript Runtime", "Node.js", Parent::Tool, &[
        r"C:\src\{w}\node_modules\typescript\lib\tsserver.cjs --useInferredProjectPerProjectRoot --cancellationPipeName C:\Users\{u}\AppData\Local\Temp\plume-{x20}\tscancellation-{x20}.tmp*",
        r"C:\src\{w}\node_modules\webpack\bin\webpack.cjs --mode production --config {w}.config.mjs", "server.mjs --port 30{d2}", r"node_modules\.bin\eslint . --ext .ts,.tsx --max-warnings 0",
        r"C:\src\{w}\node_modules\jest\bin\jest.cjs --ci --coverage --testPathPattern {w}", r"scripts\{w}.mjs --watch", "--max-old-space-size=4096 build/{w}.mjs",
    ]),
    program(r"C:\Program Files\Python312\python.exe", "python.exe", "Python", "Python Software Foundation", Parent::Shell, &[
        r"-m pytest tests\{w} -q", "manage.py migrate --noinput", r"tools\{w}.py --input data\{w}.csv --output out\{w}.parquet", "-m pip install -r requirements.txt",
        "-m venv .venv", r"C:\jobs\{w}\nightly.py --date 2026-01-{d1}", "-m black --check {w}", r"-u train_{w}.py --epochs {d2} --lr 0.00{d1}", "-m flask --app {w} run --port 50{d2}",
        "-X utf8 -m sphinx -b html docs build/docs",
    ]),
    program(r"C:\Windows\System32\cmd.exe", "Cmd.Exe", "Windows Command Processor", MS, Parent::Tool, &[
        r"/d /s /c build.cmd {w}", r"/c C:\scripts\{w}_{w}.bat", r"/c cd /d C:\src\{w} && make {w}", r"/c ver", r"/d /c C:\Northbuild\work\{d2}\_temp\{g}.cmd",
        r"/c mklink /J C:\src\{w}\packages C:\cache\{w}", r"/s /c npm run {w}", "/c set", r"/c if exist C:\ProgramData\Brightdesk\{w}.lock exit 1", r"/c title {w}",
    ]),
    program(r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe", "PowerShell.EXE", "Windows PowerShell", MS, Parent::Desktop, &[
        r"-NoLogo -File C:\scripts\{w}-{w}.ps1", r"-Version 5.1 -File C:\scripts\maintenance\{w}.ps1 -Days {d2}", r"-NoLogo -Command Get-Service {w} | Format-List",
        r"-File C:\ProgramData\Brightdesk\checks\{w}.ps1 -Threshold {d2}", "-NoLogo -Command Get-Date", r"-NoLogo -File .\deploy.ps1 -Environment {w} -Build {d5}",
        r"-NoLogo -Command Get-ChildItem D:\{w} -Recurse | Measure-Object -Sum Length", r"-NoLogo -Command Restart-Service {w}svc",
    ]),
    program(r"C:\Program Files (x86)\Microsoft Office\root\Office16\EXCEL.EXE", "Excel.exe", "Microsoft Excel", MS, Parent::Desktop, &[
        r#""C:\Users\{u}\Documents\{w} {w}.xlsx""#, r"/dde", r#""\\files.corp.example\teams\{w}\{w}-{d4}.xlsx""#, "/automation -Embedding", r#"/r "C:\Users\{u}\Desktop\{w}.csv""#,
    ]),
    program(r"C:\Program Files (x86)\Microsoft Office\root\Office16\WINWORD.EXE", "WinWord.exe", "Microsoft Word", MS, Parent::Desktop, &[
        r#"/n "C:\Users\{u}\Documents\{w}\{w} {d2}.docx" /o """#, r#"/n "\\files.corp.example\{w}\{w}.docx" /o """#, "", "/Automation -Embedding",
    ]),
    program(r"C:\Program Files (x86)\Microsoft Office\root\Office16\OUTLOOK.EXE", "Outlook.exe", "Microsoft Outlook", MS, Parent::Desktop, &[
        "", "/recycle", "-Embedding", "/select outlook:calendar",
    ]),
    program(r"C:\Program Files\Common Files\microsoft shared\ClickToRun\OfficeClickToRun.exe", "OfficeClickToRun.exe", "Microsoft Office Click-to-Run (SxS)", MS, Parent::Services, &["/service", "/update SCHEDULEDTASK displaylevel=False"]),
    program(r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.25110.5-0\MpCmdRun.exe", "MpCmdRun.exe", "Microsoft Malware Protection Command Line Utility", MS, Parent::Services, &[
        "SignatureUpdate -ScheduleJob -RestrictPrivileges -Reinvoke", "SpyNetService -RestrictPrivileges -AccessKey {X8}-{X4}-{X4}-{X4}-{X12} -Reinvoke", "Scan -ScheduleJob -WinTask -RestrictPrivilegesScan -DailyScan", "-IdleTask -TaskName WdCacheMaintenance",
    ]),
    program(r"C:\Windows\System32\wuauclt.exe", "wuauclt.exe", "Windows Update", MS, Parent::Services, &["/UpdateDeploymentProvider UpdateDeploymentProvider.dll /ClassId {g} /RunHandlerComServer"]),
    program(r"C:\Windows\System32\UsoClient.exe", "UsoClient", "UsoClient", MS, Parent::Schedule, &["StartScan", "StartWork", "ReportPolicies", "StartUWork"]),
    program(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\mscorsvw.exe", "mscorsvw.exe", ".NET Runtime Optimization Service", MS, Parent::Services, &[
        "-StartupEvent {x3} -InterruptEvent 0 -NGENProcess {x3} -Pipe {x3} -Comment NGen Worker Process", "-UseCLSID {g} -StartupEvent {x3} -InterruptEvent 0 -NGENProcess {x3} -Pipe {x3} -Comment NGen Worker Process",
    ]),
    program(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\ngen.exe", "ngen.exe", "Microsoft Common Language Runtime native compiler", MS, Parent::Schedule, &[
        "ExecuteQueuedItems /LegacyServiceBehavior", r"install System.{w} /nologo", "RemoveTaskDelayStartTrigger /LegacyServiceBehavior",
    ]),
    program(r"C:\Program Files\dotnet\dotnet.exe", ".NET Host", ".NET Host", MS, Parent::Tool, &[
        r"build C:\src\{w}\{w}.sln -c Release --no-restore", "test --no-build --logger trx", r"restore {w}.slnf", r"exec C:\src\{w}\bin\Release\{w}.dll --urls http://localhost:50{d2}", "tool restore", r"publish -o C:\drop\{w}\{d4}", "--info",
    ]),
    program(r"C:\Program Files\Northbuild\tools\msbuild\MSBuild.exe", "MSBuild.exe", "MSBuild.exe", MS, Parent::Desktop, &[
        "/nologo /nodemode:1 /nodeReuse:true /low:false", r"C:\src\{w}\{w}.vcxproj /p:Configuration=Release /m:{d1} /v:q", r"{w}.sln /t:{w}:Rebuild",
    ]),
    program(r"C:\Program Files\Java\jdk-21\bin\java.exe", "java.exe", "OpenJDK Platform binary", "Eclipse Adoptium", Parent::Services, &[
        r"-Xmx{d1}g -jar C:\apps\{w}\{w}.jar --spring.profiles.active=prod", r"-cp C:\apps\{w}\lib\* example.corp.{w}.Main", "-version", r"-Dfile.encoding=UTF-8 -jar agent.jar -jnlpUrl https://ci.corp.example/computer/{h}/agent.jnlp",
    ]),
    program(r"C:\Program Files\Plume Editor\plume.exe", "plume.exe", "Plume Editor", "Plume Software", Parent::Desktop, &[
        r"C:\src\{w}", r"--type=renderer --vscode-window-config=plume:{g} --enable-sandbox --app-path=C:\src\app", "--type=utility --utility-sub-type=node.mojom.NodeService", r"--reuse-window C:\src\{w}\{w}.py",
    ]),
    program(r"C:\Users\{u}\AppData\Local\Chatterbox\app-3.{d1}.0\chatterbox.exe", "chatterbox.exe", "Chatterbox", "Chatterbox Inc.", Parent::Itself, &[
        r"--type=renderer --user-data-dir=C:\Users\{u}\AppData\Roaming\Chatterbox --standard-schemes=app --app-user-model-id=com.chatterbox.app", "--type=gpu-process", "--type=utility --utility-sub-type=audio.mojom.AudioService", "--process-start-args --startup",
    ]),
    program(r"C:\Program Files\Brightdesk\inventory.exe", "inventory.exe", "Brightdesk Inventory", "Brightdesk GmbH", Parent::Services, &[
        "/collect /class:{w} /silent", "/upload /server:inventory.corp.example /batch:{d6}", "/service", "/selfcheck",
    ]),
    program(r"C:\Program Files\Brightdesk\helpdesk.exe", "helpdesk.exe", "Brightdesk Help", "Brightdesk GmbH", Parent::Services, &["/tray", "/listen 127.0.0.1:{d4}", "/ticket {d7}"]),
    program(r"C:\Program Files\Stonebackup\sbclient.exe", "sbclient.exe", "Stone Backup Client", "Stone Systems", Parent::Services, &[
        "--job {w} --mode incremental --target stone01.corp.example", r"--verify D:\stone\{w}.idx", "--job {w} --mode full --threads {d1}", "--heartbeat",
    ]),
    program(r"C:\Program Files\Microsoft SQL Server\MSSQL16.MAIN\MSSQL\Binn\sqlagent.exe", "SQLAGENT.EXE", "SQL Server Agent", MS, Parent::Services, &["-i MAIN", "-i {w}"]),
    program(r"C:\Windows\System32\inetsrv\w3wp.exe", "w3wp.exe", "IIS Worker Process", MS, Parent::Services, &[
        r#"-ap "{w}Pool" -v "v4.0" -l "webengine4.dll" -a \\.\pipe\iisipm{g} -h "C:\inetpub\temp\apppools\{w}Pool\{w}Pool.config" -w "" -m 0"#,
    ]),
    program(r"C:\Windows\System32\msiexec.exe", "msiexec.exe", "Windows installer", MS, Parent::Services, &["/V", "-Embedding {X32}"]),
    program(r"C:\Windows\System32\consent.exe", "consent.exe", "Consent UI for administrative applications", MS, Parent::Services, &["{d4} {d3} {x16}"]),
    program(r"C:\Windows\System32\smartscreen.exe", "smartscreen.exe", "Windows Defender SmartScreen", MS, Parent::Dcom, &["-Embedding"]),
    program(r"C:\Windows\System32\audiodg.exe", "audiodg.exe", "Windows Audio Device Graph Isolation", MS, Parent::Services, &["0x{x3}", "0x{x3} 0x{x3}"]),
    program(r"C:\Windows\System32\notepad.exe", "NOTEPAD.EXE", "Notepad", MS, Parent::Desktop, &[r"C:\Users\{u}\Documents\{w}.txt", "", r"C:\src\{w}\README.md", r"D:\{w}\{w}.log"]),
    program(r"C:\Windows\System32\mmc.exe", "mmc.exe", "Microsoft Management Console", MS, Parent::Desktop, &[r"C:\Windows\system32\services.msc", r"C:\Windows\system32\eventvwr.msc /s", r"C:\Windows\system32\devmgmt.msc"]),
    program(r"C:\Windows\System32\mstsc.exe", "mstsc.exe", "Remote Desktop Connection", MS, Parent::Desktop, &[""]),
    program(r"C:\Windows\System32\gpupdate.exe", "GPUpdate.exe", "Microsoft Group Policy Update Utility", MS, Parent::Schedule, &["/target:computer", "/target:user", "/force"]),
    program(r"C:\Windows\System32\sc.exe", "sc.exe", "Service Control Manager Configuration Tool", MS, Parent::Schedule, &["start wuauserv", "start w32time task_started", "queryex {w}svc"]),
    program(r"C:\Windows\System32\robocopy.exe", "robocopy.exe", "Microsoft Robocopy", MS, Parent::Schedule, &[r"D:\{w} \\files.corp.example\{w} /MIR /R:2 /W:5 /LOG+:D:\logs\{w}.log", r"C:\drop\{w} E:\drop\{w} /E /NP"]),
    program(r"C:\Windows\System32\ipconfig.exe", "ipconfig.exe", "IP Configuration Utility", MS, Parent::Shell, &["", "/flushdns", "/registerdns", "/renew"]),
    program(r"C:\Windows\System32\tasklist.exe", "tasklist.exe", "Lists the current running tasks", MS, Parent::Tool, &[r#"/FI "PID eq {d4}" /FO CSV /NH"#, r#"/FI "IMAGENAME eq {w}.exe""#]),
    program(r"C:\Windows\System32\find.exe", "FIND.EXE", "Find String (grep) Utility", MS, Parent::Shell, &[r#"/c "{w}""#, r#""{w}" D:\logs\{w}.log"#]),
    program(r"C:\Windows\System32\Dism.exe", "DISM.EXE", "Dism Image Servicing Utility", MS, Parent::Tool, &["/online /cleanup-image /startcomponentcleanup", "/online /get-capabilities"]),
    program(r"C:\Windows\System32\sppsvc.exe", "sppsvc.exe", "Microsoft Software Protection Platform Service", MS, Parent::Services, &[""]),
    program(r"C:\Windows\System32\CompatTelRunner.exe", "CompatTelRunner.exe", "Microsoft Compatibility Telemetry", MS, Parent::Schedule, &["", "-m:appraiser.dll -f:DoScheduledTelemetryRun", "-maintenance"]),
    program(r"C:\Windows\System32\SystemSettings.exe", "SystemSettings.exe", "Settings", MS, Parent::Dcom, &["-ServerName:microsoft.windows.immersivecontrolpanel"]),
    program(r"C:\Windows\System32\LogonUI.exe", "logonui.exe", "Windows Logon User Interface Host", MS, Parent::Services, &["/flags:0x{x1} /state0:0xa{x7} /state1:0x41c64e6d"]),
    program(r"C:\Windows\System32\spoolsv.exe", "spoolsv.exe", "Spooler SubSystem App", MS, Parent::Services, &[""]),
    program(r"C:\Windows\System32\splwow64.exe", "splwow64.exe", "Print driver host for applications", MS, Parent::Desktop, &["{d4}", "12288"]),
    program(r"C:\Program Files\Lattice\lattice-sync.exe", "lattice-sync.exe", "Lattice Sync", "Lattice Cloud", Parent::Desktop, &["/background", r"/open C:\Users\{u}\Lattice\{w}", "/updateInstalled /background", "--resume {g}"]),
    program(r"C:\Program Files\Lattice\Update\LatticeUpdate.exe", "LatticeUpdate.exe", "Lattice Installer", "Lattice Cloud", Parent::Schedule, &["/ua /installsource scheduler", "/c", "/svc", "/ping {x64}", "/cr"]),
    program(r"C:\Program Files\Tessera\tessera.exe", "tessera.exe", "Tessera Meetings", "Tessera AS", Parent::Desktop, &["", "--url=tessera://join?meeting={d10}&token={x32}", "--type=video --pid={d5}", "--from-startup"]),
    program(r"C:\Program Files\Docker\Docker\resources\bin\docker.exe", "docker.exe", "Docker CLI", "Docker Inc", Parent::Shell, &["ps -a --format {{json .}}", "compose -f {w}.yml up -d", "build -t {w}:{d4} .", "logs -f {w}_{w}_1", "inspect {x12}"]),
    program(r"C:\Users\{u}\.cargo\bin\cargo.exe", "cargo.exe", "", "", Parent::Shell, &["build --release", "test -p {w}", "check --workspace --message-format=json", "metadata --format-version 1 --no-deps", "clippy --all-targets"]),
    program(r"C:\Program Files\Go\bin\go.exe", "go.exe", "", "", Parent::Shell, &["build ./...", "test ./{w}/... -count=1", "mod tidy", "list -m -json all", "vet ./{w}"]),
    program(r"C:\Program Files\7-Zip\7zFM.exe", "7zFM.exe", "7-Zip File Manager", "Igor Pavlov", Parent::Desktop, &[r#""C:\Users\{u}\Downloads\{w}.zip""#, r#""D:\{w}\{w}_{d3}.7z""#]),
    program(r"C:\Program Files\Portolan\portolan-cad.exe", "portolan-cad.exe", "Portolan CAD", "Portolan SA", Parent::Desktop, &[r#""\\files.corp.example\drawings\{w}\{w}-{d4}.pcad""#, "/license server=lic.corp.example:27{d3}", r"/b C:\plots\{w}.scr"]),
    program(r"C:\Program Files\Meridian ERP\client\meridian.exe", "meridian.exe", "Meridian ERP Client", "Meridian Business", Parent::Desktop, &["-server erp.corp.example -company {w}", "-report {w}_{d4} -printer PRN-{d3}", "-module {w}"]),
];
