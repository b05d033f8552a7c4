//! Pages of the provider's settings: the form with its integration test, and how the test ended. The owner opens them in
//! the console or, with a recovery code, in a repair session.

use askama::Template;

use super::form::SettingsForm;
use super::{Begun, Values, begin_test};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageLogin};
use crate::base::i18n::{Text, filters};
use crate::base::moment::Moment;
use crate::base::urls;
use crate::features::idp::login::leaving::leave;
use crate::features::idp::trips::SetOutError;
use crate::features::idp::{self, Settings, Standing, Tested};
use crate::features::policies::steward::{Place, Stewarding};
use crate::platform::oidc::authorize::redirect_uri;
use crate::platform::oidc::checks::{Check, Outcome, checks};
use crate::platform::oidc::discovery::{self, set_up};
use crate::platform::oidc::{Provider, Refused};
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/settings.html", blocks = ["form"])]
struct SettingsPage {
    place: Place,
    organization: String,
    repairs: bool,
    redirect_uri: String,
    in_force: bool,
    has_secret: bool,
    alert: Option<Text>,
    form: SettingsForm,
    problems: Problems,
    refused: Option<Refused>,
}

#[derive(Template)]
#[template(path = "idp/test.html")]
struct TestPage {
    place: Place,
    repairs: bool,
    checks: Vec<(Check, Outcome)>,
    tested: Tested,
    at: Moment,
    until: Option<Moment>,
}

crate::pages! {
    SettingsPage { form };
    TestPage;
}

impl TestPage {
    fn is_passed(&self) -> bool {
        self.tested.refused.is_none()
    }
}

async fn standing<S: Stewarding>(steward: &S) -> Result<Standing, Failure> {
    steward.read(|work, steward| idp::standing(work, &steward.organization)).await.map_err(Failure::from)
}

fn page<S: Stewarding>(steward: &S, standing: &Standing, form: SettingsForm) -> SettingsPage {
    let who = steward.steward();
    SettingsPage {
        place: S::PLACE,
        organization: who.organization_name,
        repairs: who.repairs,
        redirect_uri: redirect_uri(&steward.app().config.public_url),
        in_force: standing.in_force.is_some(),
        has_secret: stored(standing).is_some(),
        alert: None,
        form,
        problems: Problems::default(),
        refused: None,
    }
}

/// What the form starts from.
fn stored(standing: &Standing) -> Option<&Settings> {
    standing.draft.as_ref().or(standing.in_force.as_ref())
}

/// The form, or where the trial stands.
pub async fn settings<S: Stewarding>(steward: &S, held: Option<SettingsForm>, alert: Option<Text>) -> Reply {
    let standing = standing(steward).await?;
    if standing.on_trial.is_some() {
        return Ok(see_other(S::PLACE.trial));
    }
    let form = held.unwrap_or_else(|| SettingsForm::of(stored(&standing)));
    Ok(Answer::page(SettingsPage { alert, ..page(steward, &standing, form) }))
}

/// `GET /iam/organization/account/idp`.
pub async fn show(actor: Actor<ManageLogin>, query: Query<Held>) -> Reply {
    let held = query.0.kept(&actor, urls::IDP).await?;
    settings(&actor, held, None).await
}

/// `GET /iam/organization/account/idp/discovery`: the form, which has the button.
pub async fn show_discovery(actor: Actor<ManageLogin>, query: Query<Held>) -> Reply {
    let held = query.0.kept(&actor, urls::IDP_DISCOVERY).await?;
    settings(&actor, held, None).await
}

/// `POST` of the form: [IdP integration test].
pub async fn test<S: Stewarding>(steward: S, form: Form<SettingsForm>) -> Reply {
    let standing = standing(&steward).await?;
    if standing.on_trial.is_some() {
        return Ok(see_other(S::PLACE.trial).refusal(Text::new("idp-on-trial-first")));
    }
    let page = || page(&steward, &standing, SettingsForm { client_secret: String::new(), ..form.0.clone() });
    let (draft, secret, secret_expires_on) = match form.parse(stored(&standing)) {
        Ok(typed) => typed,
        Err(problems) => return Ok(Answer::refused(SettingsPage { problems, ..page() })),
    };
    let now = steward.app().clock().now();
    if let Err(until) = steward.app().paces.integration_tests.allow(&steward.steward().organization, now) {
        let (wait, seconds) = crate::web::waiting::waiting("idp-tests-throttled", until, now);
        return Ok(Answer::throttled(SettingsPage { alert: Some(wait), ..page() }, seconds));
    }
    let configuration = match set_up(&steward.app().outbound, &draft).await {
        Ok(configuration) => configuration,
        Err(refused) => return Ok(Answer::refused(SettingsPage { refused: Some(refused), ..page() })),
    };
    let values = Values { configuration, secret, secret_expires_on };
    let public_url = steward.app().config.public_url.clone();
    let begun =
        steward.write(move |work, steward| begin_test(work, steward, &values, &public_url, S::PLACE.test)).await;
    match begun {
        Ok(Begun::Away(carried)) => Ok(leave(steward.request(), carried)),
        Ok(Begun::OnTrial) => Ok(see_other(S::PLACE.trial).refusal(Text::new("idp-on-trial-first"))),
        Err(SetOutError::Refused(refused)) => Ok(Answer::refused(SettingsPage { refused: Some(*refused), ..page() })),
        Err(SetOutError::Store(cause)) => Err(cause.into()),
    }
}

/// `POST` of the form by [Fill in from the issuer]: what the issuer publishes fills the form.
pub async fn discover<S: Stewarding>(steward: S, form: Form<SettingsForm>) -> Reply {
    let standing = standing(&steward).await?;
    let mut form = SettingsForm { provider: Provider::Other.word().to_owned(), ..form.0 };
    let page = |form| page(&steward, &standing, form);
    let issuer = match form.issuer() {
        Ok(issuer) => issuer,
        Err(problem) => {
            let problems = Problems::one("issuer", problem);
            return Ok(Answer::refused(SettingsPage { problems, ..page(form) }));
        }
    };
    match discovery::look_up(&steward.app().outbound, &issuer).await {
        Ok(found) => {
            form.issuer = found.issuer;
            form.authorization_url = found.authorization_url;
            form.token_url = found.token_url;
            form.client_authentication = found.client_authentication.word().to_owned();
            Ok(Answer::page(page(form)))
        }
        Err(refused) => Ok(Answer::refused(SettingsPage { refused: Some(refused), ..page(form) })),
    }
}

/// `GET`: how the integration test ended.
pub async fn result<S: Stewarding>(steward: S) -> Reply {
    let standing = standing(&steward).await?;
    let now = steward.app().clock().now();
    let made = standing.draft.as_ref().and_then(|draft| Some((draft.tested.clone()?, draft.may_start_until(now))));
    let Some(((tested, at), until)) = made else {
        return settings(&steward, None, Some(Text::new("idp-test-first"))).await;
    };
    let checks = checks(tested.refused.as_ref().map_or(Ok(()), Err));
    Ok(Answer::page(TestPage { place: S::PLACE, repairs: steward.steward().repairs, checks, tested, at, until }))
}
