//! Where a file lies: folders as patterns of whole names.

/// Does a path lie in the folder that a pattern means?
///
/// A pattern is a path without a drive, its parts between `\` or `/`: `*` stands for one part, and at the end for all
/// that lies below, as in `\users\*\downloads\*`. Case does not count.
pub(crate) fn lies_in(path: &str, pattern: &str) -> bool {
    let mut path = parts(path).peekable();
    // A drive or a device before the first separator is no part of the place.
    let _ = path.next_if(|part| part.ends_with(':'));
    let mut pattern = parts(pattern).peekable();
    while let Some(wanted) = pattern.next() {
        let Some(part) = path.next() else { return false };
        if wanted == "*" && pattern.peek().is_none() {
            return true;
        }
        if wanted != "*" && !wanted.eq_ignore_ascii_case(part) {
            return false;
        }
    }
    path.peek().is_none()
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['\\', '/']).filter(|part| !part.is_empty())
}

/// Is this a pattern? What is wrong with it otherwise.
pub(crate) fn check(pattern: &str) -> Result<(), &'static str> {
    if parts(pattern).next().is_none() {
        return Err("expected a path");
    }
    if parts(pattern).any(|part| part.ends_with(':')) {
        return Err("expected a path without a drive");
    }
    if parts(pattern).any(|part| part != "*" && part.contains('*')) {
        return Err("expected `*` for a whole part of the path");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_part_and_at_the_end_all_below() {
        let temp = r"\users\*\appdata\local\temp\*";
        assert!(lies_in(r"c:\users\mira\appdata\local\temp\a.exe", temp));
        assert!(lies_in(r"C:\Users\mira\AppData\Local\Temp\x\y\a.exe", temp));
        assert!(!lies_in(r"c:\users\mira\x\appdata\local\temp\a.exe", temp));
        assert!(!lies_in(r"c:\users\mira\appdata\local\temp", temp));
        assert!(lies_in("/tmp/.x/a", "/tmp/*"));
        assert!(!lies_in("/var/tmp/a", "/tmp/*"));
        assert!(!lies_in("", "/tmp/*"));
        assert!(lies_in(r"c:\windows\explorer.exe", r"\windows\explorer.exe"));
        assert!(!lies_in(r"c:\windows\explorer.exe\x", r"\windows\explorer.exe"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for wrong in ["", r"\", r"c:\windows\*", r"\win*\x"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert_eq!(check(r"\windows\*"), Ok(()));
    }
}
