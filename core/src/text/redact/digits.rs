//! Checks that numbers carry in themselves.

/// Luhn's check of ISO/IEC 7812.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &digit)| {
            let digit = u32::from(digit) * (1 + i as u32 % 2);
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a number of 18 is that of an identity card of China: region, date and check digit (GB 11643, ISO 7064 MOD 11-2).
/// The last may be 10, for X.
pub(super) fn id_card(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if digits.len() != 18 || !region(digits) || !date(number(&digits[6..10]), &digits[10..14]) {
        return false;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    (12 - sum % 11) % 11 == u32::from(digits[17])
}

/// Whether a number of 15 is one of the identity cards before 1999, which have no check digit.
pub(super) fn old_id_card(digits: &[u8]) -> bool {
    digits.len() == 15 && region(digits) && date(1900 + number(&digits[6..8]), &digits[8..12])
}

/// Provinces are numbered 11 to 82.
fn region(digits: &[u8]) -> bool {
    matches!(number(&digits[..2]), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}

fn date(year: u32, rest: &[u8]) -> bool {
    let (month, day) = (number(&rest[..2]), number(&rest[2..4]));
    (1900..=2100).contains(&year) && jiff::civil::Date::new(year as i16, month as i8, day as i8).is_ok()
}

pub(super) fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, &digit| sum * 10 + u32::from(digit))
}

/// Whether a card may begin so: the ranges that schemes hold (ISO/IEC 7812 leaves the rest to others than banks).
pub(super) fn issuer(digits: &[u8]) -> bool {
    let (two, four) = (number(&digits[..2]), number(&digits[..4]));
    digits[0] == 4
        || matches!(two, 34..=39 | 51..=55 | 60 | 62 | 64 | 65)
        || matches!(four, 2221..=2720 | 3000..=3059 | 9000..=9999 | 5000..=5099 | 5600..=5899)
}
