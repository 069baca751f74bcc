//! The wire form: nodes and edges by string id, in the order of the graph.

use chrono::{DateTime, Utc};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::EntityGraph;
use super::process::{ProcessTree, TreeProcess};
use super::view::{Edge, EntityPath, Neighbour, Node, NodeKind};

#[derive(serde::Serialize)]
struct NodeForm<'g> {
    id: &'g str,
    r#type: &'static str,
    kind: &'static str,
    name: &'g str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<DateTime<Utc>>,
}

#[derive(serde::Serialize)]
struct EdgeForm<'g> {
    from: &'g str,
    to: &'g str,
    relation: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'g [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<DateTime<Utc>>,
    alerts: Vec<&'g str>,
}

#[derive(serde::Serialize)]
struct ProcessForm<'g> {
    id: &'g str,
    name: &'g str,
    depth: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<DateTime<Utc>>,
}

/// `{"id", "type": "alert" or "entity", "kind", "name", "time"?}`; the kind of an alert is `alert`.
impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let (id, name, kind, time) = (self.id(), self.name(), self.kind(), self.time());
        let r#type = if kind == NodeKind::Alert { "alert" } else { "entity" };
        NodeForm { id, r#type, kind: kind.as_str(), name, time }.serialize(s)
    }
}

/// `{"from", "to", "relation", "roles"?, "first"?, "last"?, "alerts": []}`.
impl Serialize for Edge<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let form = EdgeForm {
            from: self.from().id(),
            to: self.to().id(),
            relation: self.kind().as_str(),
            roles: self.roles(),
            first: self.first(),
            last: self.last(),
            alerts: self.alerts().collect(),
        };
        form.serialize(s)
    }
}

/// `{"id", "name", "depth", "parent"?, "time"?}`.
impl Serialize for TreeProcess<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let (node, parent) = (self.node(), self.parent().map(Node::id));
        let (depth, time) = (self.depth(), self.time());
        ProcessForm { id: node.id(), name: node.name(), depth, parent, time }.serialize(s)
    }
}

/// The list of [`processes`](ProcessTree::processes): flat, so that readers need not recurse either.
impl Serialize for ProcessTree<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.processes())
    }
}

/// `{"nodes": [], "edges": []}` in walking order; edges keep their own direction.
impl Serialize for EntityPath<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let edges = self.steps().iter().copied().map(Neighbour::edge);
        write(s, "EntityPath", self.nodes(), edges)
    }
}

/// `{"nodes": [], "edges": []}`.
impl Serialize for EntityGraph {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        write(s, "EntityGraph", self.nodes(), self.edges())
    }
}

fn write<'g, S: Serializer>(
    s: S,
    name: &'static str,
    nodes: impl Iterator<Item = Node<'g>>,
    edges: impl Iterator<Item = Edge<'g>>,
) -> Result<S::Ok, S::Error> {
    let mut form = s.serialize_struct(name, 2)?;
    form.serialize_field("nodes", &nodes.collect::<Vec<_>>())?;
    form.serialize_field("edges", &edges.collect::<Vec<_>>())?;
    form.end()
}

impl EntityGraph {
    /// The graph as JSON: `{"nodes": [{"id", "type", "kind", "name", "time"?}], "edges": [{"from",
    /// "to", "relation", "roles"?, "first"?, "last"?, "alerts"}]}`, where `type` is `alert` or
    /// `entity`, and `evidence` is the relation of an alert to its entities. O(V + E).
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        // INVARIANT: all keys are strings and all values plain, so this cannot fail.
        let mut json = serde_json::to_value(self).unwrap_or_default();
        json.sort_all_objects();
        json
    }
}
