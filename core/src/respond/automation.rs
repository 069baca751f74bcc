//! What happens unasked: the level of the device's group, the verdict and the folder decide.

use crate::policy::{AutomationLevel, Gate, Gates, Response};

use super::catalogue::ActionClass;
use super::folder::lies_in;
use super::state::Mode;

/// Where a file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FolderClass {
    /// A folder for what comes and goes.
    Temp,
    /// Neither of both.
    Other,
    /// A folder of the system.
    Core,
    /// A temp folder of the system: core for the level `semiCore`, temp for `semiNonTemp`.
    CoreTemp,
}

impl FolderClass {
    /// The class of a path.
    pub(crate) fn of(path: &str, policy: &Response) -> FolderClass {
        let in_any = |patterns: &[String]| patterns.iter().any(|pattern| lies_in(path, pattern));
        match (in_any(&policy.core_folders), in_any(&policy.temp_folders)) {
            (true, true) => FolderClass::CoreTemp,
            (true, false) => FolderClass::Core,
            (false, true) => FolderClass::Temp,
            (false, false) => FolderClass::Other,
        }
    }

    /// In words, after "in".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            FolderClass::Temp => "a temp folder",
            FolderClass::Other => "neither a core nor a temp folder",
            FolderClass::Core => "a core folder",
            FolderClass::CoreTemp => "a temp folder of the system",
        }
    }

    fn gate(self, gates: &Gates, level: AutomationLevel) -> Gate {
        match self {
            FolderClass::Temp => gates.temp,
            FolderClass::Other => gates.other,
            FolderClass::CoreTemp if level == AutomationLevel::SemiNonTemp => gates.temp,
            FolderClass::Core | FolderClass::CoreTemp => gates.core,
        }
    }
}

/// What decides about an action besides its class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Malicious, or an account or device that the attacker holds; otherwise suspicious and no more.
    pub(crate) malicious: bool,
    pub(crate) level: AutomationLevel,
    /// Of files and programs whose place is known.
    pub(crate) folder: Option<FolderClass>,
}

/// What the policy makes of an action; nothing where it is not even proposed.
pub(crate) fn mode(class: ActionClass, standing: Standing, policy: &Response) -> Option<Mode> {
    let Standing { malicious, level, folder } = standing;
    if level == AutomationLevel::None {
        return None;
    }
    let gates = policy.gates(level);
    let gate = match class {
        ActionClass::Manual | ActionClass::Release => return Some(Mode::Propose),
        ActionClass::Disruption if policy.disruption && malicious => return Some(Mode::Automatic),
        ActionClass::Disruption => return Some(Mode::Approval),
        ActionClass::Artifact => folder.map_or(gates.artifact, |folder| folder.gate(&gates, level)),
        ActionClass::Identity => gates.user,
        ActionClass::Mail => gates.mail,
        ActionClass::Network => gates.network,
    };
    // What is suspicious and no more gets no further than it and its class both do.
    match if malicious { gate } else { gate.max(gates.suspicious) } {
        Gate::Automatic => Some(Mode::Automatic),
        Gate::Approval => Some(Mode::Approval),
        Gate::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix of the reference, row by row: core, other, temp, suspicious.
    #[test]
    fn levels_and_folders_open_what_the_reference_says() {
        use AutomationLevel::{Full, None as Never, SemiAll, SemiCore, SemiNonTemp};
        let (auto, wait) = (Some(Mode::Automatic), Some(Mode::Approval));
        let policy = Response::default();
        for (level, expected) in [
            (Full, [auto, auto, auto, wait]),
            (SemiAll, [wait, wait, wait, wait]),
            (SemiCore, [wait, auto, auto, wait]),
            (SemiNonTemp, [wait, wait, auto, wait]),
            (Never, [None, None, None, None]),
        ] {
            let file = |path: &str, malicious: bool| {
                let folder = Some(FolderClass::of(path, &policy));
                mode(ActionClass::Artifact, Standing { malicious, level, folder }, &policy)
            };
            let found = [
                file(r"c:\windows\system32\a.exe", true),
                file(r"c:\tools\a.exe", true),
                file(r"c:\users\mira\downloads\a.exe", true),
                file(r"c:\users\mira\downloads\a.exe", false),
            ];
            assert_eq!(found, expected, "{level:?}");
            let mail = mode(ActionClass::Mail, Standing { malicious: true, level, folder: None }, &policy);
            assert_eq!(mail, wait.filter(|_| level != Never));
            let both = file(r"c:\windows\temp\a.exe", true);
            let expected = if level == SemiNonTemp { auto } else { expected[0] };
            assert_eq!(both, expected, "{level:?}: a temp folder of the system");
        }
    }

    #[test]
    fn disruption_has_a_switch_of_its_own() {
        let mut policy = Response::default();
        let standing = |malicious, level| Standing { malicious, level, folder: None };
        let ask =
            |policy: &Response, malicious, level| mode(ActionClass::Disruption, standing(malicious, level), policy);
        assert_eq!(ask(&policy, true, AutomationLevel::Full), Some(Mode::Approval));
        policy.disruption = true;
        assert_eq!(ask(&policy, true, AutomationLevel::SemiAll), Some(Mode::Automatic));
        assert_eq!(ask(&policy, false, AutomationLevel::Full), Some(Mode::Approval));
        assert_eq!(ask(&policy, true, AutomationLevel::None), None);
    }
}
