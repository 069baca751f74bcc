//! `include/casegraph.h` is what these sources say, and its numbers are the core's.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use casegraph_core::ErrorCode;
use cbindgen::{Builder, Config, DocumentationLength, DocumentationStyle, Language, Style};

const BLESS: &str = "UPDATE_HEADER=1 cargo test -p casegraph-ffi --test header";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The manual's first page.
const CONVENTIONS: &str = include_str!("conventions.txt");

fn rendered() -> String {
    let config = Config {
        language: Language::C,
        style: Style::Both,
        cpp_compat: true,
        usize_is_size_t: true,
        include_guard: Some("CASEGRAPH_H".to_owned()),
        no_includes: true,
        sys_includes: ["stddef.h", "stdint.h"].map(str::to_owned).to_vec(),
        documentation: true,
        documentation_style: DocumentationStyle::C99,
        documentation_length: DocumentationLength::Full,
        line_length: 110,
        header: Some(CONVENTIONS.trim_end().to_owned()),
        ..Config::default()
    };
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // The order of the header.
    let files = [
        "version", "status", "text", "error", "ingest", "casebook", "ask", "proof", "what_if", "surgery", "manage",
        "plan", "response", "present", "incident", "rules", "matcher", "sample",
    ];
    let builder = files.iter().fold(Builder::new().with_config(config), |builder, file| {
        builder.with_src(src.join(file).with_extension("rs"))
    });
    let mut header = Vec::new();
    builder.generate().expect("the sources can be read").write(&mut header);
    String::from_utf8(header).expect("the header is text")
}

#[test]
fn the_committed_header_is_the_rendered_one() {
    let path = root().join("include/casegraph.h");
    let rendered = rendered();
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, &rendered).expect("the header can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == rendered, "include/casegraph.h is not what ffi/src says: run `{BLESS}` and commit it");
}

#[test]
fn every_error_code_has_its_constant() {
    let header = rendered();
    let defined: Vec<&str> = header.lines().filter(|line| line.starts_with("#define CG_ERR_")).collect();
    for code in ErrorCode::ALL {
        let line = format!("#define CG_ERR_{} {}", code.name().to_uppercase(), code.number());
        assert!(defined.contains(&line.as_str()), "no `{line}` in the header");
    }
    assert_eq!(defined.len(), ErrorCode::ALL.len(), "a constant without a code");
}
