//! One value of a detection item and its modifiers in, the tests that stand for it out.

use std::net::IpAddr;

use super::modifier::{Chain, Kind};
use super::pattern::{self, Piece, Tokens};
use super::scalar::{self, Typed};
use super::tree::{Node, Scalar};
use super::{Code, Reader, clipped, shown};
use crate::rules::ast::{Anchor, Cidr, Number, Pattern, Place, Regex, Test, Value};

/// Reads one value; `keyword` when it has no field.
pub(super) fn read(reader: &mut Reader<'_>, chain: &Chain, keyword: bool, node: &Node<'_>) -> Option<Value> {
    let Some(scalar) = node.scalar() else {
        let message = format!("{} as a value, expected a text, a number, a boolean or nothing", node.what());
        reader.refuse(node.place, Code::Invalid, message);
        return None;
    };
    let mut reading = Reading { reader, chain, keyword, place: node.place };
    let forms = reading.forms(scalar)?;
    Some(Value { text: scalar.text.clone().into_owned(), forms })
}

struct Reading<'r, 'o> {
    reader: &'r mut Reader<'o>,
    chain: &'r Chain,
    keyword: bool,
    place: Place,
}

impl Reading<'_, '_> {
    fn forms(&mut self, scalar: &Scalar<'_>) -> Option<Vec<Test>> {
        let text = scalar.text.as_ref();
        let number = match scalar.typed {
            Typed::Int(n) => Some(Number::Int(n)),
            Typed::Float(n) => Some(Number::Float(n)),
            _ => None,
        };
        let test = match self.chain.kind {
            Kind::Text => return self.text(text, scalar.typed, number),
            _ if scalar.typed == Typed::Null => return self.refuse("nothing", "a value, as it has modifiers"),
            Kind::Regex { ignore_case, multi_line, dot_all } => {
                let pattern = text.to_owned();
                let compiled = self.regex(&pattern, [ignore_case, multi_line, dot_all])?;
                Test::Regex(Regex { pattern, ignore_case, multi_line, dot_all, compiled })
            }
            Kind::Cidr if self.chain.expand => {
                let texts = self.expanded(text)?;
                let mut forms = Vec::with_capacity(texts.len());
                for tokens in texts {
                    let range = tokens.plain().map(str::to_owned).unwrap_or_else(|| clipped(text));
                    forms.push(Test::Cidr(self.cidr(&range)?));
                }
                return Some(forms);
            }
            Kind::Cidr => Test::Cidr(self.cidr(text)?),
            Kind::Exists => match scalar.typed {
                Typed::Bool(is) => Test::Exists(is),
                _ if text.eq_ignore_ascii_case("true") => Test::Exists(true),
                _ if text.eq_ignore_ascii_case("false") => Test::Exists(false),
                _ => return self.refuse(&shown(text), "`true` or `false` for `exists`"),
            },
            Kind::Reference if text.is_empty() => return self.refuse("an empty text", "the name of a field"),
            Kind::Reference => {
                let anchor = self.chain.anchor.unwrap_or(Anchor::Whole);
                Test::Reference { field: text.to_owned(), anchor, cased: self.chain.cased }
            }
            Kind::Compare(_) | Kind::TimePart(..) => {
                let number = number.or_else(|| decimal(text));
                let Some(number) = number else { return self.refuse(&shown(text), "a number") };
                match self.chain.kind {
                    Kind::TimePart(part, comparison) => Test::TimePart(part, comparison, number),
                    Kind::Compare(comparison) => Test::Compare(comparison, number),
                    _ => return None,
                }
            }
        };
        Some(vec![test])
    }

