//! What happens unasked, who must agree, and what investigations may cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{ActionKind, Time};
use crate::respond::folder;

use super::plan::Planning;

/// What happens unasked, who must agree, and what investigations may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Response {
    /// How much happens unasked where no device group says otherwise. Default `semiAll`: nothing does, whatever
    /// the verdict, until somebody decides that it may.
    pub level: AutomationLevel,
    /// The same for the devices of a group, by its name, compared without regard to case.
    pub device_groups: BTreeMap<String, AutomationLevel>,
    /// What each level means; a level that is absent here keeps its built-in row.
    pub matrix: BTreeMap<AutomationLevel, Gates>,
    /// Containing devices and disabling or containing accounts that the attacker controls happens unasked at every
    /// level but `none`. Default false: it waits for approval.
    pub disruption: bool,
    /// Folders of the system: patterns in which `*` is one part of a path and at the end all that lies below.
    pub core_folders: Vec<String>,
    /// Folders for what comes and goes. A file in both is in a core folder for the level `semiCore` and in a temp
    /// folder for `semiNonTemp`.
    pub temp_folders: Vec<String>,
    /// Who must agree to an action that waits.
    pub approvals: Approvals,
    /// The same for single actions, by name.
    pub approvals_of: BTreeMap<String, Approvals>,
    /// From this many devices on that one entity brings into an investigation, looking at them waits for approval.
    /// Default 10.
    pub expansion_devices: u32,
    /// How long after its last alert an investigation without open actions takes further alerts of its devices in,
    /// in hours. Default 24.
    pub quiet_hours: u32,
    /// Alerts before this time were there before automation was switched on: nothing is investigated for them.
    /// Default none.
    pub since: Option<Time>,
    /// An alert whose investigation ended without a threat or with every action done counts as resolved, unless a
    /// person gave it a status. Default false.
    pub auto_resolve: bool,
    /// Devices on which one action on a file is asked for; the rest is reported. Default 1,000.
    pub devices: u32,
    /// Actions of one incident, the worst verdicts first; the rest is reported. Default 10,000.
    pub actions: u32,
    /// Steps in the log of an investigation, the earliest first; the rest is reported. Default 1,000.
    pub steps: u32,
    /// What plans may use, and what that costs.
    pub plan: Planning,
}

impl Default for Response {
    fn default() -> Self {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Response {
            level: AutomationLevel::SemiAll,
            device_groups: BTreeMap::new(),
            matrix: BTreeMap::new(),
            disruption: false,
            core_folders: owned(&CORE_FOLDERS),
            temp_folders: owned(&TEMP_FOLDERS),
            approvals: Approvals::default(),
            approvals_of: BTreeMap::new(),
            expansion_devices: 10,
            quiet_hours: 24,
            since: None,
            auto_resolve: false,
            devices: 1_000,
            actions: 10_000,
            steps: 1_000,
            plan: Planning::default(),
        }
    }
}

/// The operating system's own folders.
const CORE_FOLDERS: [&str; 9] =
    [r"\windows\*", "/bin/*", "/sbin/*", "/lib/*", "/lib64/*", "/usr/*", "/etc/*", "/boot/*", "/system/*"];

/// The published examples, and their like on other systems. Program folders are among them: what is installed there can be
/// installed again.
const TEMP_FOLDERS: [&str; 12] = [
    r"\users\*\appdata\local\temp\*",
    r"\documents and settings\*\local settings\temp\*",
    r"\documents and settings\*\local settings\temporary\*",
    r"\windows\temp\*",
    r"\users\*\downloads\*",
    r"\program files\*",
    r"\program files (x86)\*",
    r"\documents and settings\*\users\*",
    "/tmp/*",
    "/var/tmp/*",
    "/dev/shm/*",
    "/home/*/downloads/*",
];

/// How much happens unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AutomationLevel {
    /// Nothing is even investigated.
    None,
    /// Every remediation waits for approval.
    SemiAll,
    /// Remediation waits for approval unless the file lies in a temp folder.
    SemiNonTemp,
    /// Remediation waits for approval where the file lies in a core folder.
    SemiCore,
    /// What is malicious is remediated at once.
    Full,
}

impl AutomationLevel {
    /// Every level, the most careful first.
    pub const ALL: [AutomationLevel; 5] = [
        AutomationLevel::None,
        AutomationLevel::SemiAll,
        AutomationLevel::SemiNonTemp,
        AutomationLevel::SemiCore,
        AutomationLevel::Full,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            AutomationLevel::None => "none",
            AutomationLevel::SemiAll => "semiAll",
            AutomationLevel::SemiNonTemp => "semiNonTemp",
            AutomationLevel::SemiCore => "semiCore",
            AutomationLevel::Full => "full",
        }
    }

    /// The level of this name, whatever the case and the word breaks.
    #[must_use]
    pub fn parse(name: &str) -> Option<AutomationLevel> {
        AutomationLevel::ALL.into_iter().find(|level| crate::model::same_name(name, &[level.as_str()]))
    }

    /// What the level means unless a policy says otherwise.
    #[must_use]
    pub const fn gates(self) -> Gates {
        use Gate::{Approval, Automatic, Nothing};
        let waiting = all_gates(Approval);
        match self {
            AutomationLevel::None => all_gates(Nothing),
            AutomationLevel::SemiAll => waiting,
            AutomationLevel::SemiNonTemp => Gates { temp: Automatic, artifact: Automatic, user: Automatic, ..waiting },
            AutomationLevel::SemiCore => {
                Gates { other: Automatic, temp: Automatic, artifact: Automatic, user: Automatic, ..waiting }
            }
            AutomationLevel::Full => Gates {
                core: Automatic,
                other: Automatic,
                temp: Automatic,
                artifact: Automatic,
                user: Automatic,
                ..waiting
            },
        }
    }
}

