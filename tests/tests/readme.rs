//! The README says what the code does. Its Rust blocks run as doc tests, its Python blocks in
//! `python/tests`, its C blocks in `ffi/tests`; here are the tables and the commands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::{ErrorCode, Format};

fn readme() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    std::fs::read_to_string(path).expect("the README stands at the top")
}

#[test]
fn every_error_code_stands_in_the_table_with_its_number() {
    let readme = readme();
    for code in ErrorCode::ALL {
        let row = format!("| {} | `{}` |", code.number(), code.name());
        assert!(readme.contains(&row), "the README lacks `{row}`");
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("` |") && line.as_bytes()[2].is_ascii_digit());
    assert_eq!(rows.count(), ErrorCode::ALL.len(), "the README lists a code that does not exist");
}

#[test]
fn the_options_of_the_main_command_are_those_of_its_usage() {
    let readme = readme();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/examples/investigate.rs");
    let example = std::fs::read_to_string(example).unwrap();
    for option in ["--format", "--policy", "--indicators", "--rules", "--no-builtin", "--threads", "--text", "--json"] {
        assert!(readme.contains(option) && example.contains(option), "{option}");
    }
}

#[test]
fn the_formats_have_names_that_read_back() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()).unwrap(), format);
    }
}

#[test]
fn the_output_shown_is_the_output_given() {
    let readme = readme();
    let shown =
        readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the README shows output");
    let given = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/sample.txt");
    let given = std::fs::read_to_string(given).unwrap();
    for line in shown.lines() {
        let line = line.strip_suffix('…').unwrap_or(line);
        assert!(given.lines().any(|g| g.starts_with(line)), "the sample's report has no line `{line}`");
    }
}