    fn text(&mut self, text: &str, typed: Typed, number: Option<Number>) -> Option<Vec<Test>> {
        let chain = self.chain;
        let textual = self.keyword
            || chain.anchor.is_some()
            || chain.windash
            || chain.expand
            || chain.recode.is_some()
            || chain.base64.is_some();
        match (typed, number) {
            (Typed::Null, _) if self.keyword => return self.refuse("nothing", "a text to look for"),
            (Typed::Null, _) if textual => return self.refuse("nothing", "a value, as it has modifiers"),
            (Typed::Null, _) => return Some(vec![Test::Null]),
            (Typed::Bool(is), _) if !textual => return Some(vec![Test::Bool(is)]),
            (_, Some(number)) if !textual => return Some(vec![Test::Number(number)]),
            _ => {}
        }
        // Searches look for keywords anywhere in a value, as all tools do.
        let anchor = chain.anchor.unwrap_or(if self.keyword { Anchor::Anywhere } else { Anchor::Whole });
        let mut forms = if chain.expand { self.expanded(text)? } else { vec![pattern::tokens(text)] };
        if chain.windash {
            forms = self.dashed(forms)?;
        }
        if let (Some(recode), None) = (chain.recode, chain.base64) {
            forms = forms.into_iter().map(|tokens| tokens.recoded(recode)).collect();
        }
        if chain.base64.is_some() {
            forms = self.encoded(&forms)?;
        }
        let forms = forms.into_iter().map(|tokens| tokens.anchored(anchor));
        let forms: Vec<Pattern> = forms.map(|tokens| Pattern { tokens: tokens.0, cased: chain.cased }).collect();
        let limit = self.reader.options.limits.wildcard_run;
        if let Some(longest) = forms.iter().filter_map(pattern::longest_run).max().filter(|run| *run > limit) {
            let found = format!("{longest} characters with `?` between two `*` in {}", shown(text));
            return self.limit(&found, &format!("at most {limit}, the limit `wildcardRun`"));
        }
        Some(forms.into_iter().map(Test::Text).collect())
    }

    /// Every way to fill in the placeholders.
    fn expanded(&mut self, text: &str) -> Option<Vec<Tokens>> {
        let limit = self.reader.options.limits.values_per_item;
        let placeholders = self.reader.options.placeholders;
        let mut pieces = Vec::new();
        pattern::pieces(text, true, |piece| pieces.push(piece));
        let mut forms = vec![Tokens::default()];
        let mut found = false;
        for piece in pieces {
            let name = match piece {
                Piece::Token(token) => {
                    forms.iter_mut().for_each(|form| form.push(token.clone()));
                    continue;
                }
                Piece::Placeholder(name) => name,
            };
            found = true;
            let Some(values) = placeholders.get(name).filter(|values| !values.is_empty()) else {
                let message = format!("placeholder {} has no values, expected some to be given", shown(name));
                self.reader.refuse(self.place, Code::UnknownReference, message);
                return None;
            };
            if forms.len().saturating_mul(values.len()) > limit {
                let message = format!("placeholders make more than {limit} values, the limit `valuesPerItem`");
                self.reader.refuse(self.place, Code::Limit, message);
                return None;
            }
            let written: usize = forms.iter().map(Tokens::len).sum();
            let added: usize = values.iter().map(String::len).sum();
            let (grown, copied) = (added.saturating_mul(forms.len()), written.saturating_mul(values.len()));
            self.spend(forms.len() * values.len(), grown.saturating_add(copied))?;
            let values: Vec<Tokens> = values.iter().map(|value| pattern::tokens(value)).collect();
            let joined = |form: &Tokens, value: &Tokens| {
                let mut out = form.clone();
                value.0.iter().for_each(|token| out.push(token.clone()));
                out
            };
            forms = forms.iter().flat_map(|form| values.iter().map(|value| joined(form, value))).collect();
        }
        if !found {
            let message = format!("`expand` without a placeholder in {}, expected one such as `%name%`", shown(text));
            self.reader.note(self.place, Code::Doubtful, message);
        }
        Some(forms)
    }

    /// Every spelling with other dashes.
    fn dashed(&mut self, forms: Vec<Tokens>) -> Option<Vec<Tokens>> {
        let limit = self.reader.options.limits.forms_per_value;
        let mut out = Vec::new();
        for tokens in forms {
            let Some(count) = pattern::spellings(tokens.dashes(), limit) else {
                let message = format!(
                    "`windash` makes more than {limit} spellings of {}, the limit `formsPerValue`",
                    shown(tokens.plain().unwrap_or("the value"))
                );
                self.reader.refuse(self.place, Code::Limit, message);
                return None;
            };
            self.spend(count, count.saturating_mul(tokens.len()))?;
            out.extend((0..count).map(|form| tokens.dashed(form)));
        }
        Some(out)
    }

    fn encoded(&mut self, forms: &[Tokens]) -> Option<Vec<Tokens>> {
        let base64 = self.chain.base64?;
        let mut out = Vec::new();
        for tokens in forms {
            let Some(text) = tokens.plain() else {
                return self.refuse("a wildcard in a value for Base64", "plain text, `\\*` or `\\?`");
            };
            let bytes = self.chain.recode.map_or_else(|| text.as_bytes().to_vec(), |recode| recode.bytes(text));
            self.spend(3, bytes.len().saturating_mul(4))?;
            let encoded = base64.forms(&bytes);
            if encoded.is_empty() || bytes.is_empty() {
                return self.refuse("an empty value for Base64", "a text");
            }
            if base64 == pattern::Base64::Shifted && encoded.len() < 3 {
                let message = format!("{} is too short for `base64offset`, expected 2 bytes or more", shown(text));
                self.reader.note(self.place, Code::Doubtful, message);
            }
            out.extend(encoded.into_iter().map(Tokens::literal));
        }
        Some(out)
    }

