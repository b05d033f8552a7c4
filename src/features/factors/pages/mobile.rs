//! Account info > Mobile number: set, verified by a code, changed, removed.

use askama::Template;
use serde::Deserialize;

use super::factors;
use crate::access::failure::Failure;
use crate::access::{Actor, OwnAccount, OwnSecrets};
use crate::base::countries::{self, Country};
use crate::base::entropy::Code;
use crate::base::i18n::{Language, Text, filters};
use crate::base::person::Phone;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::factors::{Factors, SendError, own_mobile_slot};
use crate::platform::codes::{self, Sent, Verdict, sms};
use crate::platform::config::Config;
use crate::platform::mail::{State, outbox};
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "factors/mobile.html", blocks = ["form"])]
struct MobilePage {
    form: MobileForm,
    problems: Problems,
    countries: &'static [Country],
    language: Language,
    has_number: bool,
}

#[derive(Template)]
#[template(path = "factors/mobile_verification.html", blocks = ["form"])]
struct VerificationPage {
    number: Option<Phone>,
    is_open: bool,
    is_offered: bool,
    sent: Option<Sent>,
    delivery: Option<Text>,
    alert: Option<Text>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "factors/mobile_removal.html")]
struct RemovalPage {
    number: Option<Phone>,
}

crate::pages! {
    MobilePage { form };
    VerificationPage { form };
    RemovalPage;
}

/// A number as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MobileForm {
    mobile_country: String,
    mobile: String,
}

impl MobileForm {
    fn parse(&self, config: &Config) -> Result<Phone, Problems> {
        let mut problems = Problems::default();
        let country = countries::find(&self.mobile_country).ok_or(Problem::NotACountry);
        let country = problems.take("mobile_country", country);
        let number = Phone::parse(&self.mobile, country.map_or("", |country| country.code));
        let number = number.and_then(|number| match sms::reaches(&number, config) {
            true => Ok(number),
            false => Err(Problem::NotMobile),
        });
        let number = problems.take("mobile", number);
        number.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

fn mobile_page(actor: &Actor<OwnSecrets>, mut form: MobileForm, factors: &Factors, problems: Problems) -> MobilePage {
    if form.mobile_country.is_empty() {
        let told = factors.mobile.as_ref().and_then(Phone::country);
        form.mobile_country = told.unwrap_or_else(|| actor.app().config.default_country.clone());
    }
    let language = actor.language();
    MobilePage {
        form,
        problems,
        countries: countries::by_name(language),
        language,
        has_number: factors.mobile.is_some(),
    }
}

/// `GET /account/mobile`: the login is fresh when this page is shown.
pub async fn show(actor: Actor<OwnSecrets>, query: Query<Held>) -> Reply {
    let mut form: MobileForm = query.0.form(&actor, urls::ACCOUNT_MOBILE).await?;
    let factors = factors(&actor).await?;
    if form.mobile.is_empty()
        && let Some(number) = &factors.mobile
    {
        form.mobile = number.international();
    }
    Ok(Answer::page(mobile_page(&actor, form, &factors, Problems::default())))
}

/// `POST /account/mobile`.
pub async fn save(actor: Actor<OwnSecrets>, form: Form<MobileForm>) -> Reply {
    let number = match form.parse(&actor.app().config) {
        Ok(number) => number,
        Err(problems) => {
            let factors = factors(&actor).await?;
            return Ok(Answer::refused(mobile_page(&actor, form.0, &factors, problems)));
        }
    };
    let changed = actor.write(move |tx| crate::features::factors::change_mobile(tx, &number)).await?;
    let notice = Text::new(if changed { "factor-mobile-saved" } else { "factor-mobile-same" });
    let next =
        if factors(&actor).await?.can_verify_mobile() { urls::ACCOUNT_MOBILE_VERIFICATION } else { urls::ACCOUNT };
    Ok(see_other(next).notice(notice))
}

async fn verification_page(actor: &Actor<OwnAccount>) -> Result<VerificationPage, Failure> {
    let config = &actor.app().config;
    let limits = config.limits;
    let factors = factors(actor).await?;
    let found = actor.read(move |tx| {
        let Some(slot) = own_mobile_slot(tx)? else {
            return Ok::<_, StoreError>(None);
        };
        let Some(sent) = codes::waiting(tx, &slot, &limits)? else {
            return Ok(None);
        };
        let organization = tx.organization().clone();
        let fate = outbox::fate(tx, &organization, &sent.message)?;
        Ok(Some((sent, fate)))
    });
    let (sent, fate) = found.await?.unzip();
    Ok(VerificationPage {
        is_open: factors.can_verify_mobile(),
        number: factors.mobile,
        is_offered: config.sms.is_offered(config.mode),
        sent,
        delivery: fate.flatten().and_then(|(state, answer)| delivery(state, answer)),
        alert: None,
        problems: Problems::default(),
    })
}

/// What is worth telling of a delivery that did not go well. A gateway's answer begins with its status.
fn delivery(state: State, answer: Option<String>) -> Option<Text> {
    let code = answer.filter(|answer| answer.starts_with(|c: char| c.is_ascii_digit()));
    match (state, code) {
        (State::Failed, Some(code)) => Some(Text::new("factor-mobile-refused").with("code", code)),
        (State::Failed, None) => Some(Text::new("factor-mobile-undelivered")),
        (State::Queued, _) | (State::Sent, _) => None,
    }
}

/// `GET /account/mobile/verification`.
pub async fn verification(actor: Actor<OwnAccount>) -> Reply {
    Ok(Answer::page(verification_page(&actor).await?))
}

/// `GET /account/mobile/code`: the page has the button.
pub async fn code_page(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::ACCOUNT_MOBILE_VERIFICATION))
}

