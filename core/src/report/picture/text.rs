//! Texts of others: what may be shown of them, and how much of it fits.
//!
//! In: a text from anywhere, a size of letters and the room there is. Out: text in which nothing reorders or hides, of
//! bounded length. Control characters, marks that steer and characters that XML forbids come out as `\u{…}`. No font is
//! at hand, so widths are those of a wide one.

/// A text of at most `limit` characters, the sign that it was cut included, that nothing in it can reorder or hide.
pub(super) fn clean(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut left = limit;
    for (at, c) in text.char_indices() {
        let length = if hidden(c) { c.escape_unicode().count() } else { 1 };
        let last = text.len() == at + c.len_utf8();
        // One is kept for the sign.
        if length > left || (length == left && !last) {
            out.push('…');
            break;
        }
        left -= length;
        if hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// Control characters, marks that reorder or hide text, and what no XML may hold.
fn hidden(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    let more = matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}');
    c.is_control() || marks || more || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// About how wide a text is, in pixels: no font is at hand, so widths of a wide one are taken.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let thousandths: i64 = text.chars().map(advance).sum();
    i32::try_from(thousandths * i64::from(size) / 1000).unwrap_or(i32::MAX)
}

/// Thousandths of the size of the letters.
fn advance(c: char) -> i64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' | 'I' | ' ' => 320,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' | '"' => 410,
        'c' | 's' | 'z' | '`' | '_' => 550,
        'm' | 'M' | 'W' | '@' | '%' | '…' => 1000,
        'w' | '&' | '#' | '+' | '<' | '=' | '>' | '~' => 840,
        'A'..='Z' => 700,
        c if c.is_ascii() => 635,
        c if c >= '\u{1100}' => 1050,
        _ => 680,
    }
}

/// The room that is left when letters are strong, so wider.
pub(super) fn strong(room: i32) -> i32 {
    room * 9 / 10
}

/// As much of the beginning as fits into a width, with a sign if it was cut.
pub(super) fn fit(text: &str, size: i32, room: i32) -> String {
    // No more can fit, however narrow, and texts may be huge.
    let text = clean(text, usize::try_from(room).unwrap_or(0).max(4));
    if width(&text, size) <= room {
        return text;
    }
    let mut used = width("…", size);
    let mut out: String = text
        .chars()
        .take_while(|c| {
            used = used.saturating_add(i32::try_from(advance(*c) * i64::from(size) / 1000).unwrap_or(i32::MAX) + 1);
            used <= room
        })
        .collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The same with the end instead of the beginning.
fn fit_end(text: &str, size: i32, room: i32) -> String {
    let turned: String = text.chars().rev().collect();
    fit(&turned, size, room).chars().rev().collect()
}

/// A text on two lines. What does not fit is cut where the least is lost: at the end of a sentence, in the middle of
/// a path or an address.
pub(super) fn two_lines(text: &str, size: i32, room: i32) -> (String, String) {
    let long = clean(text, 4 * usize::try_from(room).unwrap_or(0));
    if width(&long, size) <= room {
        return (long, String::new());
    }
    let mut used = 0;
    let fits = |c: &(usize, char)| {
        used += i32::try_from(advance(c.1) * i64::from(size) / 1000).unwrap_or(i32::MAX) + 1;
        used <= room
    };
    let head: Vec<(usize, char)> = long.char_indices().take_while(fits).collect();
    let sentence = long.matches(' ').count() > 1;
    let breaks = |c: char| if sentence { c == ' ' } else { " \\/@.-_:".contains(c) };
    let best = head.iter().enumerate().rev().find(|(n, (_, c))| breaks(*c) && 3 * n >= head.len());
    let until = best.map(|(_, last)| last).or(head.last()).map_or(0, |(at, c)| at + c.len_utf8());
    let (first, rest) = long.split_at_checked(until).unwrap_or((&long, ""));
    let cut = text.len() > long.len();
    let rest = if sentence || cut { fit(rest, size, room) } else { fit_tail(rest, size, room) };
    (first.trim_end().to_owned(), rest)
}

/// A text on several lines, cut at the end of the last.
pub(super) fn lines(text: &str, size: i32, room: i32, most: usize) -> Vec<String> {
    let long = clean(text, most * usize::try_from(room).unwrap_or(0));
    let mut out: Vec<String> = Vec::new();
    let mut rest = long.as_str();
    while out.len() + 1 < most && width(rest, size) > room {
        let mut used = 0;
        let fits = |c: &(usize, char)| {
            used += i32::try_from(advance(c.1) * i64::from(size) / 1000).unwrap_or(i32::MAX) + 1;
            used <= room
        };
        let head: Vec<(usize, char)> = rest.char_indices().take_while(fits).collect();
        let best = head.iter().enumerate().rev().find(|(n, (_, c))| *c == ' ' && 3 * n >= head.len());
        let until = best.map(|(_, last)| last).or(head.last()).map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (first, more) = rest.split_at_checked(until).unwrap_or((rest, ""));
        out.push(first.trim_end().to_owned());
        rest = more;
    }
    if !rest.is_empty() {
        out.push(fit(rest, size, room));
    }
    out
}

fn fit_tail(rest: &str, size: i32, room: i32) -> String {
    if width(rest, size) <= room { rest.to_owned() } else { fit_end(rest, size, room) }
}
