"""Models as users of Pydantic write them, their JSON Schemas, and records for them, valid and mutated.

    pydantic_models.py OUT        writes OUT/<model>.json (the schema), OUT/<model>.ndjson (the records) and
                                  OUT/<model>.verdicts (what Pydantic says of each, a letter a record)
"""

import json
import random
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    RootModel,
    SecretStr,
    ValidationError,
    computed_field,
    conint,
    constr,
)


class Color(str, Enum):
    red = "red"
    green = "green"
    blue = "blue"


class Level(IntEnum):
    low = 1
    mid = 2
    high = 3


class Address(BaseModel):
    street: str
    city: str
    zip: str | None = None
    country: constr(min_length=2, max_length=2, pattern=r"^[A-Z]{2}$")


class Customer(BaseModel):
    """Nested models, optional ones, and lists of them."""

    id: int
    name: str = Field(min_length=1, max_length=80)
    email: EmailStr
    address: Address
    billing: Optional[Address] = None
    others: list[Address] = []


class Order(BaseModel):
    """Literals, enums, bounds."""

    order_id: str = Field(pattern=r"^ORD-\d{4,12}$")
    status: Literal["pending", "paid", "shipped"]
    color: Color = Color.red
    level: Level
    quantity: conint(ge=1, le=1000)
    price: float = Field(ge=0, lt=100000)
    note: Optional[str] = Field(default=None, max_length=20)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int
    b: str = "x"


class Money(BaseModel):
    amount: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    currency: Literal["EUR"] = "EUR"


class Times(BaseModel):
    at: datetime
    day: date
    clock: time
    lasts: timedelta


class Net(BaseModel):
    key: UUID
    site: HttpUrl
    ip: IPv4Address


class Boxes(BaseModel):
    """Lists, sets, tuples and dictionaries."""

    tags: list[str] = Field(default_factory=list, max_length=5)
    unique: set[int] = set()
    pair: tuple[int, str]
    many: tuple[int, ...] = ()
    scores: dict[str, float] = {}
    anything: Any = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str


class Owner(BaseModel):
    pet: Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Choice(BaseModel):
    value: int | str
    maybe: Union[int, None, list[int]] = None


class Node(BaseModel):
    name: str
    children: list["Node"] = []


class Annotated_(BaseModel):
    """Annotations that travel in json_schema_extra, and aliases."""

    model_config = ConfigDict(title="Annotated")
    mail: str = Field(alias="eMail", json_schema_extra={"x-mask": "pseudonym", "x-pii": "email"})
    other: int = Field(validation_alias=AliasChoices("other", "another"))


class Account(BaseModel):
    user_name: str
    password: SecretStr
    born: date | None = None

    @computed_field
    @property
    def shout(self) -> str:
        return self.user_name.upper()


class Multiple(BaseModel):
    dozen: int = Field(multiple_of=12)
    flag: bool


class Tags(RootModel[list[str]]):
    pass


class Prices(RootModel[dict[str, float]]):
    pass


class Basket(BaseModel):
    tags: Tags
    lines: list[Order] = Field(min_length=1)


MODELS = [Customer, Order, Strict, Money, Times, Net, Boxes, Owner, Choice, Node, Annotated_, Account, Multiple, Prices, Tags, Basket]

