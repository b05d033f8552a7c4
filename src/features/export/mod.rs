//! Everything of an organization as one archive of JSON Lines, for an owner who is about to let it go (docs/rules.md section
//! 12): people with their roles, projects, bills, settings, and the audit log. No secret is among it, sealed or hashed.

pub mod archive;
pub mod pages;
mod store;

use serde::Serialize;

use crate::access::ManageOwnership;
use crate::base::moment::Moment;
use crate::features::audit::seal::{PublicKey, PublicKeys};
use crate::features::audit::{self, Filter, Format};
use crate::features::organizations;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{Recorded, StoreError, Tx};
use crate::web::list::Place;
use archive::Listed;

/// Rows that are read at a time, and all that is held of an export in memory.
pub const ROWS: usize = 500;

words! {
    /// A file of the archive: the names are stable, programs read them.
    Part {
        /// The organization itself with its settings: one line.
        Organization = "organization",
        /// Its users.
        People = "people",
        /// Its projects.
        Projects = "projects",
        /// Who has a role in them.
        Members = "project_members",
        /// What they hold.
        Resources = "resources",
        /// Its bills with their lines.
        Bills = "bills",
        /// Its audit log, newest first.
        AuditLog = "audit_log",
    }
}

impl Part {
    /// The name of its file.
    pub fn file(self) -> String {
        format!("{}.jsonl", self.word())
    }
}

/// Rows of a part, as lines.
#[derive(Debug)]
pub struct Lines {
    /// The lines, each with its end.
    pub text: Vec<u8>,
    /// How many.
    pub count: usize,
    /// The key after which the next ones begin.
    pub next: Option<String>,
}

/// The lines of a part after a key. Each is a read by itself: nothing is held open while the client takes its time.
pub fn lines(tx: &mut Tx<'_, ManageOwnership>, part: Part, after: Option<&str>) -> Result<Lines, StoreError> {
    match part {
        Part::Organization => written(&[store::organization(tx)?], |_| String::new(), 2),
        Part::People => written(&store::people(tx, after, ROWS)?, |person| person.id.to_string(), ROWS),
        Part::Projects => written(&store::projects(tx, after, ROWS)?, |project| project.id.to_string(), ROWS),
        Part::Members => written(&store::members(tx, after, ROWS)?, store::Member::key, ROWS),
        Part::Resources => written(&store::resources(tx, after, ROWS)?, |resource| resource.id.clone(), ROWS),
        Part::Bills => written(&store::bills(tx, after, ROWS)?, |bill| bill.number.to_string(), ROWS),
        Part::AuditLog => {
            let place = after.map_or(Place::Start, |key| Place::After(key.to_owned()));
            let slice = audit::page(tx, &Filter::default(), &place, ROWS)?;
            let seals = audit::seal::of_events(tx, &slice.rows)?;
            let text = Format::JsonLines.rows(&slice.rows, &seals).map_err(|_| UNWRITTEN)?;
            Ok(Lines { text, count: slice.rows.len(), next: slice.next })
        }
    }
}

const UNWRITTEN: StoreError = StoreError::Unreadable("a row cannot be written as JSON");

/// Rows as lines; when there are as many as were asked for, more may follow after the last.
fn written<R: Serialize>(rows: &[R], key: impl Fn(&R) -> String, asked: usize) -> Result<Lines, StoreError> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row).map_err(|_| UNWRITTEN)?;
        text.push(b'\n');
    }
    let next = rows.last().filter(|_| rows.len() >= asked).map(key);
    Ok(Lines { text, count: rows.len(), next })
}

/// What stands at the end of the archive: by it whoever has the archive can tell that it is whole.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    /// The form of the archive; it changes when programs have to know.
    pub format: &'static str,
    /// The organization's name.
    pub organization: &'a str,
    /// When the export was begun, RFC 3339 in UTC.
    pub made_at: String,
    /// What the seals of the audit log are verified with.
    pub audit_keys: Vec<PublicKey>,
    /// The files before this one.
    pub files: &'a [Listed],
}

impl<'a> Manifest<'a> {
    /// Of the files of an export that was begun at a moment.
    pub fn new(organization: &'a str, made_at: Moment, keys: &PublicKeys, files: &'a [Listed]) -> Self {
        let (made_at, audit_keys) = (made_at.to_string(), keys.listed());
        Self { format: "vestibule-export-1", organization, made_at, audit_keys, files }
    }
}

/// Records that everything is about to be exported.
pub fn note(tx: &mut Tx<'_, ManageOwnership>) -> Result<Recorded<()>, StoreError> {
    let organization = tx.organization().clone();
    let name = organizations::name(tx, &organization)?;
    tx.record(Event::done(Kind::OrganizationExported).on("organization", &organization, &name), ())
}
