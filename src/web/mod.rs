//! What every page shares: answers, forms, registration, the frame around pages, and the middleware of every request.

pub mod address;
mod answer;
pub mod assets;
pub mod chart;
pub mod cookies;
mod failures;
mod flash;
mod form;
pub mod form_token;
mod frame;
pub mod guard;
pub mod list;
mod path;
pub mod probes;
pub mod request;
mod shield;
mod told;
mod upload;

pub use answer::{Answer, Page, Reply, asked_piece, see_other};
pub use failures::{SparseLog, draw_failures, note_refusal};
pub use form::{Form, LARGEST_BODY, Problems, Query, read_form};
pub use frame::{Frame, NavItem, language};
pub use path::{FromPath, Path};
pub use request::note_requests;
pub(crate) use shield::answers_to;
pub use shield::{check_origin, keep_whole_for_http_1_0, set_headers};
pub use told::Told;
pub use upload::{LARGEST_UPLOAD, Upload, read_upload};
