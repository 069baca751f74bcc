//! The C ABI of casegraph.
