//! The suites of casegraph that need more than one crate; see `tests/tests`.
