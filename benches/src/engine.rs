//! Two engines behind one face: rules from files, events from JSON, the rules that match an event.

mod casegraph;
mod rsigma;
mod windows;

use std::path::{Path, PathBuf};

pub use self::casegraph::Casegraph;
pub use self::rsigma::{Rsigma, RsigmaWhole};

/// Why something could not be done.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A loaded set of rules.
pub trait Engine: Sized + Sync {
    /// An event in the engine's own form, kept for the next to be read into.
    type Event: Default + Send + Sync;
    /// What one thread needs to match.
    type Matcher<'e>
    where
        Self: 'e;

    /// Reads and compiles the rules of these files.
    ///
    /// # Errors
    ///
    /// A file cannot be read; a rule that does not load is no error, see [`problems`](Engine::problems).
    fn load(files: &[PathBuf]) -> Result<Self, Failure>;

    /// Number of rules.
    fn rules(&self) -> usize;

    /// Rules that did not load, each in a line.
    fn problems(&self) -> Vec<String>;

    /// Reads one event.
    ///
    /// # Errors
    ///
    /// It is not JSON.
    fn read(&self, event: &mut Self::Event, json: &[u8]) -> Result<(), Failure>;

    /// Scratch for one thread.
    fn matcher(&self) -> Self::Matcher<'_>;

    /// Number of rules that match.
    fn count(matcher: &mut Self::Matcher<'_>, event: &Self::Event) -> usize;

    /// Ids of the rules that match, titles of those without one.
    fn names(matcher: &mut Self::Matcher<'_>, event: &Self::Event) -> Vec<String>;
}

/// Files of Sigma rules for Windows under these folders, sorted; a file is taken as it is.
///
/// # Errors
///
/// A folder or a file cannot be read.
pub fn rule_files(roots: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for root in roots {
        walk(root, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut kept = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let windows = |line: &str| {
            let mut words = line.split_whitespace();
            words.next() == Some("product:") && words.next() == Some("windows")
        };
        if text.lines().any(windows) {
            kept.push(file);
        }
    }
    Ok(kept)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
