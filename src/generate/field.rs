//! The fields of an order, in the order in which the contract names them.

/// A field; its number is its place in the contract, by which violations are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    OrderId,
    CustomerEmail,
    Quantity,
    UnitPrice,
    IsGift,
    Status,
    CreatedAt,
    Shipping,
    CountryCode,
    City,
    PostalCode,
    Street,
    Tags,
    ReferrerUrl,
    CouponCode,
    Priority,
}

impl Field {
    pub(super) const COUNT: usize = 16;

    /// Those before the shipping object.
    pub(super) const BEFORE_SHIPPING: [Self; 7] = [
        Self::OrderId,
        Self::CustomerEmail,
        Self::Quantity,
        Self::UnitPrice,
        Self::IsGift,
        Self::Status,
        Self::CreatedAt,
    ];
    /// Those inside the shipping object.
    pub(super) const IN_SHIPPING: [Self; 4] = [Self::CountryCode, Self::City, Self::PostalCode, Self::Street];
    /// Those behind the shipping object.
    pub(super) const AFTER_SHIPPING: [Self; 4] = [Self::Tags, Self::ReferrerUrl, Self::CouponCode, Self::Priority];

    /// The place in the record, as a JSON Pointer (RFC 6901).
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::OrderId => "/order_id",
            Self::CustomerEmail => "/customer_email",
            Self::Quantity => "/quantity",
            Self::UnitPrice => "/unit_price",
            Self::IsGift => "/is_gift",
            Self::Status => "/status",
            Self::CreatedAt => "/created_at",
            Self::Shipping => "/shipping",
            Self::CountryCode => "/shipping/country_code",
            Self::City => "/shipping/city",
            Self::PostalCode => "/shipping/postal_code",
            Self::Street => "/shipping/street",
            Self::Tags => "/tags",
            Self::ReferrerUrl => "/referrer_url",
            Self::CouponCode => "/coupon_code",
            Self::Priority => "/priority",
        }
    }

    /// The name in its object.
    pub(super) fn key(self) -> &'static str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// A set that holds the field alone.
    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The fields that share text with this one: the shipping object holds its members.
    pub(super) fn overlap(self) -> u32 {
        let members = || Self::IN_SHIPPING.iter().fold(0, |set, field| set | field.bit());
        match self {
            Self::Shipping => members() | self.bit(),
            Self::CountryCode | Self::City | Self::PostalCode | Self::Street => self.bit() | Self::Shipping.bit(),
            _ => self.bit(),
        }
    }
}
