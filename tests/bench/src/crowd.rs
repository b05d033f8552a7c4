//! A crowd: 10,000 organizations with a million users, one of them with 100,000 and with a log of a million events. Written
//! a thousand rows a statement, so that memory stays bounded; a bar shows how far it is.

use std::fmt::Write as _;
use std::io::Write as _;

use diesel::connection::{Connection as _, SimpleConnection};
use vestibule::base::clock::{Clock as _, SystemClock};
use vestibule::platform::store::{AnyConnection, Target, Use};

use crate::Outcome;
use crate::database::Database;

/// The organization that everything is about.
pub const BIG: &str = "scale-big";
/// The one it is compared with.
pub const SMALL: &str = "scale-small";
/// As small, but what is a part of the big one is most of this one: for pages that would be shorter in the small one.
pub const DENSE: &str = "scale-dense";
/// Users of the big one.
pub const BIG_USERS: usize = 100_000;
/// Users of the small and of the dense one.
pub const SMALL_USERS: usize = 100;
/// Events of the big one.
pub const BIG_EVENTS: usize = 1_000_000;
/// Events of the small and of the dense one.
pub const SMALL_EVENTS: usize = 1_000;

/// The organizations that are measured, by their numbers: name, users and events.
const MEASURED: [(&str, usize, usize); 3] =
    [(BIG, BIG_USERS, BIG_EVENTS), (SMALL, SMALL_USERS, SMALL_EVENTS), (DENSE, SMALL_USERS, SMALL_EVENTS)];
/// The number of [`DENSE`].
const DENSELY: usize = 2;
/// All organizations, and the users of each that is not measured.
const ORGANIZATIONS: usize = 10_000;
const OTHERS_USERS: usize = 91;
/// Projects of each that is measured.
const PROJECTS: usize = 30;
/// Rows of a statement.
const ROWS: usize = 1_000;
/// Days that the log is kept.
pub const KEPT_DAYS: i64 = 400;
const AT: &str = "2026-11-01 09:00:00";

/// Fills a database that has its tables. `hash` is that of the bench's password: the owners can log in with it.
pub fn fill(database: &Database, name: &str, hash: &str) -> Outcome<()> {
    let mut connection = Target::parse(&database.url)?.open(Use::Writing)?;
    let measured: usize = MEASURED.iter().map(|(_, users, events)| users + events).sum();
    let mut bar = Bar::new(name, measured + (ORGANIZATIONS - MEASURED.len()) * OTHERS_USERS);
    let now = SystemClock.now().utc();
    for number in 0..ORGANIZATIONS {
        let (organization, many) = match MEASURED.get(number) {
            Some((name, users, _)) => ((*name).to_owned(), *users),
            None => (format!("scale-{number}"), OTHERS_USERS),
        };
        let rows = std::iter::once(organization_row(number, &organization)).collect::<Vec<_>>();
        let mut sql = insert(ORGANIZATION_COLUMNS, &rows);
        for from in (0..many).step_by(ROWS) {
            let rows: Vec<_> = (from..many.min(from + ROWS)).map(|user| user_row(number, user, hash)).collect();
            sql.push_str(&insert(USER_COLUMNS, &rows));
            within(&mut connection, &sql)?;
            sql.clear();
            bar.advance(rows.len());
        }
    }
    for (number, (_, many, _)) in MEASURED.into_iter().enumerate() {
        let projects: Vec<_> = (0..PROJECTS).map(|project| project_row(number, project)).collect();
        within(&mut connection, &insert(PROJECT_COLUMNS, &projects))?;
        for from in (0..many).step_by(ROWS) {
            let rows: Vec<_> = (from..many.min(from + ROWS)).flat_map(|user| member_rows(number, user)).collect();
            within(&mut connection, &insert(MEMBER_COLUMNS, &rows))?;
        }
    }
    for (number, (_, _, many)) in MEASURED.into_iter().enumerate() {
        for from in (0..many).step_by(ROWS) {
            let rows: Vec<_> = (from..many.min(from + ROWS)).map(|event| event_row(number, event, many, now)).collect();
            within(&mut connection, &insert(EVENT_COLUMNS, &rows))?;
            bar.advance(rows.len());
        }
    }
    match &mut connection {
        // As autovacuum leaves a database that has lived for a day.
        AnyConnection::Postgres(connection) => connection.batch_execute("VACUUM ANALYZE")?,
        AnyConnection::Sqlite(connection) => connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?,
    }
    bar.end();
    Ok(())
}

fn within(connection: &mut AnyConnection, sql: &str) -> Outcome<()> {
    connection.transaction(|connection| match connection {
        AnyConnection::Postgres(connection) => connection.batch_execute(sql),
        AnyConnection::Sqlite(connection) => connection.batch_execute(sql),
    })?;
    Ok(())
}

const ORGANIZATION_COLUMNS: &str = "organizations (id, name, state, login_method, owner_id, version, submission, created_at, \
     company_name, country, representative, company_phone, billing_email)";
const USER_COLUMNS: &str = "users (id, organization_id, email, name, language, time_zone, time_zone_chosen, status, \
     org_admin, org_reader, billing_admin, password_hash, password_changed_at, created_at, last_login_at, listed_as)";
const PROJECT_COLUMNS: &str = "projects (id, organization_id, name, description, submission, created_at)";
const MEMBER_COLUMNS: &str = "project_members (organization_id, project_id, user_id, role, added_at)";
const EVENT_COLUMNS: &str = "audit_events (id, organization_id, reference, at, event, result, reason, actor_kind, actor_id, \
     actor_name, target_kind, target_id, target_name, details, address, user_agent, count)";

