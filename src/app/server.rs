//! The web server: routes behind their middleware, and the jobs beside them.

use crate::app::jobs::delivery;
use crate::app::metrics::listener;
use std::net::SocketAddr;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_web::body::MessageBody;
use actix_web::cookie::SameSite;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::access::app::App;
use crate::access::site::Scope;
use crate::access::{SessionRows, cookies};
use crate::app::{jobs, routes};
use crate::features::audit::seal::sealing;
use crate::features::rotation::instances;
use crate::platform::store::{Engine, sharing};
use crate::web::guard::Endpoint;
use crate::web::{api, assets, probes};

/// Seconds in which requests that were accepted are answered.
const FINISHING: u64 = 20;
/// How long a job may take to its next safe point.
const JOBS_END: Duration = Duration::from_secs(30);

/// The service that answers every request: what tests call in process and `main` listens with.
///
/// Outermost first: headers; request id, log line and panics; then, for pages only, compression, session, failures as
/// pages, host and cross-site check. A static file asks the database nothing, and probes come by whatever host name.
pub fn service(
    app: &App,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    service_with(app, routes::api_routes())
}

/// The same with other routes for programs.
#[expect(clippy::disallowed_methods, reason = "static files, probes and the fallback are registered here, once")]
pub fn service_with(
    app: &App,
    api_routes: Vec<Endpoint>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let sessions =
        SessionMiddleware::builder(SessionRows::new(app.store.clone(), app.config.sessions), app.cookie_key.clone())
            .cookie_name(cookies::name_at(&app.config, cookies::SESSION))
            .cookie_secure(app.config.public_url.is_https())
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .cookie_path("/".to_owned())
            .cookie_content_security(CookieContentSecurity::Signed)
            .session_lifecycle(BrowserSession::default())
            .build();
    let pages = web::scope("")
        .wrap(from_fn(crate::access::note_use))
        .wrap(from_fn(crate::web::check_origin))
        .wrap(from_fn(crate::web::draw_failures))
        .wrap(sessions)
        .wrap(Compress::default())
        .wrap(from_fn(crate::web::keep_whole_for_http_1_0))
        .configure(routes::register(routes::routes(app.config.mode), 0))
        .default_service(web::to(routes::elsewhere));
    let pages_count = app.site.routes.iter().filter(|line| line.scope == Scope::Pages).count();
    let api = web::scope(api::PREFIX)
        .wrap(from_fn(crate::web::check_host))
        .wrap(from_fn(api::describe_failures))
        .configure(routes::register(api_routes, pages_count))
        .default_service(web::to(routes::no_api_route));
    actix_web::App::new()
        .app_data(web::Data::new(app.clone()))
        .wrap(from_fn(crate::web::note_requests))
        .wrap(from_fn(crate::web::set_headers))
        .route("/static/{file}", web::get().to(assets::serve))
        .route("/static/{file}", web::head().to(assets::serve))
        .service(
            web::resource(probes::PATHS[0]).route(web::get().to(probes::alive)).route(web::head().to(probes::alive)),
        )
        .service(
            web::resource(probes::PATHS[1]).route(web::get().to(probes::ready)).route(web::head().to(probes::ready)),
        )
        .service(api)
        .service(pages)
}

/// A server that listens already, with the address it got (port 0 chooses one).
pub fn listen(app: &App, workers: Option<usize>) -> std::io::Result<(Server, SocketAddr)> {
    let factory = {
        let app = app.clone();
        move || service(&app)
    };
    let mut server = HttpServer::new(factory)
        .tcp_nodelay(true)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(FINISHING)
        .disable_signals();
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let named = |cause: std::io::Error| {
        std::io::Error::new(cause.kind(), format!("VESTIBULE_LISTEN ({}): {cause}", app.config.listen))
    };
    let server = server.bind(app.config.listen).map_err(named)?;
    let address = server.addrs().first().copied().unwrap_or(app.config.listen);
    Ok((server.run(), address))
}

