//! Pages as files: the same bytes whatever the order of facts, a policy that fits what is in them, and lists that say
//! what they fold and cut. What they do in a browser is in `python/tests/test_page.py`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use casegraph::report::{Page, page_name};
use casegraph::{Casebook, ErrorCode, sample};

fn book_of(lines: &[String]) -> Casebook {
    let mut book = Casebook::new();
    let report = book.ingest("alerts", lines.join("\n").as_bytes()).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    book
}

fn shipped() -> Vec<String> {
    sample::ALERTS.lines().map(str::to_owned).collect()
}

fn page_of(book: &Casebook) -> String {
    let case = book.case_file(&book.queue()[0].id, None).unwrap();
    Page::new().incident(&case)
}

/// Alerts on one device, so many, each with a file of its own.
fn many(alerts: usize) -> Vec<String> {
    let one = |n: usize| {
        format!(
            r##"{{"id":"a{n}","title":"Alert {n}","detectorId":"d{n}","serviceSource":"s","severity":"high","firstActivityDateTime":"2026-03-10T{:02}:{:02}:00Z","evidence":[{{"@odata.type":"#microsoft.graph.security.deviceEvidence","mdeDeviceId":"d1","hostName":"pc-1"}},{{"@odata.type":"#microsoft.graph.security.fileEvidence","verdict":"malicious","fileDetails":{{"fileName":"f{n}.exe","sha256":"{:064x}"}}}}]}}"##,
            n / 60 % 24,
            n % 60,
            n + 1
        )
    };
    (0..alerts).map(one).collect()
}

#[test]
fn the_order_of_facts_changes_no_byte() {
    let (mut lines, first) = (shipped(), page_of(&book_of(&shipped())));
    lines.reverse();
    assert!(page_of(&book_of(&lines)) == first);
    lines.rotate_left(5);
    assert!(page_of(&book_of(&lines)) == first);
}

#[test]
fn a_page_needs_and_fetches_nothing() {
    for html in [page_of(&book_of(&shipped())), book_of(&shipped()).queue_page(&Page::new())] {
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("<style").count(), 1);
        assert!(html.contains("default-src 'none'; style-src 'sha256-"));
        let (before, script) = html.split_once("</script>").unwrap();
        for markup in [before.split_once("<script>").unwrap().0, script] {
            // Arrows of pictures are drawn by name, within the page.
            let markup = markup.replace("url(#cg-", "");
            let markup = markup.as_str();
            for what in [" style=", " src=", " onclick", "javascript:", "<link", "<iframe", "url("] {
                let style = markup.split_once("<style>").map_or(markup, |(head, _)| head);
                assert!(!style.contains(what), "{what}");
            }
        }
        // Every address leads within the page, or to a page beside it.
        for address in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(address.starts_with('#') || address.starts_with("incident-"), "{address}");
        }
    }
}

#[test]
fn long_lists_fold_and_say_so_and_cut_and_say_so() {
    let book = book_of(&many(130));
    let case = book.case_file("a0", None).unwrap();
    let whole = Page::new().incident(&case);
    assert_eq!(whole.matches("<details class=\"alert\"").count(), 130);
    assert!(whole.contains("100 of 130 shown, 30 folded away"));
    assert!(!whole.contains("not in this file: the CSV export"));
    let short = Page::new().with_rows(40).with_details(3).incident(&case);
    assert_eq!(short.matches("<details class=\"alert\"").count(), 40);
    assert!(short.contains("90 rows are not in this file"), "90 of 130 alerts");
    assert_eq!(short.matches("What this alert holds is not in this file").count(), 37);
    assert!(short.len() < whole.len());
}

#[test]
fn the_queue_leads_to_the_pages_beside_it() {
    let book = book_of(&shipped());
    let folder = std::env::temp_dir().join(format!("casegraph-pages-{}", std::process::id()));
    assert_eq!(book.save_pages(&folder, &Page::new().with_incidents(1), None).unwrap(), 1);
    let queue = std::fs::read_to_string(folder.join("index.html")).unwrap();
    let named: Vec<String> = book.incidents().map(|incident| page_name(&incident)).collect();
    assert!(queue.contains(&named[0]) && !queue.contains(&named[1]), "the second has no page");
    assert!(std::fs::read_to_string(folder.join(&named[0])).unwrap() == page_of(&book));
    std::fs::remove_dir_all(&folder).unwrap();
    let error = book.save_pages("/dev/null/pages", &Page::new(), None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Io);
    assert!(error.to_string().contains("/dev/null/pages"));
}

#[test]
fn a_case_file_is_as_of_its_time() {
    let mut book = book_of(&many(1));
    let at = |text: &str| casegraph::model::Time::parse(text).unwrap();
    let latest = book.case_file("a0", None).unwrap();
    assert_eq!(Some(latest.at), latest.incident.last_activity);
    let author = casegraph::model::Author::new("ada", at("2026-03-12T09:00:00Z"));
    book.comment("a0", "looked at", &author).unwrap();
    assert_eq!(book.case_file("a0", None).unwrap().at.to_rfc3339(), "2026-03-12T09:00:00+00:00");
    let asked = at("2026-04-01T00:00:00Z");
    assert_eq!(book.case_file("a0", Some(&asked)).unwrap().at.to_rfc3339(), "2026-04-01T00:00:00+00:00");
    assert_eq!(book.case_file("nobody", None).unwrap_err().code(), ErrorCode::NotFound);
}
