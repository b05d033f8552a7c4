//! A value as it is stored.

/// A value as it is stored.
#[derive(Debug)]
pub struct Sealed {
    /// Of its row.
    pub id: String,
    /// The ciphertext with the id of its key.
    pub value: Vec<u8>,
}
