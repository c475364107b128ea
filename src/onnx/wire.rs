//! Protobuf's encoding, as far as our files use it: fields and their numbers.

/// The fields of a message: number and value; none for what is no field, after which nothing comes.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Number(u64),
    Four([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = number(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(number(&mut self.0)?),
            2 => {
                let length = usize::try_from(number(&mut self.0)?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => {
                let (bytes, rest) = self.0.split_first_chunk()?;
                self.0 = rest;
                Value::Four(*bytes)
            }
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

/// A number in groups of seven bits, the lowest first; most take one byte or two.
#[inline]
pub(super) fn number(bytes: &mut &[u8]) -> Option<u64> {
    match *bytes {
        [low @ ..0x80, rest @ ..] => {
            *bytes = rest;
            Some(u64::from(*low))
        }
        [low, high @ ..0x80, rest @ ..] => {
            *bytes = rest;
            Some(u64::from(low & 0x7f) | u64::from(*high) << 7)
        }
        _ => long(bytes),
    }
}

#[cold]
fn long(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for group in 0..10 {
        let (&next, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(next & 0x7f) << (7 * group);
        if next < 0x80 {
            // The tenth byte has room for one bit.
            return (group < 9 || next < 2).then_some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_librarys() {
        for expected in [0, 1, 127, 128, 300, 16_383, 16_384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(expected, &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!((number(&mut rest), rest.len()), (Some(expected), 0));
            assert_eq!(number(&mut bytes.get(..bytes.len() - 1).unwrap()), None);
        }
        let lengthy: &[&[u8]] = &[&[0xff; 11], &[0x80, 0x80, 0x00], &[0x80, 0x00]];
        for bytes in lengthy {
            let library = prost::encoding::decode_varint(&mut &**bytes).ok();
            assert_eq!(number(&mut &**bytes), library);
        }
    }
}
