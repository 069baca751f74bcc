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
