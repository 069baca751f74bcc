//! What is wrong with a rule, and where.

use std::fmt;

/// Why a document of a rule file was left out, or what of it does not count.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleProblem {
    /// File, or what the caller named the text.
    pub source: String,
    /// Line, from 1; 0 when the problem has no place of its own.
    pub line: u32,
    /// Column in characters, from 1; 0 when the problem has no place of its own.
    pub column: u32,
    /// Id of the rule, or its title when it has none; absent when neither could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What kind of problem it is.
    pub code: RuleProblemCode,
    /// What was found and what was expected, in one line.
    pub message: String,
    /// Was the document left out?
    pub left_out: bool,
}

/// The kinds of [`RuleProblem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleProblemCode {
    /// Not well-formed YAML from here on.
    Syntax,
    /// Well-formed, but against Sigma's specification.
    Invalid,
    /// Legal Sigma that casegraph does not support.
    Unsupported,
    /// Over a limit of the policy.
    Limit,
    /// Another document has the same id or name.
    Duplicate,
    /// It names a rule, a selection or a placeholder that does not exist.
    UnknownReference,
    /// Legal, and most likely not what was meant.
    Doubtful,
    /// A file could not be read.
    Io,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}
