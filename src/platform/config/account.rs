//! The account that bills are paid to by bank transfer: all of it, or none.

use super::reader::Reader;
use crate::base::text;

/// A bank account as payers are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// Name of the bank.
    pub bank: String,
    /// Who holds the account.
    pub holder: String,
    /// Its number, as people type it.
    pub number: String,
}

const KEYS: [&str; 3] = ["payments.bank", "payments.account_holder", "payments.account_number"];

pub(super) fn read(reader: &mut Reader) -> Option<BankAccount> {
    const NONE: &str = "none: pages say to ask the operator";
    let given = KEYS.map(|key| reader.is_set(key));
    let bank = reader.parsed(KEYS[0], NONE, "Bank of the account that bills are paid to.", line);
    let holder = reader.parsed(KEYS[1], NONE, "Who holds that account.", line);
    let number = reader.parsed(KEYS[2], NONE, "Its number; an IBAN is checked for slips.", account_number);
    if given.contains(&true) {
        for (key, _) in KEYS.into_iter().zip(given).filter(|(_, given)| !given) {
            reader.mistake(key, "must be set, as another part of the account is");
        }
    }
    Some(BankAccount { bank: bank?, holder: holder?, number: number? })
}

fn line(typed: &str) -> Result<String, String> {
    text::sent_line(typed, 80).map_err(|_| "must be 1 to 80 characters that can be seen, on one line".to_owned())
}

fn account_number(typed: &str) -> Result<String, String> {
    let number = line(typed)?;
    let plain: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    let fits = (6..=34).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    if !fits {
        return Err("must be 6 to 34 letters and digits, with spaces or hyphens between them".to_owned());
    }
    // An IBAN begins with its country and two digits of check.
    let is_iban = plain.bytes().zip([true, true, false, false]).all(|(b, letter)| b.is_ascii_alphabetic() == letter);
    if is_iban && remainder(&plain) != Some(1) {
        return Err("is not an IBAN: its check digits do not fit; look for a slip".to_owned());
    }
    Ok(number)
}

/// An IBAN modulo 97 (ISO 13616): its first four characters moved to the end, letters as 10 to 35.
fn remainder(iban: &str) -> Option<u32> {
    let (head, tail) = iban.split_at_checked(4)?;
    tail.chars().chain(head.chars()).try_fold(0, |rest, c| {
        let value = c.to_digit(36)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_are_read_as_banks_print_them() {
        for good in
            ["110-123-456789", "1002 345 678901", "DE89 3704 0044 0532 0130 00", "gb29NWBK60161331926819", "KR123456"]
        {
            assert_eq!(account_number(good).is_ok(), good != "KR123456", "{good}");
        }
        for bad in
            ["", "12345", "DE89 3704 0044 0532 0130 01", "110/123", "１２３４５６", "1\u{200B}23456", &"1".repeat(35)]
        {
            assert!(account_number(bad).is_err(), "{bad}");
        }
    }
}
