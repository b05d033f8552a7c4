//! Reads numbers and switches.

pub(super) fn whole(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}
