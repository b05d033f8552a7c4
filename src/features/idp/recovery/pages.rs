//! Page of the owner's recovery codes: made anew, and shown once.

use askama::Template;

use super::make;
use crate::access::failure::Failure;
use crate::base::i18n::filters;
use crate::features::factors::ShownCodes;
use crate::features::factors::recovery::RecoveryCode;
use crate::features::idp::recovery;
use crate::features::policies::steward::{Place, Stewarding};
use crate::platform::store::StoreError;
use crate::web::{Answer, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/codes.html")]
struct CodesPage {
    place: Place,
    repairs: bool,
    left: i64,
    codes: Vec<String>,
    /// Where one goes on: to the trial that asked for them, or back.
    next: &'static str,
}
crate::pages! { CodesPage; }

async fn page<S: Stewarding>(steward: &S, codes: Vec<String>) -> Result<CodesPage, Failure> {
    let read = steward.read(|work, steward| {
        let left = recovery::count(work, &steward.organization, &steward.user)?;
        let draft = crate::features::idp::standing(work, &steward.organization)?.draft;
        let now = work.now();
        Ok::<_, StoreError>((left, draft.is_some_and(|draft| draft.may_start_until(now).is_some())))
    });
    let (left, is_tested) = read.await?;
    let next = if is_tested { S::PLACE.trial } else { S::PLACE.home };
    Ok(CodesPage { place: S::PLACE, repairs: steward.steward().repairs, left, codes, next })
}

/// `GET`: how many there are, or the new ones that the address carries.
pub async fn show<S: Stewarding>(steward: S) -> Reply {
    let shown = ShownCodes::of(steward.request(), &steward.steward().user);
    Ok(Answer::page(page(&steward, shown.map(|shown| shown.codes).unwrap_or_default()).await?).uncompressed())
}

/// `POST`: ten new ones, for the page that shows them.
pub async fn renew<S: Stewarding>(steward: S) -> Reply {
    let codes: Vec<RecoveryCode> = steward.write(make).await?;
    Ok(see_other(S::PLACE.codes).about(ShownCodes::new(&steward.steward().user, &codes, false)))
}
