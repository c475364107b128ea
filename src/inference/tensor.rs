//! The Open Inference Protocol's request: one tensor of all features.

use super::cell::Cell;
use super::fault::{Fault, Flaw};
use super::reading::{Into, Report, Scalar, Spot, Take, Word, each, read};
use super::rows::{Forms, Rows};
use super::table::{MOST_ROWS, Table};
use crate::onnx::graph::{DECISION, INPUT, LABEL};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess};

/// All outputs, in the model's order.
pub(super) const OUTPUTS: [&str; 2] = [LABEL, DECISION];

/// What is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// The request's own name, which its answer repeats.
    pub(super) id: Option<String>,
    /// The outputs, in the order in which they are wanted.
    pub(super) outputs: Vec<&'static str>,
    pub(super) table: Table,
}

/// Reads a request for a model of these features.
pub(super) fn asked(body: &[u8], features: &[String]) -> Result<Asked, Fault> {
    let report = Report::default();
    let mut request = Request { features, length: body.len(), ..Request::default() };
    read(body, &report, Into(Body(&mut request, &report)))?;
    if request.values.is_none() {
        // The numbers came before the shape or the datatype. They were passed over, and are read now that both are known.
        read(body, &report, Into(Body(&mut request, &report)))?;
    }
    let outputs = if request.outputs.is_empty() { OUTPUTS.to_vec() } else { request.outputs };
    Ok(Asked { id: request.id, outputs, table: Table::Rows(request.values.unwrap_or_default()) })
}

#[derive(Default)]
struct Request<'f> {
    features: &'f [String],
    /// Of the body, in bytes.
    length: usize,
    id: Option<String>,
    outputs: Vec<&'static str>,
    /// The rows of the tensor's shape.
    rows: Option<usize>,
    /// What the tensor's datatype takes.
    cell: Option<Cell>,
    values: Option<Vec<f32>>,
}

/// The whole body.
struct Body<'a, 'f>(&'a mut Request<'f>, &'a Report);

impl<'de> Take<'de> for Body<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        Spot { at: "", report: self.1 }.expected("an object")
    }

    fn members<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self(request, report) = self;
        let (spot, names) = (Spot { at: "", report }, ["inputs", "outputs", "id"]);
        let seen = each(map, &names, spot, |index, map| match index {
            0 => map.next_value_seed(Into(Inputs(&mut *request, report))),
            1 => map.next_value_seed(Into(Outputs(&mut request.outputs, Spot { at: "/outputs", report }))),
            _ => {
                request.id = map.next_value_seed(Into(Id(Spot { at: "/id", report })))?;
                Ok(())
            }
        })?;
        spot.whole(&seen, &["inputs"])
    }
}

/// The request's name.
struct Id<'a>(Spot<'a>);

impl Take<'_> for Id<'_> {
    type Value = Option<String>;

    fn refuse<E: Error>(self) -> E {
        self.0.expected("a text")
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<Self::Value, E> {
        if matches!(scalar, Scalar::Null) { Ok(None) } else { Err(self.refuse()) }
    }

    fn text<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }
}

/// The list of inputs, of which there is one.
struct Inputs<'a, 'f>(&'a mut Request<'f>, &'a Report);

impl<'de> Take<'de> for Inputs<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        Spot { at: "/inputs", report: self.1 }.expected(&format!("a list of one tensor, {INPUT}"))
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let first = list.next_element_seed(Into(Tensor(&mut *self.0, self.1)))?;
        let another = list.next_element::<IgnoredAny>()?;
        if first.is_some() && another.is_none() { Ok(()) } else { Err(self.refuse()) }
    }
}

/// The one tensor.
struct Tensor<'a, 'f>(&'a mut Request<'f>, &'a Report);

impl<'de> Take<'de> for Tensor<'_, '_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        Spot { at: "/inputs/0", report: self.1 }.expected("an object")
    }

    fn members<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self(request, report) = self;
        let spot = |at| Spot { at, report };
        let names = ["name", "shape", "datatype", "data"];
        let seen = each(map, &names, spot("/inputs/0"), |index, map| {
            match index {
                0 => {
                    let expected = format!("the name of the model's input, {INPUT}");
                    let pick = |name: &str| (name == INPUT).then_some(());
                    map.next_value_seed(Into(Word { spot: spot("/inputs/0/name"), expected: &expected, pick }))?;
                }
                1 => {
                    let shape = Shape { columns: request.features.len(), spot: spot("/inputs/0/shape") };
                    request.rows = Some(map.next_value_seed(Into(shape))?);
                }
                2 => {
                    let expected = format!("one of {}", Cell::datatypes());
                    let word = Word { spot: spot("/inputs/0/datatype"), expected: &expected, pick: Cell::of };
                    request.cell = Some(map.next_value_seed(Into(word))?);
                }
                _ => match request.rows.zip(request.cell) {
                    Some(header) => request.values = Some(data(map, header, request, spot("/inputs/0/data"))?),
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
            }
            Ok(())
        })?;
        spot("/inputs/0").whole(&seen, &names)
    }
}

