//! How many assets a widespread entity is on, kept so that one more alert is not a recount.
//!
//! A window with few assets is counted whenever it is asked for: that is its own neighbourhood. Hubs
//! are counted once.

use hashbrown::HashMap;

use super::scan::NONE;

/// Counts by entity and calendar window.
#[derive(Debug, Clone, Default)]
pub(super) struct Census {
    kept: HashMap<(u32, i64), Assets>,
}

#[derive(Debug, Clone)]
enum Assets {
    /// Counted, but not yet told apart.
    Number(u32),
    /// Alerts on each asset, `NONE` for those without one.
    Each(HashMap<u32, u32>),
}

impl Census {
    pub(super) fn of(&self, entity: u32, window: i64) -> Option<u32> {
        self.kept.get(&(entity, window)).map(|assets| match assets {
            Assets::Number(number) => *number,
            Assets::Each(alerts) => {
                let bare = alerts.get(&NONE).copied();
                (alerts.len() - usize::from(bare.is_some())) as u32 + bare.unwrap_or(0)
            }
        })
    }

    pub(super) fn keep(&mut self, entity: u32, window: i64, number: u32) {
        self.kept.entry((entity, window)).or_insert(Assets::Number(number));
    }

    /// Tells the assets of a kept count apart, given one for each alert of the window, before it changes.
    pub(super) fn tell_apart(&mut self, entity: u32, window: i64, assets: impl Iterator<Item = u32>) {
        if let Some(kept @ Assets::Number(_)) = self.kept.get_mut(&(entity, window)) {
            let mut alerts = HashMap::new();
            for asset in assets {
                *alerts.entry(asset).or_insert(0) += 1;
            }
            *kept = Assets::Each(alerts);
        }
    }

    /// One alert more on `asset`.
    pub(super) fn add(&mut self, entity: u32, window: i64, asset: u32) {
        if let Some(Assets::Each(alerts)) = self.kept.get_mut(&(entity, window)) {
            *alerts.entry(asset).or_insert(0) += 1;
        }
    }

    /// One alert less on `asset`.
    pub(super) fn remove(&mut self, entity: u32, window: i64, asset: u32) {
        if let Some(Assets::Each(alerts)) = self.kept.get_mut(&(entity, window))
            && let Some(number) = alerts.get_mut(&asset)
        {
            *number -= 1;
            if *number == 0 {
                alerts.remove(&asset);
            }
        }
    }
}
