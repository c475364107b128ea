//! `x-mask` -> [`Mask`]: a name, or an object with `op` and the parameters of that mask.

use super::canonical::Form;
use super::format::Alphabet;
use super::generalise::{Generalise, Grain};
use super::{Kind, Kinds, Mask, Scope};
use crate::contract::{Field, Types};
use serde_json::{Map, Value as Json};

/// What else a field says that a mask goes by.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// `x-pii`
    pub(crate) class: Option<&'a str>,
    /// `format`
    pub(crate) format: Option<&'a str>,
}

/// Reads `x-mask` of a field.
///
/// # Errors
/// What the keyword takes, in words.
pub(crate) fn read(stated: &Json, field: &Field, about: About<'_>) -> Result<Mask, String> {
    let none = Map::new();
    let (name, stated) = match stated {
        Json::String(name) => (name.as_str(), &none),
        Json::Object(object) => (object.get("op").and_then(Json::as_str).unwrap_or_default(), object),
        _ => ("", &none),
    };
    let mut stated = Stated { name, parameters: stated, known: vec!["op"] };
    let mask = stated.mask(about)?;
    if let Some(unknown) = stated.parameters.keys().find(|key| !stated.known.contains(&key.as_str())) {
        return Err(format!("no parameter {unknown} for {name}"));
    }
    fits(&mask, name, field)?;
    Ok(mask)
}

/// The parameters of one mask, and those that it was asked for.
struct Stated<'j> {
    name: &'j str,
    parameters: &'j Map<String, Json>,
    known: Vec<&'static str>,
}

