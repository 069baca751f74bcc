//! Tables for spreadsheets: CSV by RFC 4180, whose cells no spreadsheet takes for formulas.
//!
//! In: a header and rows of as many cells. Out: the text. What an attacker wrote stays readable but can neither
//! start a formula nor steer a terminal. This file must never know what the cells are about.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

/// A table of `N` columns that grows row by row.
pub(crate) struct Sheet<const N: usize> {
    out: csv::Writer<Vec<u8>>,
}

impl<const N: usize> Sheet<N> {
    pub(crate) fn new(header: [&str; N]) -> Sheet<N> {
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = out.write_record(header);
        Sheet { out }
    }

    pub(crate) fn row(&mut self, cells: [String; N]) {
        let _ = self.out.write_record(cells.iter().map(|cell| guarded(cell).into_owned()));
    }

    pub(crate) fn text(self) -> String {
        String::from_utf8(self.out.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// A time as a cell; empty without one.
pub(crate) fn time_cell(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// A cell that no spreadsheet takes for a formula: what begins as one, in narrow or wide characters, gets an
/// apostrophe. Control characters other than tabs and line ends, which no reader expects in a table, come out escaped.
fn guarded(cell: &str) -> Cow<'_, str> {
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !formula && !cell.contains(odd) {
        return cell.into();
    }
    let mut out = String::with_capacity(cell.len() + 8);
    if formula {
        out.push('\'');
    }
    for c in cell.chars() {
        if odd(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut sheet = Sheet::new(["one", "two"]);
        sheet.row(["=cmd|' /C calc'!A0".to_owned(), "a \"b\",\nc".to_owned()]);
        sheet.row(["＝1+1".to_owned(), "\u{1b}[2J".to_owned()]);
        let text = sheet.text();
        assert_eq!(text, "one,two\r\n'=cmd|' /C calc'!A0,\"a \"\"b\"\",\nc\"\r\n'＝1+1,\\u{1b}[2J\r\n");
    }
}
