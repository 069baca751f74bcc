//! Process trees.

use super::*;

#[test]
fn process_trees_survive_what_input_claims() {
    type Claim = (&'static str, &'static str, Option<i64>);
    // Name; (process, parent, time) ...; trees as depth and id, depth first.
    let cases: [(&str, &[Claim], &[&str]); 12] = [
        ("none", &[], &["0a", "0b", "0c", "0d"]),
        ("chain", &[("b", "a", None), ("c", "b", None), ("d", "c", None)], &["0a 1b 2c 3d"]),
        ("by time", &[("b", "a", Some(3)), ("c", "a", Some(2)), ("d", "a", None)], &["0a 1c 1b 1d"]),
        ("by id", &[("d", "a", Some(1)), ("c", "a", Some(1)), ("b", "a", Some(1))], &["0a 1b 1c 1d"]),
        ("depth first", &[("b", "a", None), ("c", "b", None), ("d", "a", None)], &["0a 1b 2c 1d"]),
        ("self-parent", &[("a", "a", Some(1)), ("b", "a", Some(2))], &["0a 1b", "0c", "0d"]),
        ("self and other", &[("b", "b", Some(1)), ("b", "a", Some(2))], &["0a 1b", "0c", "0d"]),
        ("two", &[("a", "b", None), ("b", "a", None)], &["0a 1b", "0c", "0d"]),
        ("two, dated", &[("a", "b", Some(2)), ("b", "a", Some(1))], &["0b 1a", "0c", "0d"]),
        (
            "into a cycle",
            &[("d", "c", None), ("a", "b", None), ("b", "c", Some(9)), ("c", "a", None)],
            &["0b 1a 2c 3d"],
        ),
        ("pid reuse", &[("c", "a", Some(5)), ("c", "b", Some(2))], &["0b 1c", "0a", "0d"]),
        ("several parents", &[("c", "b", None), ("c", "a", None)], &["0a 1c", "0b", "0d"]),
    ];
    for (name, claims, expected) in cases {
        let mut facts = vec![alert("alert", None)];
        facts.extend(["a", "b", "c", "d"].map(|id| entity(id, EntityKind::Process)));
        let claim =
            |(process, parent, time): &Claim| relation(process, Relation::Parent, parent, "alert", time.and_then(at));
        facts.extend(claims.iter().map(claim));
        let graph = build(&facts);
        assert_eq!(trees(&graph), expected, "{name}");
        assert_eq!(graph.edges().len(), claims.len(), "{name}: every claim stays an edge");
    }
}

#[test]
fn only_processes_have_process_trees() {
    let mut facts = sample();
    facts.push(relation("f", Relation::Parent, "p1", "a1", None));
    facts.push(relation("p1", Relation::Parent, "f", "a1", None));
    let graph = build(&facts);
    assert_eq!(trees(&graph), ["0p1 1p2"]);
    for id in ["f", "a1", "nobody"] {
        assert!(graph.process_tree(id).is_none(), "{id}");
    }
    let json = serde_json::to_value(graph.process_tree("p2")).unwrap();
    assert_eq!(
        json,
        json!([{"id": "p1", "name": "name of p1", "depth": 0}, {"id": "p2", "name": "name of p2",
            "depth": 1, "parent": "p1", "time": "1970-01-01T00:01:30Z"}])
    );
}

#[test]
fn long_chains_and_rings_do_not_overflow() {
    const LENGTH: usize = 100_000;
    for ring in [false, true] {
        let mut facts = GraphBuilder::new();
        facts.alert("a", "", None);
        for number in 0..LENGTH {
            let id = format!("p{number:06}");
            facts.entity(&id, EntityKind::Process, "");
            if number > 0 || ring {
                let parent = format!("p{:06}", (number + LENGTH - 1) % LENGTH);
                facts.relation(&id, Relation::Parent, &parent, "a", None);
            }
        }
        let graph = facts.build();
        let last = "p099999";
        let tree = graph.process_tree(last).unwrap();
        assert_eq!((tree.root().id(), tree.processes().len()), ("p000000", LENGTH));
        assert_eq!(tree.processes()[LENGTH - 1].depth(), LENGTH - 1);
        assert_eq!(graph.process_trees().len(), 1);
        let far = if ring { LENGTH / 2 } else { LENGTH - 1 };
        assert_eq!(graph.blast_radius(last, LENGTH).last().unwrap().0, far);
        let end = if ring { 1 } else { LENGTH - 1 };
        assert_eq!(graph.paths("p000000", last, LENGTH).unwrap().length(), end);
        assert_eq!(graph.subgraph_of_kinds(&[EntityKind::Process]).nodes().len(), LENGTH);
        let bytes = serde_json::to_string(&tree).unwrap();
        assert!(bytes.len() > LENGTH);
    }
}
