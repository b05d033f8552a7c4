//! Page of the owner's recovery codes: made anew, and shown once.

use askama::Template;

use super::make;
use crate::access::failure::Failure;
use crate::base::i18n::filters;
use crate::features::factors::ShownCodes;
use crate::features::factors::recovery::RecoveryCode;
use crate::features::idp::recovery;
use crate::features::policies::settings_caller::{CallsSettings, SettingsUrls};
use crate::platform::store::StoreError;
use crate::web::{Answer, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/codes.html")]
struct CodesPage {
    place: SettingsUrls,
    repairs: bool,
    left: i64,
    codes: Vec<String>,
    /// Where one goes on: to the trial that asked for them, or back.
    next: &'static str,
}
crate::pages! { CodesPage; }

async fn page<S: CallsSettings>(caller: &S, codes: Vec<String>) -> Result<CodesPage, Failure> {
    let read = caller.read(|work, caller| {
        let left = recovery::count(work, &caller.organization, &caller.user)?;
        let draft = crate::features::idp::providers(work, &caller.organization)?.draft;
        let now = work.now();
        Ok::<_, StoreError>((left, draft.is_some_and(|draft| draft.may_start_until(now).is_some())))
    });
    let (left, is_tested) = read.await?;
    let next = if is_tested { S::URLS.trial } else { S::URLS.home };
    Ok(CodesPage { place: S::URLS, repairs: caller.caller().repairs(), left, codes, next })
}

/// `GET`: how many there are, or the new ones that the address carries.
pub async fn show<S: CallsSettings>(caller: S) -> Reply {
    let shown = ShownCodes::of(caller.request(), &caller.caller().user);
    Ok(Answer::page(page(&caller, shown.map(|shown| shown.codes).unwrap_or_default()).await?).uncompressed())
}

/// `POST`: ten new ones, for the page that shows them.
pub async fn renew<S: CallsSettings>(caller: S) -> Reply {
    let codes: Vec<RecoveryCode> = caller.write(make).await?;
    Ok(see_other(S::URLS.codes).about(ShownCodes::new(&caller.caller().user, &codes, false)))
}