/// `POST /account/mobile/code`: [Send code].
pub async fn send_code(actor: Actor<OwnAccount>) -> Reply {
    let config = actor.app().config.clone();
    if !config.sms.is_offered(config.mode) {
        let alert = Some(Text::new("factor-sms-absent"));
        return Ok(Answer::refused(VerificationPage { alert, ..verification_page(&actor).await? }));
    }
    match actor.write(move |tx| crate::features::factors::send_mobile_code(tx, &config)).await {
        Ok(()) => Ok(see_other(urls::ACCOUNT_MOBILE_VERIFICATION)),
        Err(SendError::NothingToVerify) => Ok(see_other(urls::ACCOUNT_MOBILE_VERIFICATION)),
        Err(SendError::Unreachable) => {
            let alert = Some(Text::new("factor-mobile-unreachable"));
            Ok(Answer::refused(VerificationPage { alert, ..verification_page(&actor).await? }))
        }
        Err(SendError::Throttled(until)) => {
            let seconds = until.since(actor.app().clock().now()).num_seconds().max(1);
            let alert = Some(Text::new("factor-sends-throttled").with("minutes", (seconds + 59) / 60));
            Ok(Answer::throttled(VerificationPage { alert, ..verification_page(&actor).await? }, seconds))
        }
        Err(SendError::Store(cause)) => Err(cause.into()),
    }
}

/// A code as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    pub(super) one_time_code: String,
}

/// `POST /account/mobile/verification`: [Verify number].
pub async fn verify(actor: Actor<OwnAccount>, form: Form<CodeForm>) -> Reply {
    let verdict = match Code::read(&form.one_time_code) {
        Ok(code) => {
            let limits = actor.app().config.limits;
            Ok(actor.write(move |tx| crate::features::factors::verify_mobile(tx, &code, &limits)).await?)
        }
        Err(problem) => Err(problem),
    };
    let problem = match verdict {
        Ok(Verdict::Right) => return Ok(see_other(urls::ACCOUNT).notice(Text::new("factor-mobile-verified"))),
        Ok(Verdict::Wrong { left: Some(left) }) if left > 0 => Problem::WrongCode(left),
        Ok(Verdict::Replaced) => Problem::CodeReplaced,
        Ok(Verdict::Wrong { .. } | Verdict::Spent) => Problem::CodeSpent,
        Ok(Verdict::Paused(_)) => Problem::TooManyCodes,
        Err(problem) => problem,
    };
    let page = verification_page(&actor).await?;
    // Without a code that waits there is no field to complain at.
    Ok(match (page.is_open, &page.sent) {
        (false, _) => see_other(urls::ACCOUNT_MOBILE_VERIFICATION),
        (true, None) => Answer::refused(VerificationPage { alert: Some(problem.into()), ..page }),
        (true, Some(_)) => {
            Answer::refused(VerificationPage { problems: Problems::one("one_time_code", problem), ..page })
        }
    })
}

/// `GET /account/mobile/removal`.
pub async fn removal(actor: Actor<OwnSecrets>) -> Reply {
    Ok(Answer::page(RemovalPage { number: factors(&actor).await?.mobile }))
}

/// `POST /account/mobile/removal`.
pub async fn remove(actor: Actor<OwnSecrets>) -> Reply {
    actor.write(crate::features::factors::remove_mobile).await?;
    Ok(see_other(urls::ACCOUNT).notice(Text::new("factor-mobile-removed")))
}
