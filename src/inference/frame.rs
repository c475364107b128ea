//! MLflow's scoring request: a data frame as rows, as records or as columns.

use super::cell::Cell;
use super::fault::{Fault, Flaw};
use super::reading::{Into, Key, Report, Scalar, Spot, Take, Word, each, read};
use super::rows::{Forms, Layout, Rows, places, pointer};
use super::table::{MOST_ROWS, Table};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess};

/// The members of which a body has one, and what each takes.
const FORMS: [(&str, &str); 4] = [
    ("dataframe_split", "/dataframe_split"),
    ("dataframe_records", "/dataframe_records"),
    ("instances", "/instances"),
    ("inputs", "/inputs"),
];

/// Reads a frame for a model of these features.
pub(super) fn asked(body: &[u8], features: &[String]) -> Result<Table, Fault> {
    let report = Report::default();
    let mut request = Request { features, layout: None, table: None };
    read(body, &report, Into(Body(&mut request, &report)))?;
    if request.table.is_none() {
        // The rows came before the names of their columns. They were passed over, and are read now that these are known.
        read(body, &report, Into(Body(&mut request, &report)))?;
    }
    Ok(request.table.unwrap_or(Table::Rows(Vec::new())))
}

struct Request<'f> {
    features: &'f [String],
    /// Where the cells of the rows go, by the names of the columns.
    layout: Option<Layout>,
    table: Option<Table>,
}

/// Where the cells of rows go that have these columns. A column that is no feature is passed over, as MLflow does.
pub(super) fn layout(names: &[Option<usize>], features: &[String]) -> Result<Layout, Flaw> {
    let mut seen = vec![false; features.len()];
    for place in names.iter().flatten() {
        if seen.get_mut(*place).is_some_and(|seen| std::mem::replace(seen, true)) {
            return Err(Flaw::Twice);
        }
    }
    let missing = features.iter().zip(&seen).filter(|(_, seen)| !**seen);
    let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
    if missing.is_empty() {
        return Ok(names.to_vec());
    }
    Err(Flaw::Missing { missing: missing.join(", "), expected: features.join(", ") })
}

/// The whole body.
struct Body<'a, 'f>(&'a mut Request<'f>, &'a Report);

impl Body<'_, '_> {
    fn expected() -> String {
        format!("an object with exactly one of {}", FORMS.map(|(name, _)| name).join(", "))
    }
}

impl<'de> Take<'de> for Body<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        Spot { at: "", report: self.1 }.expected(&Self::expected())
    }

    fn members<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self(request, report) = self;
        let top = Spot { at: "", report };
        let mut found = 0;
        each(map, &FORMS.map(|(name, _)| name), top, |index, map| {
            found += 1;
            let at = FORMS.get(index).map_or("", |(_, at)| at);
            let spot = Spot { at, report };
            match index {
                _ if found > 1 => Err(top.expected(&Self::expected())),
                0 => map.next_value_seed(Into(Split(&mut *request, spot))),
                1 => {
                    let forms = Forms { flat: false, lists: false, records: true };
                    let mut rows = Rows::new(request.features, forms, Cell::Any, spot);
                    map.next_value_seed(Into(&mut rows))?;
                    request.table = Some(Table::Rows(rows.values));
                    Ok(())
                }
                _ => {
                    let table = map.next_value_seed(Into(Frame { features: request.features, spot }))?;
                    request.table = Some(table);
                    Ok(())
                }
            }
        })?;
        if found == 1 { Ok(()) } else { Err(top.expected(&Self::expected())) }
    }
}

/// The names of the columns, and rows.
struct Split<'a, 'f>(&'a mut Request<'f>, Spot<'a>);

impl<'de> Take<'de> for Split<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        self.1.expected("an object with columns and data")
    }

    fn members<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self(request, spot) = self;
        let below = |at| Spot { at, report: spot.report };
        let names = ["columns", "data"];
        let seen = each(map, &names, spot, |index, map| {
            if index == 0 {
                let columns = below("/dataframe_split/columns");
                let names = map.next_value_seed(Into(Columns { features: request.features, spot: columns }))?;
                let layout = layout(&names, request.features);
                request.layout = Some(layout.map_err(|flaw| columns.refuse("", flaw))?);
                return Ok(());
            }
            let Some(layout) = &request.layout else {
                return map.next_value::<IgnoredAny>().map(drop);
            };
            let forms = Forms { flat: false, lists: true, records: false };
            let mut rows = Rows::new(request.features, forms, Cell::Any, below("/dataframe_split/data"));
            rows.layout.clone_from(layout);
            map.next_value_seed(Into(&mut rows))?;
            request.table = Some(Table::Rows(rows.values));
            Ok(())
        })?;
        spot.whole(&seen, &names)
    }
}

