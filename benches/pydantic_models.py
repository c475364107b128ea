#!/usr/bin/env python3
"""Times pydantic's `model_validate_json` over the lines of a file, one thread: pydantic_models.py FILE orders|ecommerce ROUNDS

Prints one JSON object: the median MB/s of the rounds, and how many lines were good. The models ask for the same types,
bounds and formats as our contracts; they repair nothing but what pydantic's lax mode repairs by itself, and an e-mail
address is checked by one regular expression, which is many times as fast as email-validator.
"""

import gc
import json
import statistics
import sys
import time
from datetime import datetime
from typing import Annotated, Literal, Optional

from pydantic import BaseModel, Field, StringConstraints, ValidationError

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Money = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


class Shipping(BaseModel):
    country_code: Literal["US", "GB", "DE", "FR", "ES", "PT", "IE", "CZ", "PL", "IT", "NL", "BE", "AT", "CH"]
    city: Text
    postal_code: Optional[str] = None
    street: Optional[str] = None


class Order(BaseModel):
    order_id: Annotated[str, StringConstraints(pattern=r"^ORD-\d{4,12}$")]
    customer_email: Email
    quantity: Count
    unit_price: Money
    is_gift: bool = False
    status: Literal["pending", "paid", "shipped", "cancelled", "refunded"]
    created_at: datetime
    shipping: Shipping
    tags: Optional[list[str]] = None
    referrer_url: Optional[str] = None
    coupon_code: Optional[str] = None
    priority: Annotated[int, Field(ge=1, le=5)]


class Product(BaseModel):
    id: Annotated[str, Field(alias="_id")]
    product_id: int
    product_name: Text
    sku: Annotated[str, StringConstraints(pattern=r"^ZO[0-9]{10}$")]
    category: str
    manufacturer: str
    created_on: datetime
    quantity: Count
    price: Money
    base_price: Money
    base_unit_price: Money
    taxful_price: Money
    taxless_price: Money
    min_price: Money
    tax_amount: Money
    discount_percentage: Money
    discount_amount: Money
    unit_discount_amount: Money


class Location(BaseModel):
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Place(BaseModel):
    country_iso_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    continent_name: str
    region_name: Optional[str] = None
    city_name: Optional[str] = None
    location: Location


class Purchase(BaseModel):
    order_id: Count
    order_date: datetime
    type: Literal["order"]
    day_of_week: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    day_of_week_i: Annotated[int, Field(ge=0, le=6)]
    user: Text
    email: Text
    customer_id: int
    customer_first_name: str
    customer_last_name: str
    customer_full_name: Text
    customer_gender: Literal["FEMALE", "MALE"]
    customer_phone: Optional[str] = None
    currency: Literal["EUR"]
    category: list[str]
    manufacturer: list[str]
    sku: list[str]
    taxful_total_price: Annotated[float, Field(gt=0)]
    taxless_total_price: Annotated[float, Field(gt=0)]
    total_quantity: Count
    total_unique_products: Count
    products: list[Product]
    geoip: Place


def main() -> None:
    file, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    validate = {"orders": Order, "ecommerce": Purchase}[name].__pydantic_validator__.validate_json
    with open(file, "rb") as lines:
        lines = [line for line in lines.read().split(b"\n") if line]
    size = sum(len(line) + 1 for line in lines) / 1e6
    gc.disable()
    rates, good = [], 0
    for turn in range(rounds + 1):
        good = 0
        start = time.perf_counter()
        for line in lines:
            try:
                validate(line)
                good += 1
            except ValidationError:
                pass
        if turn:
            rates.append(size / (time.perf_counter() - start))
    print(json.dumps({"mb_s": statistics.median(rates), "least": min(rates), "good": good}))


if __name__ == "__main__":
    main()
