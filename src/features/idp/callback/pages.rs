//! Where the provider sends the browser back to.

use crate::access::{Visitor, cookies};
use crate::features::idp::authorization::{self, Purpose, Returned, Taken};
use crate::features::idp::login::pages::{end_login, reject_callback};
use crate::features::idp::login::state_cookie::state_cookie;
use crate::features::idp::{confirmation, setup};
use crate::platform::oidc::exchange::{self, Callback, Party};
use crate::platform::oidc::{Claims, Keys, Reason, Refused};
use crate::platform::store::StoreError;
use crate::web::{Reply, see_other};

/// `GET /auth/oidc/callback`: the provider sent the browser back. Everything rests on the authorization request that is kept here.
pub async fn callback(visitor: Visitor) -> Reply {
    let query = visitor.request().query_string().to_owned();
    let Ok(callback) = Callback::parse(&query) else {
        return Ok(reject_callback(&visitor, None));
    };
    let state = callback.state().unwrap_or_default().to_owned();
    let Some((name, carried)) = state_cookie(visitor.request(), &authorization::handle(&state)) else {
        return Ok(reject_callback(&visitor, None));
    };
    let taken = visitor.write(move |tx| {
        let taken = authorization::take(tx, &carried, &state)?;
        Ok::<_, StoreError>(tx.unrecorded("what comes of a request is recorded when it ends", taken))
    });
    let answer = match taken.await? {
        Taken::Back(returned) => end(&visitor, *returned, &callback).await?,
        Taken::Used(return_to) => reject_callback(&visitor, Some(return_to)),
        Taken::Unknown => reject_callback(&visitor, None),
    };
    Ok(answer.cookie(cookies::removal(name)))
}

async fn end(visitor: &Visitor, returned: Returned, callback: &Callback) -> Reply {
    let ended = verify(visitor, &returned, callback).await;
    match returned.intent.purpose {
        Purpose::Test => end_test(visitor, returned, ended).await,
        Purpose::Login => end_login(visitor, returned, ended).await,
        Purpose::Confirmation => confirmation::end(visitor, returned, ended).await,
    }
}

async fn verify(visitor: &Visitor, returned: &Returned, callback: &Callback) -> Result<Claims, Refused> {
    let app = visitor.app();
    let Some(settings) = &returned.settings else {
        return Err(Reason::Changed.into());
    };
    // A test is made with the keys that are published now, and leaves none behind.
    let of_test = Keys::default();
    let is_test = returned.intent.purpose == Purpose::Test;
    let party = Party {
        outbound: &app.outbound,
        keys: if is_test { &of_test } else { &app.provider_keys },
        clock: app.clock().as_ref(),
        configuration: &settings.configuration,
        secret: &settings.secret,
    };
    exchange::login(party, &returned.request, callback).await
}

async fn end_test(visitor: &Visitor, returned: Returned, ended: Result<Claims, Refused>) -> Reply {
    let to = returned.intent.return_to.clone();
    visitor.write(move |tx| setup::end_test(tx, &returned, ended.as_ref())).await?;
    Ok(see_other(to))
}
