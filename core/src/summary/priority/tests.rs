#![allow(clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use super::*;
use crate::policy::{Criticality, Summary};

#[test]
fn bands_end_where_the_queue_says() {
    let bands = [
        (0, Band::Low),
        (1_499, Band::Low),
        (1_500, Band::Medium),
        (8_500, Band::Medium),
        (8_501, Band::Top),
        (10_000, Band::Top),
    ];
    for (hundredths, band) in bands {
        assert_eq!(Band::of(hundredths), band, "{hundredths}");
    }
}

/// All combinations of a few counts: shares sum to the score, to the hundredth, and the queue sorts by that.
#[test]
fn shares_sum_to_the_score() {
    let policy = Summary::default();
    let mut seen = 0;
    for severities in 0..4u8 {
        for entities in 0..5 {
            for (i, level) in Criticality::ALL.into_iter().enumerate() {
                let fill = |tally: &mut Tally| {
                    for n in 0..severities {
                        tally.alert(n + 1, u32::from(n), 1.0 - f32::from(n) * 0.15, 1 << (n * 3));
                    }
                    for n in 0..entities {
                        tally.entity(n % 2 == 0, 0.31 + f64::from(n) * 0.13, &policy);
                    }
                    for n in 0..i {
                        tally.asset(if n == 0 { level } else { Criticality::None }, &policy);
                    }
                };
                let (mut one, mut other) = (Tally::default(), Tally::default());
                fill(&mut one);
                fill(&mut other);
                let (score, priority) = (one.score(14, &policy), other.priority(14, &policy));
                let shares: f64 = priority.contributions.iter().map(|c| (c.points * 100.0).round()).sum();
                assert_eq!(shares, f64::from(score));
                assert_eq!((priority.score * 100.0).round(), f64::from(score));
                assert!(score <= 10_000);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 100);
}

#[test]
fn a_more_critical_asset_weighs_more_and_says_so() {
    let policy = Summary::default();
    let of = |level: Criticality| {
        let mut tally = Tally::default();
        tally.asset(level, &policy);
        tally.asset(Criticality::None, &policy);
        tally.priority(14, &policy)
    };
    let all = Criticality::ALL.map(of);
    assert!(all.is_sorted_by(|a, b| a.score < b.score), "{all:?}");
    let details: Vec<&str> = all.iter().map(|p| p.contributions[0].detail.as_str()).collect();
    assert_eq!(details[0], "2 assets hit");
    assert_eq!(details[1], "2 assets hit, 1 of low criticality");
    assert_eq!(details[4], "2 assets hit, 1 of very high criticality");
}
