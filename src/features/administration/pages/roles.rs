//! Page that edits a user's organization roles.

use askama::Template;
use serde::Deserialize;

use super::tabs::Subject;
use super::told;
use crate::access::failure::Failure;
use crate::access::{Actor, ManageRoles, Role, Roles};
use crate::base::i18n::{Text, filters};
use crate::base::ids::UserId;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::administration as rules;
use crate::features::administration::{self, Change, ChangeError};
use crate::features::audit::newer::Newer;
use crate::platform::events::Reason;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "users/roles_edit.html")]
struct EditPage {
    subject: Subject,
    form: RolesForm,
    problems: Problems,
    /// What was saved since the form was opened.
    newer: Option<Newer>,
}
crate::pages! { EditPage; }

/// Roles as ticked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolesForm {
    roles: Vec<String>,
    version: String,
}

impl RolesForm {
    fn parse(&self) -> Option<Roles> {
        let assigned = |word: &String| Role::from_word(word).filter(|role| Role::ASSIGNED.contains(role));
        self.roles.iter().map(assigned).collect::<Option<Vec<Role>>>().map(|roles| Roles::of(&roles))
    }

    fn has(&self, role: &Role) -> bool {
        self.roles.iter().any(|word| word == role.word())
    }
}

fn words(roles: Roles) -> Vec<String> {
    roles.shown().iter().map(|role| role.word().to_owned()).collect()
}

async fn subject(actor: &Actor<ManageRoles>, user: &UserId) -> Result<Subject, Failure> {
    let user = user.clone();
    let person = actor.read(move |tx| administration::find(tx, &user)).await?.ok_or(Failure::NotFound)?;
    Ok(Subject::new(actor, person))
}

/// `GET /iam/users/{user}/roles/edit`.
pub async fn edit(actor: Actor<ManageRoles>, user: Path<UserId>, query: Query<Held>) -> Reply {
    let subject = subject(&actor, &user.0).await?;
    if !subject.may(Change::Roles) {
        return Ok(see_other(urls::of_user(&user.0, "roles")));
    }
    let held: Option<RolesForm> = query.0.kept(&actor, &urls::of_user(&user.0, "roles/edit")).await?;
    let stored =
        || RolesForm { roles: words(subject.person.roles), version: rules::roles_version(subject.person.roles) };
    // A form that came too late comes back as ticked, with no role as well.
    let form = held.unwrap_or_else(stored);
    Ok(Answer::page(EditPage { subject, form, problems: Problems::default(), newer: None }))
}

/// `POST /iam/users/{user}/roles/edit`.
pub async fn save(actor: Actor<ManageRoles>, user: Path<UserId>, form: Form<RolesForm>) -> Reply {
    let Some(roles) = form.parse() else {
        let problems = Problems::one("roles", Problem::NotARole);
        let subject = subject(&actor, &user.0).await?;
        let target = ("user", user.0.to_string(), subject.person.email.clone());
        actor.note_refusal(Reason::NotARole, Some(target)).await;
        return Ok(Answer::refused(EditPage { subject, form: form.0, problems, newer: None }));
    };
    let (id, tab, opened) = (user.0.clone(), urls::of_user(&user.0, "roles"), form.version.clone());
    match actor.write(move |tx| rules::change_roles(tx, &id, roles, &opened)).await {
        Ok(()) => Ok(see_other(tab).notice(Text::new("user-roles-changed"))),
        Err(ChangeError::Older(newer)) => {
            let subject = subject(&actor, &user.0).await?;
            let form = RolesForm { version: rules::roles_version(subject.person.roles), ..form.0 };
            Ok(Answer::refused(EditPage { subject, form, problems: Problems::default(), newer: Some(newer) }))
        }
        Err(error) => Ok(see_other(tab).refusal(told(error)?)),
    }
}
