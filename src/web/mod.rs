//! What every page shares: answers, forms, registration, the frame around pages, and the middleware of every request.

mod answer;
pub mod api;
pub mod assets;
mod body;
pub mod chart;
mod failures;
mod flash;
mod form;
pub mod form_owner;
pub mod form_token;
mod frame;
pub mod guard;
pub mod interrupted;
pub mod list;
mod path;
pub mod probes;
pub mod request;
pub mod returns;
mod shield;
mod told;
mod upload;
pub mod waiting;

pub use answer::{Answer, Page, Reply, asked_piece, see_other};
pub use failures::draw_failures;
pub use form::{Form, LARGEST_BODY, Problems, Query, read_form};
pub use frame::Frame;
pub use path::Path;
pub use request::note_requests;
pub(crate) use shield::answers_to;
pub use shield::{check_host, check_origin, keep_whole_for_http_1_0, set_headers};
pub use upload::{LARGEST_UPLOAD, Upload, read_upload};
