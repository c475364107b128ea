//! Lines that are no record at all: not JSON, or JSON that a careful reader refuses.

use super::random::Random;

/// A way to break a clean line.
pub(super) struct Break {
    /// The name in the truth.
    pub(super) name: &'static str,
    weight: u64,
    /// The violation's code.
    pub(super) code: &'static str,
    /// Breaks the line.
    pub(super) apply: fn(&mut String, &mut Random),
}

/// Draws a way to break a line.
pub(super) fn draw(random: &mut Random) -> Option<&'static Break> {
    random.weighted(TABLE, |kind| kind.weight)
}

const fn syntax(name: &'static str, weight: u64, apply: fn(&mut String, &mut Random)) -> Break {
    Break { name, weight, code: "syntax", apply }
}

pub(super) const TABLE: &[Break] = &[
    syntax("truncated", 8, truncate),
    syntax("trailing_comma", 5, |line, _| insert_before_end(line, ",")),
    syntax("single_quotes", 4, |line, _| *line = line.replace('"', "'")),
    syntax("unquoted_key", 2, |line, _| {
        *line = line.replacen("\"order_id\"", "order_id", 1);
    }),
    syntax("missing_comma", 2, |line, _| {
        *line = line.replacen(", \"status\"", " \"status\"", 1);
    }),
    syntax("python_literal", 3, |line, random| {
        set(line, "is_gift", random.pick(&["True", "False", "None"]));
    }),
    syntax("nan_literal", 4, |line, random| {
        let field = random.pick(&["quantity", "unit_price"]);
        set(line, field, random.pick(&["NaN", "Infinity", "-Infinity", "nan"]));
    }),
    syntax("number_form", 2, |line, random| {
        let number = random.pick(&["007", "+3", ".5", "5.", "0x1F", "1_000"]);
        set(line, random.pick(&["quantity", "unit_price"]), number);
    }),
    syntax("control_character", 2, |line, random| {
        insert_into_city(line, random.pick(&["\t", "\u{1}", "\u{1f}"]));
    }),
    syntax("lone_surrogate", 4, |line, random| {
        insert_into_city(line, random.pick(&["\\ud83d", "\\uDE00", "\\ud83d\\ud83d", "\\ud83dx"]));
    }),
    syntax("not_json", 3, log_line),
    Break { name: "duplicate_key", weight: 6, code: "duplicate_key", apply: duplicate_key },
    Break { name: "too_deep", weight: 3, code: "too_deep", apply: nest },
];

fn truncate(line: &mut String, random: &mut Random) {
    let length = line.len() as u64;
    let wanted = usize::try_from(random.between(length / 5, length - 1)).unwrap_or(1);
    let letters = line.char_indices().map(|(at, _)| at);
    let cut = letters.take_while(|at| *at <= wanted).last().unwrap_or(1);
    line.truncate(cut);
}

fn insert_before_end(line: &mut String, text: &str) {
    line.insert_str(line.len().saturating_sub(1), text);
}

/// Puts another text in the place of a number or a word.
fn set(line: &mut String, key: &str, value: &str) {
    let name = format!("\"{key}\": ");
    if let Some((before, after)) = line.split_once(&name)
        && let Some(end) = after.find(',')
    {
        *line = [before, &name, value, after.get(end..).unwrap_or_default()].concat();
    }
}

fn insert_into_city(line: &mut String, text: &str) {
    *line = line.replacen("\"city\": \"", &format!("\"city\": \"{text}"), 1);
}

/// What a program logged into the feed.
fn log_line(line: &mut String, random: &mut Random) {
    let text = random.pick(&[
        "ERROR 2025-02-11 08:15:02 upstream timed out",
        "order_id,customer_email,quantity",
        "<html><body>502</body></html>",
        "-- 1 row skipped --",
        "}",
        "{\"order_id\"",
        "undefined",
    ]);
    text.clone_into(line);
}

/// One name twice in an object: a reader that masks one of the two leaks the other.
fn duplicate_key(line: &mut String, random: &mut Random) {
    match random.below(4) {
        0 => insert_before_end(line, ", \"quantity\": 3"),
        1 => insert_before_end(line, ", \"customer_email\": \"someone.else@example.org\""),
        // The same name once it is unescaped.
        2 => insert_before_end(line, ", \"\\u0063ustomer_email\": \"someone.else@example.org\""),
        _ => *line = line.replacen("\"city\": ", "\"city\": \"Nowhere\", \"city\": ", 1),
    }
}

/// Nesting beyond the 64 levels that a record may have.
fn nest(line: &mut String, random: &mut Random) {
    let levels = usize::try_from(random.between(80, 240)).unwrap_or(80);
    let (open, close) = random.pick(&[("[", "]"), ("{\"a\": ", "}")]);
    let member = format!(", \"meta\": {}1{}", open.repeat(levels), close.repeat(levels));
    insert_before_end(line, &member);
}