    fn regex(&mut self, pattern: &str, [ignore_case, multi_line, dot_all]: [bool; 3]) -> Option<regex::Regex> {
        let limits = self.reader.options.limits;
        if pattern.len() > limits.regex_bytes {
            let found = format!("a regular expression of {} bytes", pattern.len());
            return self.limit(&found, &format!("at most {}, the limit `regexBytes`", limits.regex_bytes));
        }
        let limit = limits.regex_program_bytes;
        // How big a program is shows only in the limit it fits in. One that does not fit has cost its compiling,
        // so all are paid before they are built.
        for size in [1 << 16, 1 << 18, limit].map(|size| limit.min(size)) {
            let Some(left) = self.reader.budget.programs.checked_sub(size) else {
                return self.limit(
                    "the regular expressions of this file together",
                    &format!("at most {} bytes, the limit `regexBytesPerFile`", limits.regex_bytes_per_file),
                );
            };
            let built = regex::RegexBuilder::new(pattern)
                .case_insensitive(ignore_case)
                .multi_line(multi_line)
                .dot_matches_new_line(dot_all)
                .size_limit(size)
                .build();
            match built {
                Ok(regex) => {
                    self.reader.budget.programs = left;
                    return Some(regex);
                }
                Err(regex::Error::CompiledTooBig(_)) if size < limit => {}
                Err(regex::Error::CompiledTooBig(_)) => {
                    self.reader.budget.programs = left;
                    let found = format!("regular expression {} is too big when compiled", shown(pattern));
                    return self.limit(&found, &format!("at most {limit} bytes, the limit `regexProgramBytes`"));
                }
                Err(error) => {
                    let (code, message) = regex_error(pattern, &error);
                    self.reader.refuse(self.place, code, message);
                    return None;
                }
            }
        }
        None
    }

    fn cidr(&mut self, text: &str) -> Option<Cidr> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let base = address.parse::<IpAddr>().ok();
        let widest = base.map_or(0, |base| if base.is_ipv4() { 32 } else { 128 });
        let bits = match bits {
            None => Some(widest),
            Some(bits) => bits.parse().ok().filter(|n: &u8| *n <= widest && bits.bytes().all(|b| b.is_ascii_digit())),
        };
        let (Some(written), Some(bits)) = (base, bits) else {
            return self.refuse(&shown(text), "a range such as `192.0.2.0/24` or `2001:db8::/32`");
        };
        let base = masked(written, bits);
        if base != written {
            let message =
                format!("{} has bits beyond its prefix, expected `{base}/{bits}`, taken as such", shown(text));
            self.reader.note(self.place, Code::Doubtful, message);
        }
        Some(Cidr { base, bits })
    }

    fn spend(&mut self, nodes: usize, bytes: usize) -> Option<()> {
        if self.reader.budget.spend(nodes, bytes) {
            return Some(());
        }
        self.limit("the forms of values in this file", "fewer, the limits `yamlNodes` and `fileBytes`")
    }

    fn limit<T>(&mut self, found: &str, expected: &str) -> Option<T> {
        self.reader.refuse(self.place, Code::Limit, format!("{found}, expected {expected}"));
        None
    }

    fn refuse<T>(&mut self, found: &str, expected: &str) -> Option<T> {
        self.reader.refuse(self.place, Code::Invalid, format!("{found}, expected {expected}"));
        None
    }
}

/// The number that a quoted text spells.
pub(super) fn decimal(text: &str) -> Option<Number> {
    match scalar::typed(text) {
        Typed::Int(n) => Some(Number::Int(n)),
        Typed::Float(n) => Some(Number::Float(n)),
        _ => None,
    }
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}

fn regex_error(pattern: &str, error: &regex::Error) -> (Code, String) {
    let text = error.to_string();
    // The last line tells what is wrong, those before it draw where.
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let pattern = shown(pattern);
    if reason.contains("look-around") {
        let message = format!("regular expression {pattern} looks around, expected one without `(?=`, `(?!`, `(?<`");
        return (Code::Unsupported, message);
    }
    if reason.contains("backreferences") {
        let message = format!("regular expression {pattern} refers back, expected one without `\\1`");
        return (Code::Unsupported, message);
    }
    (Code::Invalid, format!("regular expression {pattern} is none: {}", clipped(reason)))
}
