//! Files and folders that Vestibule makes are for their owner alone from the first byte on (ASVS 14.2.6): the process's
//! mask sees to what libraries make (the database with its `-wal` and `-shm`), and these functions to what we make. What
//! others have made wide is named, not changed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Bits of a mode that are not the owner's.
pub(crate) const OTHERS: u32 = 0o077;

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

/// Opens a file to append to, made with its folder for its owner alone where it is missing.
pub fn append_to(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Whether a file that is missing could be made, with the folders above it, found out without making it: the nearest
/// folder that is there decides, by its permissions and by a folder that is made in it and removed. Says why not.
pub fn can_be_made(file: &Path) -> Result<(), String> {
    /// As many links as Linux follows.
    const MOST: usize = 40;
    let mut file = std::path::absolute(file).map_err(|cause| cause.to_string())?;
    // A link to what is missing is made where it leads to, in a folder that is there.
    let mut is_led = false;
    for _ in 0..MOST {
        let (Ok(led), Some(folder)) = (std::fs::read_link(&file), file.parent()) else { break };
        file = folder.join(led);
        is_led = true;
    }
    if let (true, Some(folder)) = (is_led, file.parent())
        && !folder.exists()
    {
        return Err(format!("it is a link into {}, which does not exist", folder.display()));
    }
    let Some(folder) = file.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok()) else {
        return Err("there is no folder to make it in".to_owned());
    };
    if !folder.is_dir() {
        return Err(format!("{} is not a folder", folder.display()));
    }
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    let named = folder.to_str().ok_or_else(|| format!("{} is not UTF-8", folder.display()))?;
    let cannot = |cause: String| format!("cannot be made in {}: {cause}", folder.display());
    rustix::fs::access(named, access)
        .map_err(|cause| cannot(io::Error::from_raw_os_error(cause.raw_os_error()).to_string()))?;
    let trial = folder.join(format!(".vestibule-trial-{}", std::process::id()));
    match DirBuilder::new().mode(0o700).create(&trial) {
        Ok(()) => std::fs::remove_dir(&trial).map_err(|cause| cannot(cause.to_string())),
        // Another thread tries the same at this moment, and could make it.
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // The folder is there, so that it is not the folder that is not found: `/proc` and its like hold what the kernel tells.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            Err(cannot("files cannot be made in this file system".to_owned()))
        }
        Err(cause) => Err(cannot(cause.to_string())),
    }
}
