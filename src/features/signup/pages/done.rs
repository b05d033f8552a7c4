//! After the sign-up: what was mailed to whom, and what can still be corrected.

use askama::Template;
use serde::Deserialize;

use super::progress::{InProgress, Lost, begin_again, found};
use crate::access::Visitor;
use crate::access::failure::Failure;
use crate::base::email::Email;
use crate::base::i18n::{Language, Text, filters};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::urls;
use crate::features::signup::{self, ResendError, SignUp, Waiting};
use crate::platform::events::Reason;
use crate::platform::mail;
use crate::platform::mail::store::Fate;
use crate::platform::store::StoreError;
use crate::web::{Answer, Form, Problems, Reply, see_other};

#[derive(Template)]
#[template(path = "signup/done.html", blocks = ["form"])]
struct DonePage {
    waiting: Waiting,
    until: Option<String>,
    claimed: bool,
    mailed: Mailed,
    email: String,
    left: i32,
    problems: Problems,
}

crate::pages! { DonePage { form }; }

/// What became of the owner's invitation.
struct Mailed {
    heading: &'static str,
    told: Text,
}

impl Mailed {
    fn of(waiting: &Waiting, fate: Option<&Fate>, now: Moment, language: Language) -> Self {
        let text = |id| Text::new(id).with("email", waiting.email.as_str()).with("organization", &waiting.name);
        let zone = waiting.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let (heading, told) = match fate {
            None => ("signup-not-mailed-title", text("signup-not-mailed")),
            Some(fate) if fate.state == mail::State::Failed => (
                "signup-mail-failed-title",
                text("signup-mail-failed").with("answer", fate.answer.as_deref().unwrap_or("–")),
            ),
            // Not tried yet, and not before then.
            Some(fate) if fate.state == mail::State::Queued && fate.answer.is_none() && fate.due_at > now => {
                let at = crate::base::i18n::absolute(fate.due_at, zone, language);
                ("signup-mailed-later-title", text("signup-mailed-later").with("at", at))
            }
            Some(_) => ("signup-done-title", text("signup-done")),
        };
        Self { heading, told }
    }
}

async fn made(visitor: &Visitor) -> Result<Result<(SignUp, Waiting, Option<Fate>), Lost>, Failure> {
    let sign_up = match found(visitor).await? {
        Ok(sign_up) => sign_up,
        Err(lost) => return Ok(Err(lost)),
    };
    let id = sign_up.id.clone();
    let outcome = visitor.read(move |tx| {
        let Some(waiting) = signup::outcome(tx, &id)? else {
            return Ok::<_, StoreError>(None);
        };
        let fate = mail::store::newest(tx, &waiting.organization, &waiting.owner, "invitation")?;
        Ok(Some((waiting, fate)))
    });
    Ok(outcome.await?.map(|(waiting, fate)| (sign_up, waiting, fate)).ok_or(Lost::Expired))
}

fn done_page(
    visitor: &Visitor,
    sign_up: &SignUp,
    (waiting, fate): (Waiting, Option<&Fate>),
    email: Option<String>,
    problems: Problems,
) -> DonePage {
    let left = (visitor.app().config.limits.sign_up_mails - sign_up.mails).max(0);
    let zone = waiting.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    // Without an email there is no link.
    let has_link = fate.is_some_and(|fate| fate.state != mail::State::Failed);
    let until = waiting.until.filter(|_| has_link);
    let until = until.map(|until| crate::base::i18n::absolute(until, zone, visitor.language()));
    DonePage {
        until,
        mailed: Mailed::of(&waiting, fate, visitor.app().clock().now(), visitor.language()),
        claimed: waiting.state != State::AwaitingOwner,
        email: email.unwrap_or_else(|| waiting.email.to_string()),
        left,
        problems,
        waiting,
    }
}

/// `GET /signup/done`: what was mailed to whom, and what can still be corrected.
pub async fn done(visitor: Visitor) -> Reply {
    let (sign_up, waiting, fate) = match made(&visitor).await? {
        Ok(made) => made,
        Err(lost) => return begin_again(&visitor, lost, None).await,
    };
    let page = done_page(&visitor, &sign_up, (waiting, fate.as_ref()), None, Problems::default());
    Ok(Answer::page(page).about(InProgress::from(&sign_up)))
}

/// Records in the log of the organization that its owner's invitation is not mailed again.
async fn note(visitor: &Visitor, reason: Reason, waiting: &Waiting) {
    let target = ("user", waiting.owner.to_string(), waiting.email.to_string());
    visitor.note_refusal_of(reason, target, Some(&waiting.organization)).await;
}

/// The owner's address, corrected or not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    email: String,
}

/// `POST /signup/done`: a new mail, to a corrected address if it was changed.
pub async fn correct(visitor: Visitor, form: Form<CorrectionForm>) -> Reply {
    let (sign_up, waiting, fate) = match made(&visitor).await? {
        Ok(made) => made,
        Err(lost) => return begin_again(&visitor, lost, None).await,
    };
    let refused = |problem: Text| {
        let page = done_page(
            &visitor,
            &sign_up,
            (waiting.clone(), fate.as_ref()),
            Some(form.email.clone()),
            Problems::one("email", problem),
        );
        Answer::refused(page).about(InProgress::from(&sign_up))
    };
    let email = match Email::parse(&form.email) {
        Ok(email) => email,
        Err(problem) => return Ok(refused(problem.into())),
    };
    let (config, id) = (visitor.app().config.clone(), sign_up.id.clone());
    let done = see_other(urls::SIGN_UP_DONE).about(InProgress::from(&sign_up));
    match visitor.write(move |tx| crate::features::signup::mail_again(tx, &id, Some(&email), &config)).await {
        Ok(later) => {
            Ok(done.notice(Text::new(if later { "signup-mailed-again-later" } else { "signup-mailed-again" })))
        }
        Err(ResendError::NotWaiting) => Ok(done),
        Err(ResendError::NoMore) => {
            note(&visitor, Reason::Throttled, &waiting).await;
            Ok(refused(Text::new("signup-no-more-mails")))
        }
        Err(ResendError::Throttled(_)) => {
            note(&visitor, Reason::Throttled, &waiting).await;
            Ok(refused(Text::new("signup-address-throttled")))
        }
        Err(ResendError::Store(cause)) => Err(cause.into()),
    }
}
