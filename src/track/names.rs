//! Names as an `MLflow` server takes them.

/// The longest name of a parameter, a metric or a tag.
const MOST_LETTERS: usize = 250;

/// The name of a parameter or a metric: letters, digits, `_`, `-`, `.`, space, `:` and `/` alone, and no path that leads
/// elsewhere. What else stands in it becomes `_`.
pub(super) fn key(name: &str) -> String {
    let legal = |letter: char| if letter.is_ascii_alphanumeric() || "_-. :/".contains(letter) { letter } else { '_' };
    let name: String = name.chars().map(legal).take(MOST_LETTERS).collect();
    let steps = name.split('/').filter(|step| !matches!(*step, "" | "." | ".."));
    let name = steps.collect::<Vec<_>>().join("/");
    if name.is_empty() { "_".to_owned() } else { name }
}

/// The name of a registered model: it stands in `models:/NAME@ALIAS`.
pub(super) fn model(name: &str) -> String {
    let legal = |letter: char| if letter.is_alphanumeric() || "_-. ".contains(letter) { letter } else { '-' };
    let name: String = name.chars().map(legal).take(MOST_LETTERS).collect();
    if name.trim().is_empty() { "model".to_owned() } else { name }
}

/// A text for a path or a query, with everything escaped that means something there.
pub(super) fn escaped(text: &str, keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || "-_.~".contains(letter) || keep.contains(letter) {
            out.push(letter);
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escaped, key, model};

    #[test]
    fn names_become_legal() {
        for (name, legal) in [
            ("acceptance_rate", "acceptance_rate"),
            ("violations/total<=net*1.2", "violations/total__net_1.2"),
            ("/a//b/../c", "a/b/c"),
            ("../..", "_"),
            ("", "_"),
            ("Größe", "Gr__e"),
        ] {
            assert_eq!(key(name), legal);
        }
        assert_eq!(key(&"x".repeat(999)).len(), 250);
        assert_eq!(model("shop/orders:eu"), "shop-orders-eu");
        assert_eq!(model(" "), "model");
    }

    #[test]
    fn what_stands_in_an_address_is_escaped() {
        assert_eq!(escaped("a b/ü?&=", ""), "a%20b%2f%c3%bc%3f%26%3d");
        assert_eq!(escaped("1/abc/artifacts", "/"), "1/abc/artifacts");
    }
}
