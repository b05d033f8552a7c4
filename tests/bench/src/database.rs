//! Databases to measure on: a file, and a database in the cluster that `TEST_DATABASE` names; and the people in them.

use std::path::Path;

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use vestibule::platform::store::schema::{organizations, users};
use vestibule::platform::store::{AnyConnection, Target, Use};

use crate::Outcome;

/// Organizations of the bench.
pub const ORGANIZATIONS: usize = 200;
/// Users of each who can log in: the owner, then members.
pub const ACTIVE: usize = 8;
/// The password of everybody.
pub const PASSWORD: &str = "a-long-password-of-the-bench";

/// The name of an organization.
pub fn organization(number: usize) -> String {
    format!("bench-{number}")
}

/// The address of a user who can log in.
pub fn active(user: usize) -> String {
    format!("active-{user}@example.org")
}

/// The address of a user who was deactivated.
pub const DEACTIVATED: &str = "deactivated@example.org";
/// The address of a user who never registered a password.
pub const INVITED: &str = "invited@example.org";

/// A database of the bench's own. One in a cluster goes with the cluster's directory; it must not be there yet.
#[derive(Clone, Debug)]
pub struct Database {
    pub url: String,
}

impl Database {
    /// A file that is not there yet.
    pub fn file(folder: &Path, name: &str) -> Self {
        Self { url: format!("sqlite://{}", folder.join(name).display()) }
    }

