//! What rules look at: a record with named values, be it an event of a log or an entity of an incident.

/// One value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
}

/// A record with fields under the names that rules use. Names compare without regard to ASCII case.
pub(crate) trait Record {
    /// Calls `each` with every value of `field` (several for a list), and tells whether the field is present.
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool;

    /// Calls `each` with every value of every field, for keywords.
    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>));
}
