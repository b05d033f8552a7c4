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
use crate::features::idp::authorization::BeginError;
use crate::features::idp::login::state_cookie::leave;
use crate::features::idp::{self, Providers, Settings, Tested};
use crate::features::policies::settings_caller::{CallsSettings, SettingsUrls};
use crate::platform::oidc::authorize::redirect_uri;
use crate::platform::oidc::checks::{Check, Outcome, checks};
use crate::platform::oidc::discovery::{self, set_up};
use crate::platform::oidc::{Provider, Refused};
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/settings.html", blocks = ["form"])]
struct SettingsPage {
    place: SettingsUrls,
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
    place: SettingsUrls,
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

async fn providers<S: CallsSettings>(caller: &S) -> Result<Providers, Failure> {
    caller.read(|work, caller| idp::providers(work, &caller.organization)).await.map_err(Failure::from)
}

fn page<S: CallsSettings>(caller: &S, providers: &Providers, form: SettingsForm) -> SettingsPage {
    let who = caller.caller();
    SettingsPage {
        place: S::URLS,
        repairs: who.repairs(),
        organization: who.organization_name,
        redirect_uri: redirect_uri(&caller.app().config.public_url),
        in_force: providers.in_force.is_some(),
        has_secret: stored(providers).is_some(),
        alert: None,
        form,
        problems: Problems::default(),
        refused: None,
    }
}

/// What the form starts from.
fn stored(providers: &Providers) -> Option<&Settings> {
    providers.draft.as_ref().or(providers.in_force.as_ref())
}

/// The form, or where the trial stands.
pub async fn settings<S: CallsSettings>(caller: &S, held: Option<SettingsForm>, alert: Option<Text>) -> Reply {
    let providers = providers(caller).await?;
    if providers.on_trial.is_some() {
        return Ok(see_other(S::URLS.trial));
    }
    let form = held.unwrap_or_else(|| SettingsForm::of(stored(&providers)));
    Ok(Answer::page(SettingsPage { alert, ..page(caller, &providers, form) }))
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
pub async fn test<S: CallsSettings>(caller: S, form: Form<SettingsForm>) -> Reply {
    let providers = providers(&caller).await?;
    if providers.on_trial.is_some() {
        return Ok(see_other(S::URLS.trial).refusal(Text::new("idp-on-trial-first")));
    }
    let page = || page(&caller, &providers, SettingsForm { client_secret: String::new(), ..form.0.clone() });
    let (draft, secret, secret_expires_on) = match form.parse(stored(&providers)) {
        Ok(typed) => typed,
        Err(problems) => return Ok(Answer::refused(SettingsPage { problems, ..page() })),
    };
    let now = caller.app().clock().now();
    if let Err(until) = caller.app().paces.integration_tests.allow(&caller.caller().organization, now) {
        let (wait, seconds) = crate::web::waiting::waiting("idp-tests-throttled", until, now);
        return Ok(Answer::throttled(SettingsPage { alert: Some(wait), ..page() }, seconds));
    }
    let configuration = match set_up(&caller.app().outbound, &draft).await {
        Ok(configuration) => configuration,
        Err(refused) => return Ok(Answer::refused(SettingsPage { refused: Some(refused), ..page() })),
    };
    let values = Values { configuration, secret, secret_expires_on };
    let public_url = caller.app().config.public_url.clone();
    let begun = caller.write(move |work, caller| begin_test(work, caller, &values, &public_url, S::URLS.test)).await;
    match begun {
        Ok(Begun::Away(carried)) => Ok(leave(caller.request(), carried)),
        Ok(Begun::OnTrial) => Ok(see_other(S::URLS.trial).refusal(Text::new("idp-on-trial-first"))),
        Err(BeginError::Refused(refused)) => Ok(Answer::refused(SettingsPage { refused: Some(*refused), ..page() })),
        Err(BeginError::Store(cause)) => Err(cause.into()),
    }
}

/// `POST` of the form by [Fill in from the issuer]: what the issuer publishes fills the form.
pub async fn discover<S: CallsSettings>(caller: S, form: Form<SettingsForm>) -> Reply {
    let providers = providers(&caller).await?;
    let mut form = SettingsForm { provider: Provider::Other.word().to_owned(), ..form.0 };
    let page = |form| page(&caller, &providers, form);
    let issuer = match form.issuer() {
        Ok(issuer) => issuer,
        Err(problem) => {
            let problems = Problems::one("issuer", problem);
            return Ok(Answer::refused(SettingsPage { problems, ..page(form) }));
        }
    };
    match discovery::look_up(&caller.app().outbound, &issuer).await {
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
pub async fn result<S: CallsSettings>(caller: S) -> Reply {
    let providers = providers(&caller).await?;
    let now = caller.app().clock().now();
    let made = providers.draft.as_ref().and_then(|draft| Some((draft.tested.clone()?, draft.may_start_until(now))));
    let Some(((tested, at), until)) = made else {
        return settings(&caller, None, Some(Text::new("idp-test-first"))).await;
    };
    let checks = checks(tested.refused.as_ref().map_or(Ok(()), Err));
    Ok(Answer::page(TestPage { place: S::URLS, repairs: caller.caller().repairs(), checks, tested, at, until }))
}
