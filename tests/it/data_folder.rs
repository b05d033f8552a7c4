//! `vestibule check` says of the data folder, and of the files in it, what `vestibule serve` does.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::secrets::Keyring;

use super::support::sink::{Sink, taking};

/// What a server keeps where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    /// Key, database and mailbox in the data folder, as in development mode without other settings.
    Everything,
    /// The mailbox alone.
    Mailbox,
    /// Nothing.
    Nothing,
}

/// A place of a test's own, and what runs in it as an account that is not root's.
struct Place {
    folder: PathBuf,
    taken: TcpListener,
    mail: Sink,
    keys: String,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-data-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(folder.join("elsewhere")).unwrap();
        let place = Self {
            folder,
            taken: TcpListener::bind("127.0.0.1:0").unwrap(),
            mail: taking(),
            keys: Keyring::generate(&SystemEntropy),
        };
        for path in [place.folder.clone(), place.folder.join("elsewhere")] {
            place.give(&path, 0o755);
        }
        place
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Gives a path to the account that the commands run as.
    fn give(&self, path: &Path, mode: u32) {
        if path.metadata().unwrap().uid() == 0 {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        mode_of(path, mode);
    }

    /// A data folder as a server leaves it.
    fn served(&self) {
        std::fs::create_dir(self.data()).unwrap();
        self.give(&self.data(), 0o700);
        let (ended, told) = self.run("serve", Keeps::Everything);
        assert!(!ended && told.contains("VESTIBULE_LISTEN"), "{told}");
        std::fs::write(self.data().join("mailbox.jsonl"), "").unwrap();
        self.give(&self.data().join("mailbox.jsonl"), 0o600);
    }

    fn run(&self, command: &str, keeps: Keeps) -> (bool, String) {
        // The server goes as far as to its port, which is taken, and ends; `check` tries another one.
        let listen = match command {
            "serve" => self.taken.local_addr().unwrap().to_string(),
            _ => "127.0.0.1:0".to_owned(),
        };
        let mut run = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        run.arg(command).env_clear().env("VESTIBULE_LISTEN", listen).env("VESTIBULE_DATA_DIR", self.data());
        run.env("VESTIBULE_LOG_FILTER", "error").current_dir(&self.folder);
        if keeps != Keeps::Everything {
            let database = format!("sqlite://{}", self.folder.join("elsewhere/v.db").display());
            run.env("DATABASE_URL", database).env("VESTIBULE_SECRET_KEYS", &self.keys);
        }
        if keeps == Keeps::Nothing {
            run.env("VESTIBULE_PUBLIC_URL", "http://localhost:8080").env("VESTIBULE_MAIL_FROM", "no-reply@example.org");
            run.env("VESTIBULE_SMTP_URL", format!("smtp://127.0.0.1:{}?tls=none", self.mail.port));
        }
        if self.folder.metadata().unwrap().uid() == NOBODY {
            run.uid(NOBODY).gid(NOBODY);
        }
        let output = run.output().unwrap();
        let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.success(), told)
    }

    /// Whether a server comes to its port, and what it says.
    fn serves(&self, keeps: Keeps) -> (bool, String) {
        let (_, told) = self.run("serve", keeps);
        (told.contains("VESTIBULE_LISTEN ("), told)
    }

