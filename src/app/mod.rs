//! What knows all features: routes, home, commands, server.

pub mod cli;
pub mod console;
pub mod dev;
pub mod entrance;
pub mod jobs;
pub mod metrics;
pub mod operator;
pub mod preferences;
pub mod routes;
pub mod server;

use std::sync::Arc;

use crate::access::app::App;
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::features::audit::seal::heads::begin_at;
use crate::platform::config::Config;
use crate::platform::mail::Mailbox;

/// Starts the application with its routes and menu. Tests start what `main` starts.
pub fn start(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    mailbox: Mailbox,
) -> Result<App, String> {
    let site = routes::site(config.mode);
    App::start(config, site, clock, entropy, mailbox, begin_at)
}
