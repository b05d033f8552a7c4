//! The owner in a repair session, as a caller of pages.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::{Repair, about, store};
use crate::access::app::App;
use crate::access::caller::Caller;
use crate::access::failure::Failure;
use crate::access::{Access, cookies, origin};
use crate::base::entropy::Token;
use crate::base::urls;
use crate::features::policies::steward::{Place, Steward, Stewarding, Told};
use crate::platform::store::{Denied, Origin, StoreError, Work};

/// The owner, let in by a recovery code and what confirmed it. There is no constructor but the request's.
#[derive(Debug)]
pub struct Repairer {
    request: HttpRequest,
    token: Token,
    repair: Repair,
    origin: Origin,
}

impl FromRequest for Repairer {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let origin = origin::origin(&request)?;
            let token = cookies::value(&request, cookies::REPAIR).and_then(|value| Token::parse(&value));
            let token = token.ok_or(Failure::RepairNeeded)?;
            let asked = token.clone();
            let found = App::of(&request).store.read(origin.clone(), move |tx| confirmed(tx, &asked)).await?;
            let repair = found.ok_or(Failure::RepairNeeded)?;
            if request.method() == Method::POST {
                about::named(&request, &repair)?;
            }
            about::note(&request, &repair);
            Ok(Self { token, repair, origin, request })
        })
    }
}

/// The repair of a token, once it is confirmed and while it lasts.
fn confirmed(work: &mut Work<'_>, token: &Token) -> Result<Option<Repair>, StoreError> {
    Ok(store::find(work, token)?.filter(|repair| repair.is_confirmed))
}

impl Caller for Repairer {
    const ACCESS: Access = Access::Repair;
}

/// In a repair session.
const PLACE: Place = Place {
    settings: urls::REPAIR_IDP,
    discovery: urls::REPAIR_DISCOVERY,
    test: urls::REPAIR_TEST,
    trial: urls::REPAIR_TRIAL,
    cancellation: urls::REPAIR_CANCELLATION,
    codes: urls::REPAIR_CODES,
    access: urls::REPAIR_ACCESS,
    home: urls::REPAIR,
};

impl Repairer {
    /// What the recovery code opened.
    pub fn repair(&self) -> &Repair {
        &self.repair
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Stewarding for Repairer {
    const PLACE: Place = PLACE;

    fn app(&self) -> &App {
        App::of(&self.request)
    }

    fn request(&self) -> &HttpRequest {
        &self.request
    }

    fn steward(&self) -> Steward {
        let repair = &self.repair;
        Steward {
            organization: repair.organization.clone(),
            organization_name: repair.organization_name.clone(),
            user: repair.user.clone(),
            name: repair.name.clone(),
            email: repair.email.clone(),
            repairs: true,
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
        self.app().store.read(self.origin.clone(), move |tx| work(tx, &steward)).await
    }

    async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &Steward) -> Result<Told<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (steward, name, token) = (self.steward(), self.repair.name.clone(), self.token.clone());
        let written = self.app().store.write(self.origin.clone(), move |tx| {
            tx.touch(&steward.organization)?;
            // The body can come long after the head: the repair session may have ended, or the owner changed.
            confirmed(tx, &token)?.ok_or(StoreError::Denied(Denied::RepairEnded))?;
            let (told, value) = work(tx, &steward)?;
            match told {
                Some(event) => {
                    let event = event.within(&steward.organization).by_user(&steward.user, &name);
                    Ok(tx.record(event, value)?)
                }
                None => Ok(tx.unrecorded("nothing was changed", value)),
            }
        });
        written.await
    }
}
