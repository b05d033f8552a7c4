//! The provider's keys: fetched once, kept, refreshed, and found again when they change.

use std::sync::Arc;

use chrono::Duration;
use serde_json::json;
use vestibule::platform::oidc::Reason;

use super::{Desk, mina};
use crate::support::provider::Reply;
use crate::support::signing::SigningKey;

fn fetches(desk: &Desk) -> usize {
    desk.provider.hits()[2]
}

fn keys_fail(desk: &Desk) {
    desk.change(|tenant| {
        tenant.instead.insert("keys", Arc::new(|| Reply::json(503, &json!({}))));
    });
}

/// `test-discovery-jwks-uri-keys`: one fetch for a cold cache, however many wait for it.
#[test]
fn a_storm_of_logins_fetches_the_keys_once() {
    let desk = Desk::open();
    assert!(desk.log_in_together(30).iter().all(|ended| *ended == mina()));
    assert_eq!(desk.provider.hits(), [30, 30, 1, 30]);
}

/// `test-signing-key-rotation-just-before-signing`, `test-signing-key-rotation`.
#[test]
fn a_key_that_is_new_is_found_by_one_more_fetch() {
    let desk = Desk::open();
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 1));
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "two")]);
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 2));
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "three")]);
    // Within a minute nobody can cause another fetch.
    assert_eq!((desk.ended(), fetches(&desk)), (Err("key"), 2));
    desk.provider.clock.advance(Duration::seconds(61));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 3));
}

/// `test-signing-key-rotation`: a cold cache and a key that changes between code and token need two fetches at most.
#[test]
fn made_up_key_ids_cause_one_fetch_a_minute() {
    let desk = Desk::open();
    let published = SigningKey::new("RS256", "one");
    let alien = SigningKey::new("RS256", "bogus");
    desk.change(|tenant| (tenant.keys, tenant.published) = (vec![alien], Some(vec![published])));
    for _ in 0..20 {
        assert_eq!(desk.ended(), Err("key"));
    }
    assert_eq!(desk.provider.hits(), [20, 20, 2, 0], "the first, and one forced");
    desk.provider.clock.advance(Duration::seconds(61));
    assert!(desk.log_in_together(20).iter().all(|ended| *ended == Err("key")));
    assert_eq!(fetches(&desk), 3);
}

/// A right key under a known id needs no other keys: a broken signature asks for none.
#[test]
fn keys_are_refreshed_hourly_and_kept_where_none_can_be_had() {
    let desk = Desk::open();
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 1));
    desk.provider.clock.advance(Duration::minutes(59));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 1));
    desk.provider.clock.advance(Duration::minutes(2));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 2));
    keys_fail(&desk);
    desk.provider.clock.advance(Duration::minutes(61));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 3), "the old ones count on");
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 3), "and the provider is left alone for a minute");
    desk.provider.clock.advance(Duration::hours(22));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 4));
    desk.provider.clock.advance(Duration::hours(2));
    assert_eq!(desk.ended(), Err("keys"), "not for longer than a day");
    desk.change(|tenant| tenant.instead.clear());
    desk.provider.clock.advance(Duration::seconds(6));
    assert_eq!(desk.ended(), mina());
}

/// `test-kid-absent-single-jwks` with a rotation: the key that is held fits by its kind, and yet did not sign.
#[test]
fn a_new_key_without_a_name_is_found_too() {
    let desk = Desk::open();
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "one").named(None)]);
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 1));
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "two").named(None)]);
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 2));
    desk.change(|tenant| tenant.signing = crate::support::provider::Signing::Broken);
    assert_eq!((desk.ended(), fetches(&desk)), (Err("signature"), 2), "not again within a minute");
}

/// A key that was withdrawn does not count once its successor was fetched.
#[test]
fn a_withdrawn_key_signs_nothing_any_more() {
    let desk = Desk::open();
    assert_eq!(desk.ended(), mina());
    desk.change(|tenant| tenant.published = Some(vec![SigningKey::new("RS256", "two")]));
    desk.provider.clock.advance(Duration::minutes(61));
    assert_eq!(desk.ended(), Err("key"));
}

/// While nobody has keys, everybody who waits learns that from one fetch.
#[test]
fn a_provider_without_keys_refuses_all_who_wait_at_once() {
    let desk = Desk::open();
    keys_fail(&desk);
    let ended = desk.log_in_together(10);
    assert!(ended.iter().all(|ended| *ended == Err("keys")), "{ended:?}");
    assert_eq!(fetches(&desk), 1, "one fetch tells them all");
    let refused = desk.log_in().unwrap_err();
    assert_eq!((refused.reason, fetches(&desk)), (Reason::Keys, 1));
    desk.provider.clock.advance(Duration::seconds(6));
    assert_eq!(desk.log_in().unwrap_err().reason, Reason::Keys);
    assert_eq!(fetches(&desk), 2, "after a pause it is asked again");
}

/// Some providers make a new key and keep its name.
#[test]
fn a_key_replaced_under_its_kid_is_fetched_once() {
    let desk = Desk::open();
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 1));
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "one")]);
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 2));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 2), "the fetched keys replace the kept ones");
    // A second change within a minute waits for the floor, not for an hour.
    desk.change(|tenant| tenant.keys = vec![SigningKey::new("RS256", "one")]);
    assert_eq!((desk.ended(), fetches(&desk)), (Err("signature"), 2));
    desk.provider.clock.advance(Duration::seconds(61));
    assert_eq!((desk.ended(), fetches(&desk)), (mina(), 3));
}

/// During a change both keys are published, and a token that names none may be signed by either.
#[test]
fn every_published_key_that_may_have_signed_is_tried() {
    for id in [None, Some("same")] {
        let desk = Desk::open();
        let (old, new) = (SigningKey::new("RS256", "x").named(id), SigningKey::new("RS256", "x").named(id));
        desk.change(|tenant| (tenant.keys, tenant.published) = (vec![new.clone()], Some(vec![old, new])));
        assert_eq!(desk.ended(), mina(), "{id:?}");
    }
}
