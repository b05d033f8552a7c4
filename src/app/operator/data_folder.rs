//! What a server keeps in its data folder beside the database, and who may read or write that.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::platform::config::{Config, Mode};
use crate::platform::files::{OTHERS, can_be_made};

/// Where captured mail and SMS are kept.
pub fn mailbox(config: &Config) -> PathBuf {
    config.data_dir.join("mailbox.jsonl")
}

/// Fails where a server cannot keep what it keeps in the data folder beside key and database: captured mail and SMS. Asked
/// by the start and by `vestibule check`; nothing is changed.
pub fn refuse_unusable(config: &Config) -> Result<(), String> {
    let captures = config.mail.server.is_none() || config.sms.gateway.is_none();
    if config.mode != Mode::Development || !captures {
        return Ok(());
    }
    let mailbox = mailbox(config);
    let said = |cause: String| format!("{}: {cause}", mailbox.display());
    match OpenOptions::new().read(true).append(true).open(&mailbox) {
        Ok(_) => Ok(()),
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            can_be_made(&mailbox).map_err(said)
        }
        Err(cause) => Err(said(cause.to_string())),
    }
}

/// What others may read or write of that which holds secrets, with what to do about it.
pub fn wide(config: &Config) -> Vec<String> {
    // What is no folder holds nothing of ours: a server that has to keep something there does not start.
    let mut places: Vec<PathBuf> = Some(config.data_dir.clone()).into_iter().filter(|folder| folder.is_dir()).collect();
    places.extend([config.data_dir.join("development.key"), mailbox(config)]);
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
