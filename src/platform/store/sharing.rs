//! Whether another server on this machine uses the same SQLite file. Two may, while one takes over from the other; for
//! longer it is a mistake, as they keep each other waiting and know nothing of each other's queues.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::connection::Target;

/// Says that a server uses the folder of the database, until it is dropped.
#[derive(Debug)]
pub struct Held {
    _folder: File,
}

/// Marks the folder of an SQLite database as used, with one warning where another server has marked it. The mark is a
/// lock of the folder and not of the file: SQLite's own locks of a file end when anything of the process closes it.
pub fn hold(target: &Target) -> Option<Held> {
    let file = target.file()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let opened = File::open(folder).ok()?;
    match opened.try_lock() {
        Ok(()) => opened.unlock().ok()?,
        Err(TryLockError::WouldBlock) => {
            tracing::warn!(
                folder = %folder.display(),
                "another server uses the SQLite database in this folder: stop it, or use PostgreSQL to run several"
            );
        }
        // A file system without locks.
        Err(TryLockError::Error(_)) => return None,
    }
    opened.try_lock_shared().ok()?;
    Some(Held { _folder: opened })
}
