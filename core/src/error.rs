//! The one error type, its stable codes, and the problems an ingest reports.
//!
//! An [`Error`] ends a call; a [`Problem`] is one thing that was wrong with one record of an ingest
//! that went on. Messages start in lower case, end without a full stop, name what was expected, and
//! put what the user gave in backticks.

use std::fmt;

/// Every way a call can fail, with numbers that never change.
///
/// The C constants `CG_ERR_*` and Python's `.code` are these values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorCode {
    /// A document is not well-formed JSON.
    Syntax = 1,
    /// The format of an input is not known, or the named format does not exist.
    Format = 2,
    /// A value is not what the call allows.
    InvalidArgument = 3,
    /// No alert, incident, entity, fact or rule has this id.
    NotFound = 4,
    /// A limit of the policy was reached.
    Limit = 5,
    /// A saved log is damaged or of an unknown version.
    Log = 6,
    /// Reading or writing failed.
    Io = 7,
    /// The caller asked to stop.
    Cancelled = 8,
    /// A defect of casegraph: a panic was contained. The handle it happened on is unusable.
    Internal = 9,
    /// Rules or a field mapping cannot be used.
    Rule = 10,
    /// What was decided before stands in the way; once it is decided otherwise the call works.
    Conflict = 11,
}

impl ErrorCode {
    /// All codes, in the order of their numbers.
    pub const ALL: [ErrorCode; 11] = [
        ErrorCode::Syntax,
        ErrorCode::Format,
        ErrorCode::InvalidArgument,
        ErrorCode::NotFound,
        ErrorCode::Limit,
        ErrorCode::Log,
        ErrorCode::Io,
        ErrorCode::Cancelled,
        ErrorCode::Internal,
        ErrorCode::Rule,
        ErrorCode::Conflict,
    ];

    /// The stable name, as Python's `.code` shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ErrorCode::Syntax => "syntax",
            ErrorCode::Format => "format",
            ErrorCode::InvalidArgument => "invalid_argument",
            ErrorCode::NotFound => "not_found",
            ErrorCode::Limit => "limit",
            ErrorCode::Log => "log",
            ErrorCode::Io => "io",
            ErrorCode::Cancelled => "cancelled",
            ErrorCode::Internal => "internal",
            ErrorCode::Rule => "rule",
            ErrorCode::Conflict => "conflict",
        }
    }

    /// The stable number, as C sees it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }
}

/// Where in an input something is: any part may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// What the caller named the input, usually a file name.
    pub source: Option<String>,
    /// Record number, from 1.
    pub record: Option<u64>,
    /// JSON path inside the record, e.g. `$.evidence[3].createdDateTime`.
    pub path: Option<String>,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column, from 1: in bytes of JSON, in characters of rules and mappings.
    pub column: Option<u64>,
    /// Byte offset from the start of the input.
    pub offset: Option<u64>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        let mut part = |f: &mut fmt::Formatter<'_>, label: &str, value: &dyn fmt::Display| {
            write!(f, "{between}{label}{value}")?;
            between = ", ";
            Ok::<(), fmt::Error>(())
        };
        if let Some(source) = &self.source {
            part(f, "", source)?;
        }
        if let Some(record) = self.record {
            part(f, "record ", &record)?;
        }
        if let Some(path) = &self.path {
            part(f, "", path)?;
        }
        if let Some(line) = self.line {
            part(f, "line ", &line)?;
        }
        if let Some(column) = self.column {
            part(f, "column ", &column)?;
        }
        if let (Some(offset), None) = (self.offset, self.line) {
            part(f, "byte ", &offset)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Detail {
    code: ErrorCode,
    message: String,
    location: Location,
    help: Option<&'static str>,
    source: Option<std::io::Error>,
}

/// Why a call failed: a stable [`code`](Error::code), a message, and the place if there is one.
#[derive(Debug)]
pub struct Error(Box<Detail>);

/// The result of every fallible call.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error(Box::new(Detail {
            code,
            message: message.into(),
            location: Location::default(),
            help: None,
            source: None,
        }))
    }

    /// For the faces, which contain panics and report them with [`ErrorCode::Internal`].
    #[doc(hidden)]
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(ErrorCode::Internal, message)
    }

    /// For the faces: an argument that does not even reach the core (NULL, bad UTF-8).
    #[doc(hidden)]
    #[must_use]
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Error::new(ErrorCode::InvalidArgument, message)
    }

    pub(crate) fn at(mut self, location: Location) -> Self {
        self.0.location = location;
        self
    }

    pub(crate) fn with_help(mut self, help: &'static str) -> Self {
        self.0.help = Some(help);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What went wrong, in one line and without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it went wrong.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.location != Location::default() {
            write!(f, "{}: ", self.0.location)?;
        }
        f.write_str(&self.0.message)?;
        if let (true, Some(help)) = (f.alternate(), self.0.help) {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        let mut error = Error::new(ErrorCode::Io, source.to_string());
        error.0.source = Some(source);
        error
    }
}

/// What was wrong with one record of an ingest that went on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What the caller named the input.
    pub source: String,
    /// Record number in that input, from 1.
    pub record: u64,
    /// JSON path of the value, `$` for the whole record.
    pub path: String,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What was found and what was expected, in one line.
    pub message: String,
}

impl Problem {
    /// A problem at `path`; `source` and `record` are filled in by the reader that knows them.
    pub(crate) fn new(code: ProblemCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { source: String::new(), record: 0, path: path.into(), code, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, record {}, {}: {}", self.source, self.record, self.path, self.message)
    }
}

/// The kinds of [`Problem`]. The JSON spelling is the variant in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// The bytes are not well-formed JSON from here on.
    Syntax,
    /// A field has another JSON type than the schema says; it is kept as an unknown field.
    WrongType,
    /// A time cannot be read or has no offset; the field counts as absent.
    BadTime,
    /// A field that the record cannot do without is absent.
    Missing,
    /// The record is none that this format holds; it was left out.
    NotAnAlert,
    /// The record is over a limit of the policy; it was left out.
    Limit,
    /// A reference inside the record leads nowhere.
    DanglingReference,
}