/// Reads the numbers of a tensor, row after row or in a list for each row: servers of the protocol take both.
fn data<'de, A: MapAccess<'de>>(
    map: &mut A,
    (rows, cell): (usize, Cell),
    request: &Request<'_>,
    spot: Spot<'_>,
) -> Result<Vec<f32>, A::Error> {
    let forms = Forms { flat: true, lists: true, records: false };
    let mut table = Rows::new(request.features, forms, cell, spot);
    let expected = rows * request.features.len();
    // A number takes two bytes, so that no shape claims more memory than its body does.
    table.values.reserve_exact(expected.min(request.length / 2));
    map.next_value_seed(Into(&mut table))?;
    let found = table.values.len();
    if found == expected { Ok(table.values) } else { Err(spot.refuse("", Flaw::Count { expected, found })) }
}

/// The shape, of which the number of rows is free.
#[derive(Clone, Copy)]
struct Shape<'a> {
    columns: usize,
    spot: Spot<'a>,
}

impl<'de> Take<'de> for Shape<'_> {
    type Value = usize;

    fn refuse<E: Error>(self) -> E {
        self.spot.expected(&format!("[rows, {}], two whole numbers", self.columns))
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut size = || list.next_element_seed(Into(Size(self)));
        let (rows, columns, more) = (size()?, size()?, size()?);
        match rows.and_then(|rows| usize::try_from(rows).ok()) {
            Some(rows) if columns == Some(self.columns as u64) && more.is_none() => {
                let fits = (rows <= MOST_ROWS).then_some(rows);
                fits.ok_or_else(|| self.spot.refuse("", Flaw::Rows { most: MOST_ROWS }))
            }
            _ => Err(self.refuse()),
        }
    }
}

/// One dimension of the shape.
struct Size<'a>(Shape<'a>);

impl Take<'_> for Size<'_> {
    type Value = u64;

    fn refuse<E: Error>(self) -> E {
        self.0.refuse()
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<u64, E> {
        if let Scalar::Unsigned(size) = scalar { Ok(size) } else { Err(self.refuse()) }
    }
}

/// The list of outputs that are wanted; all where none are named.
struct Outputs<'a>(&'a mut Vec<&'static str>, Spot<'a>);

impl<'de> Take<'de> for Outputs<'_> {
    type Value = ();

    fn refuse<E: Error>(self) -> E {
        self.1.expected("a list of outputs")
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        if matches!(scalar, Scalar::Null) { Ok(()) } else { Err(self.refuse()) }
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self(outputs, Spot { at, report }) = self;
        outputs.clear();
        for index in 0_usize.. {
            let at = format!("{at}/{index}");
            let Some(name) = list.next_element_seed(Into(Output(Spot { at: &at, report })))? else { break };
            if !outputs.contains(&name) {
                outputs.push(name);
            }
        }
        Ok(())
    }
}

/// One of them.
struct Output<'a>(Spot<'a>);

impl<'de> Take<'de> for Output<'_> {
    type Value = &'static str;

    fn refuse<E: Error>(self) -> E {
        self.0.expected("an object with a name")
    }

    fn members<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let (at, expected) = (format!("{}/name", self.0.at), format!("one of {}", OUTPUTS.join(", ")));
        let mut output = None;
        each(map, &["name"], self.0, |_, map| {
            let pick = |name: &str| OUTPUTS.into_iter().find(|known| *known == name);
            let spot = Spot { at: &at, report: self.0.report };
            output = Some(map.next_value_seed(Into(Word { spot, expected: &expected, pick }))?);
            Ok(())
        })?;
        output.ok_or_else(|| self.refuse())
    }
}
