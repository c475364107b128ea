//! Rows as a body has them: numbers one after another, lists of numbers, or records of named numbers.

use super::cell::Cell;
use super::fault::Flaw;
use super::reading::{Into, Key, Scalar, Spot, Take};
use super::table::MOST_ROWS;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess};
use std::collections::BTreeMap;

/// What of it a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forms {
    /// All numbers in one list.
    pub(super) flat: bool,
    /// A list for each row.
    pub(super) lists: bool,
    /// An object for each row.
    pub(super) records: bool,
}

/// Where each cell of a list goes: the place of its feature, or nowhere.
pub(super) type Layout = Vec<Option<usize>>;

/// Gathers rows.
pub(super) struct Rows<'r> {
    pub(super) features: &'r [String],
    pub(super) forms: Forms,
    pub(super) cell: Cell,
    pub(super) layout: Layout,
    /// The list that holds them.
    pub(super) spot: Spot<'r>,
    /// What has been read, row after row.
    pub(super) values: Vec<f32>,
    places: BTreeMap<&'r str, usize>,
    /// The row in which a record last named each feature, from 1.
    named: Vec<usize>,
    /// The rows that have begun.
    begun: usize,
    /// Whether the list holds lists or records, once it holds anything.
    nested: Option<bool>,
}

impl<'r> Rows<'r> {
    /// Rows of all features in the model's order.
    pub(super) fn new(features: &'r [String], forms: Forms, cell: Cell, spot: Spot<'r>) -> Self {
        let (named, layout) = (vec![0; features.len()], (0..features.len()).map(Some).collect());
        let (values, places) = (Vec::new(), places(features));
        Self { features, forms, cell, layout, spot, values, places, named, begun: 0, nested: None }
    }

    /// The names of all features, for those who left one out.
    pub(super) fn names(&self) -> String {
        self.features.join(", ")
    }

    fn expected(&self) -> String {
        let forms = [(self.forms.lists, "a list of numbers"), (self.forms.records, "an object")];
        let mut forms: Vec<String> = forms.iter().filter(|(taken, _)| *taken).map(|(_, name)| (*name).into()).collect();
        if self.forms.flat {
            forms.insert(0, self.cell.expected());
        }
        forms.join(", or ")
    }

    fn fault<E: Error>(&self, place: &str, flaw: Flaw) -> E {
        self.spot.refuse(place, flaw)
    }

    /// Begins a row in the next place of the table.
    fn begin<E: Error>(&mut self) -> Result<usize, E> {
        if self.begun == MOST_ROWS {
            return Err(self.fault("", Flaw::Rows { most: MOST_ROWS }));
        }
        self.begun += 1;
        let start = self.values.len();
        self.values.resize(start + self.features.len(), f32::NAN);
        Ok(start)
    }

    fn flat<E: Error>(&mut self, scalar: Scalar) -> Result<(), E> {
        if self.values.len() == MOST_ROWS * self.features.len().max(1) {
            return Err(self.fault("", Flaw::Rows { most: MOST_ROWS }));
        }
        match self.cell.value(scalar) {
            Some(value) if self.forms.flat => {
                self.values.push(value);
                Ok(())
            }
            _ => Err(self.fault(&format!("/{}", self.values.len()), Flaw::Expected(self.expected()))),
        }
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let start = self.begin()?;
        let mut found = 0;
        loop {
            let Some(&to) = self.layout.get(found) else {
                // One too many, or the end.
                while list.next_element::<IgnoredAny>()?.is_some() {
                    found += 1;
                }
                break;
            };
            let read = match to {
                Some(feature) => {
                    list.next_element_seed(Into(Number { rows: self, column: Some(found), start, feature }))?
                }
                None => list.next_element::<IgnoredAny>()?.map(|_| ()),
            };
            if read.is_none() {
                break;
            }
            found += 1;
        }
        let expected = self.layout.len();
        if found == expected {
            return Ok(());
        }
        Err(self.fault(&format!("/{}", self.begun - 1), Flaw::Count { expected, found }))
    }

