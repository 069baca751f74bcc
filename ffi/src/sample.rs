//! The sample incident.

use casegraph_core::sample;

use super::text::cg_str;

/// A small incident to try things with: a phish that becomes preparation for ransomware, as JSON Lines. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_sample_alerts() -> cg_str {
    sample::ALERTS.into()
}

/// Indicators that go with it, as JSON. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_sample_indicators() -> cg_str {
    sample::INDICATORS.into()
}
