//! The trees of a forest of ours straight from the attributes that state them.
//!
//! A node is a number in each of seven attributes and a word in another. Decoded attribute by attribute and put together
//! after, that is most of the time that a model takes to load. But we write every forest in one layout: the attributes
//! and the trees in order, the nodes of a tree in pre-order and counted from 0, the leaves' weights in the order of the
//! leaves. So all attributes are read side by side, once, and what says again what the order says is only compared.
//! Whatever is laid out otherwise is left to the general way, [`Ensemble`](super::ensemble::Ensemble).

use super::wire::{Fields, Value, number};
use crate::forest::{Node, Tree};
use crate::pb::attribute_proto::AttributeType;

/// The trees of an ensemble that sums one weight a tree.
pub(super) struct Packed {
    pub(super) trees: Vec<Tree>,
    /// One more than the greatest position in a row that a split asks for.
    pub(super) columns: usize,
}

/// Reads the ensemble's attributes; none for others than we write.
pub(super) fn packed(attributes: &[&[u8]]) -> Option<Packed> {
    let attributes: Vec<_> = attributes.iter().map(|bytes| attribute(bytes)).collect::<Option<_>>()?;
    let [
        (b"aggregate_function", Held::Text(b"SUM")),
        (b"n_targets", Held::Int(1)),
        (b"post_transform", Held::Text(b"NONE")),
        (b"nodes_treeids", Held::Ints(trees)),
        (b"nodes_nodeids", Held::Ints(ids)),
        (b"nodes_featureids", Held::Ints(features)),
        (b"nodes_modes", Held::Texts(modes)),
        (b"nodes_values", Held::Floats(values)),
        (b"nodes_truenodeids", Held::Ints(truths)),
        (b"nodes_falsenodeids", Held::Ints(rights)),
        (b"nodes_missing_value_tracks_true", Held::Ints(missing)),
        (b"target_treeids", Held::Ints(leaf_trees)),
        (b"target_nodeids", Held::Ints(leaf_ids)),
        (b"target_ids", Held::Ints(targets)),
        (b"target_weights", Held::Floats(weights)),
    ] = *attributes
    else {
        return None;
    };
    let nodes = Nodes { trees, ids, features, modes, values, truths, rights, missing };
    let leaves = Leaves { trees: leaf_trees, ids: leaf_ids, targets, weights };
    Reader { nodes, leaves, columns: 0 }.read()
}

/// What an attribute holds; lists are not decoded yet.
#[derive(Clone, Copy)]
enum Held<'a> {
    Int(u64),
    Text(&'a [u8]),
    Floats(&'a [[u8; 4]]),
    Ints(&'a [u8]),
    Texts(&'a [u8]),
}

/// An attribute's name and what it holds: the first field is the name and the last the type.
fn attribute(bytes: &[u8]) -> Option<(&[u8], Held<'_>)> {
    const INT: u8 = AttributeType::Int as u8;
    const STRING: u8 = AttributeType::String as u8;
    const FLOATS: u8 = AttributeType::Floats as u8;
    const INTS: u8 = AttributeType::Ints as u8;
    const STRINGS: u8 = AttributeType::Strings as u8;
    let mut fields = Fields(bytes);
    let Some(Some((1, Value::Bytes(name)))) = fields.next() else { return None };
    // The number 20 and the wire type 0.
    let (body, &[0xa0, 0x01, kind]) = fields.0.split_last_chunk()? else { return None };
    if kind == STRINGS {
        return Some((name, Held::Texts(body)));
    }
    let mut fields = Fields(body);
    let held = match (kind, fields.next()??) {
        (INT, (3, Value::Number(number))) => Held::Int(number),
        (STRING, (4, Value::Bytes(text))) => Held::Text(text),
        (FLOATS, (7, Value::Bytes(bytes))) => match bytes.as_chunks() {
            (floats, []) => Held::Floats(floats),
            _ => return None,
        },
        (INTS, (8, Value::Bytes(bytes))) => Held::Ints(bytes),
        _ => return None,
    };
    fields.0.is_empty().then_some((name, held))
}

/// What is left of the attributes of nodes.
struct Nodes<'a> {
    trees: &'a [u8],
    ids: &'a [u8],
    features: &'a [u8],
    modes: &'a [u8],
    values: &'a [[u8; 4]],
    truths: &'a [u8],
    rights: &'a [u8],
    missing: &'a [u8],
}

/// What is left of the attributes of leaves.
struct Leaves<'a> {
    trees: &'a [u8],
    ids: &'a [u8],
    targets: &'a [u8],
    weights: &'a [[u8; 4]],
}

struct Reader<'a> {
    nodes: Nodes<'a>,
    leaves: Leaves<'a>,
    columns: usize,
}

