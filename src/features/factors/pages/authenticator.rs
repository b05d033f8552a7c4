//! Account info > Authenticator app: set up, tried, replaced, removed.

use askama::Template;

use super::factors;
use super::mobile::CodeForm;
use super::recovery::show_codes;
use crate::access::failure::Failure;
use crate::access::{Actor, Method, OwnAccount, OwnSecrets};
use crate::base::entropy::Code;
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::factors::authenticator::{self, SetUp};
use crate::features::factors::{Factors, QrCode, Seed};
use crate::platform::codes::Verdict;
use crate::web::{Answer, Form, Problems, Reply, see_other};

#[derive(Template)]
#[template(path = "factors/authenticator.html", blocks = ["form"])]
struct AuthenticatorPage {
    factors: Factors,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "factors/setup.html")]
struct SetupPage {
    is_replaced: bool,
}

#[derive(Template)]
#[template(path = "factors/verification.html")]
struct VerificationPage {
    seed: Seed,
    uri: String,
    qr: QrCode,
    email: String,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "factors/removal.html")]
struct RemovalPage {
    is_there: bool,
}

crate::pages! {
    AuthenticatorPage { form };
    SetupPage;
    VerificationPage;
    RemovalPage;
}

/// What is wrong with a code of the app, if anything is.
fn judged(verdict: Verdict) -> Result<(), Problem> {
    match verdict {
        Verdict::Right => Ok(()),
        Verdict::Wrong { .. } => Err(Problem::WrongAppCode),
        Verdict::Replaced | Verdict::Spent => Err(Problem::AppCodeUsed),
        Verdict::Paused(_) => Err(Problem::TooManyCodes),
    }
}

fn typed(form: &CodeForm) -> Result<Code, Problem> {
    Code::read(&form.one_time_code)
}

/// `GET /account/authenticator`.
pub async fn show(actor: Actor<OwnAccount>) -> Reply {
    if actor.identity().method == Method::Idp {
        return Ok(see_other(urls::ACCOUNT).refusal(Text::new("account-by-provider")));
    }
    let factors = factors(&actor).await?;
    Ok(Answer::page(AuthenticatorPage { factors, problems: Problems::default() }))
}

/// `POST /account/authenticator`: tries a code.
pub async fn test(actor: Actor<OwnAccount>, form: Form<CodeForm>) -> Reply {
    let factors = factors(&actor).await?;
    if factors.authenticator_since.is_none() {
        return Ok(see_other(urls::ACCOUNT_AUTHENTICATOR));
    }
    let problem = match typed(&form) {
        Ok(code) => {
            let limits = actor.app().config.limits;
            judged(actor.write(move |tx| authenticator::test(tx, &code, &limits)).await?).err()
        }
        Err(problem) => Some(problem),
    };
    Ok(match problem {
        None => see_other(urls::ACCOUNT_AUTHENTICATOR).notice(Text::new("factor-app-works")),
        Some(problem) => {
            Answer::refused(AuthenticatorPage { factors, problems: Problems::one("one_time_code", problem) })
        }
    })
}

/// `GET /account/authenticator/setup`.
pub async fn setup(actor: Actor<OwnSecrets>) -> Reply {
    if actor.identity().method == Method::Idp {
        return Ok(see_other(urls::ACCOUNT).refusal(Text::new("account-by-provider")));
    }
    Ok(Answer::page(SetupPage { is_replaced: factors(&actor).await?.authenticator_since.is_some() }))
}

/// `POST /account/authenticator/setup`: [Show QR code].
pub async fn begin(actor: Actor<OwnSecrets>) -> Reply {
    if actor.identity().method == Method::Idp {
        return Ok(see_other(urls::ACCOUNT).refusal(Text::new("account-by-provider")));
    }
    actor.write(authenticator::begin).await?;
    Ok(see_other(urls::ACCOUNT_AUTHENTICATOR_VERIFICATION))
}

async fn verification_page(actor: &Actor<OwnSecrets>) -> Result<Option<VerificationPage>, Failure> {
    let Some(seed) = actor.read(authenticator::pending).await? else {
        return Ok(None);
    };
    let (product, identity) = (&actor.app().config.brand.product, actor.identity());
    let broken = || Failure::Internal("the setup key cannot be drawn".to_owned());
    let uri = seed.uri(product, &identity.email, &identity.organization_name).ok_or_else(broken)?;
    let qr = QrCode::of(&uri).ok_or_else(broken)?;
    let email = format!("{} ({})", identity.email, identity.organization_name);
    Ok(Some(VerificationPage { seed, uri, qr, email, problems: Problems::default() }))
}

/// `GET /account/authenticator/verification`: QR code and setup key, for as long as the app is being set up.
pub async fn verification(actor: Actor<OwnSecrets>) -> Reply {
    match verification_page(&actor).await? {
        Some(page) => Ok(Answer::page(page).uncompressed()),
        None => setup(actor).await,
    }
}

/// `POST /account/authenticator/verification`: [Verify code]; the next page shows the recovery codes.
pub async fn verify(actor: Actor<OwnSecrets>, form: Form<CodeForm>) -> Reply {
    let problem = match typed(&form) {
        Ok(code) => {
            let limits = actor.app().config.limits;
            match actor.write(move |tx| authenticator::set_up(tx, &code, &limits)).await? {
                SetUp::Done(codes) => return Ok(show_codes(&actor, &codes, true)),
                SetUp::NotBegun => return Ok(see_other(urls::ACCOUNT_AUTHENTICATOR)),
                SetUp::Not(verdict) => judged(verdict).err().unwrap_or(Problem::AppCodeUsed),
            }
        }
        Err(problem) => problem,
    };
    Ok(match verification_page(&actor).await? {
        Some(page) => Answer::refused(VerificationPage { problems: Problems::one("one_time_code", problem), ..page })
            .uncompressed(),
        None => see_other(urls::ACCOUNT_AUTHENTICATOR),
    })
}

/// `GET /account/authenticator/removal`.
pub async fn removal(actor: Actor<OwnSecrets>) -> Reply {
    Ok(Answer::page(RemovalPage { is_there: factors(&actor).await?.authenticator_since.is_some() }))
}

/// `POST /account/authenticator/removal`.
pub async fn remove(actor: Actor<OwnSecrets>) -> Reply {
    actor.write(authenticator::remove).await?;
    Ok(see_other(urls::ACCOUNT).notice(Text::new("factor-app-removed")))
}
