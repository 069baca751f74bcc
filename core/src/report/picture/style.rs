//! The style of pictures: colours by name, and what is drawn in which.
//!
//! In: two style sheets. Out: the text that a page needs once, and a picture as a document of its own, in which
//! every colour is written out, as programs other than browsers know no custom properties. A picture must never
//! name a colour itself.

use super::svg;

const PALETTE: &str = include_str!("palette.css");
const RULES: &str = include_str!("rules.css");

/// What a page needs once; it may set the colours anew.
pub(super) const STYLE: &str = concat!(include_str!("palette.css"), include_str!("rules.css"));

/// A picture with a background and a style of its own.
pub(super) fn document(body: &str, width: u32, height: u32) -> String {
    let (light, dark) = PALETTE.split_once("@media").unwrap_or_default();
    let style = format!("{}@media (prefers-color-scheme:dark){{\n{}}}\n", with(light), with(dark));
    svg::document(body, width, height, &style)
}

/// The rules with the colours of a palette in place of their names.
fn with(palette: &str) -> String {
    let colours = palette.split(['{', ';', '}']).filter_map(|pair| pair.split_once(":#"));
    colours.fold(RULES.to_owned(), |rules, (name, colour)| {
        rules.replace(&format!("var({})", name.trim()), &format!("#{colour}"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

    use std::collections::BTreeMap;

    use super::*;

    fn colours(palette: &str) -> BTreeMap<&str, &str> {
        let pairs = palette.split(['{', ';', '}']).filter_map(|pair| pair.split_once(":#"));
        pairs.map(|(name, colour)| (name.trim().trim_start_matches("--cg-"), colour)).collect()
    }

    /// Relative luminance by WCAG.
    fn light(colour: &str) -> f64 {
        let part = |at: usize| f64::from(u8::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
        let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(0)) + 0.7152 * linear(part(2)) + 0.0722 * linear(part(4))
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_marks_stand_out_in_both_themes() {
        let (day, night) = PALETTE.split_once("@media").unwrap();
        assert_eq!(colours(day).keys().collect::<Vec<_>>(), colours(night).keys().collect::<Vec<_>>());
        for palette in [day, night] {
            let colour = colours(palette);
            for ground in ["paper", "card", "shade"] {
                for ink in ["ink", "soft", "bad", "odd", "good", "calm"] {
                    let found = contrast(colour[ink], colour[ground]);
                    assert!(found >= 4.5, "{ink} on {ground}: {found:.2} in {palette}");
                }
                assert!(contrast(colour["line"], colour[ground]) >= 2.5, "line on {ground} in {palette}");
            }
            for ground in ["badtint", "oddtint", "goodtint", "calmtint"] {
                for ink in ["ink", "soft"] {
                    let found = contrast(colour[ink], colour[ground]);
                    assert!(found >= 4.5, "{ink} on {ground}: {found:.2} in {palette}");
                }
            }
            for mark in ["bad", "odd", "good", "calm"] {
                assert!(contrast(colour["onmark"], colour[mark]) >= 4.5, "the sign in {mark} in {palette}");
            }
        }
    }

    #[test]
    fn documents_name_every_colour() {
        let text = document("<svg><title>t</title></svg>", 10, 20);
        assert!(!text.contains("var(") && text.contains("#1b222c") && text.contains("#12161c"));
        assert!(STYLE.contains("var(--cg-ink)") && STYLE.contains("--cg-ink:#"));
    }
}
