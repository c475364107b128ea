//! Which column of a table is what: told by name where both the table and a model have names, by position elsewhere.

use super::Label;
use crate::score::{Model, narrow};
use anyhow::{Context, Result, bail};
use std::collections::{HashMap, HashSet};

/// What is looked for in a table.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Asked<'a> {
    pub(in crate::cli) label: Label<'a>,
    /// The column of the weights.
    pub(in crate::cli) weights: Option<&'a str>,
    /// The column of date-times to split by.
    pub(in crate::cli) moment: Option<&'a str>,
    /// The features of a model; without one every other column is a feature.
    pub(in crate::cli) features: Option<Features<'a>>,
}

impl<'a> Asked<'a> {
    /// The label, and what a model takes.
    pub(in crate::cli) fn of(label: Label<'a>, features: Option<Features<'a>>) -> Self {
        Self { label, weights: None, moment: None, features }
    }

    /// Refuses what arrays have no columns for.
    pub(super) fn only_label(&self) -> Result<()> {
        if self.weights.is_some() || self.moment.is_some() {
            bail!("weights and date-times to split by are read from CSV, not from NumPy's arrays");
        }
        Ok(())
    }
}

/// The features of a model, or of the file that was read first.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Features<'a> {
    /// Their names; none where the model does not know them.
    names: &'a [String],
    columns: usize,
    /// Whether they are single floats, so that great integers are rounded.
    single: bool,
    /// Whose they are, and the verb to it.
    owner: &'static str,
    takes: &'static str,
}

impl<'a> Features<'a> {
    /// Of the file that was read first.
    pub(in crate::cli) fn of_first(names: &'a [String]) -> Self {
        Self { names, columns: names.len(), single: true, owner: "the first file", takes: "has" }
    }

    /// Whether the names are those that columns without names get, here or elsewhere.
    fn are_made_up(&self) -> bool {
        let counted = |from: usize| {
            let names = self.names.iter().zip(from..);
            names.into_iter().all(|(name, at)| name.strip_prefix('x').is_some_and(|rest| rest == at.to_string()))
        };
        counted(1) || counted(0)
    }
}

impl<'a> From<&'a Model> for Features<'a> {
    fn from(model: &'a Model) -> Self {
        let metadata = model.metadata();
        let columns = model.columns();
        let names = metadata.features.as_slice();
        let names = if names.len() == columns { names } else { &[] };
        Self { names, columns, single: !model.is_wide(), owner: "the model", takes: "takes" }
    }
}

/// What a column is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    /// The feature of this position.
    Feature(usize),
    Label,
    Weight,
    Moment,
    /// Left out.
    Nothing,
}

/// The columns of one table.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) uses: Vec<Use>,
    /// The names of the features in the order in which they are handed over.
    pub(super) features: Vec<String>,
    /// Whether integers that single floats cannot hold are worth a word.
    pub(super) single: bool,
}

impl Columns {
    /// Tells what each column is; `header` says whether the table has names itself. What a person should know goes to `say`.
    pub(super) fn find(asked: &Asked<'_>, names: &[String], header: bool, say: &mut dyn FnMut(&str)) -> Result<Self> {
        let mut uses = vec![Use::Nothing; names.len()];
        let label = label(asked.label, names, header)?;
        let weight = asked.weights.map(|name| own(name, names, header, "weights")).transpose()?;
        let moment = asked.moment.map(|name| own(name, names, header, "date-times")).transpose()?;
        for (at, what) in [(weight, Use::Weight), (moment, Use::Moment), (label, Use::Label)] {
            if let Some(place) = at.and_then(|at| uses.get_mut(at)) {
                *place = what;
            }
        }
        let rest: Vec<(usize, &str)> = names.iter().map(String::as_str).enumerate().collect();
        let rest: Vec<_> = rest.into_iter().filter(|(at, _)| uses.get(*at) == Some(&Use::Nothing)).collect();
        let order = match &asked.features {
            None => rest.iter().map(|(at, _)| *at).collect(),
            Some(features) => order(features, &rest, header, say)?,
        };
        for (feature, at) in order.iter().enumerate() {
            if let Some(place) = uses.get_mut(*at) {
                *place = Use::Feature(feature);
            }
        }
        let known = asked.features.filter(|features| !features.names.is_empty());
        let own = || order.iter().filter_map(|at| names.get(*at)).cloned().collect();
        let single = asked.features.is_none_or(|features| features.single);
        Ok(Self { uses, features: known.map_or_else(own, |features| features.names.to_vec()), single })
    }