/// The texts of `nodes_modes` as the fields that they are: number and length before them.
const SPLIT: &[u8] = b"\x4a\x0aBRANCH_LEQ";
const LEAF: &[u8] = b"\x4a\x04LEAF";

impl Reader<'_> {
    fn read(mut self) -> Option<Packed> {
        let (mut trees, mut nodes, mut open) = (Vec::new(), Vec::new(), Vec::new());
        while !self.nodes.values.is_empty() {
            self.tree(trees.len() as u64, &mut nodes, &mut open)?;
            trees.push(Tree::new(nodes.clone()));
        }
        let (node, leaf) = (&self.nodes, &self.leaves);
        let lists = [node.trees, node.ids, node.features, node.modes, node.truths, node.rights, node.missing];
        let mut lists = lists.into_iter().chain([leaf.trees, leaf.ids, leaf.targets]);
        let whole = lists.all(<[u8]>::is_empty) && leaf.weights.is_empty();
        (whole && !trees.is_empty()).then_some(Packed { trees, columns: self.columns })
    }

    /// Reads a tree. After a leaf comes the right child of the nearest split that waits for it; where none waits the tree
    /// is whole.
    fn tree(&mut self, tree: u64, nodes: &mut Vec<Node>, open: &mut Vec<u32>) -> Option<()> {
        nodes.clear();
        loop {
            let id = u32::try_from(nodes.len()).ok()?;
            pass(&mut self.nodes.trees, tree)?;
            pass(&mut self.nodes.ids, u64::from(id))?;
            if let Some(rest) = self.nodes.modes.strip_prefix(SPLIT) {
                self.nodes.modes = rest;
                let (split, right) = self.split(id)?;
                nodes.push(split);
                open.push(right);
            } else {
                self.nodes.modes = self.nodes.modes.strip_prefix(LEAF)?;
                nodes.push(self.leaf(tree, id)?);
                match open.pop() {
                    Some(right) if right == id + 1 => {}
                    Some(_) => return None,
                    None => return Some(()),
                }
            }
        }
    }

    /// A split, and its right child.
    #[inline]
    fn split(&mut self, id: u32) -> Option<(Node, u32)> {
        pass(&mut self.nodes.truths, u64::from(id) + 1)?;
        let feature = u32::try_from(number(&mut self.nodes.features)?).ok().filter(|feature| *feature < u32::MAX)?;
        let threshold = float(&mut self.nodes.values).filter(|threshold| threshold.is_finite())?;
        let right = u32::try_from(number(&mut self.nodes.rights)?).ok()?;
        let missing_left = number(&mut self.nodes.missing)? != 0;
        self.columns = self.columns.max(feature as usize + 1);
        Some((Node::Split { feature, threshold, right, missing_left }, right))
    }

    /// A leaf, for which what only splits have is 0.
    #[inline]
    fn leaf(&mut self, tree: u64, id: u32) -> Option<Node> {
        pass(&mut self.nodes.features, 0)?;
        float(&mut self.nodes.values)?;
        pass(&mut self.nodes.truths, 0)?;
        pass(&mut self.nodes.rights, 0)?;
        pass(&mut self.nodes.missing, 0)?;
        pass(&mut self.leaves.trees, tree)?;
        pass(&mut self.leaves.ids, u64::from(id))?;
        pass(&mut self.leaves.targets, 0)?;
        let weight = float(&mut self.leaves.weights).filter(|weight| weight.is_finite() && *weight >= 0.0)?;
        Some(Node::Leaf { weight })
    }
}

/// Passes this number, if it comes next.
#[inline]
fn pass(numbers: &mut &[u8], wanted: u64) -> Option<()> {
    (number(numbers)? == wanted).then_some(())
}

#[inline]
fn float(floats: &mut &[[u8; 4]]) -> Option<f32> {
    let (&bytes, rest) = floats.split_first()?;
    *floats = rest;
    Some(f32::from_le_bytes(bytes))
}
