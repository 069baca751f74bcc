//! The C and C++ programs of `tests/c` and `tests/cpp`, compiled with all warnings as errors against the
//! committed headers, linked with the real libraries, and run; under valgrind too where there is one.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What a static link needs besides the library, on Linux with glibc; the README shows the same line.
const SYSTEM_LIBRARIES: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder with `libcasegraph.so` and `.a`, up to date. Cargo builds no cdylib for the tests beside it.
fn libraries() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its path");
        // <target>/<profile>/deps/c_suite-<hash>
        let profile = test.ancestors().nth(2).expect("a test lies in its profile's folder").to_path_buf();
        let target = profile.parent().expect("a profile lies in the target folder");
        let name = profile.file_name().and_then(OsStr::to_str).expect("a profile has a name");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "casegraph-ffi", "--lib", "--target-dir"]).arg(target);
        build.args(["--profile", if name == "debug" { "dev" } else { name }]).current_dir(root());
        succeeds(&mut build);
        profile
    })
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let failed: Vec<String> =
        text(&output.stdout).lines().filter(|line| line.starts_with("not ok")).map(str::to_owned).collect();
    assert!(output.status.success(), "{command:?}: {}\n{}\n{}", output.status, failed.join("\n"), text(&output.stderr));
    output
}

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

enum Link {
    Shared,
    Static,
}

/// Compiles a program of `tests/` and gives its path; `purpose` keeps tests that run at once apart.
fn compiled(source: &str, link: &Link, purpose: &str) -> PathBuf {
    compiled_from(&root().join("tests").join(source), link, purpose)
}

