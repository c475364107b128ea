"""What email-validator and Pydantic say of a few thousand addresses, without asking the DNS.

    python email_oracle.py SEED COUNT

Prints one JSON list a line: the address, whether email-validator takes it, whether Pydantic's EmailStr does, and the
Unicode categories of its letters beyond ASCII. The same seed gives the same addresses.
"""

import json
import random
import sys
import unicodedata

import email_validator
from pydantic import EmailStr, TypeAdapter, ValidationError

LOCALS = ["a", "anna", "anna.lee", "a.b+c", "x_y-z", "ANNA", "o'neil", "!#$%&'*+-/=?^_`{|}~", "1", "jürgen", "用户", "δοκιμή",
          "अजय", "e\u0301", "коля", "אבא", "☃", "😀", "post_master", "a" * 63, "a" * 64, "é" * 32, "é" * 31 + "a"]
LABELS = ["a", "example", "mail", "EXAMPLE", "x1", "1", "123", "a-b", "münchen", "MÜNCHEN", "例子", "δοκιμή", "उदाहरण", "परीक्षा",
          "ทดสอบ", "пример", "דוגמה", "مثال", "faß", "straße", "ｅｘａｍｐｌｅ", "xn--mnchen-3ya", "xn--fiqs8s", "XN--FIQS8S",
          "xn--a", "xn--", "xn--example", "xn--80ak6aa92e", "xn--strae-oqa", "xn--fa-hia", "xn--zckzah", "xn--vermgensberater-ctb",
          "xn--mgbh0fb", "xn--kgbechtv", "col·lega", "a·b", "スター・ウォーズ", "・", "ßa", "ςa", "İstanbul", "ﬁle", "½a", "①", "ⅷ",
          "क्ष", "e\u0301te", "☃", "😀", "ab--c", "a--b", "xn-a", "test", "a" * 62, "a" * 63, "ü" + "a" * 50, "中" * 14, "ü" * 58]
LAST = ["com", "de", "COM", "co.uk", "museum", "中国", "рф", "xn--p1ai", "भारत", "قطر", "c", "io", "xn--fiqs8s", "quebec", "新加坡"]
RESERVED = ["localhost", "local", "test", "invalid", "onion", "arpa", "example", "TEST", "Invalid"]
ODD = [".", "..", "-", "--", "_", "@", "@@", " ", "\t", "\n", "\r\n", "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u061c",
       "\u00a0", "\u3000", "\u2028", "．", "。", "｡", "＠", "﹫", "…", "⒈", "⁄", "\u0301", "\u0338", "\u20dd", "\u034f", "\ufe0f", "\u0903", "\"", "\\", "(", ")",
       "(comment)", "<", ">", "[", "]", ",", ";", ":", "\u037e", "\u1fef", "\u212a", "/", "'", "%", "+", "=", "\x00", "\x07", "\x7f", "\x80", "\ue000",
       "\U0010ffff", "A", "z", "0", "9", "٠", "۰", "१", "א", "ب", "é", "ß", "ſ", "ŉ", "ǆ", "Ａ", "０", "ー", "々", "〇", "ـ", "ͅ", "ʹ", "׳", "͵", "ω", "l·l",
       "xn--", "ᄀ", "ㄱ", "𝐚", "ª", "²", "ₐ", "Ⓐ", "𐀀", "ⴰ", "Ꭰ", "ꭰ", "ᛮ", "৴", "ぁ", "゙"]
