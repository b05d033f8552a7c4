//! Modify account: the login method, and two-factor authentication with what turning it on would do.

use askama::Template;
use serde::Deserialize;

use super::{PATIENCE, Preview, Turned, Waiting, outlook};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageLogin};
use crate::base::entropy::Code;
use crate::base::i18n::{Text, filters};
use crate::base::organization::LoginMethod;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::idp::{self, Providers};
use crate::features::organizations;
use crate::features::policies::Policy;
use crate::features::policies::versions::{self, Opening, TwoFactorValue, Version};
use crate::platform::codes::{IssueError, Verdict};
use crate::platform::store::StoreError;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "organizations/edit.html", blocks = ["form"])]
struct EditPage {
    organization: String,
    email: String,
    is_on: bool,
    wants: bool,
    providers: Providers,
    preview: Preview,
    waiting: Option<Waiting>,
    /// The version that the form was opened on.
    version: i64,
    newer: Option<Version>,
    problems: Problems,
    alert: Option<Text>,
}

#[derive(Template)]
#[template(path = "organizations/two_factor_off.html")]
struct OffPage {
    organization: String,
}

impl EditPage {
    /// Whether an identity provider is in force or on trial.
    fn is_by_provider(&self) -> bool {
        self.providers.in_force.is_some() || self.providers.on_trial.is_some()
    }

    fn is_in_force(&self) -> bool {
        self.providers.method == LoginMethod::IdpAccount
    }
}

crate::pages! {
    EditPage { form };
    OffPage;
}

/// Login method and two-factor authentication as chosen, and the code that was mailed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EditForm {
    login_method: String,
    two_factor: String,
    one_time_code: String,
    version: String,
}

impl EditForm {
    fn wants(&self) -> Option<bool> {
        match self.two_factor.as_str() {
            "active" => Some(true),
            "inactive" => Some(false),
            _ => None,
        }
    }
}

async fn page(actor: &Actor<ManageLogin>, form: &EditForm) -> Result<EditPage, Failure> {
    let config = actor.app().config.clone();
    let found = actor.read(move |tx| {
        let organization = tx.organization().clone();
        let version = versions::current(tx, &organization, Policy::TwoFactor)?;
        Ok::<_, StoreError>((idp::providers(tx, &organization)?, version, outlook(tx, &config)?))
    });
    let (providers, version, (is_on, preview, waiting)) = found.await?;
    let version = form.version.parse().unwrap_or(version);
    // A code that waits is for turning it on.
    let wants = form.wants().unwrap_or(is_on || waiting.is_some());
    let (organization, email) = (actor.identity().organization_name.clone(), actor.identity().email.clone());
    let (problems, alert, newer) = (Problems::default(), None, None);
    Ok(EditPage { organization, email, is_on, wants, providers, preview, waiting, version, newer, problems, alert })
}

/// An older version as a form.
async fn older(actor: &Actor<ManageLogin>, number: i64) -> Result<EditForm, Failure> {
    let version = actor.read(move |tx| {
        let organization = tx.organization().clone();
        versions::find(tx, &organization, Policy::TwoFactor, number)
    });
    let value: Option<TwoFactorValue> = version.await?.and_then(|version| version.after());
    let two_factor = value.map_or("", |value| if value.on { "active" } else { "inactive" });
    Ok(EditForm { two_factor: two_factor.to_owned(), ..EditForm::default() })
}

/// `GET /iam/organization/account/edit`.
pub async fn edit(actor: Actor<ManageLogin>, query: Query<Opening>) -> Reply {
    let form: Option<EditForm> = query.0.held.kept(&actor, urls::ORGANIZATION_ACCOUNT_EDIT).await?;
    let form = match (form, query.0.number()) {
        (Some(form), _) => form,
        (None, Some(number)) => older(&actor, number).await?,
        (None, None) => EditForm::default(),
    };
    Ok(Answer::page(page(&actor, &form).await?))
}

/// `GET /iam/organization/account/edit/code`: the page that has the button.
pub async fn code_page(actor: Actor<ManageLogin>) -> Reply {
    Ok(Answer::page(page(&actor, &EditForm::default()).await?))
}

/// `POST /iam/organization/account/edit/code`: [Send a new code].
pub async fn send_code(actor: Actor<ManageLogin>) -> Reply {
    let page = page(&actor, &EditForm::default()).await?;
    if page.is_by_provider() {
        return Ok(refused_with(page, Text::new("idp-two-factor-not")));
    }
    send(&actor, page).await
}

/// Mails the code and shows its field on the same page; where mail is not delivered, the page says so.
async fn send(actor: &Actor<ManageLogin>, page: EditPage) -> Reply {
    let config = actor.app().config.clone();
    match actor.write(move |tx| super::send_code(tx, &config)).await {
        Ok(true) => Ok(see_other(urls::ORGANIZATION_ACCOUNT_EDIT)),
        Ok(false) => Ok(Answer::refused(EditPage { alert: Some(not_delivered()), wants: true, ..page })),
        Err(IssueError::Throttled(until)) => {
            let seconds = until.since(actor.app().clock().now()).num_seconds().max(1);
            let alert = Some(Text::new("factor-sends-throttled").with("minutes", (seconds + 59) / 60));
            Ok(Answer::throttled(EditPage { alert, wants: true, ..page }, seconds))
        }
        Err(IssueError::Store(cause)) => Err(cause.into()),
    }
}