fn compiled_from(source: &Path, link: &Link, purpose: &str) -> PathBuf {
    let libraries = libraries();
    let cpp = source.extension().is_some_and(|extension| extension == "cpp");
    let (compiler, standard) = if cpp { ("c++", "-std=c++17") } else { ("cc", "-std=c11") };
    let name = source.file_stem().and_then(OsStr::to_str).expect("a source has a name");
    let program = scratch().join(format!("{name}-{compiler}-{purpose}"));
    let mut command = Command::new(compiler);
    command
        .args([standard, "-g", "-pthread", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"])
        .arg(root().join("include"));
    command.arg(source).arg("-o").arg(&program);
    match link {
        Link::Shared => {
            let path = libraries.display();
            command.arg(format!("-L{path}")).arg("-lcasegraph").arg(format!("-Wl,-rpath,{path}"));
        }
        Link::Static => {
            command.arg(libraries.join("libcasegraph.a")).args(SYSTEM_LIBRARIES);
        }
    }
    succeeds(&mut command);
    program
}

/// Runs a test program: every line of it is `ok`, and it says how many there are.
fn passes(source: &str, link: &Link, purpose: &str) {
    let folder = scratch().join(format!("{purpose}-files"));
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    let output = succeeds(Command::new(compiled(source, link, purpose)).arg(folder));
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(passed > 5, "{source} made {passed} checks");
    assert_eq!(text.lines().last(), Some(format!("1..{passed}").as_str()), "{source} ended early");
}

fn is_clean_in_valgrind(source: &str) {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("note: valgrind is not installed, {source} was not run under it");
        return;
    }
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite,possible"]);
    // Enough that what is suppressed can be told by who began it.
    command.args(["--num-callers=100", "--keep-stacktraces=alloc"]);
    command.arg(format!("--suppressions={}", root().join("tests/c/valgrind.supp").display()));
    succeeds(command.arg(compiled(source, &Link::Shared, "valgrind")).arg(scratch()));
}

/// One program for each part of the interface, in both languages.
const PARTS: [&str; 10] =
    ["casegraph", "rules", "events", "proof", "what_if", "surgery", "manage", "plan", "response", "present"];

fn c() -> impl Iterator<Item = String> {
    PARTS.iter().map(|part| format!("c/test_{part}.c"))
}

/// The program that a static link is shown with, and one that uses most of the library: what they run is the same code.
fn linked_statically(source: &str) -> bool {
    ["casegraph", "present"].iter().any(|part| source.contains(&format!("_{part}.")))
}

fn cpp() -> impl Iterator<Item = String> {
    PARTS.iter().map(|part| format!("cpp/test_{part}.cpp"))
}

#[test]
fn c_programs_pass_with_the_shared_library() {
    c().for_each(|source| passes(&source, &Link::Shared, "shared"));
}

#[test]
fn c_programs_pass_with_the_static_library() {
    c().filter(|source| linked_statically(source)).for_each(|source| passes(&source, &Link::Static, "static"));
}

#[test]
fn cpp_programs_pass_with_the_shared_library() {
    if has_cpp() {
        cpp().for_each(|source| passes(&source, &Link::Shared, "shared"));
    }
}

#[test]
fn cpp_programs_pass_with_the_static_library() {
    if has_cpp() {
        cpp().filter(|source| linked_statically(source)).for_each(|source| passes(&source, &Link::Static, "static"));
    }
}

#[test]
fn c_programs_leak_nothing_and_touch_no_foreign_memory() {
    c().for_each(|source| is_clean_in_valgrind(&source));
}

#[test]
fn cpp_programs_leak_nothing_and_touch_no_foreign_memory() {
    // What these have the library do at length is looked at in C; in C++ they use no other handles.
    let long = ["events", "rules", "what_if", "present"];
    let looked_at = |source: &String| !long.iter().any(|part| source.ends_with(&format!("_{part}.cpp")));
    if has_cpp() {
        cpp().filter(looked_at).for_each(|source| is_clean_in_valgrind(&source));
    }
}

/// One scenario through every language gives the same bytes: those that the Rust suite pins.
#[test]
fn c_and_cpp_tell_what_rust_tells() {
    let pinned = std::fs::read(root().join("tests/parity/expected.txt")).expect("the pinned bytes can be read");
    let folder = root().join("tests/parity");
    let run = |source| succeeds(Command::new(compiled(source, &Link::Static, "parity")).arg(&folder)).stdout;
    assert!(run("c/parity.c") == pinned, "C prints other bytes than Rust");
    if has_cpp() {
        assert!(run("cpp/parity.cpp") == pinned, "C++ prints other bytes than Rust");
    }
}

/// The C blocks of the README are programs that work, with the link line that the README gives.
#[test]
fn the_examples_of_the_readme_run() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README stands at the top");
    assert!(readme.contains(&SYSTEM_LIBRARIES.join(" ")), "the README gives another link line than is tested");
    let blocks = readme.split("```c\n").skip(1).filter_map(|rest| rest.split("```").next());
    let printed: Vec<Vec<u8>> = blocks
        .enumerate()
        .map(|(number, block)| {
            let source = scratch().join(format!("readme-{number}.c"));
            std::fs::write(&source, block).expect("a scratch file can be written");
            succeeds(&mut Command::new(compiled_from(&source, &Link::Static, "readme"))).stdout
        })
        .collect();
    assert!(printed.iter().any(|text| text.starts_with(b"{\"schema\":\"casegraph.queue/1\"")));
}

/// The CMake lines of the README build a program; where there is no CMake they are passed over.
#[test]
fn the_cmake_lines_of_the_readme_work() {
    if !Command::new("cmake").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("note: no cmake, the CMake lines of the README were passed over");
        return;
    }
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README stands at the top");
    let block = |language: &str| {
        let fence = format!("```{language}\n");
        readme
            .split(&fence)
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .expect("the README has the block")
            .to_owned()
    };
    let folder = scratch().join("cmake");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    let lines = format!("cmake_minimum_required(VERSION 3.13)\nproject(app C)\n{}", block("cmake"));
    std::fs::write(folder.join("CMakeLists.txt"), lines).expect("a file can be written");
    std::fs::write(folder.join("app.c"), block("c")).expect("a file can be written");
    let include = root().join("include").canonicalize().expect("the headers are there");
    let mut configure = Command::new("cmake");
    configure.args(["-S", ".", "-B", "build"]).current_dir(&folder);
    configure.arg(format!("-DCMAKE_LIBRARY_PATH={}", libraries().display()));
    succeeds(configure.arg(format!("-DCMAKE_INCLUDE_PATH={}", include.display())));
    succeeds(Command::new("cmake").args(["--build", "build"]).current_dir(&folder));
    let output = succeeds(&mut Command::new(folder.join("build/app")));
    assert!(output.stdout.starts_with(b"{\"schema\""));
}

