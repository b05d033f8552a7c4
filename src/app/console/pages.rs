//! The start page, the home page and the roles page.

use actix_web::http::header::CACHE_CONTROL;
use askama::Template;

use crate::access::failure::Failure;
use crate::access::{Actor, Grant, Method, OwnAccount, Role, Rule, TABLE, Visitor};
use crate::base::browser_name::browser_name;
use crate::base::i18n::{Text, filters};
use crate::base::urls;
use crate::features::account::{HomeSummary, PastLogin, home_summary};
use crate::features::idp;
use crate::features::projects::{OwnRole, own_roles};
use crate::platform::events::Outcome;
use crate::platform::store::StoreError;
use crate::web::{Answer, Reply, assets, see_other};

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartPage;

#[derive(Template)]
#[template(path = "console/home.html")]
struct HomePage {
    name: String,
    organization: String,
    roles: Vec<Role>,
    projects: Vec<OwnRole>,
    more_projects: bool,
    logins: Vec<PastLogin>,
    tasks: Vec<Task>,
}

/// Projects that the home page shows of one's own.
const SHOWN_PROJECTS: i64 = 5;

/// Something the user should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Logins failed since the login before this one.
    FailedLogins(Failed),
    /// The account is logged in elsewhere too.
    OtherSessions(i64),
    /// There is a mobile number that nobody has shown to be the user's.
    MobileUnverified,
    /// There is no authenticator app.
    NoAuthenticator,
    /// The owner has no recovery codes for when the identity provider fails.
    NoOwnerCodes,
}

/// Failed logins, by what failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Failed {
    /// The password was wrong.
    passwords: usize,
    /// The password was right and the code after it was not.
    codes: usize,
    /// Something else kept them out: a lock, an address, a deactivated account.
    others: usize,
}

impl Failed {
    fn all(self) -> usize {
        self.passwords + self.codes + self.others
    }

    /// A sentence for each kind that there was.
    fn sentences(self) -> Vec<Text> {
        let kinds = [
            (self.passwords, "task-failed-passwords"),
            (self.codes, "task-failed-codes"),
            (self.others, "task-failed-others"),
        ];
        kinds.into_iter().filter(|(n, _)| *n > 0).map(|(n, id)| Text::new(id).with("n", n)).collect()
    }
}

#[derive(Template)]
#[template(path = "console/roles.html")]
struct RolesPage {
    table: &'static [&'static Rule],
    columns: &'static [Column],
}

crate::pages! {
    StartPage;
    HomePage;
    RolesPage;
}

/// A column of the roles page: a role and what is granted to it.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Message id of the role's name.
    pub label: &'static str,
    grants: &'static [Grant],
}

/// The columns of the roles page and of `docs/permissions.md`.
pub const COLUMNS: &[Column] = &[
    Column { label: "role-org-owner", grants: &[Grant::Everyone, Grant::Owner, Grant::OrgAdmin, Grant::OrgReader] },
    Column { label: "role-org-admin", grants: &[Grant::Everyone, Grant::OrgAdmin, Grant::OrgReader] },
    Column { label: "role-org-reader", grants: &[Grant::Everyone, Grant::OrgReader] },
    Column { label: "role-billing-admin", grants: &[Grant::Everyone, Grant::BillingAdmin] },
    Column { label: "role-project-admin", grants: &[Grant::Everyone, Grant::ProjectAdmin] },
    Column { label: "role-project-member", grants: &[Grant::Everyone, Grant::ProjectMember] },
    Column { label: "role-project-reader", grants: &[Grant::Everyone, Grant::ProjectReader] },
];

impl Column {
    /// Whether a rule is granted to this role.
    pub fn holds(&self, rule: &Rule) -> bool {
        rule.grants.iter().any(|grant| self.grants.contains(grant))
    }
}

/// `GET /`: the public start page; someone with a session is taken to the console.
pub async fn start(visitor: Visitor) -> Reply {
    Ok(if visitor.has_session() { see_other(urls::CONSOLE) } else { Answer::page(StartPage) })
}

/// `GET /logo`: the operator's logo.
pub async fn logo(visitor: Visitor) -> Reply {
    let (kind, bytes) = visitor.app().logo.clone().ok_or(Failure::NotFound)?;
    Ok(Answer::bytes(kind, bytes).header(CACHE_CONTROL, "public, max-age=3600"))
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon(_: Visitor) -> Reply {
    Ok(see_other(assets::URLS.favicon))
}

/// `GET /console`.
pub async fn home(actor: Actor<OwnAccount>) -> Reply {
    let limits = actor.app().config.sessions;
    let (seen, projects) = actor
        .read(move |tx| {
            let seen = home_summary(tx, 20, &limits)?;
            // Most people are in no project: the second statement is for the others.
            let projects = if seen.projects == 0 { Vec::new() } else { own_roles(tx, SHOWN_PROJECTS)? };
            Ok::<_, StoreError>((seen, projects))
        })
        .await?;
    let tasks = tasks(&actor, &seen).await?;
    let identity = actor.identity();
    Ok(Answer::page(HomePage {
        name: identity.display_name().to_owned(),
        organization: identity.organization_name.clone(),
        roles: identity.roles(),
        projects,
        more_projects: seen.projects > SHOWN_PROJECTS,
        logins: seen.logins.into_iter().take(5).collect(),
        tasks,
    }))
}

/// What the user should look at, the most urgent first.
async fn tasks(actor: &Actor<OwnAccount>, seen: &HomeSummary) -> Result<Vec<Task>, Failure> {
    let (identity, config) = (actor.identity(), &actor.app().config);
    let by_provider = identity.method == Method::Idp;
    let mut tasks = Vec::new();
    let failed = failed_before_this(&seen.logins);
    if failed.all() > 0 {
        tasks.push(Task::FailedLogins(failed));
    }
    if seen.sessions > 1 {
        tasks.push(Task::OtherSessions(seen.sessions - 1));
    }
    if identity.has_unverified_mobile() && config.sms.is_offered(config.mode) {
        tasks.push(Task::MobileUnverified);
    }
    if by_provider && identity.owner() == &identity.user {
        let codes = actor.read(|tx| {
            let (organization, user) = (tx.organization().clone(), tx.user().clone());
            idp::recovery::count(tx, &organization, &user)
        });
        if codes.await? == 0 {
            tasks.push(Task::NoOwnerCodes);
        }
    }
    if seen.authenticators == 0 && !by_provider {
        tasks.push(Task::NoAuthenticator);
    }
    Ok(tasks)
}

/// Failed tries between the two last logins that worked.
fn failed_before_this(logins: &[PastLogin]) -> Failed {
    let worked = |login: &&PastLogin| login.outcome == Outcome::Done;
    let mut failed = Failed::default();
    for login in logins.iter().skip_while(|login| !worked(login)).skip(1).take_while(|login| !worked(login)) {
        let kind = match login.reason.as_deref() {
            Some("wrong_password") => &mut failed.passwords,
            Some("wrong_code" | "spent_code" | "replaced_code" | "wrong_codes") => &mut failed.codes,
            _ => &mut failed.others,
        };
        *kind += 1;
    }
    failed
}

/// `GET /iam/roles`: the permission table in words.
pub async fn roles(_: Actor<OwnAccount>) -> Reply {
    Ok(Answer::page(RolesPage { table: TABLE, columns: COLUMNS }))
}
