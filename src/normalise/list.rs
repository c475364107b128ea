//! Lists that arrive as text, and items that hold nothing.

use super::{Codes, text::is_blank};
use crate::record::document::{Document, Node, NodeId, Span, Value};

/// Makes a list of texts out of one text with commas.
#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn split(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    let Value::Text(span) = doc.value(id) else {
        return Ok(());
    };
    let mut first = NodeId::NONE;
    let mut last = NodeId::NONE;
    let mut start = span.start;
    let ends: Vec<u32> = doc.str(span).split(',').map(|item| u32::try_from(item.len()).unwrap_or(0)).collect();
    for length in ends {
        let item = Span { start, end: start + length };
        start = item.end + 1;
        let item = doc.add(Node::new(Span::default(), Value::Text(trimmed(doc, item))));
        if last == NodeId::NONE {
            first = item;
        } else {
            doc.link(last, item);
        }
        last = item;
    }
    doc.set(id, Value::List(first));
    repairs.retain(|code| *code != "trimmed");
    repairs.push("list_from_text");
    Ok(())
}

/// The blanks around an item of a split text separate it, so taking them off is no repair of its own.
fn trimmed(doc: &Document, span: Span) -> Span {
    let text = doc.str(span);
    let left = text.trim_start_matches(is_blank);
    let kept = left.trim_end_matches(is_blank);
    let place = |length: usize| u32::try_from(length).unwrap_or(0);
    let start = span.start + place(text.len() - left.len());
    Span { start, end: start + place(kept.len()) }
}

/// Takes items of blank text out of a list.
#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn drop_blank(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    let Value::List(first) = doc.value(id) else {
        return Ok(());
    };
    let mut kept_first = NodeId::NONE;
    let mut last = NodeId::NONE;
    let mut dropped = false;
    let mut at = first.get();
    while let Some(item) = at {
        let node = doc.node(item);
        at = node.next.get();
        let blank = matches!(node.value, Value::Text(span) if doc.str(span).chars().all(is_blank));
        if blank {
            dropped = true;
            continue;
        }
        if last == NodeId::NONE {
            kept_first = item;
        } else {
            doc.link(last, item);
        }
        last = item;
    }
    if dropped {
        if last != NodeId::NONE {
            doc.link(last, NodeId::NONE);
        }
        doc.set(id, Value::List(kept_first));
        repairs.push("blank_items_dropped");
    }
    Ok(())
}
