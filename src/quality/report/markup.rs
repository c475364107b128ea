//! HTML that cannot carry what a feed says as markup.

/// HTML in which everything from outside is escaped: it grows only by text, by our own tags and by numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// A text from outside, such as a value of the feed.
    ///
    /// Besides what HTML needs escaped, characters that cannot be seen or that turn the reading direction are spelled
    /// out: they could make a table say what it does not hold.
    #[inline(never)]
    pub(crate) fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for letter in visible(text).chars() {
            match letter {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                _ => html.push(letter),
            }
        }
        Self(html)
    }

    /// Our own HTML.
    pub(crate) fn html(html: &'static str) -> Self {
        Self(html.to_owned())
    }

    /// An element; `opening` is its name and attributes, as in `p class="note"`.
    pub(crate) fn element(opening: &'static str, content: impl Into<Self>) -> Self {
        Self::enclose(opening, &content.into())
    }

    /// Written once and called often: a report is mostly elements, and the page loads every byte of this.
    #[inline(never)]
    fn enclose(opening: &'static str, content: &Self) -> Self {
        let name = opening.split(' ').next().unwrap_or(opening);
        Self(["<", opening, ">", &content.0, "</", name, ">"].concat())
    }

    /// A picture: `shapes` are what the chart library wrote, which escapes every text and takes no attribute from outside.
    pub(crate) fn drawn(height: u32, width: u32, name: &str, shapes: &str) -> Self {
        let name = Self::text(name).0;
        Self(format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">{shapes}</svg>"))
    }

    /// An element that a screen reader calls by a name which is not shown.
    pub(crate) fn labelled(opening: &'static str, label: &str, content: impl Into<Self>) -> Self {
        let name = opening.split(' ').next().unwrap_or(opening);
        Self(format!("<{opening} aria-label=\"{}\">{}</{name}>", Self::text(label).0, content.into().0))
    }

    /// This and then that.
    pub(crate) fn then(self, next: impl Into<Self>) -> Self {
        self.append(&next.into())
    }

    #[inline(never)]
    fn append(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Self::text(&text)
    }
}

impl FromIterator<Self> for Markup {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        parts.into_iter().fold(Self::default(), Self::then)
    }
}

/// A text in which characters that cannot be seen, or that turn the reading direction, are spelled out.
pub(crate) fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter != '\n' && hidden(letter) {
            seen.extend(letter.escape_unicode());
        } else {
            seen.push(letter);
        }
    }
    seen
}

/// Control characters, zero-width ones, and those that turn the reading direction.
fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn a_text_stays_a_text() {
        for (text, html) in [
            ("plain", "plain"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"),
            ("a\u{202e}b\u{0}", "a\\u{202e}b\\u{0}"),
            ("Å — 東京", "Å — 東京"),
        ] {
            assert_eq!(Markup::text(text).into_string(), html);
        }
    }
}
