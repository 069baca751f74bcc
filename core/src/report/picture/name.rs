//! The names that pictures have outside of Rust.

use crate::error::{Error, Result};

use super::Picture;

/// Names of pictures, in the order in which they are listed to users.
const NAMES: [&str; 5] = ["kill-chain", "alert-timeline", "entity-graph", "process-tree", "proof"];

impl<'p> Picture<'p> {
    /// The picture of a name: `kill-chain`, `alert-timeline`, `entity-graph`, `process-tree` (of the alert or process
    /// that `about` names, or without one of all), `proof` (of the entity that `about` names).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument) for another name, and for `proof` without an
    /// entity.
    pub fn from_name(name: &str, about: Option<&'p str>) -> Result<Picture<'p>> {
        match (name, about) {
            ("kill-chain", _) => Ok(Picture::KillChain),
            ("alert-timeline", _) => Ok(Picture::AlertTimeline),
            ("entity-graph", _) => Ok(Picture::EntityGraph),
            ("process-tree", about) => Ok(Picture::ProcessTree(about)),
            ("proof", Some(entity)) => Ok(Picture::Proof(entity)),
            ("proof", None) => Err(Error::invalid_argument("the picture `proof` needs the id of an entity")),
            _ => {
                let given: String = name.chars().take(60).flat_map(char::escape_debug).collect();
                let names = NAMES.map(|name| format!("`{name}`")).join(", ");
                Err(Error::invalid_argument(format!("no picture is named `{given}`, expected one of {names}")))
            }
        }
    }
}
