//! `vestibule backup PATH`: a copy of the SQLite database, made while the server runs.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::platform::config::Config;
use crate::platform::store::{Engine, backup};

/// Writes the copy and says what else has to be kept. Fails with words for the operator.
pub fn run(config: &Config, to: &Path) -> Result<(), String> {
    if config.database.engine() == Engine::Postgres {
        return Err("PostgreSQL makes its own copies, online and consistent:\n  \
             pg_dump --format=custom --file=vestibule.dump \"$DATABASE_URL\"\n\
             or its continuous archiving, by which nothing is lost between two copies."
            .to_owned());
    }
    if let Some(file) = config.database.file().filter(|file| !file.is_file()) {
        return Err(format!("{}: there is no database", file.display()));
    }
    if to == Path::new("-") {
        return to_standard_output(config);
    }
    let taken = || format!("{} is there already; nothing was written", to.display());
    if to.symlink_metadata().is_ok() {
        return Err(taken());
    }
    let said = |cause: String| format!("{}: {cause}", to.display());
    let part = Part::create(to).map_err(said)?;
    backup::copy(&config.database, &part.path).map_err(said)?;
    let faults = backup::faults(&part.path).map_err(said)?;
    if !faults.is_empty() {
        return Err(format!("the copy is not sound, and was removed: {}", faults.join("; ")));
    }
    let bytes = part.keep(to).map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => taken(),
        _ => said(cause.to_string()),
    })?;
    crate::platform::terminal::say!("Wrote {} ({bytes} bytes), and SQLite found it sound.", to.display());
    crate::platform::terminal::say!("Keep apart from it: the secret keys ({}).", config.secret_keys.ids().join(", "));
    crate::platform::terminal::say!(
        "Without them nothing in it that is sealed can be opened, and no server starts with it."
    );
    crate::platform::terminal::say!("Keep as well: the configuration, and the files that it names.");
    Ok(())
}

/// The copy is made and checked in the folder of the database, and goes when it has been written out.
fn to_standard_output(config: &Config) -> Result<(), String> {
    let beside = config.database.file().unwrap_or(Path::new("vestibule.db")).with_extension("copy");
    // The place is told, and not the name that the file has for as long as it is written.
    let folder = beside.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let said = |cause: String| format!("a copy in {}: {cause}", folder.display());
    let part = Part::create(&beside).map_err(said)?;
    backup::copy(&config.database, &part.path).map_err(said)?;
    let faults = backup::faults(&part.path).map_err(said)?;
    if !faults.is_empty() {
        return Err(format!("the copy is not sound: {}", faults.join("; ")));
    }
    let mut copy = File::open(&part.path).map_err(|cause| said(cause.to_string()))?;
    let mut out = std::io::stdout().lock();
    std::io::copy(&mut copy, &mut out)
        .and_then(|_| out.flush())
        .map_err(|cause| format!("standard output: {cause}"))?;
    let keys = config.secret_keys.ids().join(", ");
    crate::platform::terminal::complain(format_args!("Keep apart from it: the secret keys ({keys})."));
    Ok(())
}

/// A file that is not whole yet, beside the place where it will be; it goes unless it is kept.
struct Part {
    path: PathBuf,
    folder: PathBuf,
}

impl Part {
    /// Readable by its owner alone from its first byte on.
    fn create(to: &Path) -> Result<Self, String> {
        let name = to.file_name().ok_or("this names no file")?.to_string_lossy();
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let path = folder.join(format!(".{name}.{}.part", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|cause| cause.to_string())?;
        Ok(Self { path, folder: folder.to_owned() })
    }

    /// Brings it to the disk and to its name, which nothing may have by now; says how many bytes it has.
    fn keep(self, to: &Path) -> std::io::Result<u64> {
        let file = File::open(&self.path)?;
        file.sync_all()?;
        fs::hard_link(&self.path, to)?;
        fs::remove_file(&self.path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where it was kept.
        drop(fs::remove_file(&self.path));
    }
}
