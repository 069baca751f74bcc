//! The same bytes everywhere, and data of the shape that the generator promises.

use super::plan::{SEC, SPAN, START};
use super::random::Rng;

use super::*;

fn text(spec: &Spec) -> Vec<u8> {
    let mut out = Vec::new();
    let bytes = write(spec, &mut out).unwrap();
    assert_eq!(bytes, out.len() as u64);
    out
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3))
}

#[test]
fn same_bytes_everywhere() {
    let out = text(&Spec::rows(8000));
    assert_eq!(fnv(&out[..1 << 20]), PIN_TEXT, "{:#018x}", fnv(&out[..1 << 20]));
    assert_eq!(out, text(&Spec::rows(8000)));
    assert_ne!(out, text(&Spec { seed: 1, ..Spec::rows(8000) }));
}

#[test]
fn same_columns_everywhere() {
    let c = columns(7, 80_000);
    let mut bytes = Vec::new();
    c.time.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    for column in [&c.detector, &c.tenant, &c.offset, &c.entity, &c.private] {
        column.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    }
    bytes.extend_from_slice(&c.kind);
    assert_eq!(fnv(&bytes), PIN_COLUMNS, "{:#018x}", fnv(&bytes));
}

#[test]
fn size_of_an_alert() {
    let spec = Spec::rows(80_000);
    let each = text(&spec).len() / spec.alerts;
    assert!((5500..=5750).contains(&each), "{each}");
}

#[test]
fn any_spec() {
    for (alerts, evidence_per_alert) in [(0, 8), (1, 0), (1, 1), (3, 40), (100, 8)] {
        let out = text(&Spec { seed: u64::MAX, alerts, evidence_per_alert });
        assert_eq!(out.iter().filter(|b| **b == b'\n').count(), alerts);
        let types = out.windows(10).filter(|w| w == b"Evidence\",").count();
        assert_eq!(types, alerts * evidence_per_alert);
    }
}

#[test]
fn columns_hold_together() {
    let c = columns(7, 80_000);
    assert_eq!((c.time.len(), c.entity.len(), c.offset.len()), (10_000, 80_000, 10_001));
    assert_eq!((c.detector.len(), c.tenant.len()), (10_000, 10_000));
    assert!(c.offset.windows(2).all(|w| w[1] - w[0] == 8));
    assert_eq!(c.entity.iter().max(), Some(&(c.kind.len() as u32 - 1)));
    assert!(c.kind.iter().all(|k| usize::from(*k) < KINDS.len()));
    assert!(c.time.windows(2).any(|w| w[1] < w[0]));
    let mut degree = vec![0_u32; c.kind.len()];
    c.entity.iter().for_each(|e| degree[*e as usize] += 1);
    assert!(degree.iter().max() > Some(&300), "has hubs");
    assert!(degree.iter().filter(|d| **d == 1).count() * 2 > degree.len(), "has a tail");
}

#[test]
fn an_entity_has_one_tenant() {
    let c = columns(7, 1_200_000);
    let mut of = vec![u32::MAX; c.kind.len()];
    for (alert, tenant) in c.tenant.iter().enumerate() {
        for row in c.offset[alert]..c.offset[alert + 1] {
            let seen = &mut of[c.entity[row as usize] as usize];
            assert!(*seen == u32::MAX || seen == tenant);
            *seen = *tenant;
        }
    }
    assert_eq!(c.tenant.iter().max(), Some(&2));
}

#[test]
fn heavy_stays_inside_and_is_heavy() {
    let mut rng = Rng(3);
    for n in [0, 1, 2, 3, 16, 17, 1000] {
        assert!((0..5000).all(|_| rng.heavy(n) < n.max(1)));
    }
    let zeros = (0..10_000).filter(|_| rng.heavy(1000) == 0).count();
    assert!((900..1200).contains(&zeros), "{zeros}");
}

#[test]
fn calendar() {
    let mut t = Text { buf: Vec::new(), seed: 0, tenants: 1 };
    for ticks in [START, START + SPAN - 1, 951_782_400 * SEC, 1_709_251_199 * SEC + 5] {
        t.time(ticks);
        t.s(" ");
    }
    assert_eq!(
        String::from_utf8(t.buf).unwrap(),
        "2026-01-05T00:00:00.0000000Z 2026-02-03T23:59:59.9999999Z 2000-02-29T00:00:00.0000000Z 2024-02-29T23:59:59.0000005Z "
    );
}

/// Of the first MiB of `Spec::rows(8000)`: changes only when the data is meant to change.
const PIN_TEXT: u64 = 0x6DB7_55A2_5F03_F543;
/// Of all columns of `columns(7, 80_000)`.
const PIN_COLUMNS: u64 = 0x0EF3_CB12_B304_8E31;
