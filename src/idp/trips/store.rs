//! Queries on trips.

use diesel::prelude::*;

use super::{Away, Purpose, Returned, Traveller};
use crate::entropy::Token;
use crate::store::schema::idp_trips;
use crate::store::types::{Digest, IdentityProviderId, Moment, OrganizationId, SessionId, TripId, UserId};
use crate::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = idp_trips, treat_none_as_default_value = false)]
struct NewTrip<'a> {
    id: TripId,
    state_hash: Digest,
    browser_hash: Digest,
    organization_id: &'a OrganizationId,
    provider_id: &'a IdentityProviderId,
    purpose: Purpose,
    user_id: Option<&'a UserId>,
    session_id: Option<&'a SessionId>,
    sealed: Vec<u8>,
    return_to: &'a str,
    created_at: Moment,
    expires_at: Moment,
}

fn identity(id: &TripId) -> String {
    format!("idp_trips/{id}")
}

fn open(work: &Work<'_>, id: &TripId, sealed: &[u8]) -> Result<Away, StoreError> {
    let plain = work.keys().open(identity(id).as_bytes(), sealed);
    let away = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    away.ok_or(StoreError::Unreadable("a trip to an identity provider"))
}

pub(super) fn insert(
    work: &mut Work<'_>,
    id: TripId,
    provider: &IdentityProviderId,
    traveller: &Traveller,
    away: &Away,
    until: Moment,
) -> Result<Token, StoreError> {
    let token = work.entropy().token();
    let plain = serde_json::to_vec(away).map_err(|_| StoreError::Unreadable("a trip cannot be written as JSON"))?;
    let row = NewTrip {
        state_hash: away.trip.state.digest(),
        browser_hash: token.digest(),
        organization_id: &traveller.organization,
        provider_id: provider,
        purpose: traveller.purpose,
        user_id: traveller.user.as_ref(),
        session_id: traveller.session.as_ref(),
        sealed: work.keys().seal(work.entropy(), identity(&id).as_bytes(), &plain),
        return_to: &traveller.return_to,
        created_at: work.now(),
        expires_at: until,
        id,
    };
    diesel::insert_into(idp_trips::table).values(&row).execute(work.conn())?;
    Ok(token)
}

/// Where the browser of a token is sent, and in which organization.
pub fn away(work: &mut Work<'_>, browser: &Token) -> Result<Option<(OrganizationId, Away)>, StoreError> {
    let row = idp_trips::table
        .filter(idp_trips::browser_hash.eq(browser.digest()))
        .filter(idp_trips::expires_at.gt(work.now()))
        .select((idp_trips::id, idp_trips::organization_id, idp_trips::sealed));
    let row: Option<(TripId, OrganizationId, Vec<u8>)> = row.first(work.conn()).optional()?;
    row.map(|(id, organization, sealed)| Ok((organization, open(work, &id, &sealed)?))).transpose()
}

type Row =
    ((TripId, OrganizationId, IdentityProviderId, Purpose), (Option<UserId>, Option<SessionId>, Vec<u8>, String));

/// Takes the trip of a browser and a state out of its place; `None` when there is none of both, or it was taken before.
pub fn take(work: &mut Work<'_>, browser: &Token, state: &str) -> Result<Option<Returned>, StoreError> {
    let Some(state) = Token::parse(state) else {
        return Ok(None);
    };
    let mine = idp_trips::table
        .filter(idp_trips::browser_hash.eq(browser.digest()))
        .filter(idp_trips::state_hash.eq(state.digest()))
        .filter(idp_trips::expires_at.gt(work.now()))
        .select((
            (idp_trips::id, idp_trips::organization_id, idp_trips::provider_id, idp_trips::purpose),
            (idp_trips::user_id, idp_trips::session_id, idp_trips::sealed, idp_trips::return_to),
        ));
    let found: Option<Row> = mine.first(work.conn()).optional()?;
    let Some(((id, organization, provider, purpose), (user, session, sealed, return_to))) = found else {
        return Ok(None);
    };
    let row = idp_trips::table
        .filter(idp_trips::organization_id.eq(organization.clone()))
        .filter(idp_trips::id.eq(id.clone()));
    if diesel::delete(row).execute(work.conn())? == 0 {
        return Ok(None);
    }
    let away = open(work, &id, &sealed)?;
    let standing = crate::idp::store::standing(work, &organization)?;
    let all = [standing.draft, standing.on_trial, standing.in_force];
    let settings = all.into_iter().flatten().find(|settings| settings.id == provider);
    let traveller = Traveller { purpose, organization, user, session, return_to };
    Ok(Some(Returned { traveller, settings, provider, trip: away.trip }))
}
