//! The tabs of a user's page.

use askama::Template;

use crate::access::failure::Failure;
use crate::access::{Actor, ManageFactors, ManageRoles, ManageUsers, Permission, Role, ViewUsers};
use crate::base::i18n::filters;
use crate::base::ids::UserId;
use crate::base::urls;
use crate::features::account::ListedSession;
use crate::features::administration::{self, Change, PastInvitation, Person, allowed};
use crate::features::projects::{self, OwnRole};
use crate::platform::store::StoreError;
use crate::web::{Answer, Path, Reply};

/// Project roles shown; an organization has fewer projects unless it is set otherwise.
const MOST_PROJECTS: i64 = 1000;

/// What the pages of one user share: who it is, and what the caller may do.
pub(super) struct Subject {
    pub(super) person: Person,
    pub(super) own: UserId,
    manages: bool,
    edits: bool,
    resets: bool,
}

impl Subject {
    pub(super) fn new<P: Permission>(actor: &Actor<P>, person: Person) -> Self {
        let identity = actor.identity();
        let (manages, edits) = (identity.holds(ManageUsers::RULE), identity.holds(ManageRoles::RULE));
        let resets = identity.holds(ManageFactors::RULE);
        Self { person, own: identity.user.clone(), manages, edits, resets }
    }

    /// Whether the page offers a change: the same question that the rule asks.
    pub(super) fn may(&self, change: Change) -> bool {
        let holds = match change {
            Change::Roles | Change::Deletion => self.edits,
            Change::Factors | Change::Binding => self.resets,
            _ => self.manages,
        };
        holds && allowed(change, &self.person, &self.own).is_ok()
    }

    /// Why an administrator can change nothing here.
    pub(super) fn why_not(&self) -> Option<&'static str> {
        match allowed(Change::Roles, &self.person, &self.own) {
            _ if !self.manages => Some("user-read-only"),
            Ok(()) => None,
            Err(why) => Some(why.text()),
        }
    }

    pub(super) fn roles(&self) -> Vec<Role> {
        self.person.role_set().shown()
    }
}

#[derive(Template)]
#[template(path = "users/account.html")]
struct AccountPage {
    subject: Subject,
    invitations: Vec<PastInvitation>,
}

#[derive(Template)]
#[template(path = "users/roles.html")]
struct RolesPage {
    subject: Subject,
    projects: Vec<OwnRole>,
}

#[derive(Template)]
#[template(path = "users/sessions.html")]
struct SessionsPage {
    subject: Subject,
    sessions: Vec<ListedSession>,
}
crate::pages! {
    AccountPage;
    RolesPage;
    SessionsPage;
}

/// A session of the list in words.
fn device(session: &ListedSession) -> String {
    crate::base::browser_name::browser_name(&session.agent)
}

/// `GET /iam/users/{user}`.
pub async fn account(actor: Actor<ViewUsers>, user: Path<UserId>) -> Reply {
    let found = actor.read(move |tx| {
        let person = administration::find(tx, &user.0)?;
        let invitations = administration::invitations(tx, &user.0)?;
        Ok::<_, StoreError>(person.map(|person| (person, invitations)))
    });
    let (person, invitations) = found.await?.ok_or(Failure::NotFound)?;
    Ok(Answer::page(AccountPage { subject: Subject::new(&actor, person), invitations }))
}

/// `GET /iam/users/{user}/roles`.
pub async fn roles(actor: Actor<ViewUsers>, user: Path<UserId>) -> Reply {
    let found = actor.read(move |tx| {
        let projects = projects::roles_of(tx, &user.0, MOST_PROJECTS)?;
        Ok::<_, StoreError>(administration::find(tx, &user.0)?.map(|person| (person, projects)))
    });
    let (person, projects) = found.await?.ok_or(Failure::NotFound)?;
    Ok(Answer::page(RolesPage { subject: Subject::new(&actor, person), projects }))
}

/// `GET /iam/users/{user}/sessions`.
pub async fn sessions(actor: Actor<ViewUsers>, user: Path<UserId>) -> Reply {
    let limits = actor.app().config.sessions;
    let found = actor.read(move |tx| {
        let sessions = administration::sessions(tx, &user.0, &limits)?;
        Ok::<_, StoreError>(administration::find(tx, &user.0)?.map(|person| (person, sessions)))
    });
    let (person, sessions) = found.await?.ok_or(Failure::NotFound)?;
    Ok(Answer::page(SessionsPage { subject: Subject::new(&actor, person), sessions }))
}
