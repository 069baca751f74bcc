//! The mappings that come with casegraph, as data files beside this one.

use std::sync::LazyLock;

use super::{Mapping, read};

/// In the order in which they are tried: from shapes that only one product writes to those that many do.
pub(super) const FILES: &[(&str, &str)] = &[
    ("windows.yml", include_str!("windows.yml")),
    ("defender.yml", include_str!("defender.yml")),
    ("cloud.yml", include_str!("cloud.yml")),
    ("network.yml", include_str!("network.yml")),
    ("linux.yml", include_str!("linux.yml")),
    ("ecs.yml", include_str!("ecs.yml")),
    ("applications.yml", include_str!("applications.yml")),
];

static BUILT_IN: LazyLock<Mapping> = LazyLock::new(|| {
    let shapes = FILES.iter().flat_map(|(name, text)| read(name, text).0.shapes).collect();
    Mapping { shapes }
});

/// The built-in shapes. A user's own shapes go before them.
pub(crate) fn built_in() -> &'static Mapping {
    &BUILT_IN
}
