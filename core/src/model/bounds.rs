//! How long the texts of a decision may be: the limits that `Casebook::decide` holds new decisions to. A saved log
//! is read whatever its decisions say.

use super::Decision;

impl Decision {
    /// Characters of a comment, and of a reason.
    pub const MAX_TEXT: usize = 30_000;
    /// Characters of the name that an incident is given.
    pub const MAX_TITLE: usize = 500;
    /// Characters of a tag.
    pub const MAX_TAG: usize = 100;
    /// Characters of an owner, and of who decides: more than the longest mail address.
    pub const MAX_NAME: usize = 320;
}
