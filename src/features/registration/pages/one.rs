//! Page that registers one user.

use askama::Template;
use serde::Deserialize;

use super::{RegisterError, closing, fresh_submission, of_people, submission, waiting};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageUsers, Role, Roles};
use crate::base::countries::{self, Country};
use crate::base::email::Email;
use crate::base::i18n::{Language, Text, filters};
use crate::base::person::{PersonName, Phone};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::registration::{self, Batch, NewPerson, register};
use crate::platform::events::Reason;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "users/new.html", blocks = ["form"])]
struct NewPage {
    form: NewForm,
    problems: Problems,
    countries: &'static [Country],
    language: Language,
}
crate::pages! { NewPage { form }; }

/// A user to register, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewForm {
    submission: String,
    email: String,
    name: String,
    nickname: String,
    mobile_country: String,
    mobile: String,
    roles: Vec<String>,
    language: String,
}

impl NewForm {
    fn parse(&self) -> Result<(NewPerson, Language), Problems> {
        let mut problems = Problems::default();
        let email = problems.take("email", Email::parse(&self.email));
        let name = problems.take("name", PersonName::parse(&self.name));
        let nickname = problems.take("nickname", PersonName::parse_optional(&self.nickname));
        let mobile = match Phone::parse(&self.mobile, &self.mobile_country) {
            Err(Problem::Missing) => Some(None),
            parsed => problems.take("mobile", parsed.map(Some)),
        };
        let roles: Option<Vec<Role>> = self.roles.iter().map(|word| assigned(word)).collect();
        let roles = problems.take("roles", roles.ok_or(Problem::NotARole));
        let language = problems.take("language", Language::from_word(&self.language).ok_or(Problem::NotALanguage));
        match (email, name, nickname, mobile, roles, language) {
            (Some(email), Some(name), Some(nickname), Some(mobile), Some(roles), Some(language)) => {
                Ok((NewPerson { email, name, nickname, mobile, roles: Roles::of(&roles) }, language))
            }
            _ => Err(problems),
        }
    }

    fn has(&self, role: &Role) -> bool {
        self.roles.iter().any(|word| word == role.word())
    }
}

/// A role that is given and taken, by its word.
fn assigned(word: &str) -> Option<Role> {
    Role::from_word(word).filter(|role| Role::ASSIGNED.contains(role))
}

fn page(actor: &Actor<ManageUsers>, form: NewForm, problems: Problems) -> NewPage {
    let language = actor.language();
    NewPage { form, problems, countries: countries::by_name(language), language }
}

/// `GET /iam/users/new`.
pub async fn one(actor: Actor<ManageUsers>, query: Query<Held>) -> Reply {
    if actor.identity().deletion_due.is_some() {
        return Ok(closing());
    }
    let kept: Option<NewForm> = query.0.kept(&actor, urls::USERS_NEW).await?;
    if let Some(form) = kept {
        return Ok(Answer::page(page(&actor, form, Problems::default())));
    }
    let home = actor.read(registration::home).await?;
    let form = NewForm {
        submission: fresh_submission(&actor),
        mobile_country: home.country,
        language: actor.language().word().to_owned(),
        ..NewForm::default()
    };
    Ok(Answer::page(page(&actor, form, Problems::default())))
}

/// `POST /iam/users/new`.
pub async fn register_one(actor: Actor<ManageUsers>, form: Form<NewForm>) -> Reply {
    let (person, language) = match form.parse() {
        Ok(parsed) => parsed,
        Err(problems) => {
            // No page offers such a role.
            if form.roles.iter().any(|word| assigned(word).is_none()) {
                actor.note_refusal(Reason::NotARole, None).await;
            }
            return Ok(Answer::refused(page(&actor, form.0, problems)));
        }
    };
    let name = person.name.to_string();
    let people = vec![(1, person)];
    let submission = of_people(&submission(&actor, &form.submission), &people);
    let batch = Batch { submission, language, people };
    let config = actor.app().config.clone();
    let refused = |problem: Text| Ok(Answer::refused(page(&actor, form.0, Problems::one("email", problem))));
    match actor.write(move |tx| register(tx, &batch, &config)).await {
        Ok(registered) => {
            let notice = match waiting(&actor, &registered) {
                Some((id, text)) => text(id[0]).with("name", name),
                None => Text::new("users-registered-one").with("name", name),
            };
            Ok(see_other(urls::USERS).notice(notice))
        }
        Err(RegisterError::Taken(_)) => refused(Problem::EmailTaken.into()),
        Err(RegisterError::Closing) => Ok(closing()),
        Err(RegisterError::Store(cause)) => Err(Failure::from(cause)),
    }
}
