#!/usr/bin/env python3
"""The Python way to do what `tamis score` does, for side-by-side measurements: one thread, NDJSON in, verdicts out.

Pydantic 2 validates, with validators for the normalisers of the contract `orders`; `hmac` makes the pseudonyms;
scikit-learn's IsolationForest scores blocks of records; orjson reads and writes. Everything is done the fastest way that
was found and that a reader would still call plain. An e-mail address is checked by one regular expression, which is many
times as fast as email-validator and agrees with it on the benchmark's addresses (`--check-emails` shows that).

What it leaves out, because Python has no quick way to it: keys that stand twice and nesting beyond 64 levels are not
noticed, violations carry no sentence, and no anomaly is explained.

    reference.py orders.ndjson --out verdicts.ndjson [--truth orders.truth.ndjson]

prints one JSON object. The time is that of the loop alone: imports, compiling the model and fitting or loading the
forest come before it.
"""

import argparse
import collections
import gc
import hmac
import json
import math
import os
import pickle
import re
import resource
import sys
import time
import unicodedata
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Optional
from urllib.parse import urlsplit

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import orjson
import pydantic
import sklearn
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo
from pydantic import field_validator
from pydantic_core import PydanticCustomError
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

# ---------------------------------------------------------------------------------------------------------- normalisers

BLANKS = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u180e"
)
TOKENS = frozenset(("", "n/a", "na", "none", "null", "nil", "unknown", "-", "?"))
MISSING = PydanticCustomError("missing_value", "holds no value")
NO_TEXT = PydanticCustomError("type", "must be text")
LARGEST_INTEGER = 2**53 - 1


def trim(value: Any, info: ValidationInfo) -> Any:
    """Trims a text and composes it, noting the repair."""
    if type(value) is not str:
        return value
    trimmed = value.strip(BLANKS)
    if len(trimmed) != len(value):
        repair(info, "trimmed")
    if not trimmed.isascii():
        composed = unicodedata.normalize("NFC", trimmed)
        if composed != trimmed:
            repair(info, "composed")
            return composed
    return trimmed


def repair(info: ValidationInfo, code: str) -> None:
    info.context.append((info.field_name, code))


def required(value: Any, info: ValidationInfo) -> Any:
    value = trim(value, info)
    if value is None or (type(value) is str and len(value) <= 7 and value.lower() in TOKENS):
        raise MISSING
    return value


def optional(value: Any, info: ValidationInfo) -> Any:
    value = trim(value, info)
    if type(value) is str and len(value) <= 7 and value.lower() in TOKENS:
        repair(info, "missing_to_null")
        return None
    return value


def lower(value: Any, info: ValidationInfo) -> Any:
    value = required(value, info)
    if type(value) is not str:
        raise NO_TEXT
    if not value.islower():
        repair(info, "lowercased")
        return value.lower()
    return value


def upper(value: Any, info: ValidationInfo) -> Any:
    value = required(value, info)
    if type(value) is not str:
        raise NO_TEXT
    if not value.isupper():
        repair(info, "uppercased")
        return value.upper()
    return value


PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{1,2})?").fullmatch
CURRENCY_FIRST = re.compile(r"([+-]?)(?:[€$£]|[A-Z]{3}) ?(.*)", re.S).fullmatch
CURRENCY_LAST = re.compile(r"(.*?) ?(?:[€$£]|[A-Z]{3})", re.S).fullmatch
WRITTEN = re.compile(r"([+-]?)([0-9]{1,3}(?:([,.' ])[0-9]{3})(?:\3[0-9]{3})*|[0-9]*)(?:([.,])([0-9]+))?([eE][+-]?[0-9]+)?").fullmatch
AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[,.][0-9]{3}(?:[eE][+-]?[0-9]+)?").fullmatch
UNREADABLE = PydanticCustomError("number", "must be a number")
TWO_WAYS = PydanticCustomError("ambiguous_number", "can be read in two ways")


