//! Refusals that an operator has to hear of, once a minute each: whatever a stranger sends again and again, the log grows
//! by a line a minute.

use actix_web::HttpRequest;

use super::shield;
use crate::access::address;
use crate::access::app::App;
use crate::access::told::Told;

/// Tells what a refused request said and what was expected.
pub(super) fn refused(request: &HttpRequest, failure: &str) {
    let app = App::of(request);
    let last = match failure {
        "host" => &app.told.host,
        "cross-site" => &app.told.origin,
        "address" => &app.told.address,
        _ => return,
    };
    if let Some((came, expected)) = shield::compared(request, failure)
        && Told::is_due(last, app.clock().now().millis())
    {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string()).unwrap_or_default();
        tracing::warn!(refused = failure, came, expected, peer, "a request was refused (told once a minute)");
    }
}

/// Tells that the proxies and their settings do not fit: a forwarding header from a peer that is no configured proxy, or a
/// configured proxy that names no client.
pub(super) fn unfit_proxy(request: &HttpRequest) {
    let app = App::of(request);
    let proxies = &app.config.proxies;
    let words = if address::is_a_proxy(request, proxies) {
        "the client's address is that of a configured proxy: set VESTIBULE_FORWARDED_HEADER to the header that it sends \
         (told once a minute)"
    } else if address::is_behind_unknown_proxy(request, proxies) {
        "a forwarding header came from a peer that VESTIBULE_TRUSTED_PROXIES does not name (told once a minute)"
    } else {
        return;
    };
    if Told::is_due(&app.told.proxy, app.clock().now().millis()) {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string()).unwrap_or_default();
        tracing::warn!(peer, expected = proxies.header_name(), "{words}");
    }
}
