//! Version and ABI numbers.

use super::text::cg_str;

/// Version of this header.
pub const CG_VERSION_MAJOR: i32 = 0;
/// Version of this header.
pub const CG_VERSION_MINOR: i32 = 1;
/// Version of this header.
pub const CG_VERSION_PATCH: i32 = 0;

/// Number of the ABI; see "ABI" at the top.
pub const CG_ABI_VERSION: i32 = 1;

/// The version of the library that runs, e.g. `0.1.0`. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_version() -> cg_str {
    casegraph_core::VERSION.into()
}

/// The ABI of the library that runs: it fits this header if it equals CG_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn cg_abi_version() -> i32 {
    CG_ABI_VERSION
}

const _: () = {
    assert!(matches!(i32::from_str_radix(env!("CARGO_PKG_VERSION_MAJOR"), 10), Ok(CG_VERSION_MAJOR)));
    assert!(matches!(i32::from_str_radix(env!("CARGO_PKG_VERSION_MINOR"), 10), Ok(CG_VERSION_MINOR)));
    assert!(matches!(i32::from_str_radix(env!("CARGO_PKG_VERSION_PATCH"), 10), Ok(CG_VERSION_PATCH)));
};
