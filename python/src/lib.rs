//! The Python module of casegraph.
