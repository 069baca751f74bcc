//! The text of a value in, literals and wildcards out, and what modifiers make of them.

use super::base64;
use crate::rules::ast::{Anchor, Pattern, Token};

/// Characters that begin a parameter on a Windows command line, or stand for the one that does.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A list of tokens in normal form: neighbouring literals joined, neighbouring `Any` one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tokens(pub(super) Vec<Token>);

impl Tokens {
    pub(super) fn push(&mut self, token: Token) {
        match (self.0.last_mut(), token) {
            (_, Token::Literal(new)) if new.is_empty() => {}
            (Some(Token::Literal(last)), Token::Literal(new)) => last.push_str(&new),
            (Some(Token::Any), Token::Any) => {}
            (_, token) => self.0.push(token),
        }
    }

    fn push_char(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Token::Literal(last)) => last.push(c),
            _ => self.0.push(Token::Literal(c.to_string())),
        }
    }

    pub(super) fn literal(text: String) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.push(Token::Literal(text));
        tokens
    }

    /// Bytes of literal text.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|t| if let Token::Literal(text) = t { text.len() } else { 1 }).sum()
    }

    /// The text, when there are no wildcards in it.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Token::Literal(text)] => Some(text),
            _ => None,
        }
    }

    pub(super) fn anchored(self, anchor: Anchor) -> Tokens {
        let mut out = Tokens::default();
        if matches!(anchor, Anchor::End | Anchor::Anywhere) {
            out.push(Token::Any);
        }
        for token in self.0 {
            out.push(token);
        }
        if matches!(anchor, Anchor::Start | Anchor::Anywhere) {
            out.push(Token::Any);
        }
        out
    }

    /// The same with every literal as the characters U+0000 to U+00FF of its recoded bytes.
    pub(super) fn recoded(self, recode: Recode) -> Tokens {
        let mut out = Tokens::default();
        for token in self.0 {
            match token {
                Token::Literal(text) => {
                    let bytes = recode.bytes(&text);
                    out.push(Token::Literal(bytes.into_iter().map(char::from).collect()));
                }
                wildcard => out.push(wildcard),
            }
        }
        out
    }

    /// The places of characters that `windash` varies: dashes and slashes where a parameter may begin,
    /// which is anywhere but after a letter, a digit or `_`.
    pub(super) fn dashes(&self) -> usize {
        let mut found = 0;
        self.each_char(|_, varies| found += usize::from(varies));
        found
    }

    /// The spelling number `form` of `DASHES.len().pow(self.dashes())`; number 0 is the one as written.
    pub(super) fn dashed(&self, mut form: usize) -> Tokens {
        let mut out = Tokens::default();
        self.each_char(|token, varies| match token {
            Err(wildcard) => out.push(wildcard.clone()),
            Ok(c) if varies => {
                let written = DASHES.iter().position(|dash| *dash == c).unwrap_or_default();
                let dash = DASHES.iter().cycle().nth(written + form % DASHES.len()).copied().unwrap_or(c);
                form /= DASHES.len();
                out.push_char(dash);
            }
            Ok(c) => out.push_char(c),
        });
        out
    }

    fn each_char<'s>(&'s self, mut each: impl FnMut(Result<char, &'s Token>, bool)) {
        let mut after_word = false;
        for token in &self.0 {
            let Token::Literal(text) = token else {
                each(Err(token), false);
                after_word = false;
                continue;
            };
            for c in text.chars() {
                each(Ok(c), !after_word && DASHES.contains(&c));
                after_word = c.is_alphanumeric() || c == '_';
            }
        }
    }
}

/// Bytes of the longest run between two `*` that has a `?` in it: a text is looked at so often, as no search for
/// a literal finds the place where it may begin.
pub(super) fn longest_run(pattern: &Pattern) -> Option<usize> {
    let runs: Vec<&[Token]> = pattern.tokens.split(|token| *token == Token::Any).collect();
    let inner = runs.get(1..runs.len().saturating_sub(1)).unwrap_or_default();
    let length = |token: &Token| if let Token::Literal(text) = token { text.len() } else { 1 };
    inner.iter().filter(|run| run.contains(&Token::One)).map(|run| run.iter().map(length).sum()).max()
}

/// How many spellings `dashes` places have; absent when more than `limit`.
pub(super) fn spellings(dashes: usize, limit: usize) -> Option<usize> {
    let count = DASHES.len().checked_pow(u32::try_from(dashes).ok()?)?;
    (count <= limit).then_some(count)
}

/// How a text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recode {
    Utf16Le,
    Utf16Be,
    /// Little endian with a byte order mark.
    Utf16,
}

impl Recode {
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        let units = text.encode_utf16();
        match self {
            Recode::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
            Recode::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
            Recode::Utf16 => [0xfeff].into_iter().chain(units).flat_map(u16::to_le_bytes).collect(),
        }
    }
}

/// How bytes become text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base64 {
    Whole,
    Shifted,
}

impl Base64 {
    pub(super) fn forms(self, bytes: &[u8]) -> Vec<String> {
        match self {
            Base64::Whole => vec![base64::encode(bytes)],
            Base64::Shifted => base64::shifted(bytes),
        }
    }
}

/// A piece of a value: placeholders are only looked for with `|expand`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece<'v> {
    Token(Token),
    Placeholder(&'v str),
}

/// Reads wildcards and escapes: `\*`, `\?` and `\\` stand for the second character, `\%` too where
/// placeholders are looked for; a backslash before anything else is itself.
pub(super) fn pieces<'v>(text: &'v str, placeholders: bool, mut each: impl FnMut(Piece<'v>)) {
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c| matches!(c, '\\' | '*' | '?') || (placeholders && c == '%')) {
        let (before, special) = rest.split_at(at);
        literal.push_str(before);
        let mut chars = special.chars();
        let first = chars.next().unwrap_or_default();
        rest = chars.as_str();
        let piece = match first {
            '\\' => {
                let escaped = chars.next().filter(|c| matches!(c, '\\' | '*' | '?') || (placeholders && *c == '%'));
                literal.push(escaped.unwrap_or('\\'));
                if escaped.is_some() {
                    rest = chars.as_str();
                }
                continue;
            }
            '*' => Piece::Token(Token::Any),
            '?' => Piece::Token(Token::One),
            _ => {
                let name = rest.split_once('%').filter(|(name, _)| is_name(name));
                let Some((name, after)) = name else {
                    literal.push('%');
                    continue;
                };
                rest = after;
                Piece::Placeholder(name)
            }
        };
        if !literal.is_empty() {
            each(Piece::Token(Token::Literal(std::mem::take(&mut literal))));
        }
        each(piece);
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        each(Piece::Token(Token::Literal(literal)));
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The tokens of a text without placeholders.
pub(super) fn tokens(text: &str) -> Tokens {
    let mut out = Tokens::default();
    pieces(text, false, |piece| {
        if let Piece::Token(token) = piece {
            out.push(token);
        }
    });
    out
}