fn insert(columns: &str, rows: &[String]) -> String {
    format!("INSERT INTO {columns} VALUES {};\n", rows.join(","))
}

fn id(kind: u8, organization: usize, number: usize) -> String {
    format!("01a1{kind:04x}-{organization:04x}-7000-8000-{number:012x}")
}

fn organization_row(number: usize, name: &str) -> String {
    format!(
        "('{}', '{name}', 'active', 'cloud_account', '{}', 0, '{}', '{AT}', 'Crowd {number}', 'KR', 'Hong', \
         '+8221234567', 'billing@example.org')",
        id(1, number, 0),
        id(2, number, 0),
        id(3, number, 0)
    )
}

fn user_row(organization: usize, user: usize, hash: &str) -> String {
    let id = id(2, organization, user);
    let hash = if user == 0 { format!("'{hash}', '{AT}'") } else { "NULL, NULL".to_owned() };
    // Three in five of the dense one are deactivated, and three in five are administrators.
    let (statuses, is_admin) = match organization {
        DENSELY => (["deactivated", "deactivated", "deactivated", "active", "active"], user % 5 > 1),
        _ => (["active", "active", "active", "invited", "deactivated"], user.is_multiple_of(1_000)),
    };
    let status = if user == 0 { "active" } else { statuses[user % 5] };
    // In no order of theirs; those who are invited never came.
    let minute = user * 7_919 % 28_800;
    let last_login = match status {
        "invited" => "NULL".to_owned(),
        _ => format!("'2026-10-{:02} {:02}:{:02}:00'", 1 + minute / 1_440, minute / 60 % 24, minute % 60),
    };
    format!(
        "('{id}', '{}', 'active-{user}@example.org', 'Person {user:06}', 'en', 'Asia/Seoul', TRUE, '{status}', {}, \
         FALSE, FALSE, {hash}, '{AT}', {last_login}, 'person {user:06}\u{1e}\u{1f}{id}')",
        self::id(1, organization, 0),
        if is_admin { "TRUE" } else { "FALSE" }
    )
}

fn project_row(organization: usize, project: usize) -> String {
    let (home, submission) = (id(1, organization, 0), id(4, organization, project));
    format!("('project-{project:02}', '{home}', 'Project {project:02}', '', '{submission}', '{AT}')")
}

/// The roles of a user: in none to five projects.
fn member_rows(organization: usize, user: usize) -> impl Iterator<Item = String> {
    (0..user % 6).map(move |nth| {
        let (home, project) = (id(1, organization, 0), (user + nth * 5) % PROJECTS);
        format!("('{home}', 'project-{project:02}', '{}', 'project_member', '{AT}')", id(2, organization, user))
    })
}

/// Events of three kinds, spread over as many days as the log is kept, one in ten failed, by a hundred actors; by ten in
/// the dense one.
fn event_row(organization: usize, event: usize, many: usize, now: chrono::DateTime<chrono::Utc>) -> String {
    let age = chrono::Duration::days(KEPT_DAYS) / i32::try_from(many).unwrap_or(i32::MAX);
    let at = now - age * i32::try_from(many - event).unwrap_or(i32::MAX);
    // A UUID of version 7, as events have: its first 48 bits are the milliseconds.
    let millis = at.timestamp_millis();
    let id = format!("{:08x}-{:04x}-7000-8{organization:03x}-{event:012x}", millis >> 16, millis & 0xffff);
    let at = at.format("%Y-%m-%d %H:%M:%S");
    let (kind, result, reason) = match event % 10 {
        0 => ("login", "failed", "'wrong_password'"),
        1 => ("user.registered", "done", "NULL"),
        2 | 3 => ("logout", "done", "NULL"),
        _ => ("login", "done", "NULL"),
    };
    let actor = event % if organization == DENSELY { 10 } else { SMALL_USERS };
    let mut row = format!("('{id}', '{}', ", self::id(1, organization, 0));
    let _ = write!(
        row,
        "'S{organization}-{event}', '{at}', '{kind}', '{result}', {reason}, 'user', '{}', 'Person {actor:06}', 'user', \
         '{}', 'active-{actor}@example.org', '{{}}', '192.0.2.7', 'Mozilla/5.0 Firefox/145.0', 1)",
        self::id(2, organization, actor),
        self::id(2, organization, actor)
    );
    row
}

/// How far it is, on one line of a terminal; every tenth on lines of their own elsewhere.
struct Bar {
    name: String,
    all: usize,
    done: usize,
    shown: usize,
}

impl Bar {
    fn new(name: &str, all: usize) -> Self {
        Self { name: name.to_owned(), all, done: 0, shown: 0 }
    }

    fn advance(&mut self, rows: usize) {
        use std::io::IsTerminal as _;
        self.done += rows;
        let percent = self.done * 100 / self.all.max(1);
        let terminal = std::io::stderr().is_terminal();
        if percent == self.shown || !terminal && percent / 10 == self.shown / 10 {
            return;
        }
        self.shown = percent;
        let full = "#".repeat(percent / 4);
        let line = format!("{}: [{full:<25}] {percent} % of {} rows", self.name, self.all);
        if terminal {
            eprint!("\r{line}");
            drop(std::io::stderr().flush());
        } else {
            eprintln!("{line}");
        }
    }

    fn end(&self) {
        use std::io::IsTerminal as _;
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
    }
}
