//! IAM > Manage organization > Security > Set password expiration.

use askama::Template;
use serde::Deserialize;

use super::{Forecast, forecast, save};
use crate::access::decisions::expiration::{CHOICES, Expiration, Expiry, LEAST, MOST};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageSecurity};
use crate::base::i18n::{Text, filters};
use crate::base::organization::LoginMethod;
use crate::base::problem::{Problem, about};
use crate::base::text::typed;
use crate::base::urls;
use crate::features::policies::impact::Impact;
use crate::features::policies::versions::{self, Opening, Saved, Version};
use crate::features::policies::{Policy, expiration};
use crate::platform::store::StoreError;
use crate::web::chart::{self, Line};
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "policies/expiration.html", blocks = ["form"])]
struct ExpirationPage {
    form: ExpirationForm,
    in_force: Expiration,
    version: i64,
    by_provider: bool,
    /// What the values of the form would do; nothing where they cannot be read.
    shown: Option<Shown>,
    /// Whether [Save] was pressed before the effect was on the page.
    looks_first: bool,
    problems: Problems,
    alert: Option<Text>,
    /// What was saved by somebody else since the form was opened.
    newer: Option<Version>,
}

struct Shown {
    policy: Expiration,
    impact: Impact,
    forecast: Forecast,
}

crate::pages! { ExpirationPage { form }; }

/// The policy as chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExpirationForm {
    expires: String,
    days: String,
    /// The version that the form was opened on.
    version: String,
    /// The policy whose effect was on the page.
    seen: String,
    action: String,
}

/// A column of the chart.
struct Column {
    x: i64,
    y: i64,
    height: i64,
    count: usize,
    /// Weeks from now; zero is at once.
    week: usize,
}

impl ExpirationForm {
    fn of(policy: Expiration) -> Self {
        let days = policy.days().map(|days| days.to_string());
        let chosen = policy.days().is_some_and(|days| CHOICES.contains(&days));
        match (days, chosen) {
            (None, _) => Self { expires: "off".to_owned(), ..Self::default() },
            (Some(days), true) => Self { expires: days, ..Self::default() },
            (Some(days), false) => Self { expires: "custom".to_owned(), days, ..Self::default() },
        }
    }

    fn parse(&self) -> Result<Expiration, Problems> {
        let problems = |field, problem: Problem| Problems::one(field, problem);
        let refused = |text: &str| match typed::plain(text) {
            plain if plain.is_empty() => Problem::Missing,
            plain => about(Problem::NotExpirationDays, &plain),
        };
        let number = |text: &str| typed::days(text).ok_or_else(|| refused(text));
        // A number beside another choice: what would be saved is not what one of the two says.
        if self.expires != "custom" && !typed::plain(&self.days).is_empty() {
            return Err(problems("days", Problem::DaysBesideChoice));
        }
        match self.expires.as_str() {
            "off" => Ok(Expiration::OFF),
            "custom" => number(&self.days).and_then(Expiration::after).map_err(|problem| problems("days", problem)),
            "" => Err(problems("expires", Problem::Missing)),
            preset => match number(preset).ok().filter(|days| CHOICES.contains(days)) {
                Some(days) => Expiration::after(days).map_err(|problem| problems("expires", problem)),
                None => Err(problems("expires", refused(preset))),
            },
        }
    }

    /// A choice whose effect is to be shown leaves no number beside it: what the page shows is what [Save] takes.
    fn settled(self) -> Self {
        let days = if self.action == "save" || self.expires == "custom" { self.days } else { String::new() };
        Self { days, ..self }
    }

    /// Whether a number of days is still to come, which is nothing to complain about.
    fn waits_for_days(&self) -> bool {
        self.action != "save" && self.expires == "custom" && typed::plain(&self.days).is_empty()
    }

    /// Whether the effect of a policy was on the page when its button was pressed.
    fn has_seen(&self, policy: Expiration) -> bool {
        self.seen == seen(policy)
    }
}

/// A policy in a hidden field.
fn seen(policy: Expiration) -> String {
    policy.days().map_or_else(|| "off".to_owned(), |days| days.to_string())
}

impl Shown {
    fn new(policy: Expiration, forecast: Forecast) -> Self {
        let month: usize = forecast.weeks[..4].iter().sum();
        let impact = Impact::default()
            .count("expiration-users", forecast.users)
            .count("expiration-at-once", forecast.at_once)
            .count("expiration-month", month);
        let impact = match forecast.own {
            Expiry::Unlimited => impact,
            Expiry::Until(end) => impact.own(Text::new("expiration-own-until"), Some(end)),
            Expiry::Expired(_) => impact.warn(Text::new("expiration-own-expired")),
        };
        Self { policy, impact, forecast }
    }

