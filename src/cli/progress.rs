//! What is told on stderr.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Says one line on stderr. That nobody can hear it is no reason to fail.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", shown(line));
}

/// A text for a terminal: a name in a contract or of a file must not steer it, nor turn the reading direction.
pub(super) fn shown(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control() && letter != '\n'
            || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if steers(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A bar over the bytes of the inputs, on a terminal alone; `total` is none where the length cannot be known.
pub(super) fn bar(total: Option<u64>, doing: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    let template = if total.is_some() {
        "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}"
    } else {
        "{msg} {spinner} {bytes} {bytes_per_sec}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(doing);
    bar
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_text_cannot_steer_a_terminal() {
        for (text, wanted) in [
            ("a\nb: Å 東京", "a\nb: Å 東京"),
            ("\u{1b}[31mred\r\u{7}\u{9b}", "\\u{1b}[31mred\\u{d}\\u{7}\\u{9b}"),
            ("a\u{202e}b\u{2069}", "a\\u{202e}b\\u{2069}"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }
}
