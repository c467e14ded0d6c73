//! Which numbers a sheet takes: "Quantities and hours take two decimals, percentages three; more is a
//! 422" (`domain.md` §6).

use rust_decimal::Decimal;

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Amount {
    Hours,
    Quantity,
    /// A rate or a unit cost.
    Money,
    Percent,
}

/// Why a number is refused; a sentence that the sender can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("must not be below 0")]
    BelowZero,
    #[error("must not be over {0}")]
    TooGreat(Decimal),
    #[error("must not have more than {0} decimals")]
    TooManyDecimals(u32),
}

impl Amount {
    /// The number, if a sheet takes it; zeros at its end do not matter.
    pub fn checked(self, number: Decimal) -> Result<Decimal, AmountError> {
        let number = number.normalize();
        if number < Decimal::ZERO {
            Err(AmountError::BelowZero)
        } else if number > self.greatest() {
            Err(AmountError::TooGreat(self.greatest()))
        } else if number.scale() > self.decimals() {
            Err(AmountError::TooManyDecimals(self.decimals()))
        } else {
            Ok(number)
        }
    }

    fn decimals(self) -> u32 {
        match self {
            Self::Hours | Self::Quantity | Self::Money => 2,
            Self::Percent => 3,
        }
    }

    /// Far over anything real, and low enough that a cost stays exact within a decimal's 28 digits.
    fn greatest(self) -> Decimal {
        Decimal::from(match self {
            Self::Hours => 9_999,
            Self::Quantity | Self::Money => 999_999,
            Self::Percent => 1_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_records::hours as decimal;

    #[test]
    fn quantities_and_hours_take_two_decimals_percentages_three() {
        use Amount::{Hours, Money, Percent, Quantity};
        let cases = [
            (Hours, "7.25", None),
            (Hours, "7.250", None),
            (Hours, "7.255", Some(AmountError::TooManyDecimals(2))),
            (Quantity, "0.01", None),
            (Quantity, "0.001", Some(AmountError::TooManyDecimals(2))),
            (Money, "125.50", None),
            (Money, "0.005", Some(AmountError::TooManyDecimals(2))),
            (Percent, "12.125", None),
            (Percent, "12.1255", Some(AmountError::TooManyDecimals(3))),
            (Hours, "0", None),
            (Hours, "-0.25", Some(AmountError::BelowZero)),
            (Quantity, "-1", Some(AmountError::BelowZero)),
            (Hours, "9999", None),
            (
                Hours,
                "9999.01",
                Some(AmountError::TooGreat(decimal("9999"))),
            ),
            (
                Quantity,
                "1000000",
                Some(AmountError::TooGreat(decimal("999999"))),
            ),
            (
                Percent,
                "1000.001",
                Some(AmountError::TooGreat(decimal("1000"))),
            ),
        ];
        for (amount, number, refused) in cases {
            assert_eq!(
                amount.checked(decimal(number)).err(),
                refused,
                "{number} {amount:?}"
            );
        }
        assert_eq!(
            AmountError::TooManyDecimals(2).to_string(),
            "must not have more than 2 decimals"
        );
    }
}