/// Is there a C++ compiler? Without one the C++ suites are passed over, and say so.
fn has_cpp() -> bool {
    let found = Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("note: no C++ compiler, the C++ programs were passed over");
    }
    found
}

/// Both headers stand alone, in every language they are for.
#[test]
fn headers_compile_alone() {
    for (compiler, language, standard, header) in [
        ("cc", "c", "-std=c11", "casegraph.h"),
        ("c++", "c++", "-std=c++17", "casegraph.h"),
        ("c++", "c++", "-std=c++17", "casegraph.hpp"),
    ] {
        if language == "c++" && !has_cpp() {
            continue;
        }
        let program = scratch().join(format!("alone-{language}-{}", header.replace('.', "-")));
        let source = program.with_extension(language);
        std::fs::write(&source, format!("#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n"))
            .expect("a scratch file can be written");
        let mut command = Command::new(compiler);
        command.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I"]);
        succeeds(command.arg(root().join("include")).arg(source));
    }
}

/// The example at the top of each header is a program that works.
#[test]
fn examples_of_the_headers_run() {
    let folder = scratch().join("example-files");
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    std::fs::write(folder.join("alerts.jsonl"), casegraph_core::sample::ALERTS).expect("a file can be written");
    for (header, indent, includes, extension) in [
        ("casegraph.h", " *     ", "#include <casegraph.h>\n#include <stdio.h>\n", "c"),
        ("casegraph.hpp", "//     ", "#include <casegraph.hpp>\n#include <iostream>\n", "cpp"),
    ] {
        if extension == "cpp" && !has_cpp() {
            continue;
        }
        let text = std::fs::read_to_string(root().join("include").join(header)).unwrap_or_default();
        let example: String = text
            .lines()
            .take(30)
            .filter_map(|line| line.strip_prefix(indent))
            .map(|line| format!("{line}\n"))
            .collect();
        let source = folder.join(format!("example.{extension}"));
        std::fs::write(&source, format!("{includes}int main(void) {{\n{example}return 0;\n}}\n"))
            .expect("a file can be written");
        let output = succeeds(Command::new(compiled_from(&source, &Link::Shared, "example")).current_dir(&folder));
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains("Multi-stage incident") && output.stderr.is_empty(), "{header}: {printed}");
    }
}

/// What the library gives away is `cg_` names, exactly those that are committed.
#[test]
fn exported_symbols_are_the_committed_ones() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("symbols.txt");
    let mut nm = Command::new("nm");
    let output = succeeds(nm.args(["-D", "--defined-only"]).arg(libraries().join("libcasegraph.so")));
    let text = String::from_utf8_lossy(&output.stdout);
    let exported: BTreeSet<&str> = text.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let rendered: String = exported.iter().map(|name| format!("{name}\n")).collect();
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&list, &rendered).expect("the list can be written");
    }
    let committed = std::fs::read_to_string(list).unwrap_or_default();
    assert!(exported.iter().all(|name| name.starts_with("cg_")), "a symbol that is not casegraph's");
    assert!(
        committed == rendered,
        "ffi/symbols.txt is not what the library exports. A symbol that went breaks programs: raise CG_ABI_VERSION. \
         Run `UPDATE_HEADER=1 cargo test -p casegraph-ffi` and commit it"
    );
    let header = std::fs::read_to_string(root().join("include/casegraph.h")).unwrap_or_default();
    for name in exported {
        assert!(header.contains(&format!("{name}(")), "`{name}` is exported and not in the header");
    }
}
