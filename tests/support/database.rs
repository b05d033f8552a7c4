//! A database of its own for every test: a file, or a database in the cluster that `TEST_DATABASE` names.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use vestibule::platform::store::{AnyConnection, Target, Use};

/// A database that goes away with the last of its handles.
#[derive(Clone)]
pub struct Database(Arc<Place>);

enum Place {
    File(PathBuf),
    Cluster { admin: String, name: String },
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Database {
    /// A new, empty database on the engine under test.
    pub fn create() -> Self {
        let name = format!("vestibule_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        match std::env::var("TEST_DATABASE") {
            Ok(admin) if admin.starts_with("postgres") => {
                execute(&Target::parse(&admin).unwrap(), &format!("CREATE DATABASE {name}"));
                Self(Arc::new(Place::Cluster { admin, name }))
            }
            _ => Self::file(),
        }
    }

    /// A new, empty database of the cluster under test, made with options of its own; nothing where SQLite is tested.
    pub fn in_cluster(options: &str) -> Option<Self> {
        let admin = std::env::var("TEST_DATABASE").ok().filter(|admin| admin.starts_with("postgres"))?;
        let name = format!("vestibule_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        execute(&Target::parse(&admin).unwrap(), &format!("CREATE DATABASE {name} {options}"));
        Some(Self(Arc::new(Place::Cluster { admin, name })))
    }

    /// Its name in the cluster, or the path of its file.
    pub fn name(&self) -> String {
        match self.0.as_ref() {
            Place::File(folder) => folder.join("test.db").display().to_string(),
            Place::Cluster { name, .. } => name.clone(),
        }
    }

    /// Runs SQL as the cluster's superuser, in another database.
    pub fn administer(&self, sql: &str) {
        let Place::Cluster { admin, .. } = self.0.as_ref() else { panic!("a file has no cluster") };
        execute(&Target::parse(admin).unwrap(), sql);
    }

    /// The URL by which another role of the cluster connects to it.
    pub fn url_of(&self, role: &str) -> String {
        self.url().replace("postgres://postgres@", &format!("postgres://{role}@"))
    }

    /// A new, empty SQLite database, whichever engine is under test.
    pub fn file() -> Self {
        let name = format!("vestibule_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        // One that was killed with the same number may have left it.
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        Self(Arc::new(Place::File(folder)))
    }

    /// Another handle of the same database.
    pub fn share(&self) -> Self {
        self.clone()
    }

    /// Its URL, as `DATABASE_URL` takes it.
    pub fn url(&self) -> String {
        match self.0.as_ref() {
            Place::File(folder) => format!("sqlite://{}", folder.join("test.db").display()),
            Place::Cluster { admin, name } => {
                let (start, rest) = admin.rsplit_once('/').unwrap();
                let query = rest.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
                format!("{start}/{name}{query}")
            }
        }
    }

    /// As the application connects to it.
    pub fn target(&self) -> Target {
        Target::parse(&self.url()).unwrap()
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> AnyConnection {
        self.target().open(Use::Writing).unwrap()
    }

    /// Runs SQL of the test's own.
    pub fn execute(&self, sql: &str) {
        execute(&self.target(), sql);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::File(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Cluster { admin, name } => {
                if let Ok(target) = Target::parse(admin)
                    && let Ok(AnyConnection::Postgres(mut connection)) = target.open(Use::Writing)
                {
                    drop(connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
                }
            }
        }
    }
}

fn execute(target: &Target, sql: &str) {
    match target.open(Use::Writing).unwrap() {
        AnyConnection::Postgres(mut connection) => connection.batch_execute(sql).unwrap(),
        AnyConnection::Sqlite(mut connection) => connection.batch_execute(sql).unwrap(),
    }
}
