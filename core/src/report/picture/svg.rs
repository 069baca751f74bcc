//! Writes elements: the only place that makes markup.
//!
//! In: names of elements and attributes from the program, numbers, and texts from anywhere. Out: well-formed XML.
//! Every text has a limit, and goes through [`clean`]. No other file may put `<` or `&` into a picture.

use std::fmt::Write;

use super::Svg;
use super::text::clean;

/// Characters of a text that a reader is shown when it is pointed at.
const TITLE: usize = 300;
/// Characters of an attribute.
const ATTRIBUTE: usize = 600;

/// A picture under construction.
pub(super) struct Canvas {
    out: String,
    open: Vec<&'static str>,
    prefix: String,
    title: String,
    about: String,
    width: i32,
}

/// The start of an element, to which attributes are added.
pub(super) struct Tag<'c> {
    canvas: &'c mut Canvas,
    name: &'static str,
}

impl Canvas {
    /// A picture whose ids begin with `prefix`; `subject` tells pictures of one kind apart.
    pub(super) fn new(prefix: &str, subject: &str, width: i32) -> Canvas {
        let prefix = if subject.is_empty() { prefix.to_owned() } else { format!("{prefix}-{:08x}", short(subject)) };
        Canvas { out: String::new(), open: Vec::new(), prefix, title: String::new(), about: String::new(), width }
    }

    /// What the picture is, and what it shows in words.
    pub(super) fn describe(&mut self, title: &str, about: &str) {
        self.title = clean(title, TITLE);
        self.about = clean(about, 4 * TITLE);
    }

    /// Begins an element.
    pub(super) fn tag(&mut self, name: &'static str) -> Tag<'_> {
        self.out.push('<');
        self.out.push_str(name);
        Tag { canvas: self, name }
    }

    /// Ends the element opened last.
    pub(super) fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            let _ = write!(self.out, "</{name}>");
        }
    }

    /// A group of a class.
    pub(super) fn group(&mut self, class: &str) {
        self.tag("g").class(class).open();
    }

    /// What a reader is shown when it points at the element at hand: its first child.
    pub(super) fn hint(&mut self, text: &str) {
        self.tag("title").text(text, TITLE);
    }

    /// A line of text; nothing when it is empty.
    pub(super) fn text(&mut self, x: i32, y: i32, size: i32, class: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        self.tag("text").num("x", x).num("y", y).num("font-size", size).class(class).text(text, TITLE);
    }

    /// A line of text around its middle, or up to its end.
    pub(super) fn anchored(&mut self, at: (i32, i32), size: i32, class: &str, anchor: &'static str, text: &str) {
        let tag = self.tag("text").num("x", at.0).num("y", at.1).num("font-size", size).class(class);
        tag.word("text-anchor", anchor).text(text, TITLE);
    }

    /// A rectangle with round corners.
    pub(super) fn rect(&mut self, x: i32, y: i32, width: i32, height: i32, round: i32, class: &str) {
        let tag = self.tag("rect").num("x", x).num("y", y).num("width", width.max(0)).num("height", height.max(0));
        tag.num("rx", round).class(class).close();
    }

    /// A path.
    pub(super) fn path(&mut self, class: &str, width: &'static str, path: &str) {
        self.tag("path").class(class).word("stroke-width", width).word("d", path).close();
    }

    /// An id within this picture.
    pub(super) fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// The finished picture.
    pub(super) fn finish(mut self, height: i32, left_out: Vec<String>) -> Svg {
        while !self.open.is_empty() {
            self.end();
        }
        let drawn = std::mem::take(&mut self.out);
        let (width, labels) = (self.width, format!("{} {}", self.id("title"), self.id("about")));
        let tag = self.tag("svg").word("xmlns", "http://www.w3.org/2000/svg").class("cg-picture").num("width", width);
        let tag = tag.num("height", height).word("viewBox", &format!("0 0 {width} {height}")).word("role", "img");
        tag.word("aria-labelledby", &labels).open();
        let (title, about) = (self.title.clone(), self.about.clone());
        for (name, id, text) in [("title", self.id("title"), &title), ("desc", self.id("about"), &about)] {
            self.tag(name).word("id", &id).text(text, usize::MAX);
        }
        self.out.push_str(&drawn);
        self.end();
        let side = |length: i32| u32::try_from(length).unwrap_or(0);
        Svg { title, width: side(width), height: side(height), left_out, body: self.out }
    }
}

impl Tag<'_> {
    pub(super) fn class(self, class: &str) -> Self {
        if class.is_empty() { self } else { self.word("class", class) }
    }

    pub(super) fn num(self, name: &'static str, value: i32) -> Self {
        let _ = write!(self.canvas.out, " {name}=\"{value}\"");
        self
    }

    /// An attribute whose value the program made.
    pub(super) fn word(self, name: &'static str, value: &str) -> Self {
        self.set(name, value)
    }

    /// An attribute whose value may be anybody's.
    pub(super) fn data(self, name: &'static str, value: &str) -> Self {
        let value = clean(value, ATTRIBUTE);
        self.set(name, &value)
    }

    fn set(self, name: &str, value: &str) -> Self {
        let _ = write!(self.canvas.out, " {name}=\"");
        escape(value, &mut self.canvas.out);
        self.canvas.out.push('"');
        self
    }

    /// With what is drawn next as its content, up to [`Canvas::end`].
    pub(super) fn open(self) {
        self.canvas.out.push('>');
        self.canvas.open.push(self.name);
    }

    /// Without content.
    pub(super) fn close(self) {
        self.canvas.out.push_str("/>");
    }

    fn text(self, text: &str, limit: usize) {
        self.canvas.out.push('>');
        escape(&clean(text, limit), &mut self.canvas.out);
        let _ = write!(self.canvas.out, "</{}>", self.name);
    }
}

/// The picture with a background and a style, which this program wrote.
pub(super) fn document(body: &str, width: u32, height: u32, style: &str) -> String {
    // The first `>` ends the outer element: inside of attributes it is escaped.
    let (head, rest) = body.split_once('>').unwrap_or((body, ""));
    let paper = format!("<rect class=\"cg-paper\" width=\"{width}\" height=\"{height}\"/>");
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{head}><style>\n{style}</style>{paper}{rest}\n")
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// A number for a text, FNV-1a, to tell ids apart.
fn short(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