def read_number(text: str) -> float | int:
    if PLAIN(text):
        return float(text) if "." in text else int(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip()
    if found := CURRENCY_FIRST(text):
        text = found[1] + found[2]
    elif found := CURRENCY_LAST(text):
        text = found[1]
    if AMBIGUOUS(text):
        raise TWO_WAYS
    found = WRITTEN(text)
    if not found or not (found[2] or found[5]) or (found[3] and found[3] == found[4]):
        raise UNREADABLE
    sign, whole, group, _, fraction, exponent = found.groups()
    if group:
        whole = whole.replace(group, "")
    if fraction or exponent:
        return float(f"{sign}{whole or 0}.{fraction or 0}{exponent or ''}")
    return int(sign + whole)


def number(value: Any, info: ValidationInfo) -> Any:
    value = required(value, info)
    kind = type(value)
    if kind is str:
        value = read_number(value)
        repair(info, "number_from_text")
    elif kind is not int and kind is not float:
        raise UNREADABLE
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER and (not math.isfinite(value) or value == int(value)):
        raise UNREADABLE
    return value


WORDS = {"low": 5, "medium": 3, "high": 1, "urgent": 1}


def read_priority(value: Any, info: ValidationInfo) -> Any:
    if type(value) is str:
        mapped = WORDS.get(value.strip(BLANKS).lower())
        if mapped is not None:
            repair(info, "mapped")
            return mapped
    return number(value, info)


BOOLEANS = {word: value for value, words in ((True, "true yes y 1 on"), (False, "false no n 0 off")) for word in words.split()}
NO_BOOLEAN = PydanticCustomError("boolean", "must be true or false")


def boolean(value: Any, info: ValidationInfo) -> Any:
    if type(value) is bool:
        return value
    if type(value) in (int, float) and value in (0, 1):
        repair(info, "boolean_from_number")
        return bool(value)
    value = trim(value, info)
    if value is None or (type(value) is str and value.lower() in TOKENS):
        repair(info, "defaulted")
        return False
    if type(value) is not str or (read := BOOLEANS.get(value.lower())) is None:
        raise NO_BOOLEAN
    repair(info, "boolean_from_text")
    return read


CANONICAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z").fullmatch
MOMENT = re.compile(
    r"(?:(\d{4})([-/])(\d\d)\2(\d\d)|(\d{1,2})\.(\d{1,2})\.(\d{4}))"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?",
    re.A,
).fullmatch
SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/.*").fullmatch
NO_DATETIME = PydanticCustomError("datetime", "must be a date and time")
AMBIGUOUS_DATE = PydanticCustomError("ambiguous_date", "day and month cannot be told apart")


def moment(value: Any, info: ValidationInfo) -> Any:
    value = required(value, info)
    try:
        if type(value) is str:
            if CANONICAL(value):
                # Most are: the calendar is asked whether there is such a moment, and the text stays.
                datetime.fromisoformat(value)
                return value
            return written_moment(value, info)
        if type(value) in (int, float):
            repair(info, "datetime_from_epoch")
            seconds = value / 1000 if abs(value) >= 1e11 else value
            return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat() + "Z"
    except PydanticCustomError:
        raise
    except (ValueError, OverflowError):
        pass
    raise NO_DATETIME


def written_moment(text: str, info: ValidationInfo) -> str:
    found = MOMENT(text)
    if not found:
        if (found := SLASHED(text)) and 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 12:
            raise AMBIGUOUS_DATE
        raise NO_DATETIME
    year, _, month, day, other_day, other_month, other_year, hour, minute, second, fraction, zone = found.groups()
    read = datetime(
        int(year or other_year), int(month or other_month), int(day or other_day), int(hour or 0), int(minute or 0),
        int(second or 0),
    )
    repair(info, "datetime_rewritten")
    if zone is None:
        repair(info, "assumed_utc")
    elif zone not in "Zz":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        if hours > 23 or minutes > 59:
            raise NO_DATETIME
        offset = timedelta(hours=hours, minutes=minutes)
        read = read + offset if zone[0] == "-" else read - offset
    return f"{read.isoformat()}{fraction or ''}Z"


LOCAL = r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~\u00a1-\u1fff\u3001-\ud7ff]+"
LABEL = r"(?!..--(?<!xn--))[a-zA-Z0-9\u00a1-\u1fff\u3001-\ud7ff](?:[a-zA-Z0-9\-\u00a1-\u1fff\u3001-\ud7ff]{0,61}[a-zA-Z0-9\u00a1-\u1fff\u3001-\ud7ff])?"
EMAIL = re.compile(
    rf"(?=.{{1,254}}$)(?=[^@]{{1,64}}@){LOCAL}(?:\.{LOCAL})*@(?:{LABEL}\.)+"
    rf"(?!(?:arpa|invalid|local|localhost|onion|test)$)(?=.*[^0-9\-]$){LABEL}"
).fullmatch
NO_EMAIL = PydanticCustomError("format", "must be an e-mail address")