    fn agrees(&self, state: &str, keeps: Keeps, usable: bool, names: &str) {
        let before = holds(&self.folder);
        let (passes, checked) = self.run("check", keeps);
        if state == "missing" || state == "empty" {
            assert_eq!(holds(&self.folder), before, "{state}: check changes nothing");
        }
        let (starts, served) = self.serves(keeps);
        assert_eq!(passes, starts, "{state}, {keeps:?}: check says\n{checked}\nand serve\n{served}");
        assert_eq!(passes, usable, "{state}, {keeps:?}: {checked}");
        if !usable {
            for told in [&checked, &served] {
                assert!(told.contains(names), "{state}, {keeps:?}: {told}");
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Folders that were shut are opened, or an account that is not root's could not remove them.
        if self.data().is_dir() {
            mode_of(&self.data(), 0o700);
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Root's files are given to this account, and commands run as it: root passes whatever a mode says.
const NOBODY: u32 = 65_534;

fn mode_of(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn holds(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        all.push(entry.path());
        if entry.file_type().unwrap().is_dir() {
            all.extend(holds(&entry.path()));
        }
    }
    all.sort();
    all
}

#[test]
fn check_and_serve_agree_on_a_data_folder_that_is_new_or_none() {
    type Make = fn(&Place);
    let states: [(&str, Make, bool); 7] = [
        ("missing", |_| {}, true),
        (
            "empty",
            |place| {
                std::fs::create_dir(place.data()).unwrap();
                place.give(&place.data(), 0o700);
            },
            true,
        ),
        (
            "a file",
            |place| {
                std::fs::write(place.data(), "").unwrap();
                place.give(&place.data(), 0o644);
            },
            false,
        ),
        ("a link to nothing", |place| symlink("nowhere", place.data()).unwrap(), false),
        (
            "unwritable",
            |place| {
                std::fs::create_dir(place.data()).unwrap();
                place.give(&place.data(), 0o500);
            },
            false,
        ),
        (
            "shut",
            |place| {
                std::fs::create_dir(place.data()).unwrap();
                place.give(&place.data(), 0o000);
            },
            false,
        ),
        ("missing where nothing may be made", |place| mode_of(&place.folder, 0o555), false),
    ];
    for (number, (state, make, usable)) in states.into_iter().enumerate() {
        for keeps in [Keeps::Everything, Keeps::Mailbox, Keeps::Nothing] {
            let place = Place::new(&format!("new-{number}-{keeps:?}"));
            make(&place);
            // What nothing is kept in may be anything.
            place.agrees(state, keeps, usable || keeps == Keeps::Nothing, "data");
            mode_of(&place.folder, 0o755);
        }
    }
}

#[test]
fn check_and_serve_agree_on_every_file_of_the_data_folder() {
    let states: [(&str, &str, Option<u32>); 7] = [
        ("key unreadable", "development.key", Some(0o000)),
        ("key a folder", "development.key", None),
        ("database unreadable", "vestibule.db", Some(0o000)),
        ("database a folder", "vestibule.db", None),
        ("mailbox unreadable", "mailbox.jsonl", Some(0o200)),
        ("mailbox unwritable", "mailbox.jsonl", Some(0o400)),
        ("mailbox a folder", "mailbox.jsonl", None),
    ];
    for (number, (state, name, mode)) in states.into_iter().enumerate() {
        let place = Place::new(&format!("file-{number}"));
        place.served();
        place.agrees("as a server left it", Keeps::Everything, true, "");
        let file = place.data().join(name);
        match mode {
            Some(mode) => mode_of(&file, mode),
            None => {
                std::fs::remove_file(&file).unwrap();
                std::fs::create_dir(&file).unwrap();
                place.give(&file, 0o700);
            }
        }
        place.agrees(state, Keeps::Everything, false, name);
    }
    // A link to where a disk should be: nothing makes the folder.
    let place = Place::new("unmounted");
    place.served();
    std::fs::remove_file(place.data().join("vestibule.db")).unwrap();
    symlink("/nowhere/vestibule.db", place.data().join("vestibule.db")).unwrap();
    place.agrees("database on a disk that is not there", Keeps::Everything, false, "vestibule.db");
    let place = Place::new("junk");
    place.served();
    std::fs::write(place.data().join("vestibule.db"), "no database, but for many words of another kind").unwrap();
    place.agrees("database junk", Keeps::Everything, false, "vestibule.db");
    let place = Place::new("key-junk");
    place.served();
    std::fs::write(place.data().join("development.key"), "no key").unwrap();
    place.agrees("key junk", Keeps::Everything, false, "development.key");
    // Another key than the one that the database was made with is as good as none.
    let place = Place::new("key-gone");
    place.served();
    std::fs::remove_file(place.data().join("development.key")).unwrap();
    place.agrees("key gone", Keeps::Everything, false, "secret_keys");
}

#[test]
fn a_data_folder_that_nothing_is_kept_in_gets_no_advice() {
    let place = Place::new("advice");
    std::fs::write(place.data(), "").unwrap();
    place.give(&place.data(), 0o644);
    let (passes, told) = place.run("check", Keeps::Nothing);
    assert!(passes && !told.contains("chmod"), "{told}");
}

/// What the kernel tells of itself looks like a folder, and even root makes nothing in it.
#[test]
fn where_nothing_can_be_made_check_and_serve_name_the_setting_and_the_cause() {
    let keys = Keyring::generate(&SystemEntropy);
    let mail = taking();
    let production = [
        ("VESTIBULE_PUBLIC_URL", "http://localhost:8080".to_owned()),
        ("VESTIBULE_SECRET_KEYS", keys.clone()),
        ("VESTIBULE_MAIL_FROM", "no-reply@example.org".to_owned()),
        ("VESTIBULE_SMTP_URL", format!("smtp://127.0.0.1:{}?tls=none", mail.port)),
    ];
    let database = |url: &str| vec![("DATABASE_URL", url.to_owned()), ("VESTIBULE_SECRET_KEYS", keys.clone())];
    for (folder, settings, names) in [
        ("/proc/x", Vec::new(), "VESTIBULE_DATA_DIR"),
        ("/proc/x", vec![("VESTIBULE_SECRET_KEYS", keys.clone())], "VESTIBULE_DATA_DIR"),
        ("/proc/x", production.to_vec(), "VESTIBULE_DATA_DIR"),
        ("/dev/null/x", Vec::new(), "VESTIBULE_DATA_DIR"),
        ("data", database("sqlite:///proc/x/v.db"), "DATABASE_URL"),
    ] {
        let place = Place::new("nowhere");
        for command in ["check", "serve"] {
            let mut run = Command::new(env!("CARGO_BIN_EXE_vestibule"));
            run.arg(command).env_clear().env("VESTIBULE_LISTEN", "127.0.0.1:0").env("VESTIBULE_DATA_DIR", folder);
            let output = run.current_dir(&place.folder).envs(settings.iter().cloned()).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && told.contains(names), "{command} {folder}: {told}");
            let cause =
                if folder.starts_with("/dev") { "/dev/null is not a folder" } else { "cannot be made in /proc" };
            assert!(told.contains(cause) && !told.contains("os error"), "{command} {folder}: {told}");
        }
    }
}