impl Stated<'_> {
    fn mask(&mut self, about: About<'_>) -> Result<Mask, String> {
        Ok(match self.name {
            "keep" => Mask::Keep,
            "drop" => Mask::Drop,
            "redact" => Mask::Redact,
            "url" => Mask::Url,
            "scan" => Mask::Scan(self.kinds()?),
            "partial" => self.partial()?,
            "pseudonym" => {
                let scope = match self.text("scope")? {
                    None => Scope::Global,
                    Some(name) => Scope::named(&name).ok_or("global, batch or record as scope of a pseudonym")?,
                };
                Mask::Pseudonym { domain: self.text("domain")?, scope, form: self.form(about)? }
            }
            "reversible" => Mask::Reversible { domain: self.text("domain")? },
            "format" => {
                let alphabet = match self.text("alphabet")? {
                    None => Alphabet::Digits,
                    Some(name) => Alphabet::named(&name)
                        .ok_or_else(|| format!("one of {} as alphabet of format", Alphabet::names()))?,
                };
                Mask::Format { domain: self.text("domain")?, alphabet, keep: self.count("keep")?.unwrap_or(0) }
            }
            "generalise" => Mask::Generalise(self.generalise()?),
            "shift" => {
                let by = self.text("by")?.ok_or("the path of the field that tells the person as by of shift")?;
                let days = self.count("days")?.and_then(|days| u16::try_from(days).ok()).filter(|days| *days > 0);
                let days = days.ok_or("the most days to move a date, 1 to 65535, as days of shift")?;
                Mask::Shift { days, by, domain: self.text("domain")? }
            }
            _ => {
                return Err(
                    "one of keep, drop, redact, partial, pseudonym, reversible, format, generalise, shift, url, scan"
                        .into(),
                );
            }
        })
    }

    fn kinds(&mut self) -> Result<Kinds, String> {
        let Some(stated) = self.parameter("kinds") else { return Ok(Kinds::ALL) };
        let names: Option<Vec<&str>> = stated.as_array().and_then(|list| list.iter().map(Json::as_str).collect());
        let names = names.filter(|names| !names.is_empty()).ok_or("a list of names as kinds of scan")?;
        Kinds::parse(names).map_err(|name| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            format!("no kind {name} for scan: there are {} and national_id", known.join(", "))
        })
    }

    fn partial(&mut self) -> Result<Mask, String> {
        let (keep, first, last) = (self.count("keep")?, self.count("first")?, self.count("last")?);
        if keep.is_some() && first.is_some() {
            return Err("keep or first, which mean the same, but not both for partial".into());
        }
        let (first, last) = (keep.or(first).unwrap_or(0), last.unwrap_or(0));
        if first + last == 0 {
            return Err("the count of characters to keep as keep (at the start) or last (at the end) of partial".into());
        }
        Ok(Mask::Partial { first, last })
    }

    fn generalise(&mut self) -> Result<Generalise, String> {
        let mut ways = Vec::new();
        if let Some(count) = self.count("prefix")? {
            ways.push(Generalise::Prefix(count));
        }
        if let Some(width) = self.count("bucket")? {
            let width = u32::try_from(width).ok().filter(|width| *width > 0);
            ways.push(Generalise::Bucket(width.ok_or("a width of 1 to 4294967295 as bucket of generalise")?));
        }
        if let Some(bounds) = self.parameter("bands") {
            let bounds: Option<Vec<i64>> = bounds.as_array().and_then(|list| list.iter().map(Json::as_i64).collect());
            let ascend =
                |bounds: &Vec<i64>| !bounds.is_empty() && bounds.windows(2).all(|pair| pair.first() < pair.last());
            ways.push(Generalise::Bands(
                bounds.filter(ascend).ok_or("whole numbers that ascend as bands of generalise")?,
            ));
        }
        if let Some(name) = self.text("to")? {
            ways.push(Generalise::Date(Grain::named(&name).ok_or("day, month or year as to of generalise")?));
        }
        let bits = |count: Option<usize>, most: usize| {
            count.map(|count| u8::try_from(count).ok().filter(|bits| usize::from(*bits) <= most))
        };
        let (four, six) = (bits(self.count("network")?, 32), bits(self.count("network6")?, 128));
        if four.is_some() || six.is_some() {
            match (four.unwrap_or(Some(24)), six.unwrap_or(Some(48))) {
                (Some(four), Some(six)) => ways.push(Generalise::Network(four, six)),
                _ => return Err("leading bits, at most 32 as network and 128 as network6 of generalise".into()),
            }
        }
        match (ways.pop(), ways.is_empty()) {
            (Some(way), true) => Ok(way),
            _ => Err("one of prefix (a count of characters), bucket (a width), bands (bounds), to (day, month or year) and network \
                      (bits) for generalise"
                .into()),
        }
    }

    /// How a value is spelled before it is keyed: as the parameter says, else by what the field is said to hold.
    fn form(&mut self, about: About<'_>) -> Result<Form, String> {
        let form = match self.text("as")? {
            None => Form::of(about.class, about.format),
            Some(name) => Form::named(&name).ok_or("text, email, phone or code as the spelling (as) of a pseudonym")?,
        };
        let country = self.text("country")?.map(|code| code.trim_start_matches('+').to_owned());
        match (form, country) {
            (form, None) => Ok(form),
            (Form::Phone { .. }, Some(code)) if !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(Form::Phone { country: Some(code) })
            }
            _ => Err("the digits of a country's code, such as 49, as country of a pseudonym of phone numbers".into()),
        }
    }

    fn parameter(&mut self, key: &'static str) -> Option<&Json> {
        self.known.push(key);
        self.parameters.get(key)
    }

    fn text(&mut self, key: &'static str) -> Result<Option<String>, String> {
        let name = self.name.to_owned();
        match self.parameter(key) {
            None => Ok(None),
            Some(Json::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(format!("a text as {key} of {name}")),
        }
    }

    fn count(&mut self, key: &'static str) -> Result<Option<usize>, String> {
        let name = self.name.to_owned();
        match self.parameter(key) {
            None => Ok(None),
            Some(value) => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
                Some(count) if count <= MOST => Ok(Some(count)),
                _ => Err(format!("a whole number of 0 to {MOST} as {key} of {name}")),
            },
        }
    }
}

/// No count of a mask needs to be larger.
const MOST: usize = u32::MAX as usize;

/// A mask that can do nothing to a field's type would leave the value as it is: that does not load.
fn fits(mask: &Mask, name: &str, field: &Field) -> Result<(), String> {
    let wanted = match mask {
        Mask::Keep | Mask::Drop | Mask::Redact => return Ok(()),
        Mask::Pseudonym { .. }
        | Mask::Reversible { .. }
        | Mask::Generalise(Generalise::Bucket(_) | Generalise::Bands(_)) => Types::STRING.with(Types::NUMBER),
        Mask::Partial { .. }
        | Mask::Format { .. }
        | Mask::Generalise(_)
        | Mask::Shift { .. }
        | Mask::Url
        | Mask::Scan(_) => Types::STRING,
    };
    let wanted = wanted.with(Types::NULL).with(Types::ARRAY);
    if field.types != Types::ANY && wanted.has(field.types) {
        Ok(())
    } else {
        Err(format!("{name} only on a field whose type says {}", wanted.without(Types::ARRAY).describe()))
    }
}