def email(value: Any, info: ValidationInfo) -> Any:
    value = required(value, info)
    if type(value) is not str:
        return value
    local, at, domain = value.rpartition("@")
    if not domain.islower():
        lowered = domain.lower()
        if lowered != domain:
            repair(info, "lowercased_domain")
            value = local + at + lowered
    if not EMAIL(value):
        raise NO_EMAIL
    return value


def text_of_number(value: Any, info: ValidationInfo) -> Any:
    if type(value) in (int, float):
        repair(info, "text_from_number")
        return str(value)
    return optional(value, info)


def read_tags(value: Any, info: ValidationInfo) -> Any:
    if type(value) is list:
        for item in value:
            if type(item) is not str:
                # The list's own check says which item it is.
                return value
        kept = [trim(item, info) for item in value]
        if "" in kept:
            repair(info, "blank_items_dropped")
            return [item for item in kept if item]
        return kept
    value = optional(value, info)
    if type(value) is str:
        repair(info, "list_from_text")
        return [item for part in value.split(",") if (item := part.strip(BLANKS))]
    return value


HTTP = re.compile(r"https?://(?:[^\s/?#@<>\"\\^`{|}]*@)?[\w\-%.]+(?::[0-9]*)?(?:[/?#][^\s<>\"\\^`{|}]*)?", re.I).fullmatch


def http_url(value: Any, info: ValidationInfo) -> Any:
    value = optional(value, info)
    if value is None or (type(value) is str and HTTP(value)):
        return value
    repair(info, "not_a_url_to_null")
    return None


# -------------------------------------------------------------------------------------------------------------- contract


class Shipping(BaseModel):
    model_config = ConfigDict(extra="ignore")

    country_code: Annotated[
        Literal["US", "GB", "DE", "FR", "ES", "PT", "IE", "CZ", "PL", "IT", "NL", "BE", "AT", "CH"], BeforeValidator(upper)
    ]
    city: Annotated[str, BeforeValidator(required)]
    postal_code: Annotated[Optional[str], BeforeValidator(text_of_number)] = None
    street: Annotated[Optional[str], BeforeValidator(optional)] = None


class Order(BaseModel):
    model_config = ConfigDict(extra="ignore")

    order_id: Annotated[str, BeforeValidator(required), StringConstraints(pattern=r"^ORD-[0-9]{4,12}$")]
    customer_email: Annotated[str, BeforeValidator(email)]
    quantity: Annotated[int, BeforeValidator(number), Field(ge=1)]
    unit_price: Annotated[float, BeforeValidator(number), Field(ge=0)]
    is_gift: Annotated[bool, BeforeValidator(boolean)] = False
    status: Annotated[Literal["pending", "paid", "shipped", "cancelled", "refunded"], BeforeValidator(lower)]
    created_at: Annotated[str, BeforeValidator(moment)]
    shipping: Annotated[Shipping, BeforeValidator(required)]
    tags: Annotated[Optional[list[str]], BeforeValidator(read_tags)] = None
    referrer_url: Annotated[Optional[str], BeforeValidator(http_url)] = None
    coupon_code: Annotated[Optional[str], BeforeValidator(optional)] = None
    priority: Annotated[int, BeforeValidator(read_priority), Field(ge=1, le=5)]

    @field_validator("unit_price", mode="after")
    @classmethod
    def rules(cls, value: float, info: ValidationInfo) -> float:
        """The rules need valid fields and not a valid record, so they stand here and not in a model validator."""
        if value == 0:
            raise ZERO_PRICE
        quantity = info.data.get("quantity")
        if quantity is not None and quantity * value > 100_000:
            raise ORDER_TOTAL
        return value