/// The names of columns: the place of the feature of each.
struct Columns<'a> {
    features: &'a [String],
    spot: Spot<'a>,
}

impl<'de> Take<'de> for Columns<'_> {
    type Value = Layout;

    fn refuse<E: Error>(self) -> E {
        self.spot.expected(&format!("a list of names, {}", self.features.join(", ")))
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Layout, A::Error> {
        let (places, mut layout) = (places(self.features), Layout::new());
        let pick = |name: &str| Some(places.get(name).copied());
        let expected = "a list of names";
        while let Some(place) = list.next_element_seed(Into(Word { spot: self.spot, expected, pick }))? {
            layout.push(place);
        }
        Ok(layout)
    }
}

/// A list of rows, or columns by their names.
struct Frame<'a> {
    features: &'a [String],
    spot: Spot<'a>,
}

impl<'de> Take<'de> for Frame<'_> {
    type Value = Table;

    fn refuse<E: Error>(self) -> E {
        self.spot.expected("a list of rows, or an object of columns")
    }

    fn list<A: SeqAccess<'de>>(self, list: A) -> Result<Table, A::Error> {
        let forms = Forms { flat: false, lists: true, records: true };
        let mut rows = Rows::new(self.features, forms, Cell::Any, self.spot);
        (&mut rows).list(list)?;
        Ok(Table::Rows(rows.values))
    }

    fn members<A: MapAccess<'de>>(self, mut map: A) -> Result<Table, A::Error> {
        let Self { features, spot } = self;
        let (places, mut named) = (places(features), Layout::new());
        let mut columns: Vec<Vec<f32>> = vec![Vec::new(); features.len()];
        let mut rows = None;
        while let Some(place) = map.next_key_seed(Into(Key(|name: &str| places.get(name).copied())))? {
            let Some((place, column)) = place.and_then(|place| Some((place, columns.get_mut(place)?))) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = features.get(place).map_or("", String::as_str);
            let at = format!("{}/{}", spot.at, pointer(name));
            let spot = Spot { at: &at, report: spot.report };
            if named.contains(&Some(place)) {
                return Err(spot.refuse("", Flaw::Twice));
            }
            named.push(Some(place));
            map.next_value_seed(Into(Column(&mut *column, spot)))?;
            let (expected, found) = (*rows.get_or_insert(column.len()), column.len());
            if expected != found {
                return Err(spot.refuse("", Flaw::Count { expected, found }));
            }
        }
        layout(&named, features).map_err(|flaw| spot.refuse("", flaw))?;
        Ok(Table::Columns(columns))
    }
}

/// The values of one column; a single one stands for itself.
struct Column<'a>(&'a mut Vec<f32>, Spot<'a>);

impl<'de> Take<'de> for Column<'_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        self.1.expected("a list of numbers")
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        self.0.extend(Cell::Any.value(scalar));
        Ok(())
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self(column, spot) = self;
        while let Some(value) = list.next_element_seed(Into(Entry(column.len(), spot)))? {
            if column.len() == MOST_ROWS {
                return Err(spot.refuse("", Flaw::Rows { most: MOST_ROWS }));
            }
            column.push(value);
        }
        Ok(())
    }
}

/// One of them, by its place in the column.
struct Entry<'a>(usize, Spot<'a>);

impl Take<'_> for Entry<'_> {
    type Value = f32;

    fn refuse<E: Error>(self) -> E {
        self.1.refuse(&format!("/{}", self.0), Flaw::Expected(Cell::Any.expected()))
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<f32, E> {
        Cell::Any.value(scalar).ok_or_else(|| self.refuse())
    }
}
