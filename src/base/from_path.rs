//! What stands in the path of an address.

/// What can be read from one segment of a path.
pub trait FromPath: Sized {
    /// The value, or `None` for anything that cannot be one.
    fn from_path(text: &str) -> Option<Self>;
}
