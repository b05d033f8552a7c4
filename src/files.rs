//! Files and folders that Vestibule makes are for their owner alone from the first byte on (ASVS 14.2.6): the process's
//! mask sees to what libraries make (the database with its `-wal` and `-shm`), and these functions to what we make. What
//! others have made wide is named, not changed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::config::Config;

/// Bits of a mode that are not the owner's.
const OTHERS: u32 = 0o077;

/// From now on whatever this process makes is for its owner alone.
pub fn keep_to_owner() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// Makes a folder, and those above it that are missing, for their owner alone.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a new file for its owner alone; one that is there is an error.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens a file to append to, made for its owner alone where it is missing.
pub fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// What others may read or write of that which holds secrets, with what to do about it.
pub fn wide(config: &Config) -> Vec<String> {
    let mut places = vec![config.data_dir.clone()];
    places.extend(["development.key", "mailbox.jsonl"].map(|name| config.data_dir.join(name)));
    if let Some(file) = config.database.file() {
        places.extend(["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", file.display()))));
    }
    places.extend(config.file.clone());
    places.iter().filter_map(|place| complaint(place)).collect()
}

fn complaint(place: &Path) -> Option<String> {
    let known = place.metadata().ok()?;
    let mode = known.mode() & 0o777;
    let (least, word) = if known.is_dir() { ("0700", "folder") } else { ("0600", "file") };
    (mode & OTHERS != 0).then(|| {
        format!(
            "the {word} {0} is open to other users of this machine (mode {mode:04o}): chmod {least} {0}",
            place.display()
        )
    })
}