    /// Hands over a row of numbers: the features, and the label if there is one.
    pub(super) fn take(&self, values: &[f64], row: &mut Vec<f64>) -> Option<f32> {
        row.clear();
        row.resize(self.features.len(), f64::NAN);
        let mut label = None;
        for (what, value) in self.uses.iter().zip(values) {
            match what {
                Use::Feature(at) => row.iter_mut().skip(*at).take(1).for_each(|place| *place = *value),
                Use::Label => label = Some(narrow(*value)),
                Use::Weight | Use::Moment | Use::Nothing => {}
            }
        }
        label
    }
}

/// The columns that are a model's features, in the model's order.
fn order(
    model: &Features<'_>,
    columns: &[(usize, &str)],
    header: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<usize>> {
    let Features { owner, takes, .. } = model;
    // Where each name stands first, and how often.
    let mut places: HashMap<&str, (usize, usize)> = HashMap::with_capacity(columns.len());
    for (at, name) in columns {
        places.entry(name).or_insert((*at, 0)).1 += 1;
    }
    let same = model.names.iter().map(String::as_str).eq(columns.iter().map(|(_, name)| *name));
    let any = header && model.names.iter().any(|name| places.contains_key(name.as_str()));
    if same || !any {
        let knows = !model.names.is_empty() && !model.are_made_up();
        if columns.len() != model.columns {
            let list = if knows { format!(": {}", listed(model.names)) } else { String::new() };
            bail!("{owner} {takes} {} numbers a row, the file has {}{list}", model.columns, columns.len());
        }
        if header && knows && !same {
            say(&format!(
                "no name in the header is a feature of {owner}: columns are taken by their position, as {}",
                listed(model.names)
            ));
        }
        return Ok(columns.iter().map(|(at, _)| *at).collect());
    }
    let lacking: Vec<String> = model.names.iter().filter(|name| !places.contains_key(name.as_str())).cloned().collect();
    if !lacking.is_empty() {
        bail!("the header lacks {}; {owner} {takes} {}", listed(&lacking), listed(model.names));
    }
    if let Some(name) = model.names.iter().find(|name| places.get(name.as_str()).is_some_and(|(_, count)| *count > 1)) {
        bail!("several columns are called {name}, which {owner} {takes}");
    }
    let known: HashSet<&str> = model.names.iter().map(String::as_str).collect();
    let left = columns.iter().filter(|(_, column)| !known.contains(column));
    let left: Vec<String> = left.map(|(_, name)| (*name).to_owned()).collect();
    if !left.is_empty() {
        say(&format!("left out, as {owner} does not know them: {}", listed(&left)));
    }
    Ok(model.names.iter().filter_map(|name| places.get(name.as_str())).map(|(at, _)| *at).collect())
}

/// The columns of integers that single floats cannot hold.
pub(super) struct Great(Vec<bool>);

impl Great {
    pub(super) fn among(columns: usize) -> Self {
        Self(vec![false; columns])
    }

    /// There is such an integer in this column.
    pub(super) fn see(&mut self, at: usize) {
        self.0.iter_mut().skip(at).take(1).for_each(|seen| *seen = true);
    }

    pub(super) fn tell(&self, names: &[String], say: &mut dyn FnMut(&str)) {
        let great = names.iter().zip(&self.0).filter(|(_, great)| **great);
        let great: Vec<String> = great.map(|(name, _)| name.clone()).collect();
        if !great.is_empty() {
            say(&format!("integers beyond 2^24 are rounded to 32-bit floats: {}", listed(&great)));
        }
    }
}

/// Names for a message, of many the first.
fn listed(names: &[String]) -> String {
    const MOST: usize = 20;
    let text = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST) {
        None | Some(0) => text,
        Some(more) => format!("{text} and {more} more"),
    }
}

