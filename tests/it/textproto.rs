//! As much of the text form of protocol buffers as google/cel-spec's conformance files use.

/// A value: a scalar as it is written (texts as their bytes), or a message.
#[derive(Clone, Debug)]
pub enum Proto {
    Text(Vec<u8>),
    Word(String),
    Message(Vec<(String, Proto)>),
}

impl Proto {
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Message(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p Self> {
        let fields = match self {
            Self::Message(fields) => fields.as_slice(),
            _ => &[],
        };
        fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    }

    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(bytes) => String::from_utf8(bytes.clone()).ok(),
            _ => None,
        }
    }

    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

pub fn parse(source: &str) -> Proto {
    let mut reader = Reader { bytes: source.as_bytes(), at: 0 };
    let file = reader.message();
    assert_eq!(reader.at, reader.bytes.len(), "unread: {}", &source[reader.at..]);
    file
}

struct Reader<'s> {
    bytes: &'s [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b'#') => {
                    while self.bytes.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                Some(byte) if byte.is_ascii_whitespace() || matches!(byte, b',' | b';') => self.at += 1,
                found => return found.copied(),
            }
        }
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn message(&mut self) -> Proto {
        let mut fields = Vec::new();
        while let Some(byte) = self.peek() {
            if matches!(byte, b'}' | b'>') {
                break;
            }
            let name = if self.eat(b'[') {
                let name = self.until(b']');
                self.at += 1;
                name
            } else {
                self.word()
            };
            self.eat(b':');
            let value = self.value();
            fields.push((name, value));
        }
        Proto::Message(fields)
    }

    fn value(&mut self) -> Proto {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                let message = self.message();
                assert!(self.eat(b'}'), "no closing brace at {}", self.at);
                message
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.eat(b']') {
                    items.push((String::new(), self.value()));
                }
                Proto::Message(items)
            }
            Some(b'"' | b'\'') => {
                let mut bytes = Vec::new();
                while let Some(quote @ (b'"' | b'\'')) = self.peek() {
                    self.at += 1;
                    self.string(quote, &mut bytes);
                }
                Proto::Text(bytes)
            }
            _ => Proto::Word(self.word()),
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.+-/".contains(byte)) {
            self.at += 1;
        }
        assert!(self.at > start, "a word expected at {start}");
        String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned()
    }

    fn until(&mut self, end: u8) -> String {
        let start = self.at;
        while self.bytes[self.at] != end {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned()
    }

    fn string(&mut self, quote: u8, out: &mut Vec<u8>) {
        loop {
            let byte = self.bytes[self.at];
            self.at += 1;
            if byte == quote {
                return;
            }
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            let escape = self.bytes[self.at];
            self.at += 1;
            match escape {
                b'a' => out.push(7),
                b'b' => out.push(8),
                b'f' => out.push(12),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'v' => out.push(11),
                b'x' | b'X' => {
                    let code = self.digits(2, 16);
                    out.push(u8::try_from(code).unwrap());
                }
                b'u' | b'U' => {
                    let code = self.digits(if escape == b'u' { 4 } else { 8 }, 16);
                    let letter = char::from_u32(code).unwrap_or('\u{fffd}');
                    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                b'0'..=b'7' => {
                    self.at -= 1;
                    let code = self.digits(3, 8);
                    out.push(u8::try_from(code).unwrap());
                }
                other => out.push(other),
            }
        }
    }

    fn digits(&mut self, most: usize, radix: u32) -> u32 {
        let mut code = 0;
        for _ in 0..most {
            let Some(digit) = self.bytes.get(self.at).and_then(|byte| char::from(*byte).to_digit(radix)) else {
                break;
            };
            code = code * radix + digit;
            self.at += 1;
        }
        code
    }
}