const fn all_gates(gate: Gate) -> Gates {
    Gates {
        core: gate,
        other: gate,
        temp: gate,
        artifact: gate,
        user: gate,
        mail: gate,
        network: gate,
        suspicious: gate,
    }
}

/// What stands between a verdict and an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Gate {
    /// Nothing: it happens at once.
    Automatic,
    /// Approval.
    Approval,
    /// Everything: it is not even proposed. Written `none`.
    #[serde(rename = "none")]
    Nothing,
}

/// What a level means. The first seven are for malicious entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Gates {
    /// Files and programs in a core folder.
    pub core: Gate,
    /// Files and programs in neither.
    pub other: Gate,
    /// Files and programs in a temp folder.
    pub temp: Gate,
    /// Artifacts of a device that are no files: registry entries, services, tasks.
    pub artifact: Gate,
    /// Accounts.
    pub user: Gate,
    /// Messages and settings of mailboxes.
    pub mail: Gate,
    /// Addresses, domains and URLs.
    pub network: Gate,
    /// Anything that is suspicious and no more.
    pub suspicious: Gate,
}

/// Who must agree to an action that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Approvals {
    /// How many different people must agree. Default 1.
    pub needed: u32,
    /// Of whom: names as the host gives them. Default empty: anybody who has a role.
    pub approvers: Vec<String>,
    /// Roles of which one is needed to agree, refuse or take back. Default empty: no role is.
    pub roles: Vec<String>,
    /// May who asked for an action by hand agree to it? Default false.
    pub own: bool,
    /// Agreeing, refusing and taking back ask for a reason. Default false.
    pub reasons: bool,
    /// How long an action waits, in hours; then it counts as refused. Default 168, seven days.
    pub expiry_hours: u32,
}

impl Default for Approvals {
    fn default() -> Self {
        Approvals { needed: 1, approvers: Vec::new(), roles: Vec::new(), own: false, reasons: false, expiry_hours: 168 }
    }
}

impl Response {
    /// What `level` means.
    #[must_use]
    pub fn gates(&self, level: AutomationLevel) -> Gates {
        self.matrix.get(&level).copied().unwrap_or_else(|| level.gates())
    }

    /// The level of the devices of a group.
    #[must_use]
    pub fn level_of(&self, group: Option<&str>) -> AutomationLevel {
        let named = group.and_then(|group| {
            let same = |(name, _): &(&String, &AutomationLevel)| name.to_lowercase() == group.to_lowercase();
            self.device_groups.iter().find(same)
        });
        named.map_or(self.level, |(_, level)| *level)
    }

    /// Who must agree to this action.
    #[must_use]
    pub fn approvals(&self, action: &ActionKind) -> &Approvals {
        self.approvals_of.get(action.as_str()).unwrap_or(&self.approvals)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        for (name, list) in [("coreFolders", &self.core_folders), ("tempFolders", &self.temp_folders)] {
            for pattern in list {
                folder::check(pattern)
                    .map_err(|expected| format!("`{}` in `response.{name}`, {expected}", pattern.escape_debug()))?;
            }
        }
        if let Some(name) = self.approvals_of.keys().find(|name| !ActionKind::ALL.iter().any(|a| a.as_str() == **name))
        {
            return Err(format!("no action `{}` in `response.approvalsOf`", name.escape_debug()));
        }
        let rules = self.approvals_of.iter().map(|(name, rule)| (format!("response.approvalsOf.{name}"), rule));
        for (name, rule) in rules.chain([("response.approvals".to_owned(), &self.approvals)]) {
            if rule.needed == 0 {
                return Err(format!("`{name}.needed` is 0, expected 1 or more: what needs nobody is `automatic`"));
            }
            if rule.expiry_hours == 0 {
                return Err(format!("`{name}.expiryHours` is 0, expected 1 or more"));
            }
            if !rule.approvers.is_empty() && (rule.approvers.len() as u64) < u64::from(rule.needed) {
                let of = rule.approvers.len();
                return Err(format!("`{name}` needs {} of {of} people, expected no more than there are", rule.needed));
            }
        }
        let positive = [
            ("expansionDevices", self.expansion_devices),
            ("devices", self.devices),
            ("actions", self.actions),
            ("steps", self.steps),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(format!("`response.{name}` is 0, expected 1 or more")),
            None => self.plan.check(),
        }
    }
}
