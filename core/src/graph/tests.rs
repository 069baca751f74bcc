//! What goes in comes out in one order; the tests of the verbs are in the files beside.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod process;
mod slice;
mod walk;

use super::*;
use chrono::{DateTime, Utc};
use serde_json::json;

fn at(second: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(second, 0)
}

type Fact = Box<dyn Fn(&mut GraphBuilder)>;

fn alert(id: &'static str, time: Option<DateTime<Utc>>) -> Fact {
    Box::new(move |facts| {
        facts.alert(id, &format!("title of {id}"), time);
    })
}

fn entity(id: &'static str, kind: EntityKind) -> Fact {
    Box::new(move |facts| {
        facts.entity(id, kind, &format!("name of {id}"));
    })
}

fn relation(
    from: &'static str,
    relation: Relation,
    to: &'static str,
    alert: &'static str,
    time: Option<DateTime<Utc>>,
) -> Fact {
    Box::new(move |facts| {
        facts.relation(from, relation, to, alert, time);
    })
}

fn evidence(
    alert: &'static str,
    entity: &'static str,
    roles: &'static [&'static str],
    time: Option<DateTime<Utc>>,
) -> Fact {
    Box::new(move |facts| {
        facts.occurrence(alert, entity, roles.iter().copied(), time);
    })
}

fn build(facts: &[Fact]) -> EntityGraph {
    let mut builder = GraphBuilder::new();
    facts.iter().for_each(|fact| fact(&mut builder));
    builder.build()
}

/// Two alerts on one device: a mail program starts a shell, the shell runs as a user and a file came
/// from a URL of a domain.
fn sample() -> Vec<Fact> {
    use EntityKind::{Device, Dns, File, Process, Url, User};
    vec![
        alert("a1", at(100)),
        alert("a2", at(200)),
        entity("d", Device),
        entity("u", User),
        entity("p1", Process),
        entity("p2", Process),
        entity("f", File),
        entity("url", Url),
        entity("dns", Dns),
        relation("p2", Relation::Parent, "p1", "a1", at(90)),
        relation("p2", Relation::Parent, "p1", "a2", at(110)),
        relation("p2", Relation::Parent, "p1", "a2", None),
        relation("p1", Relation::On, "d", "a1", at(80)),
        relation("p2", Relation::On, "d", "a2", None),
        relation("p2", Relation::RunsAs, "u", "a2", at(190)),
        relation("p2", Relation::Image, "f", "a1", at(90)),
        relation("url", Relation::Domain, "dns", "a2", None),
        evidence("a1", "p1", &["source"], at(100)),
        evidence("a1", "p2", &["source", "attacker"], at(100)),
        evidence("a1", "p2", &["attacker"], None),
        evidence("a2", "url", &[], at(200)),
        evidence("a2", "d", &["compromised"], None),
    ]
}

fn ids<'g>(nodes: impl IntoIterator<Item = Node<'g>>) -> Vec<&'g str> {
    nodes.into_iter().map(Node::id).collect()
}

fn edge_names(graph: &EntityGraph) -> Vec<String> {
    let name = |edge: Edge<'_>| format!("{} {} {}", edge.from().id(), edge.kind().as_str(), edge.to().id());
    graph.edges().map(name).collect()
}

/// A fixed stream of numbers.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for last in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
    }
}

fn trees(graph: &EntityGraph) -> Vec<String> {
    let row = |process: &TreeProcess<'_>| format!("{}{}", process.depth(), process.node().id());
    let tree = |tree: &ProcessTree<'_>| {
        assert_eq!(tree.root(), tree.processes()[0].node());
        tree.processes().iter().map(row).collect::<Vec<_>>().join(" ")
    };
    let all: Vec<String> = graph.process_trees().iter().map(tree).collect();
    for (expected, found) in all.iter().zip(graph.process_trees()) {
        for process in found.processes() {
            let own = graph.process_tree(process.node().id()).unwrap();
            assert_eq!(&tree(&own), expected);
        }
    }
    all
}

#[test]
fn is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<EntityGraph>();
    shared::<GraphBuilder>();
    shared::<ProcessTree<'static>>();
}

#[test]
fn order_of_facts_does_not_matter() {
    let mut facts = sample();
    facts.extend([
        // Contradictions are settled in one way.
        entity("f", EntityKind::Url),
        alert("a1", None),
        alert("a1", at(50)),
        relation("p1", Relation::Parent, "p2", "a1", at(90)),
        relation("p2", Relation::Parent, "p2", "a1", at(1)),
        relation("p2", Relation::On, "nobody", "a1", at(1)),
    ]);
    let all = |graph: &EntityGraph| {
        let tree = serde_json::to_string(&graph.process_trees()).unwrap();
        let path = serde_json::to_string(&graph.paths("f", "dns", 9)).unwrap();
        let radius = serde_json::to_string(&graph.blast_radius("d", 3)).unwrap();
        let near = format!("{:?}", graph.neighbours("p2"));
        let whole = serde_json::to_string(graph).unwrap();
        (whole, tree, path, radius, near, graph.dangling())
    };
    let expected = all(&build(&facts));
    for seed in 0..200 {
        shuffle(&mut facts, seed);
        assert_eq!(all(&build(&facts)), expected, "seed {seed}");
    }
}