/// Listens and works until the process is told to stop (SIGTERM, SIGINT). Then, in this order: `/readyz` says so and
/// answers close their connections, for as long as load balancers need to see it; nothing more is accepted, and what was
/// accepted is answered; the jobs end between two turns; the database is closed. A second signal ends everything at once.
pub async fn serve(app: App) -> std::io::Result<()> {
    raise_open_files();
    if let Some(variable) = app.config.unused_proxy {
        tracing::warn!(variable, "a proxy of the environment is not used; VESTIBULE_OUTBOUND_PROXY sets one");
    }
    let mut signals = Signals::listen()?;
    let _held = sharing::hold(&app.config.database);
    let (server, _) = listen(&app, None)?;
    if let Some((server, address)) = listener::listen(&app)? {
        actix_web::rt::spawn(server);
        tracing::info!(listen = %address, "metrics");
    }
    std::thread::Builder::new().name("warm-up".to_owned()).spawn(warm_up)?;
    let jobs = [
        actix_web::rt::spawn(delivery::run(app.clone())),
        actix_web::rt::spawn(jobs::run(app.clone())),
        actix_web::rt::spawn(sealing::run(app.clone())),
        actix_web::rt::spawn(instances::run(app.clone())),
    ];
    announce(&app);
    let handle = server.handle();
    let mut serving = actix_web::rt::spawn(server);
    tokio::select! {
        ended = &mut serving => return ended.map_err(std::io::Error::other)?,
        () = signals.next() => {}
    }
    let stopping = async {
        app.background.drain();
        tracing::info!(seconds = app.config.operations.drain_seconds, "stopping: answering on while it is seen");
        tokio::time::sleep(Duration::from_secs(app.config.operations.drain_seconds)).await;
        tracing::info!("stopping: answering what was accepted");
        handle.stop(true).await;
        app.background.end();
        for job in jobs {
            end(job).await;
        }
        app.store.close().await;
    };
    tokio::select! {
        () = stopping => tracing::info!("stopped"),
        () = signals.next() => return Err(std::io::Error::other("told to stop a second time: ended at once")),
    }
    Ok(())
}

/// Waits for a job to end; one that hangs is left where it is, and its lease ends by itself.
async fn end(mut job: actix_web::rt::task::JoinHandle<()>) {
    if tokio::time::timeout(JOBS_END, &mut job).await.is_err() {
        tracing::warn!("stopping: a job did not end in time");
        job.abort();
        // Waited for, so that what it holds (connections to the mail server) is let go while the runtime lives.
        drop(job.await);
    }
}

/// Keeps signals that mean nothing here from ending the process: a closed terminal (SIGHUP) and what log rotation sends
/// (SIGUSR1, SIGUSR2). A handler that was set once stays.
pub fn ignore_signals() -> std::io::Result<()> {
    for kind in [SignalKind::hangup(), SignalKind::user_defined1(), SignalKind::user_defined2()] {
        drop(signal(kind)?);
    }
    Ok(())
}

/// The signals that tell a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// As many open files as the system allows, since every connection is one. What shells give is often 1,024.
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "open files"),
        Err(cause) => tracing::warn!(%cause, "the limit of open files could not be raised"),
    }
}

/// Reads what is read lazily (phone number metadata, word lists), so that the first person does not wait for it.
fn warm_up() {
    let phone = crate::base::person::Phone::parse("02-123-4567", "KR").is_ok();
    let score = crate::access::strength::score("warm", &[]);
    tracing::debug!(phone, score, "warmed up");
}

fn announce(app: &App) {
    let config = &app.config;
    tracing::info!(listen = %config.listen, url = config.public_url.origin(), mode = ?config.mode, "listening");
    if app.store.engine() == Engine::Sqlite {
        tracing::info!("SQLite serves one instance on one machine; use PostgreSQL to run several");
    }
    // A log for programs is theirs alone.
    if config.mode == crate::platform::config::Mode::Development && !config.log.json {
        crate::platform::terminal::say!("\n  {} is open at {}", config.brand.product, config.public_url.origin());
        crate::platform::terminal::say!(
            "  Mail and SMS are captured and shown at {}\n",
            config.public_url.link(crate::base::urls::MAILBOX)
        );
    }
}