    fn record<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.begin()?;
        let (features, row) = (self.features, self.begun);
        let (mut next, mut named) = (0, 0);
        loop {
            // Most records name the features in one order: the one behind the last is looked at first.
            let ahead = features.get(next).map(String::as_str);
            let place = |name: &str| if Some(name) == ahead { Some(next) } else { self.places.get(name).copied() };
            let Some(feature) = map.next_key_seed(Into(Key(place)))? else { break };
            let Some(feature) = feature else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(last) = self.named.get_mut(feature)
                && std::mem::replace(last, row) == row
            {
                return Err(self.fault(&self.place(feature), Flaw::Twice));
            }
            map.next_value_seed(Into(Number { rows: self, column: None, start, feature }))?;
            named += 1;
            next = feature + 1;
        }
        if named == features.len() {
            return Ok(());
        }
        let absent = self.named.iter().zip(features).filter(|(last, _)| **last != row);
        let missing: Vec<&str> = absent.map(|(_, name)| name.as_str()).collect();
        let flaw = Flaw::Missing { missing: missing.join(", "), expected: self.names() };
        Err(self.fault(&format!("/{}", row - 1), flaw))
    }

    /// The place of a feature in the record that is being read.
    fn place(&self, feature: usize) -> String {
        let name = self.features.get(feature).map_or("", String::as_str);
        format!("/{}/{}", self.begun - 1, pointer(name))
    }
}

/// Where each feature stands in a row.
pub(super) fn places(features: &[String]) -> BTreeMap<&str, usize> {
    features.iter().map(String::as_str).zip(0..).collect()
}

/// A name as a JSON Pointer holds it (RFC 6901).
pub(super) fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The list that holds them.
impl<'de> Take<'de> for &mut Rows<'_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        self.fault("", Flaw::Expected("a list".into()))
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Into(Element(&mut *self)))?.is_some() {}
        Ok(())
    }
}

/// One element of that list.
struct Element<'a, 'r>(&'a mut Rows<'r>);

impl Element<'_, '_> {
    /// Lists and numbers do not stand beside each other.
    fn kind<E: Error>(&mut self, nested: bool) -> Result<(), E> {
        if *self.0.nested.get_or_insert(nested) == nested { Ok(()) } else { Err(self.fault()) }
    }

    fn fault<E: Error>(&self) -> E {
        let at = if self.0.nested == Some(false) { self.0.values.len() } else { self.0.begun };
        self.0.fault(&format!("/{at}"), Flaw::Expected(self.0.expected()))
    }
}

impl<'de> Take<'de> for Element<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        self.fault()
    }

    fn scalar<E: Error>(mut self, scalar: Scalar) -> Result<(), E> {
        self.kind(false)?;
        self.0.flat(scalar)
    }

    fn list<A: SeqAccess<'de>>(mut self, list: A) -> Result<(), A::Error> {
        self.kind(true)?;
        if self.0.forms.lists { self.0.list(list) } else { Err(self.fault()) }
    }

    fn members<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        self.kind(true)?;
        if self.0.forms.records { self.0.record(map) } else { Err(self.fault()) }
    }
}

/// One number of a list or a record.
struct Number<'a, 'r> {
    rows: &'a mut Rows<'r>,
    /// Its place in a list; a record names it.
    column: Option<usize>,
    /// The row's place in the table.
    start: usize,
    feature: usize,
}

impl Take<'_> for Number<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        let place = match self.column {
            Some(column) => format!("/{}/{column}", self.rows.begun - 1),
            None => self.rows.place(self.feature),
        };
        self.rows.fault(&place, Flaw::Expected(self.rows.cell.expected()))
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        let Some(value) = self.rows.cell.value(scalar) else { return Err(self.refuse()) };
        if let Some(slot) = self.rows.values.get_mut(self.start + self.feature) {
            *slot = value;
        }
        Ok(())
    }
}