    fn counts(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.forecast.at_once).chain(self.forecast.weeks)
    }

    fn scale(&self) -> Vec<i64> {
        chart::scale(self.counts().max().and_then(|most| i64::try_from(most).ok()).unwrap_or_default())
    }

    fn lines(&self) -> Vec<Line> {
        chart::lines(&self.scale())
    }

    fn columns(&self) -> Vec<Column> {
        const STEP: i64 = 24;
        let top = self.scale().last().copied().unwrap_or(1);
        let places = (0_i64..).zip(self.counts()).enumerate();
        places
            .map(|(week, (place, count))| {
                let y = chart::height_of(i64::try_from(count).unwrap_or(i64::MAX), top);
                // Whatever there is can be seen.
                let y = if count > 0 { y.min(chart::BASE - 2) } else { y };
                Column { x: chart::LEFT + STEP * place + 4, y, height: chart::BASE - y, count, week }
            })
            .collect()
    }
}

impl ExpirationPage {
    fn seen(&self) -> String {
        self.shown.as_ref().map(|shown| seen(shown.policy)).unwrap_or_default()
    }

    fn chooses(&self, value: &str) -> bool {
        self.form.expires == value
    }
}

async fn page(actor: &Actor<ManageSecurity>, form: ExpirationForm) -> Result<ExpirationPage, Failure> {
    let parsed = form.parse();
    let wanted = parsed.as_ref().ok().copied();
    let found = actor.read(move |tx| {
        let organization = tx.organization().clone();
        let in_force = expiration::policy(tx, &organization)?;
        let version = versions::current(tx, &organization, Policy::PasswordExpiration)?;
        let method = crate::features::organizations::method(tx, &organization)?;
        let shown = match wanted {
            Some(policy) => {
                let (changes, own) = (expiration::changes(tx)?, expiration::own_change(tx)?);
                Some(Shown::new(policy, forecast(policy, &changes, own, tx.now())))
            }
            None => None,
        };
        Ok::<_, StoreError>((in_force, version, method == LoginMethod::IdpAccount, shown))
    });
    let (in_force, version, by_provider, shown) = found.await?;
    // Whatever was pressed since, the form is still the one that was opened.
    let version = form.version.parse().unwrap_or(version);
    let problems = parsed.err().filter(|_| !form.waits_for_days()).unwrap_or_default();
    let (alert, newer) = (None, None);
    Ok(ExpirationPage { form, in_force, version, by_provider, shown, looks_first: false, problems, alert, newer })
}

/// `GET /iam/organization/security/password`.
pub async fn show(actor: Actor<ManageSecurity>, query: Query<Opening>) -> Reply {
    let kept: Option<ExpirationForm> = query.0.held.kept(&actor, urls::EXPIRATION).await?;
    if let Some(form) = kept {
        return Ok(Answer::page(page(&actor, form).await?));
    }
    let number = query.0.number();
    let policy = actor
        .read(move |tx| {
            let organization = tx.organization().clone();
            let older = match number {
                Some(number) => versions::find(tx, &organization, Policy::PasswordExpiration, number)?,
                None => None,
            };
            match older.and_then(|older| older.after()) {
                Some(policy) => Ok::<Expiration, StoreError>(policy),
                None => expiration::policy(tx, &organization),
            }
        })
        .await?;
    Ok(Answer::page(page(&actor, ExpirationForm::of(policy)).await?))
}

/// `POST /iam/organization/security/password`: shows what the choice would do, or saves what was shown.
pub async fn change(actor: Actor<ManageSecurity>, form: Form<ExpirationForm>) -> Reply {
    let form = form.0.settled();
    let page = page(&actor, form.clone()).await?;
    if page.by_provider {
        return Ok(Answer::refused(ExpirationPage { alert: Some(Text::new("expiration-by-provider")), ..page }));
    }
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(_) if page.problems.is_empty() => return Ok(Answer::page(page)),
        Err(_) => return Ok(Answer::refused(page)),
    };
    if form.action != "save" {
        return Ok(Answer::page(page));
    }
    if !form.has_seen(wanted) {
        // Nothing is put in force before its effect was on the page.
        return Ok(Answer::page(ExpirationPage { looks_first: true, ..page }));
    }
    put_in_force(actor, form, wanted).await
}

async fn put_in_force(actor: Actor<ManageSecurity>, form: ExpirationForm, wanted: Expiration) -> Reply {
    let version = form.version.parse().unwrap_or(-1);
    let saved = actor.write(move |tx| save(tx, wanted, version)).await?;
    let alert = match saved {
        Saved::InForce => return Ok(see_other(urls::ORGANIZATION_SECURITY).notice(Text::new("expiration-saved"))),
        Saved::Same => return Ok(see_other(urls::ORGANIZATION_SECURITY).notice(Text::new("policy-same"))),
        Saved::ByProvider => Text::new("expiration-by-provider"),
        Saved::Older | Saved::OwnAddress | Saved::UnknownProxy | Saved::NoWayBack | Saved::NotMeant => {
            Text::new("policy-older")
        }
    };
    // What is shown beside the form is known from here on: [Save] takes it for the version that it replaces.
    let page = self::page(&actor, ExpirationForm { version: String::new(), ..form }).await?;
    let newer = actor
        .read(|tx| {
            let organization = tx.organization().clone();
            versions::newest(tx, &organization, Policy::PasswordExpiration, 1)
        })
        .await?;
    Ok(Answer::refused(ExpirationPage { alert: Some(alert), newer: newer.into_iter().next(), ..page }))
}
