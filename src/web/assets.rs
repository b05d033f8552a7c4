//! Static files, embedded in the binary and served under a name that carries their hash.

use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;

struct Asset {
    url: String,
    kind: &'static str,
    plain: web::Bytes,
    zipped: web::Bytes,
}

macro_rules! assets {
    ($($field:ident = $file:literal $kind:literal,)*) => {
        /// The addresses of the static files, for templates.
        #[derive(Clone, Copy, Debug)]
        pub struct Urls { $(
            #[doc = concat!("Address of `static/", $file, "`.")]
            pub $field: &'static str,
        )* }

        static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
            vec![$(asset($file, $kind, include_bytes!(concat!("../../static/", $file))),)*]
        });

        /// The addresses of the static files.
        pub static URLS: LazyLock<Urls> = LazyLock::new(|| {
            let mut urls = ASSETS.iter().map(|asset| asset.url.as_str());
            Urls { $($field: urls.next().unwrap_or_default(),)* }
        });
    };
}
assets! {
    css = "console.css" "text/css; charset=utf-8",
    script = "app.js" "text/javascript; charset=utf-8",
    drafts = "drafts.js" "text/javascript; charset=utf-8",
    htmx = "vendor/htmx-4.0.1.min.js" "text/javascript; charset=utf-8",
    icons = "icons.svg" "image/svg+xml",
    favicon = "favicon.svg" "image/svg+xml",
}

fn asset(file: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    use sha2::Digest as _;
    let hash = HEXLOWER.encode(&sha2::Sha256::digest(bytes)[..8]);
    let name = file.rsplit('/').next().unwrap_or(file);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zipped = zip.write_all(bytes).and_then(|()| zip.finish()).unwrap_or_default();
    Asset {
        url: format!("/static/{stem}.{hash}.{ending}"),
        kind,
        plain: web::Bytes::from_static(bytes),
        zipped: zipped.into(),
    }
}

/// Serves a static file; anything else below `/static/` is not found.
pub async fn serve(request: HttpRequest) -> HttpResponse {
    let Some(asset) = ASSETS.iter().find(|asset| asset.url == request.path()) else {
        return HttpResponse::from_error(crate::access::failure::Failure::NotFound);
    };
    let zip = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(accepts_gzip);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "Accept-Encoding"));
    if zip && !asset.zipped.is_empty() {
        response.insert_header((CONTENT_ENCODING, "gzip")).body(asset.zipped.clone())
    } else {
        response.body(asset.plain.clone())
    }
}

fn accepts_gzip(header: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        pieces.next() == Some("gzip") && pieces.all(|piece| piece != "q=0" && piece != "q=0.0")
    })
}
