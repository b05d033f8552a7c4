//! Who is logged in: what the one query of a request read, and what follows from it.

use chrono::Duration;
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Method, Proof, Role, Roles, Rule, SecondFactor};
use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::decisions::expiration::Expiry;
use crate::access::decisions::expiration::{Expiration, REMINDERS};
use crate::access::decisions::{Decides, TwoFactor, session};
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::organization::State;
use crate::base::project_role::ProjectRole;
use crate::base::user::Status;
use crate::platform::config;

/// Session, user, organization and policy as the one query of a request reads them.
#[derive(Debug, Clone, Queryable, Serialize, Deserialize)]
pub struct Identity {
    /// The session's handle.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// Their organization.
    pub organization: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    pub(super) organization_state: State,
    pub(super) owner: UserId,
    pub(super) two_factor: TwoFactor,
    pub(super) login_method: LoginMethod,
    pub(super) expiration: Expiration,
    /// The list of addresses, where one is in force.
    pub(super) access: Option<ConsoleAccess>,
    /// The user's name.
    pub name: String,
    /// What the user wants to be called.
    pub nickname: Option<String>,
    /// The user's address.
    pub email: String,
    /// The user's language.
    pub language: Language,
    /// The user's time zone, by its name.
    pub time_zone: String,
    /// Whether the user chose the zone; else the browser's is taken over.
    pub time_zone_chosen: bool,
    pub(super) has_unverified_mobile: bool,
    pub(super) password_changed_at: Option<Moment>,
    pub(super) status: Status,
    pub(super) org_admin: bool,
    pub(super) org_reader: bool,
    pub(super) billing_admin: bool,
    pub(super) created_at: Moment,
    pub(super) authenticated_at: Moment,
    pub(super) last_seen_at: Moment,
    pub(super) second_factor: Option<SecondFactor>,
    /// What the session rests on.
    pub method: Method,
    /// The date of erasure, while deletion of the organization is requested.
    pub deletion_due: Option<Moment>,
}

impl Identity {
    /// What this session rests on, with the person's proof repeated at `now`.
    pub fn proof(&self, now: Moment) -> Proof {
        let (begun, second_factor) = (self.created_at, self.second_factor);
        Proof { method: self.method, second_factor, begun, authenticated: now }
    }

    /// What the user wants to be called.
    pub fn display_name(&self) -> &str {
        self.nickname.as_deref().unwrap_or(&self.name)
    }

    /// Whether there is a mobile number whose owner has not confirmed it.
    pub fn has_unverified_mobile(&self) -> bool {
        self.has_unverified_mobile
    }

    /// The Org Owner of the user's organization.
    pub fn owner(&self) -> &UserId {
        &self.owner
    }

    /// The user's time zone.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// The user's roles.
    pub fn role_set(&self) -> Roles {
        Roles {
            owner: self.owner == self.user,
            org_admin: self.org_admin,
            org_reader: self.org_reader,
            billing_admin: self.billing_admin,
        }
    }

    /// The user's roles, as people are shown them.
    pub fn roles(&self) -> Vec<Role> {
        self.role_set().shown()
    }

    /// Whether the user holds the permission of a rule now.
    pub fn holds(&self, rule: &Rule) -> bool {
        self.role_set().hold(rule)
    }

    /// Whether the user holds the permission of a rule in a project in which they have `role`.
    pub fn holds_in_project(&self, rule: &Rule, role: Option<ProjectRole>) -> bool {
        self.holds(rule) || role.is_some_and(|role| rule.is_granted_to(role))
    }

    /// Whether the login is fresh enough for a far-reaching change.
    pub fn is_fresh(&self, now: Moment, limits: &config::Sessions) -> bool {
        now.since(self.authenticated_at) < Duration::minutes(limits.fresh_minutes)
    }

    /// When the session ends without further use. This request counts as use once it is a minute after the last.
    pub fn ends_at(&self, now: Moment, limits: &config::Sessions) -> Moment {
        let seen = if self.use_is_due(now) { now } else { self.last_seen_at };
        let absolute = self.created_at + Duration::hours(limits.absolute_hours);
        absolute.min(seen + Duration::minutes(limits.idle_minutes))
    }

    /// Whether this use of the session is to be written down: at most once a minute.
    pub fn use_is_due(&self, now: Moment) -> bool {
        now.since(self.last_seen_at) >= Duration::minutes(1)
    }

    /// How the user's password stands. Where people log in through a provider none expires.
    pub fn expiry(&self, now: Moment) -> Expiry {
        match self.login_method {
            LoginMethod::CloudAccount => self.expiration.decide(&self.password_changed_at, now),
            LoginMethod::IdpAccount => Expiry::Unlimited,
        }
    }

    /// The last change by which a password of the organization has expired, where any does.
    pub fn expired_since(&self, now: Moment) -> Option<Moment> {
        match self.login_method {
            LoginMethod::CloudAccount => self.expiration.expired_since(now),
            LoginMethod::IdpAccount => None,
        }
    }

    /// Whole days until the password expires, once people are told of it.
    pub fn password_days(&self, now: Moment) -> Option<i64> {
        let Expiry::Until(end) = self.expiry(now) else { return None };
        let left = end.since(now);
        REMINDERS.iter().any(|days| left <= Duration::days(*days)).then(|| left.num_days())
    }

    pub(super) fn lives(&self, now: Moment, limits: &config::Sessions) -> bool {
        let is_alive = session::is_alive(self.created_at, self.last_seen_at, now, limits);
        // What a session rests on is the organization's login method, or it opens nothing, however it came to be.
        let fits = match self.login_method {
            LoginMethod::CloudAccount => self.method == Method::Password,
            LoginMethod::IdpAccount => self.method == Method::Idp,
        };
        is_alive && session::may_log_in(self.organization_state, self.status) && fits
    }
}