#[test]
fn one_edge_knows_all_its_alerts_and_times() {
    let graph = build(&sample());
    let json = graph.to_json();
    let edges = json["edges"].as_array().unwrap();
    let expected = [
        json!({"from": "p2", "to": "p1", "relation": "parent", "alerts": ["a1", "a2"],
            "first": "1970-01-01T00:01:30Z", "last": "1970-01-01T00:01:50Z"}),
        json!({"from": "a1", "to": "p2", "relation": "evidence", "alerts": ["a1"],
            "roles": ["attacker", "source"],
            "first": "1970-01-01T00:01:40Z", "last": "1970-01-01T00:01:40Z"}),
        json!({"from": "p2", "to": "d", "relation": "on", "alerts": ["a2"]}),
    ];
    for edge in expected {
        assert!(edges.contains(&edge), "{edge} not in {edges:#?}");
    }
    assert_eq!(edges.len(), 10);
    assert_eq!(
        json["nodes"][0],
        json!({"id": "a1", "type": "alert", "kind": "alert", "name": "title of a1",
            "time": "1970-01-01T00:01:40Z"})
    );
    assert_eq!(json["nodes"][2], json!({"id": "d", "type": "entity", "kind": "device", "name": "name of d"}));
    assert_eq!(ids(graph.nodes()), ["a1", "a2", "d", "u", "p1", "p2", "f", "url", "dns"]);
    // Typed serialization has a fixed order of keys, also where JSON values sort them.
    let text = serde_json::to_string(&graph.node("d")).unwrap();
    assert_eq!(text, r#"{"id":"d","type":"entity","kind":"device","name":"name of d"}"#);
}

#[test]
fn edges_are_sorted() {
    let expected = [
        "a1 evidence p1",
        "a1 evidence p2",
        "a2 evidence d",
        "a2 evidence url",
        "p1 on d",
        "p2 on d",
        "p2 runsAs u",
        "p2 parent p1",
        "p2 image f",
        "url domain dns",
    ];
    assert_eq!(edge_names(&build(&sample())), expected);
}

#[test]
fn unknown_ids_are_counted_and_harmless() {
    use EntityKind::{Device, Process};
    let known = || vec![alert("a", None), entity("p", Process), entity("d", Device)];
    // What is said, how many are left out.
    let cases: Vec<(&str, Fact, usize)> = vec![
        ("known", relation("p", Relation::On, "d", "a", None), 0),
        ("unknown from", relation("x", Relation::On, "d", "a", None), 1),
        ("unknown to", relation("p", Relation::On, "x", "a", None), 1),
        ("unknown alert", relation("p", Relation::On, "d", "x", None), 1),
        ("alert as entity", relation("a", Relation::On, "d", "a", None), 1),
        ("entity as alert", evidence("p", "d", &[], None), 1),
        ("unknown evidence", evidence("a", "x", &[], None), 1),
    ];
    for (name, fact, dangling) in cases {
        let mut facts = known();
        facts.push(fact);
        let graph = build(&facts);
        assert_eq!(graph.dangling(), dangling, "{name}");
        assert_eq!(graph.edges().len(), 1 - dangling, "{name}");
        assert_eq!(graph.nodes().len(), 3, "{name}");
        assert_eq!(graph.subgraph_of_kinds(&[Device]).dangling(), dangling, "{name}");
    }
    assert_eq!(build(&[]).to_json(), json!({"nodes": [], "edges": []}));
}

#[test]
fn an_alert_and_an_entity_may_have_the_same_id() {
    let graph = build(&[alert("same", None), entity("same", EntityKind::File), evidence("same", "same", &[], None)]);
    assert_eq!(ids(graph.nodes()), ["same", "same"]);
    assert_eq!(graph.node("same").unwrap().kind(), NodeKind::Entity(EntityKind::File));
    assert_eq!(edge_names(&graph), ["same evidence same"]);
    assert_eq!(graph.blast_radius("same", 5).len(), 1);
    assert_eq!(graph.dangling(), 0);
}

#[test]
fn names_need_no_escape() {
    let nasty = "<script>\"'&\0\u{202e}\\\n";
    let mut facts = GraphBuilder::new();
    facts.alert(nasty, nasty, None).entity("e", EntityKind::File, nasty);
    facts.occurrence(nasty, "e", [nasty], None);
    let graph = facts.build();
    assert_eq!(graph.node("e").unwrap().name(), nasty);
    let text = serde_json::to_string(&graph).unwrap();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read, graph.to_json());
    assert_eq!(read["edges"][0]["roles"], json!([nasty]));
}

#[test]
fn debug_tells_sizes_only() {
    let text = format!("{:?}", build(&sample()));
    assert_eq!(text, "EntityGraph { nodes: 9, edges: 10, dangling: 0 }");
}