fn not_delivered() -> Text {
    Text::new("two-factor-not-delivered").with("minutes", PATIENCE.num_minutes())
}

/// A save on an older version: nothing is changed, and both values are shown.
async fn refuse_older(actor: &Actor<ManageLogin>, form: EditForm) -> Reply {
    let page = page(actor, &EditForm { version: String::new(), ..form }).await?;
    let newer = actor
        .read(|tx| {
            let organization = tx.organization().clone();
            versions::newest(tx, &organization, Policy::TwoFactor, 1)
        })
        .await?;
    let alert = Some(Text::new("policy-older"));
    Ok(Answer::refused(EditPage { alert, newer: newer.into_iter().next(), ..page }))
}

async fn is_older(actor: &Actor<ManageLogin>, version: &str) -> Result<bool, Failure> {
    let version = version.parse().unwrap_or(-1);
    let older = actor.read(move |tx| {
        let organization = tx.organization().clone();
        versions::is_older(tx, &organization, Policy::TwoFactor, version)
    });
    Ok(older.await?)
}

/// `POST /iam/organization/account/edit`: [Save]. Turning it on takes two presses: the first one mails the code.
pub async fn save(actor: Actor<ManageLogin>, form: Form<EditForm>) -> Reply {
    if form.login_method == LoginMethod::IdpAccount.word() {
        return Ok(see_other(urls::IDP));
    }
    let page = page(&actor, &form).await?;
    if page.is_by_provider() {
        return Ok(refused_with(page, Text::new("idp-two-factor-not")));
    }
    if !form.version.is_empty() && is_older(&actor, &form.version).await? {
        return refuse_older(&actor, form.0).await;
    }
    match (form.wants(), page.is_on) {
        (None, _) => Ok(refused_at(page, "two_factor", Problem::Missing)),
        (Some(false), true) => Ok(see_other(urls::ORGANIZATION_ACCOUNT_OFF)),
        (Some(wants), is_on) if wants == is_on => Ok(saved("two-factor-same")),
        (Some(_), _) => match Code::read(&form.one_time_code) {
            Err(Problem::Missing) if page.waiting.is_none() => send(&actor, page).await,
            Err(problem) => Ok(refused_at(page, "one_time_code", problem)),
            Ok(code) => turn_on(actor, form.0, code).await,
        },
    }
}

fn saved(notice: &'static str) -> Answer {
    see_other(urls::ORGANIZATION_ACCOUNT).notice(Text::new(notice))
}

fn refused_with(page: EditPage, alert: Text) -> Answer {
    Answer::refused(EditPage { alert: Some(alert), ..page })
}

fn refused_at(page: EditPage, field: &'static str, problem: Problem) -> Answer {
    Answer::refused(EditPage { problems: Problems::one(field, problem), ..page })
}

async fn turn_on(actor: Actor<ManageLogin>, form: EditForm, code: Code) -> Reply {
    let (config, version) = (actor.app().config.clone(), form.version.parse().ok());
    let turned = actor.write(move |tx| super::turn_on(tx, &code, version, &config)).await?;
    // What was tried may have used the code up.
    let page = EditPage { wants: true, ..page(&actor, &form).await? };
    Ok(match turned {
        Turned::On => saved("two-factor-turned-on"),
        Turned::Already => saved("two-factor-same"),
        Turned::Older => return refuse_older(&actor, form).await,
        Turned::ByProvider => refused_with(page, Text::new("idp-two-factor-not")),
        Turned::NotDelivered => refused_with(page, not_delivered()),
        Turned::Not(Verdict::Wrong { left: Some(left) }) if left > 0 => refused_code(page, Problem::WrongCode(left)),
        Turned::Not(Verdict::Paused(until)) => {
            let seconds = until.since(actor.app().clock().now()).num_seconds();
            Answer::throttled(EditPage { alert: Some(Problem::TooManyCodes.into()), ..page }, seconds)
        }
        Turned::Not(Verdict::Replaced) => refused_code(page, Problem::CodeReplaced),
        Turned::Not(_) => refused_code(page, Problem::CodeSpent),
    })
}

/// A code that was not right: at its field, or above the form where no code waits any longer and the field is gone.
fn refused_code(page: EditPage, problem: Problem) -> Answer {
    match page.waiting.is_some() {
        true => refused_at(page, "one_time_code", problem),
        false => refused_with(page, problem.into()),
    }
}

/// `GET /iam/organization/account/edit/deactivation`: what turning it off does; where it is off, how to turn it on.
pub async fn deactivation(actor: Actor<ManageLogin>) -> Reply {
    let organization = actor.identity().organization_name.clone();
    let is_on = actor.read(|tx| {
        let organization = tx.organization().clone();
        organizations::has_two_factor(tx, &organization)
    });
    Ok(match is_on.await? {
        true => Answer::page(OffPage { organization }),
        false => Answer::page(page(&actor, &EditForm::default()).await?),
    })
}

/// `POST /iam/organization/account/edit/deactivation`.
pub async fn turn_off(actor: Actor<ManageLogin>) -> Reply {
    let turned = actor.write(super::turn_off).await?;
    let notice = if turned { "two-factor-turned-off" } else { "two-factor-same" };
    Ok(see_other(urls::ORGANIZATION_ACCOUNT).notice(Text::new(notice)))
}