    /// A new database in the cluster of `admin`.
    pub fn in_cluster(admin: &str, name: &str) -> Outcome<Self> {
        let AnyConnection::Postgres(mut connection) = Target::parse(admin)?.open(Use::Writing)? else {
            return Err("TEST_DATABASE is not PostgreSQL".into());
        };
        connection.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))?;
        connection.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (start, rest) = admin.rsplit_once('/').ok_or("TEST_DATABASE names no database")?;
        let query = rest.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        Ok(Self { url: format!("{start}/{name}{query}") })
    }

    fn open(&self) -> Outcome<AnyConnection> {
        Ok(Target::parse(&self.url)?.open(Use::Writing)?)
    }

    /// The engine and its version.
    pub fn engine(&self) -> Outcome<String> {
        let mut connection = self.open()?;
        let (name, sql) = match connection {
            AnyConnection::Sqlite(_) => ("SQLite", "SELECT sqlite_version() AS text"),
            AnyConnection::Postgres(_) => ("PostgreSQL", "SELECT current_setting('server_version') AS text"),
        };
        Ok(format!("{name} {}", texts(&mut connection, sql)?.concat()))
    }

    /// Puts the people in. `hash` is that of [`PASSWORD`].
    pub fn fill(&self, hash: &str) -> Outcome<()> {
        let now = vestibule::base::clock::Clock::now(&vestibule::base::clock::SystemClock).utc().naive_utc();
        let mut connection = self.open()?;
        connection.transaction::<_, diesel::result::Error, _>(|connection| {
            for number in 0..ORGANIZATIONS {
                fill_organization(connection, number, hash, now)?;
            }
            Ok(())
        })?;
        if let AnyConnection::Postgres(connection) = &mut connection {
            // As autovacuum leaves a database that has lived for a day.
            connection.batch_execute("VACUUM ANALYZE")?;
        }
        Ok(())
    }

    /// How many events of a name with the result `done` the audit log has; repeated ones count as often as they were.
    pub fn done(&self, event: &str) -> Outcome<usize> {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(count), 0) AS TEXT) AS text FROM audit_events WHERE event = '{event}' AND result = 'done'"
        );
        Ok(texts(&mut self.open()?, &sql)?.concat().parse()?)
    }

    /// Everything in every table but when and where sessions were last seen, a row a line.
    pub fn contents(&self) -> Outcome<Vec<String>> {
        let mut connection = self.open()?;
        let names = match connection {
            AnyConnection::Sqlite(_) => "SELECT name AS text FROM sqlite_schema WHERE type = 'table' ORDER BY name",
            AnyConnection::Postgres(_) => {
                "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            }
        };
        let mut rows = Vec::new();
        for table in texts(&mut connection, names)? {
            let sql = match connection {
                AnyConnection::Postgres(_) => {
                    let seen = if table == "sessions" { " - 'last_seen_at' - 'address'" } else { "" };
                    format!("SELECT '{table} ' || (to_jsonb(t){seen})::text AS text FROM {table} t ORDER BY 1")
                }
                AnyConnection::Sqlite(_) => {
                    let columns =
                        texts(&mut connection, &format!("SELECT name AS text FROM pragma_table_info('{table}')"))?;
                    let kept = columns
                        .into_iter()
                        .filter(|column| table != "sessions" || !matches!(column.as_str(), "last_seen_at" | "address"));
                    let quoted =
                        kept.map(|column| format!("quote(\"{column}\")")).collect::<Vec<_>>().join(" || ' ' || ");
                    format!("SELECT '{table} ' || {quoted} AS text FROM \"{table}\" ORDER BY 1")
                }
            };
            rows.extend(texts(&mut connection, &sql)?);
        }
        Ok(rows)
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

fn texts(connection: &mut AnyConnection, sql: &str) -> QueryResult<Vec<String>> {
    let query = diesel::sql_query(sql);
    let lines: Vec<Line> = match connection {
        AnyConnection::Sqlite(connection) => query.load(connection)?,
        AnyConnection::Postgres(connection) => query.load(connection)?,
    };
    Ok(lines.into_iter().map(|line| line.text).collect())
}

#[derive(Insertable)]
#[diesel(table_name = organizations)]
struct NewOrganization {
    id: String,
    name: String,
    state: &'static str,
    login_method: &'static str,
    owner_id: String,
    version: i64,
    submission: String,
    created_at: NaiveDateTime,
    company_name: String,
    country: &'static str,
    representative: &'static str,
    company_phone: &'static str,
    billing_email: String,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewUser {
    id: String,
    organization_id: String,
    email: String,
    name: String,
    language: &'static str,
    time_zone: &'static str,
    time_zone_chosen: bool,
    status: &'static str,
    org_admin: bool,
    org_reader: bool,
    billing_admin: bool,
    password_hash: Option<String>,
    password_changed_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    listed_as: String,
}

fn id(kind: u16, organization: usize, user: usize) -> String {
    format!("00000000-0000-7000-8000-{kind:04x}{organization:04x}{user:04x}")
}

fn fill_organization(connection: &mut AnyConnection, number: usize, hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    let organization = id(1, number, 0);
    let row = NewOrganization {
        id: organization.clone(),
        name: self::organization(number),
        state: "active",
        login_method: "cloud_account",
        owner_id: id(2, number, 0),
        version: 1,
        submission: id(3, number, 0),
        created_at: now,
        company_name: format!("Bench {number} Ltd."),
        country: "KR",
        representative: "Hong Gildong",
        company_phone: "+8221234567",
        billing_email: format!("billing-{number}@example.org"),
    };
    diesel::insert_into(organizations::table).values(row).execute(connection)?;
    let mut people: Vec<_> = (0..ACTIVE).map(|user| (active(user), "active")).collect();
    people.extend([(DEACTIVATED.to_owned(), "deactivated"), (INVITED.to_owned(), "invited")]);
    for (user, (email, status)) in people.into_iter().enumerate() {
        let has_password = status != "invited";
        let row = NewUser {
            id: id(2, number, user),
            organization_id: organization.clone(),
            email,
            name: format!("Bench Person {user}"),
            language: "en",
            time_zone: "Asia/Seoul",
            time_zone_chosen: true,
            status,
            org_admin: user == 1,
            org_reader: false,
            billing_admin: false,
            password_hash: has_password.then(|| hash.to_owned()),
            password_changed_at: has_password.then_some(now),
            created_at: now,
            listed_as: format!("bench person {user:04}"),
        };
        diesel::insert_into(users::table).values(row).execute(connection)?;
    }
    Ok(())
}
