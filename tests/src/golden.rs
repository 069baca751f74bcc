//! Files whose bytes are pinned. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

/// What to do when pinned bytes changed on purpose.
pub const ADVICE: &str = "If the change is meant: `UPDATE_GOLDEN=1 cargo test -p casegraph-tests`, look at the diff, \
     and note it in core/CHANGELOG.md; a change that gives anything another verdict, incident or priority gets a star there.";

/// Holds `actual` to the file at `path`, relative to the `tests` crate.
///
/// # Panics
/// When they differ; the message shows the first line that does.
#[expect(clippy::panic, reason = "tests say with a panic what failed")]
pub fn check(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        if let Err(e) = std::fs::write(&file, actual) {
            panic!("{path} cannot be written: {e}");
        }
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if expected == actual {
        return;
    }
    // A checkout may have turned the ends of lines.
    let (expected, actual) = (expected.replace("\r\n", "\n"), &actual.replace("\r\n", "\n"));
    if expected == *actual {
        return;
    }
    let (mut line, mut want, mut got) = (1, expected.lines(), actual.lines());
    loop {
        match (want.next(), got.next()) {
            (a, b) if a == b && a.is_some() => line += 1,
            (a, b) => panic!(
                "{path} differs from line {line} on.\nexpected: {}\n  actual: {}\n{ADVICE}",
                around(a.unwrap_or("(end)"), b.unwrap_or_default()),
                around(b.unwrap_or("(end)"), a.unwrap_or_default())
            ),
        }
    }
}

/// The part of a long line where it begins to differ from the other.
fn around(line: &str, other: &str) -> String {
    let same = line.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    line.chars().skip(same.saturating_sub(80)).take(240).collect()
}
