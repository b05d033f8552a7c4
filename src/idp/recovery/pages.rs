//! Page of the owner's recovery codes: made anew, and shown once.

use askama::Template;

use super::{make, store};
use crate::factors::recovery::RecoveryCode;
use crate::i18n::filters;
use crate::idp::steward::{Place, Stewarding};
use crate::web::{Answer, Reply};

#[derive(Template)]
#[template(path = "idp/codes.html")]
struct CodesPage {
    place: Place,
    repairs: bool,
    left: i64,
    codes: Vec<String>,
}
crate::pages! { CodesPage; }

/// `GET`: how many there are.
pub async fn show<S: Stewarding>(steward: S) -> Reply {
    let left = steward.read(|work, steward| store::count(work, &steward.organization, &steward.user)).await?;
    Ok(Answer::page(CodesPage { place: S::PLACE, repairs: steward.steward().repairs, left, codes: Vec::new() }))
}

/// `POST`: ten new ones, shown once.
pub async fn renew<S: Stewarding>(steward: S) -> Reply {
    let codes: Vec<RecoveryCode> = steward.write(make).await?;
    let codes: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let left = i64::try_from(codes.len()).unwrap_or_default();
    Ok(Answer::page(CodesPage { place: S::PLACE, repairs: steward.steward().repairs, left, codes }).uncompressed())
}