fn label(label: Label<'_>, names: &[String], header: bool) -> Result<Option<usize>> {
    let place = |name: &str| names.iter().position(|known| known == name).filter(|_| header);
    Ok(match label {
        Label::None => None,
        Label::Named(name) => Some(place(name).map_or_else(|| numbered(name, names.len()), Ok)?),
        Label::Usual => Some(place("y").unwrap_or(names.len().saturating_sub(1))),
    })
}

/// A column that is named for something of its own.
fn own(name: &str, names: &[String], header: bool, what: &str) -> Result<usize> {
    let place = names.iter().position(|known| known == name).filter(|_| header);
    place.map_or_else(|| numbered(name, names.len()), Ok).with_context(|| format!("there are no {what}"))
}

/// A column by its number counted from 1.
fn numbered(name: &str, columns: usize) -> Result<usize> {
    let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match number.filter(|number| *number < columns) {
        Some(number) => Ok(number),
        None => bail!("there is no column {name:?} among {columns}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Columns, Features, Label, Use};

    fn features(names: &[String]) -> Features<'_> {
        Features { owner: "the model", takes: "takes", ..Features::of_first(names) }
    }

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(ToOwned::to_owned).collect()
    }

    /// The columns that the features are taken from, or the error; and what was said.
    fn found(model: &str, table: &str, header: bool, label: Label<'_>) -> (Result<Vec<usize>, String>, String) {
        let (model, table) = (names(model), names(table));
        let mut said = String::new();
        let columns = Columns::find(&Asked::of(label, Some(features(&model))), &table, header, &mut |words| {
            said.push_str(words);
        });
        let order = |columns: Columns| {
            let place = |feature| columns.uses.iter().position(|used| *used == Use::Feature(feature)).unwrap();
            (0..columns.features.len()).map(place).collect()
        };
        (columns.map(order).map_err(|error| format!("{error:#}")), said)
    }

    #[test]
    fn columns_are_matched_by_name_and_else_by_position() {
        let none = Label::None;
        for (model, table, header, label, order, says) in [
            ("a b c", "a b c", true, none, vec![0, 1, 2], ""),
            ("a b c", "c a b", true, none, vec![1, 2, 0], ""),
            ("a b c", "id c a y b", true, none, vec![2, 4, 1], "not know them: id, y"),
            ("a b c", "c y a b", true, Label::Usual, vec![2, 3, 0], ""),
            ("a b c", "c a b odd", true, Label::Named("odd"), vec![1, 2, 0], ""),
            // Without names on one of the sides.
            ("a b c", "x1 x2 x3", false, none, vec![0, 1, 2], ""),
            ("x1 x2 x3", "r g b", true, none, vec![0, 1, 2], ""),
            ("x0 x1 x2", "r g b", true, none, vec![0, 1, 2], ""),
            ("x1 x2 x3", "x3 x2 x1", true, none, vec![2, 1, 0], ""),
            ("a b c", "r g b2", true, none, vec![0, 1, 2], "by their position, as a, b, c"),
            // Names that are there twice are fine where nothing else is.
            ("a a b", "a a b", true, none, vec![0, 1, 2], ""),
        ] {
            let (found, said) = found(model, table, header, label);
            assert_eq!(found, Ok(order), "{model}: {table}");
            assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{model}: {table}: {said}");
        }
        for (model, table, says) in [
            ("a b c", "c a", "the header lacks b; the model takes a, b, c"),
            ("a b c", "a b d", "lacks c"),
            ("a b c", "a b c a", "several columns are called a"),
            ("a b c", "r g", "takes 3 numbers a row, the file has 2: a, b, c"),
        ] {
            let (found, _) = found(model, table, true, none);
            assert!(found.as_ref().is_err_and(|error| error.contains(says)), "{table}: {found:?}");
        }
    }
}
