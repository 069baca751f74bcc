//! Neighbours, paths, blast radius.

use super::*;

type Far = &'static [(usize, &'static str)];

#[test]
fn neighbours_come_in_both_directions() {
    use Direction::{Incoming, Outgoing};
    let graph = build(&sample());
    let near = |id| -> Vec<(Direction, &str, &str)> {
        let found = graph.neighbours(id).into_iter();
        found.map(|near| (near.direction(), near.edge().kind().as_str(), near.node().id())).collect()
    };
    assert_eq!(near("p1"), [(Outgoing, "on", "d"), (Incoming, "parent", "p2"), (Incoming, "evidence", "a1")]);
    assert_eq!(near("a2"), [(Outgoing, "evidence", "d"), (Outgoing, "evidence", "url")]);
    assert_eq!(near("nobody"), []);
}

#[test]
fn paths_are_shortest_and_first_by_id() {
    let mut facts = sample();
    // Two more ways from u to d, as short as the one by p2.
    facts.push(relation("u", Relation::LoggedOn, "b", "a1", None));
    facts.push(relation("b", Relation::PartOf, "d", "a1", None));
    facts.push(relation("u", Relation::LoggedOn, "z", "a1", None));
    facts.push(relation("z", Relation::PartOf, "d", "a1", None));
    facts.extend([entity("z", EntityKind::Device), entity("b", EntityKind::Other)]);
    facts.push(entity("alone", EntityKind::Ip));
    let graph = build(&facts);
    let cases: [(&str, &str, usize, Option<&[&str]>); 10] = [
        ("u", "d", 9, Some(&["u", "b", "d"])),
        ("d", "u", 2, Some(&["d", "b", "u"])),
        ("u", "d", 1, None),
        ("u", "u", 0, Some(&["u"])),
        ("p1", "f", 9, Some(&["p1", "p2", "f"])),
        ("p1", "dns", 9, Some(&["p1", "d", "a2", "url", "dns"])),
        ("p1", "dns", 4, Some(&["p1", "d", "a2", "url", "dns"])),
        ("p1", "dns", 3, None),
        ("p1", "alone", 9, None),
        ("p1", "nobody", 9, None),
    ];
    for (from, to, length, expected) in cases {
        let path = graph.paths(from, to, length);
        let found = path.as_ref().map(|path| ids(path.nodes()));
        assert_eq!(found.as_deref(), expected, "{from} to {to}");
        if let (Some(path), Some(expected)) = (path, expected) {
            assert_eq!(path.length(), expected.len() - 1);
        }
    }
}

#[test]
fn blast_radius_does_not_pass_through_alerts() {
    let graph = build(&sample());
    let cases: [(&str, usize, Far); 7] = [
        ("u", 0, &[(0, "u")]),
        ("u", 1, &[(0, "u"), (1, "p2")]),
        ("u", 2, &[(0, "u"), (1, "p2"), (2, "d"), (2, "p1"), (2, "f")]),
        ("u", usize::MAX, &[(0, "u"), (1, "p2"), (2, "d"), (2, "p1"), (2, "f")]),
        ("url", 9, &[(0, "url"), (1, "dns")]),
        ("a2", 2, &[(0, "a2"), (1, "d"), (1, "url"), (2, "p1"), (2, "p2"), (2, "dns")]),
        ("nobody", 9, &[]),
    ];
    for (id, depth, expected) in cases {
        let found: Vec<_> = graph.blast_radius(id, depth).into_iter().map(|(far, node)| (far, node.id())).collect();
        assert_eq!(found, expected, "{id} {depth}");
    }
}
