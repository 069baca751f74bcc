//! The times that Python asks for, as text.

use casegraph_core::model::Time;
use casegraph_core::{Error, Result};

/// The time that a call is asked for.
pub(crate) fn time(text: &str) -> Result<Time> {
    Time::parse(text).ok_or_else(|| {
        let text = text.escape_debug();
        Error::invalid_argument(format!("`at` is `{text}`, expected a time with an offset, as 2026-03-12T09:00:00Z"))
    })
}