PATHS = {name: f"/{name}" for name in Order.model_fields} | {name: f"/shipping/{name}" for name in Shipping.model_fields}
ZERO_PRICE = PydanticCustomError("zero_price", "an item without a price needs a manual review")
ORDER_TOTAL = PydanticCustomError("order_total", "the total is too large")
CODES = {
    "missing": "required",
    "missing_value": "missing",
    "string_pattern_mismatch": "pattern",
    "literal_error": "enum",
    "greater_than_equal": "minimum",
    "less_than_equal": "maximum",
}
OWN = frozenset(("number", "ambiguous_number", "boolean", "datetime", "ambiguous_date", "format", "zero_price", "order_total"))
RULES = frozenset(("zero_price", "order_total"))


def violations_of(error: ValidationError) -> list[dict]:
    found = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        kind = fault["type"]
        code = kind if kind in OWN else CODES.get(kind, "type")
        path = "" if kind in RULES else "".join(f"/{part}" for part in fault["loc"])
        found.append({"path": path, "code": code})
    return found


# ----------------------------------------------------------------------------------------------------------------- masks

KEY = bytes(range(32))
MAIL_IN_TEXT = re.compile(r"[\w!#$%&'*+\-/=?^`{|}~.]+@[\w\-.]+\.[^\W\d]{2,}")
CARD_IN_TEXT = re.compile(r"(?<![0-9])[0-9](?:[ \-.\xa0]?[0-9]){12,18}(?![0-9])")
IBAN_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ \-.\xa0]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
DIGITS = re.compile(r"(?:[0-9][^0-9]*){10}").search


def pseudonym(value: str) -> str:
    digest = hmac.digest(KEY, b"customer_email\0" + value.encode(), "sha256")
    return "tok_" + urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def scan(text: str) -> str:
    if "@" in text:
        text = MAIL_IN_TEXT.sub("[email]", text)
    if len(text) >= 13 and DIGITS(text):
        text = IBAN_IN_TEXT.sub(lambda found: "[iban]" if mod97(found[0]) else found[0], text)
        text = CARD_IN_TEXT.sub(lambda found: "[card]" if luhn(found[0]) else found[0], text)
    return text


def luhn(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    odd = sum(digits[-1::-2])
    return (odd + sum(digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])) % 10 == 0


def mod97(text: str) -> bool:
    compact = "".join(letter for letter in text if letter.isalnum())
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def mask_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def masked(order: Order) -> dict:
    record = order.__dict__.copy()
    shipping = record["shipping"].__dict__.copy()
    shipping.pop("street")
    if shipping["postal_code"]:
        shipping["postal_code"] = shipping["postal_code"][:2]
    record["shipping"] = shipping
    record["customer_email"] = pseudonym(record["customer_email"])
    if record["tags"]:
        record["tags"] = [scan(tag) for tag in record["tags"]]
    if record["coupon_code"]:
        record["coupon_code"] = scan(record["coupon_code"])
    if record["referrer_url"]:
        record["referrer_url"] = mask_url(record["referrer_url"])
    return record


def masked_raw(raw: dict, violations: list[dict]) -> dict:
    """What may be shown of a rejected record: its fields that are kept as they are and did not fail."""
    failed = {violation["path"] for violation in violations}
    shown = ("order_id", "quantity", "unit_price", "is_gift", "status", "created_at", "priority")
    return {name: raw[name] for name in shown if name in raw and f"/{name}" not in failed}


