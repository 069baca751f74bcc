//! Subgraphs and time slices.

use super::*;

#[test]
fn subgraphs_keep_kinds_and_the_edges_between_them() {
    use EntityKind::{Device, Process};
    let graph = build(&sample());
    let small = graph.subgraph_of_kinds(&[Process, Device]);
    assert_eq!(ids(small.nodes()), ["d", "p1", "p2"]);
    assert_eq!(edge_names(&small), ["p1 on d", "p2 on d", "p2 parent p1"]);
    assert_eq!(small.edges().last().unwrap().alerts().collect::<Vec<_>>(), ["a1", "a2"]);
    assert_eq!(trees(&small), ["0p1 1p2"]);
    assert!(small.node("a1").is_none());

    let no_device = graph.subgraph(|kind| kind != NodeKind::Entity(Device));
    assert_eq!(no_device.nodes().len(), graph.nodes().len() - 1);
    assert_eq!(no_device.edges().len(), graph.edges().len() - 3);
    assert_eq!(graph.subgraph(|_| true).to_json(), graph.to_json());
    assert_eq!(graph.subgraph(|_| false).to_json(), json!({"nodes": [], "edges": []}));
}

#[test]
fn time_slices_keep_what_meets_them_and_what_is_undated() {
    let mut facts = sample();
    facts.push(entity("alone", EntityKind::Ip));
    facts.push(alert("undated", None));
    let graph = build(&facts);
    let undated = ["a2 evidence d", "p2 on d", "url domain dns"];
    // From, to, dated edges, nodes that are not there.
    let cases: [(i64, i64, &[&str], &[&str]); 7] = [
        (0, 10, &[], &["a1", "p1", "u", "f"]),
        (80, 80, &["p1 on d"], &["a1", "u", "f"]),
        (95, 96, &["p2 parent p1"], &["a1", "u", "f"]),
        (100, 100, &["a1 evidence p1", "a1 evidence p2", "p2 parent p1"], &["u", "f"]),
        (150, 195, &["p2 runsAs u"], &["a1", "p1", "f"]),
        (200, 300, &["a2 evidence url"], &["a1", "p1", "u", "f"]),
        (300, 0, &[], &["a1", "p1", "u", "f"]),
    ];
    for (from, to, dated, gone) in cases {
        let slice = graph.time_slice(at(from).unwrap(), at(to).unwrap());
        let mut expected: Vec<&str> = undated.iter().chain(dated).copied().collect();
        expected.sort_unstable();
        let mut found = edge_names(&slice);
        found.sort_unstable();
        assert_eq!(found, expected, "{from} to {to}");
        let left: Vec<&str> = graph.nodes().map(Node::id).filter(|id| !gone.contains(id)).collect();
        assert_eq!(ids(slice.nodes()), left, "{from} to {to}");
    }
    let all = graph.time_slice(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    assert_eq!(all.to_json(), graph.to_json());
}

#[test]
fn an_alert_is_dated_by_itself() {
    let graph = build(&[
        alert("dated", at(5)),
        alert("late", at(50)),
        entity("e", EntityKind::Ip),
        evidence("dated", "e", &[], at(90)),
    ]);
    let slice = graph.time_slice(at(0).unwrap(), at(10).unwrap());
    assert_eq!(ids(slice.nodes()), ["dated"]);
    assert_eq!(edge_names(&slice), Vec::<String>::new());
}
