//! Page that registers up to a hundred users at once, pasted or from a file.

use askama::Template;
use serde::Deserialize;

use super::{RegisterError, closing, fresh_submission, of_people, submission, waiting};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageUsers};
use crate::base::i18n::{Language, Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::links::{self, Forecast};
use crate::features::registration::lines::{self, Fault};
use crate::features::registration::{self, Batch, MOST, register};
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::{Answer, Problems, Query, Reply, Upload, see_other};

/// Complaints that are shown; the rest is counted.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "users/many.html")]
struct ManyPage {
    submission: String,
    typed: String,
    language: String,
    faults: Vec<Fault>,
    more: usize,
    checked: Option<usize>,
    /// Invitations that would wait for a limit of today.
    later: Forecast,
    /// How many invitations the organization may send a day.
    most: i64,
    problems: Problems,
}
crate::pages! { ManyPage; }

impl ManyPage {
    fn new(actor: &Actor<ManageUsers>) -> Self {
        Self {
            submission: fresh_submission(actor),
            typed: String::new(),
            language: actor.language().word().to_owned(),
            faults: Vec::new(),
            more: 0,
            checked: None,
            later: Forecast::default(),
            most: actor.app().config.limits.organization_invitations,
            problems: Problems::default(),
        }
    }

    fn refused(mut self, mut faults: Vec<Fault>) -> Answer {
        self.more = faults.len().saturating_sub(SHOWN);
        faults.truncate(SHOWN);
        self.problems = Problems::one("lines", Text::new("lines-faulty").with("count", faults.len() + self.more));
        self.faults = faults;
        Answer::refused(self)
    }
}

/// What was typed in a form that came when the password had expired.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kept {
    lines: String,
    language: String,
}

/// `GET /iam/users/bulk`.
pub async fn many(actor: Actor<ManageUsers>, query: Query<Held>) -> Reply {
    if actor.identity().deletion_due.is_some() {
        return Ok(closing());
    }
    let kept: Option<Kept> = query.0.kept(&actor, urls::USERS_BULK).await?;
    let page = ManyPage::new(&actor);
    Ok(Answer::page(match kept {
        Some(Kept { lines, language, .. }) => ManyPage { typed: lines.replace("\r\n", "\n"), language, ..page },
        None => page,
    }))
}

/// `POST /iam/users/bulk`: checks the list, and registers everybody when nothing is wrong with it. The file's text comes
/// back in the field, so that a complaint can be mended on the page.
pub async fn register_many(actor: Actor<ManageUsers>, upload: Upload) -> Reply {
    let mut page = ManyPage::new(&actor);
    page.language = upload.text("language")?.to_owned();
    page.typed = upload.text("lines")?.replace("\r\n", "\n");
    let id = submission(&actor, upload.text("submission")?);
    page.submission = id.to_string();
    if !upload.bytes("file").is_empty() {
        match lines::decode(upload.bytes("file")) {
            Some(text) => page.typed = text,
            None => return Ok(page.refused(vec![Fault::whole(Text::new("lines-encoding"))])),
        }
    }
    let Some(language) = Language::from_word(&page.language) else {
        page.problems = Problems::one("language", Problem::NotALanguage);
        return Ok(Answer::refused(page));
    };
    let home = actor.read(registration::home).await?;
    let people = match lines::read(&page.typed, &home.country) {
        Ok(people) => people,
        Err(faults) => return Ok(page.refused(faults)),
    };
    let count = people.len();
    if upload.text("check")? == "1" {
        let emails: Vec<_> = people.iter().map(|(line, person)| (*line, person.email.clone())).collect();
        let config = actor.app().config.clone();
        let (taken, later) = actor
            .read(move |tx| {
                let (organization, invited) =
                    (tx.organization().clone(), emails.iter().map(|(_, email)| email.to_string()));
                let later = links::forecast(tx, &organization, &invited.collect::<Vec<_>>(), &config)?;
                Ok::<_, StoreError>((registration::taken(tx, emails)?, later))
            })
            .await?;
        (page.checked, page.later) = (Some(count), later);
        return Ok(if taken.is_empty() { Answer::page(page) } else { page.refused(taken_faults(taken)) });
    }
    let (batch, config) = (Batch { submission: of_people(&id, &people), language, people }, actor.app().config.clone());
    match actor.write(move |tx| register(tx, &batch, &config)).await {
        Ok(registered) => {
            let notice = match waiting(&actor, &registered) {
                Some((id, text)) => text(id[1]).with("count", count),
                None => Text::new("users-registered-many").with("count", count),
            };
            Ok(see_other(urls::registration(&registered.id)).notice(notice))
        }
        Err(RegisterError::Taken(taken)) => Ok(page.refused(taken_faults(taken))),
        Err(RegisterError::Closing) => Ok(closing()),
        Err(RegisterError::Store(cause)) => Err(Failure::from(cause)),
    }
}

fn taken_faults(lines: Vec<u32>) -> Vec<Fault> {
    lines.into_iter().map(|line| Fault::at(line, Some("person-email"), Problem::EmailTaken)).collect()
}
