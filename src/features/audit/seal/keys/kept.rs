//! Public keys that have gone, as they are kept.

/// The public half of a key that has gone, as it is kept.
#[derive(Clone, Debug)]
pub(in crate::features::audit::seal) struct Kept {
    /// How seals name it.
    pub(super) id: String,
    /// Its 32 bytes.
    pub(super) key: Vec<u8>,
    /// The key that vouches for it.
    pub(super) key_id: String,
    /// The signature that does.
    pub(super) signature: Vec<u8>,
}
