//! A time axis: where moments stand, and where ticks are sensible.
//!
//! In: the first and last moment and the pixels between them. Out: places, all in whole numbers.

use chrono::{DateTime, Utc};

/// Steps of ticks in seconds, from a second to a year.
const STEPS: [i64; 22] = [
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
    2_592_000, 5_184_000, 7_776_000, 15_552_000, 31_536_000,
];
const DAY: i64 = 86_400;
/// Ticks at most.
const TICKS: i64 = 6;

pub(super) struct Axis {
    from: i64,
    span: i64,
    left: i32,
    right: i32,
    step: i64,
}

impl Axis {
    /// `None` without a moment.
    pub(super) fn new(
        first: Option<DateTime<Utc>>,
        last: Option<DateTime<Utc>>,
        (left, right): (i32, i32),
    ) -> Option<Axis> {
        let (first, last) = (first?.timestamp(), last?.timestamp());
        let real = last - first;
        // Room at both ends, so that nothing stands on the border.
        let room = (real / 30).max(1);
        let (from, span) = (first - room, real + 2 * room);
        let year = 31_536_000;
        let most = span / TICKS + 1;
        let step = STEPS.iter().copied().find(|step| *step >= most).unwrap_or((most / year + 1) * year);
        Some(Axis { from, span, left, right, step })
    }

    pub(super) fn x(&self, time: DateTime<Utc>) -> i32 {
        let pixels = i64::from(self.right - self.left) * (time.timestamp() - self.from) / self.span;
        self.left + i32::try_from(pixels).unwrap_or(0)
    }

    /// Places and labels.
    pub(super) fn ticks(&self) -> Vec<(i32, String)> {
        let first = (self.from + self.step - 1).div_euclid(self.step) * self.step;
        let moments = (0..=TICKS).map(|n| first + n * self.step).take_while(|at| *at <= self.from + self.span);
        let form = match self.step {
            step if step < 60 => "%-d %b %H:%M:%S",
            step if step < DAY => "%-d %b %H:%M",
            step if step < 30 * DAY => "%-d %b %Y",
            _ => "%b %Y",
        };
        moments
            .filter_map(|at| DateTime::from_timestamp(at, 0))
            .map(|time| (self.x(time), time.format(form).to_string()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]

    use super::*;

    #[test]
    fn ticks_are_few_and_on_the_axis_however_long_it_is() {
        let start = DateTime::from_timestamp(1_773_130_000, 0).unwrap();
        let long = [0, 1, 50, 4000, 90_000, 3_000_000, 400_000_000].map(|seconds| (start.timestamp(), seconds));
        let spans = long.map(|(from, length)| (start, DateTime::from_timestamp(from + length, 0).unwrap()));
        for (first, last) in spans.into_iter().chain([(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)]) {
            let axis = Axis::new(Some(first), Some(last), (100, 700)).unwrap();
            let ticks = axis.ticks();
            assert!(ticks.len() <= 7, "{first} {last}: {ticks:?}");
            assert!(ticks.iter().all(|(x, _)| (100..=700).contains(x)), "{first} {last}: {ticks:?}");
            assert!((100..=700).contains(&axis.x(first)) && axis.x(first) <= axis.x(last));
        }
        assert_eq!(Axis::new(None, None, (0, 1)).map(|axis| axis.step), None);
    }
}
