//! Registration of handlers. A handler whose first argument does not say who may call it does not compile.

use actix_web::dev::ServiceRequest;
use actix_web::guard::{Guard, fn_guard};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Route};

use super::answer::Reply;
use super::form_token;
use super::request::{catch_panics, note_route};
use crate::access::Access;
use crate::access::caller::{ApiCaller, Caller};
use crate::access::site::Scope;
use crate::web::form_owner::refuse_other_logins;
use crate::web::interrupted::keep_forms;

/// Arguments of a handler of which the first is a [`Caller`].
#[diagnostic::on_unimplemented(
    message = "a handler's first argument must say who may call it: `Visitor` or `Actor<Permission>`",
    label = "this handler does not say who may call it"
)]
pub trait Guarded {
    /// Who may call.
    const ACCESS: Access;
}

/// Arguments of a program's handler, of which the first says who may call it.
#[diagnostic::on_unimplemented(
    message = "the first argument of a program's handler must say who may call it: `Bearer`",
    label = "this handler does not say who may call it"
)]
pub trait ApiGuarded {
    /// Who may call.
    const ACCESS: Access;
}

macro_rules! guarded {
    ($($argument:ident)*) => {
        impl<C: Caller, $($argument),*> Guarded for (C, $($argument,)*) {
            const ACCESS: Access = C::ACCESS;
        }
        impl<C: ApiCaller, $($argument),*> ApiGuarded for (C, $($argument,)*) {
            const ACCESS: Access = C::ACCESS;
        }
    };
}
guarded! {}
guarded! { A }
guarded! { A B }
guarded! { A B D }

/// One line of the route list.
pub struct Endpoint {
    /// For whom it answers.
    pub scope: Scope,
    /// GET or POST; in the scope of programs PUT, PATCH and DELETE, too.
    pub method: Method,
    /// The path, with `{name}` for its variable segment.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    make: Box<dyn Fn(usize) -> Route + Send + Sync>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} {} {:?}", self.scope, self.method, self.path, self.access)
    }
}

impl Endpoint {
    /// The route for actix; `number` is its line in the list of routes, by which requests are counted.
    pub fn route(&self, number: usize) -> Route {
        (self.make)(number)
    }
}

/// A page.
pub fn get<H, Args>(path: &'static str, handler: H) -> Endpoint
where
    H: Handler<Args, Output = Reply> + Clone + Send + Sync,
    Args: FromRequest + Guarded + 'static,
{
    on(Method::GET, path, handler)
}

/// A change.
pub fn post<H, Args>(path: &'static str, handler: H) -> Endpoint
where
    H: Handler<Args, Output = Reply> + Clone + Send + Sync,
    Args: FromRequest + Guarded + 'static,
{
    on(Method::POST, path, handler)
}

/// HEAD is GET without the body (RFC 9110 section 9.3.2).
fn answering(method: &Method) -> impl Guard + use<> {
    let method = method.clone();
    fn_guard(move |request| {
        let asked = &request.head().method;
        *asked == method || (*asked == Method::HEAD && method == Method::GET)
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes routes")]
fn on<H, Args>(method: Method, path: &'static str, handler: H) -> Endpoint
where
    H: Handler<Args, Output = Reply> + Clone + Send + Sync,
    Args: FromRequest + Guarded + 'static,
{
    let (verb, access) = (method.clone(), Args::ACCESS);
    let keeps_form = access.needs_login() && method == Method::POST;
    let reads_form = access == Access::Repair && method == Method::POST;
    let asks_whose = access == Access::Visitor && method == Method::POST;
    let make = move |number: usize| {
        let route = actix_web::web::route().guard(answering(&verb)).to(handler.clone());
        let route = if keeps_form { route.wrap(from_fn(keep_forms)) } else { route };
        let route = if reads_form { route.wrap(from_fn(form_token::read_first)) } else { route };
        let route = if asks_whose { route.wrap(from_fn(refuse_other_logins)) } else { route };
        route.wrap(from_fn(move |request: ServiceRequest, next| {
            note_route(request.request(), number);
            catch_panics(request, next)
        }))
    };
    Endpoint { scope: Scope::Pages, method, path, access, make: Box::new(make) }
}

/// A route for programs, below [`super::api::PREFIX`].
#[expect(clippy::disallowed_methods, reason = "the one place that makes routes")]
pub fn api<H, Args>(method: Method, path: &'static str, handler: H) -> Endpoint
where
    H: Handler<Args, Output = super::api::ApiReply> + Clone + Send + Sync,
    Args: FromRequest + ApiGuarded + 'static,
{
    let verb = method.clone();
    let make = move |number: usize| {
        let route = actix_web::web::route().guard(answering(&verb)).to(handler.clone());
        route.wrap(from_fn(move |request: ServiceRequest, next| {
            note_route(request.request(), number);
            catch_panics(request, next)
        }))
    };
    Endpoint { scope: Scope::Api, method, path, access: Args::ACCESS, make: Box::new(make) }
}