# ------------------------------------------------------------------------------------------------------------------- way

STATUSES = {"pending": 0.0, "paid": 1.0, "shipped": 2.0, "cancelled": 3.0, "refunded": 4.0}
BLOCK = 4000


def features(record: dict) -> tuple:
    quantity, price = record["quantity"], record["unit_price"]
    return (
        quantity, price, quantity * price, record["coupon_code"] is not None, bool(record["tags"]), record["is_gift"],
        STATUSES[record["status"]],
    )


class Scorer:
    """A scaler and a forest, as tamis trains one: 100 trees, 256 samples, 1 % flagged."""

    def __init__(self, rows: list[tuple]):
        table = np.array(rows, dtype=np.float64)
        self.scaler = StandardScaler().fit(table)
        forest = IsolationForest(n_estimators=100, max_samples=256, contamination=0.01, random_state=42, n_jobs=1)
        self.forest = forest.fit(self.scaler.transform(table))

    def decide(self, rows: list[tuple]) -> tuple[list[float], list[float]]:
        scores = -self.forest.score_samples(self.scaler.transform(np.array(rows, dtype=np.float64)))
        return scores.tolist(), (-scores - self.forest.offset_).tolist()


def judge(line: bytes, number: int, held: set) -> tuple[dict, Optional[tuple]]:
    """A verdict without its anomaly, and the features of an accepted record."""
    verdict = {"line": number, "id": None, "status": "rejected", "record": None, "repairs": [], "violations": [], "anomaly": None}
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError:
        verdict["violations"] = [{"path": "", "code": "syntax"}]
        return verdict, None
    repairs: list[tuple] = []
    try:
        order = Order.model_validate(raw, context=repairs)
    except ValidationError as error:
        verdict["violations"] = violations = violations_of(error)
        # What is no object has nothing to show.
        if type(raw) is dict:
            verdict["record"] = record = masked_raw(raw, violations)
            identity = record.get("order_id")
            verdict["id"] = identity = identity.strip(BLANKS) if type(identity) is str else None
            if identity in held:
                violations.append({"path": "/order_id", "code": "duplicate"})
        return verdict, None
    verdict["id"] = identity = order.order_id
    verdict["record"] = record = masked(order)
    if repairs:
        verdict["repairs"] = [{"path": PATHS[field], "code": code} for field, code in repairs]
    if identity in held:
        verdict["violations"] = [{"path": "/order_id", "code": "duplicate"}]
        return verdict, None
    held.add(identity)
    verdict["status"] = "accepted"
    return verdict, features(record)


