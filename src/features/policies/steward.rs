//! Who changes how an organization logs in: an administrator in the console, or the owner in a repair session. One set of
//! rules and pages serves both.

use crate::access::caller::Caller;
use actix_web::HttpRequest;

use crate::access::app::App;
use crate::access::{Actor, ManageLogin, ManageSecurity, Permission};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::urls;
use crate::platform::events::Event;
use crate::platform::store::{StoreError, Work};

/// Somebody at work.
#[derive(Clone, Debug)]
pub struct Steward {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether a recovery code opened the way.
    pub repairs: bool,
}

/// Where the pages are.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The form, and where its test begins.
    pub settings: &'static str,
    /// Asks the provider for what its issuer publishes.
    pub discovery: &'static str,
    /// How the test ended.
    pub test: &'static str,
    /// What the trial touches, and its start.
    pub trial: &'static str,
    /// Ends a trial.
    pub cancellation: &'static str,
    /// New recovery codes.
    pub codes: &'static str,
    /// Console access control.
    pub access: &'static str,
    /// Where one comes from and goes back to.
    pub home: &'static str,
}

/// In the console.
pub const CONSOLE: Place = Place {
    settings: urls::IDP,
    discovery: urls::IDP_DISCOVERY,
    test: urls::IDP_TEST,
    trial: urls::IDP_TRIAL,
    cancellation: urls::IDP_CANCELLATION,
    codes: urls::IDP_CODES,
    access: urls::ACCESS,
    home: urls::ORGANIZATION_ACCOUNT,
};

/// What is decided and what is told of it; no event where nothing was changed.
pub type Told<T> = (Option<Event>, T);

/// A caller of the settings' pages.
pub trait Stewarding: Caller {
    /// Where its pages are.
    const PLACE: Place;

    /// The wired application.
    fn app(&self) -> &App;

    /// Where the request came from.
    fn request(&self) -> &HttpRequest;

    /// Who is at work.
    fn steward(&self) -> Steward;

    /// Statements that read.
    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &Steward) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// A transaction that writes, the organization's row first.
    fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &Steward) -> Result<Told<T>, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + crate::platform::events::Refusal + Send + 'static;
}

/// A permission to change how an organization logs in.
pub trait Stewards: Permission {
    /// Where its pages are.
    const PLACE: Place;
}

impl Stewards for ManageLogin {
    const PLACE: Place = CONSOLE;
}

impl Stewards for ManageSecurity {
    const PLACE: Place = Place { home: urls::ORGANIZATION_SECURITY, ..CONSOLE };
}

impl<P: Stewards> Stewarding for Actor<P> {
    const PLACE: Place = P::PLACE;

    fn request(&self) -> &HttpRequest {
        Actor::request(self)
    }

    fn app(&self) -> &App {
        Actor::app(self)
    }

    fn steward(&self) -> Steward {
        let identity = self.identity();
        Steward {
            organization: identity.organization.clone(),
            organization_name: identity.organization_name.clone(),
            user: identity.user.clone(),
            name: identity.name.clone(),
            email: identity.email.clone(),
            repairs: false,
        }
    }

    async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &Steward) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let steward = self.steward();
        Actor::read(self, move |tx| work(tx, &steward)).await
    }

    async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &Steward) -> Result<Told<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + crate::platform::events::Refusal + Send + 'static,
    {
        let steward = self.steward();
        Actor::write(self, move |tx| {
            let (told, value) = work(tx, &steward)?;
            match told {
                Some(event) => Ok(tx.record(event, value)?),
                None => Ok(tx.unrecorded("nothing was changed", value)),
            }
        })
        .await
    }
}
