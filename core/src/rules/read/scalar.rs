//! The text of a plain scalar in, its type by YAML's core schema out.

/// What a scalar is. The spelling is kept beside it: dates and versions stay texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::rules) enum Typed {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text,
}

impl Typed {
    pub(in crate::rules) fn what(self) -> &'static str {
        match self {
            Typed::Null => "nothing",
            Typed::Bool(_) => "a boolean",
            Typed::Int(_) | Typed::Float(_) => "a number",
            Typed::Text => "a text",
        }
    }
}

/// Whole numbers beyond 64 bits and numbers that are not finite are texts: no event holds them as numbers.
pub(in crate::rules) fn typed(text: &str) -> Typed {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Typed::Null,
        "true" | "True" | "TRUE" => Typed::Bool(true),
        "false" | "False" | "FALSE" => Typed::Bool(false),
        _ => number(text),
    }
}

fn number(text: &str) -> Typed {
    let prefixed = |digits: &str, radix: u32| {
        let legal = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        if legal { i64::from_str_radix(digits, radix).map_or(Typed::Text, Typed::Int) } else { Typed::Text }
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return prefixed(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return prefixed(digits, 8);
    }
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
        return Typed::Text;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map_or(Typed::Text, Typed::Int);
    }
    text.parse().ok().filter(|f: &f64| f.is_finite()).map_or(Typed::Text, Typed::Float)
}