WHOLE = ["", "@", "a", "a@", "@a.de", "a@b", "a@b.de", "\"a\"@b.de", "\"a b\"@b.de", "\"a@b\"@b.de", "\"\"@b.de", "\"a\\\"b\"@b.de", "a@[127.0.0.1]",
         "a@[IPv6:::1]", "a@[IPv6:2001:db8::1]", "a@127.0.0.1", "a@1.2.3.4", "a@1.com", "a@b.123", "a@b.1a", "a@b.a1", "a(c)@b.de", "(c)a@b.de",
         "a@(c)b.de", "a@b.de(c)", "a @b.de", "a@ b.de", " a@b.de", "a@b.de ", "\ta@b.de\n", "Anna <a@b.de>", "\"Anna Lee\" <a@b.de>", "<a@b.de>",
         "Anna Lee<a@b.de> ", "a@b@c.de", "mailto:a@b.de", "a@b.de,c@d.de", "a;b@c.de", "a\\@b@c.de", "a@b..de", "a@b.de.", "a@.b.de", "a@-b.de", "a@b-.de",
         "a@b_c.de", "a@localhost", "a@xn--.de", "a@xn--a", "аnna@example.com", "a@exаmple.com", "a\u0301@b.de", "\u0301a@b.de", "a@\u0301b.de",
         "a＠b.de", "a@b．de", "a@b。de", "a@b｡de", "a@1.אב.com", "a@xn--4dbc.1.com", "a@אב.com", "a@a.אב", "a@א1.com", "a@א-.com", "a@אa.com"]


def local_of_length(random, length):
    return "".join(random.choice("abcxyz019._-+") for _ in range(length)).replace("..", "aa").strip(".").ljust(length, "x")


def domain_of_length(random, length, letter):
    labels = []
    while length > 0:
        size = min(random.randint(1, 63), length)
        labels.append(letter * size)
        length -= size + 1
    return ".".join(labels)


def address(random):
    kind = random.random()
    if kind < 0.06:
        text = random.choice(WHOLE)
    elif kind < 0.12:
        # Around the limits of 64, 253 and 254 bytes.
        local = local_of_length(random, random.choice([1, 10, 63, 64, 65, 66, 100]))
        left = random.choice([252, 253, 254, 255, 256]) - len(local) - 1
        text = local + "@" + domain_of_length(random, max(left - 4, 1), random.choice("aaaé中")) + ".com"
    elif kind < 0.16:
        text = random.choice(LOCALS) + "@" + domain_of_length(random, random.randint(60, 260), random.choice("abü中א"))
    else:
        last = random.choice(RESERVED if random.random() < 0.05 else LAST)
        labels = [random.choice(LABELS) for _ in range(random.randint(0, 3))] + [last]
        text = random.choice(LOCALS) + "@" + ".".join(labels)
    for _ in range(random.choice([0, 0, 1, 1, 1, 2, 3])):
        at = random.randint(0, len(text))
        if random.random() < 0.5 and "@" in text:
            # Beside the places that the rules speak of.
            places = [i for i, letter in enumerate(text) if letter in ".@-"]
            at = random.choice(places + [0, len(text)]) + random.randint(0, 1)
        change = random.random()
        if change < 0.6:
            text = text[:at] + random.choice(ODD) + text[at:]
        elif change < 0.75:
            text = text[:at] + text[at + 1:]
        elif change < 0.85:
            text = text[:at] + text[at:at + 1] * 2 + text[at + 1:]
        elif change < 0.9:
            text = text.upper()
        elif change < 0.93:
            text = unicodedata.normalize(random.choice(["NFD", "NFKD", "NFC"]), text)
        else:
            # Any letter at all.
            letter = chr(random.choice([random.randint(0x80, 0x2FFF), random.randint(0x80, 0x10FFFF), random.randint(0, 0x7F)]))
            if unicodedata.category(letter) != "Cs":
                text = text[:at] + letter + text[at:]
    return text


def is_taken(text):
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def is_taken_by_pydantic(adapter, text):
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True


def main():
    seed, count = map(int, sys.argv[1:])
    rng = random.Random(seed)
    adapter = TypeAdapter(EmailStr)
    seen = list(dict.fromkeys(WHOLE + [address(rng) for _ in range(count)]))
    for text in seen:
        categories = sorted({unicodedata.category(letter) for letter in text if ord(letter) > 127})
        line = [text, is_taken(text), is_taken_by_pydantic(adapter, text), categories]
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