WORDS = ["", "a", "x y", "Berlin", "DE", "ORD-1234", "ORD-1", "paid", "red", "EUR", "cat", "dog", "ü", "日本", "a@b.de", "1", "1.5", "true"]
NUMBERS = [0, 1, -1, 2, 3, 12, 13, 24, 1000, 1001, 1.5, -0.5, 1.0, 99999.99, 100000, 1e300]
FORMS = {
    "date-time": ["2025-01-10T09:15:00Z", "2025-01-10T09:15:00+02:00", "2025-01-10T09:15:00.5Z"],
    "date": ["2025-01-10", "2024-02-29"],
    "time": ["09:15:00Z", "09:15:00.25+01:00"],
    "duration": ["P3D", "PT1H30M", "P1DT2H"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "uri": ["https://example.com/a?b=c", "http://example.org/"],
    "ipv4": ["10.0.0.1", "192.168.1.254"],
    "email": ["anna@example.com", "b.c+d@mail.example.org"],
}


def sample(schema: dict, root: dict, rng: random.Random, depth: int = 0) -> Any:
    """A value that a schema allows, or nearly so: the verdict is Pydantic's."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return sample(rng.choice(schema[key]), root, rng, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        value = {}
        for name, below in schema.get("properties", {}).items():
            if name in schema.get("required", []) or rng.random() < 0.5:
                value[name] = sample(below, root, rng, depth + 1)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for name in rng.sample(["k", "l", "m"], rng.randint(0, 3)):
                value[name] = sample(extra, root, rng, depth + 1)
        return value
    if kind == "array":
        if "prefixItems" in schema:
            return [sample(below, root, rng, depth + 1) for below in schema["prefixItems"]]
        most = min(schema.get("maxItems", 3), 3) if depth < 5 else 0
        count = rng.randint(min(schema.get("minItems", 0), most), most)
        items = [sample(schema.get("items", {}), root, rng, depth + 1) for _ in range(count)]
        return list(dict.fromkeys(items)) if schema.get("uniqueItems") else items
    if kind == "integer":
        least, most = schema.get("minimum", -5), schema.get("maximum", 50)
        step = schema.get("multipleOf", 1)
        return rng.randint(-(-least // step), most // step) * step
    if kind == "number":
        return rng.choice([0, 1, 2.5, 19.99, 0.01])
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    if kind == "string":
        if schema.get("format") in FORMS:
            return rng.choice(FORMS[schema["format"]])
        pattern = schema.get("pattern")
        if pattern == r"^ORD-\d{4,12}$":
            return f"ORD-{rng.randint(1000, 10**8)}"
        if pattern == r"^[A-Z]{2}$":
            return rng.choice(["DE", "FR"])
        if pattern:
            return rng.choice(["1", "2.50", "10"])
        return rng.choice([word for word in WORDS if len(word) >= schema.get("minLength", 0)])
    return rng.choice([None, 1, "a", [1], {"b": 2}])


def anything(rng: random.Random) -> Any:
    return rng.choice([None, True, False, [], {}, [1, "a"], {"kind": "cat"}, rng.choice(WORDS), rng.choice(NUMBERS)])


def mutate(value: Any, rng: random.Random) -> Any:
    """The value with one thing changed, somewhere in it."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        value = dict(value)
        key = rng.choice(list(value))
        action = rng.random()
        if action < 0.2:
            del value[key]
        elif action < 0.3:
            value["unheard_of"] = anything(rng)
        else:
            value[key] = mutate(value[key], rng)
        return value
    if isinstance(value, list) and value and rng.random() < 0.7:
        value = list(value)
        at = rng.randrange(len(value))
        action = rng.random()
        if action < 0.25:
            value.pop(at)
        elif action < 0.5:
            value.append(value[at])
        else:
            value[at] = mutate(value[at], rng)
        return value
    if isinstance(value, str) and rng.random() < 0.4:
        return rng.choice([value + " ", " " + value, value.upper(), value[:-1], value * 9])
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.5:
        return rng.choice([value + 1, -value, value * 1000, value + 0.5])
    return anything(rng)


def verdict(model: type[BaseModel], line: str) -> str:
    """1: accepted as it is; c: accepted only because Pydantic makes one type of another; 0: refused."""
    try:
        model.model_validate_json(line, strict=False)
    except ValidationError:
        return "0"
    try:
        model.model_validate_json(line, strict=True)
    except ValidationError:
        return "c"
    return "1"


def main(out: Path) -> None:
    for model in MODELS:
        name = model.__name__.strip("_")
        schema = model.model_json_schema()
        (out / f"{name}.json").write_text(json.dumps(schema))
        rng = random.Random(f"tamis {name}")
        records, verdicts = [], []
        for index in range(400):
            record = sample(schema, schema, rng)
            for _ in range(0 if index % 3 == 0 else rng.randint(1, 2)):
                record = mutate(record, rng)
            line = json.dumps(record, ensure_ascii=False)
            verdicts.append(verdict(model, line))
            records.append(line)
        (out / f"{name}.ndjson").write_text("\n".join(records) + "\n", encoding="utf-8")
        (out / f"{name}.verdicts").write_text("".join(verdicts))
    (out / "serialised.json").write_text(json.dumps(Account.model_json_schema(mode="serialization")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