def run(source: str, target: str, scorer: Scorer) -> dict:
    """Reads a file and writes its verdicts; only this is timed."""
    held: set[str] = set()
    counts = {"records": 0, "accepted": 0, "flagged": 0}
    # No object here refers back to itself, and searching for such cycles took two fifths of the time.
    gc.collect()
    gc.disable()
    start, cpu = time.perf_counter(), time.process_time()
    with open(source, "rb", buffering=1 << 20) as lines, open(target, "wb", buffering=1 << 20) as out:
        verdicts: list[dict] = []
        rows: list[tuple] = []
        for number, line in enumerate(lines, 1):
            verdict, row = judge(line, number, held)
            verdicts.append(verdict)
            if row is not None:
                rows.append(row)
            if len(verdicts) == BLOCK:
                flush(verdicts, rows, scorer, out, counts)
        flush(verdicts, rows, scorer, out, counts)
    counts["seconds"], counts["cpu_seconds"] = time.perf_counter() - start, time.process_time() - cpu
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    counts["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return counts


def flush(verdicts: list[dict], rows: list[tuple], scorer: Scorer, out, counts: dict) -> None:
    scored = zip(*scorer.decide(rows)) if rows else iter(())
    written = []
    for verdict in verdicts:
        if verdict["status"] == "accepted":
            score, decision = next(scored)
            verdict["anomaly"] = {"score": score, "decision": decision, "flagged": decision < 0}
            counts["flagged"] += decision < 0
        written.append(orjson.dumps(verdict, option=orjson.OPT_APPEND_NEWLINE))
    out.write(b"".join(written))
    counts["records"] += len(verdicts)
    counts["accepted"] += len(rows)
    verdicts.clear()
    rows.clear()


def first_rows(source: str, wanted: int) -> list[tuple]:
    """The features of the first accepted records, to fit a forest on."""
    rows: list[tuple] = []
    held: set[str] = set()
    with open(source, "rb") as lines:
        for number, line in enumerate(lines, 1):
            row = judge(line, number, held)[1]
            if row is not None:
                rows.append(row)
            if len(rows) == wanted:
                break
    return rows


# --------------------------------------------------------------------------------------------------------------- compare


def compare(verdicts: str, truth: str) -> dict:
    """How many lines are judged as the truth says, and the families of defects in which the others are."""
    equal = same_violations = total = 0
    families: collections.Counter = collections.Counter()
    details: collections.Counter = collections.Counter()
    key = lambda violations: sorted((violation["path"], violation["code"]) for violation in violations)
    with open(verdicts, "rb") as ours, open(truth, "rb") as theirs:
        for our_line, their_line in zip(ours, theirs, strict=True):
            our, their = orjson.loads(our_line), orjson.loads(their_line)
            total += 1
            if our["status"] == their["status"]:
                equal += 1
            else:
                families.update(their["defects"])
            if key(our["violations"]) == key(their["violations"]):
                same_violations += 1
            else:
                details.update(their["defects"])
    return {
        "same_status": equal / total,
        "same_violations": same_violations / total,
        "other_status_in": dict(families.most_common()),
        "other_violations_in": dict(details.most_common()),
    }


def check_emails(source: str) -> dict:
    """Whether the regular expression and email-validator agree on every address of a file."""
    from email_validator import EmailNotValidError, validate_email

    addresses = set()
    with open(source, "rb") as lines:
        for line in lines:
            try:
                address = orjson.loads(line).get("customer_email")
            except (orjson.JSONDecodeError, AttributeError):
                continue
            if type(address) is str:
                addresses.add(unicodedata.normalize("NFC", address.strip(BLANKS)))
    differ = []
    for address in addresses:
        try:
            validate_email(address, check_deliverability=False)
            valid = True
        except EmailNotValidError:
            valid = False
        local, at, domain = address.rpartition("@")
        if bool(EMAIL(local + at + domain.lower())) != valid:
            differ.append(address)
    return {"addresses": len(addresses), "differ": sorted(differ)[:20]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("input")
    parser.add_argument("--out", default=os.devnull, help="where the verdicts go")
    parser.add_argument("--model", help="a pickled scorer: loaded when it is there, else fitted and kept")
    parser.add_argument("--truth", help="compare the verdicts with what `tamis generate --truth` wrote")
    parser.add_argument("--check-emails", action="store_true", help="compare the regular expression with email-validator")
    arguments = parser.parse_args()
    if arguments.check_emails:
        print(json.dumps(check_emails(arguments.input)))
        return
    if arguments.model and os.path.exists(arguments.model):
        with open(arguments.model, "rb") as file:
            scorer = pickle.load(file)
    else:
        scorer = Scorer(first_rows(arguments.input, 20_000))
        if arguments.model:
            with open(arguments.model, "wb") as file:
                pickle.dump(scorer, file)
    result = run(arguments.input, arguments.out, scorer)
    result["rejected"] = result["records"] - result["accepted"]
    result["records_per_second"] = round(result["records"] / result["seconds"], 1)
    result["versions"] = {"pydantic": pydantic.VERSION, "scikit-learn": sklearn.__version__, "orjson": orjson.__version__}
    if arguments.truth:
        result["truth"] = compare(arguments.out, arguments.truth)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
