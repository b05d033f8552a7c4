//! An OpenID Connect provider on loopback: many tenants by path, a fault for every case, and every request on record.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded::parse;
use vestibule::base::clock::Clock;

use super::ManualClock;
use super::signing::{SigningKey, hmac};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub tenant: String,
    /// The last segment of the path.
    pub endpoint: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub form: BTreeMap<String, String>,
}

/// How an ID token is signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Signing {
    #[default]
    Right,
    Broken,
    Stripped,
    /// `alg` says so, and there is no signature.
    Without(&'static str),
    /// HS256 with the client secret.
    Secret,
    /// HS256 with the published key.
    PublicKey,
}

type Bend = Arc<dyn Fn(&mut Map<String, Value>) + Send + Sync>;
type Answer = Arc<dyn Fn() -> Reply + Send + Sync>;

/// What is sent back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Zero breaks the connection off.
    pub status: u16,
    pub content_type: &'static str,
    pub location: Option<String>,
    pub body: String,
    pub after: Duration,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, location: None, body, after: Duration::ZERO }
    }

    pub fn to(status: u16, location: String) -> Self {
        Self { location: Some(location), ..Self::text(status, "text/plain", String::new()) }
    }
}

/// A tenant: its client, its person, its keys, and what is wrong with it.
#[derive(Clone)]
pub struct Tenant {
    pub issuer: String,
    pub client_id: String,
    pub secret: String,
    pub basic: bool,
    pub person: Map<String, Value>,
    pub userinfo: Option<Map<String, Value>>,
    /// The first signs.
    pub keys: Vec<SigningKey>,
    /// What is published, where that is not `keys`.
    pub published: Option<Vec<SigningKey>>,
    pub signing: Signing,
    pub metadata: Bend,
    pub header: Bend,
    pub claims: Bend,
    pub payload: Option<fn(String) -> String>,
    /// Added to the redirect back.
    pub back: Vec<(&'static str, String)>,
    /// Instead of the usual answer, by endpoint.
    pub instead: BTreeMap<&'static str, Answer>,
}

struct Code {
    tenant: String,
    query: BTreeMap<String, String>,
}

struct State {
    tenants: BTreeMap<String, Tenant>,
    aliases: BTreeMap<String, String>,
    codes: BTreeMap<String, Code>,
    seen: Vec<Seen>,
}

/// The provider.
#[derive(Clone)]
pub struct MockProvider {
    pub port: u16,
    pub clock: ManualClock,
    state: Arc<Mutex<State>>,
}

impl MockProvider {
    /// Starts it without a tenant.
    pub fn start() -> Self {
        Self::start_by(ManualClock::new())
    }

    /// Starts it by a clock.
    pub fn start_by(clock: ManualClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state =
            State { tenants: BTreeMap::new(), aliases: BTreeMap::new(), codes: BTreeMap::new(), seen: Vec::new() };
        let port = listener.local_addr().unwrap().port();
        let provider = Self { port, clock, state: Arc::new(Mutex::new(state)) };
        let serving = provider.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.converse(stream));
            }
        });
        provider
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Adds a tenant of a standard provider.
    pub fn add(&self, name: &str) {
        let issuer = format!("{}/{name}", self.origin());
        let base = issuer.clone();
        let metadata = move |told: &mut Map<String, Value>| {
            for (member, path) in [
                ("authorization_endpoint", "authorize"),
                ("token_endpoint", "token"),
                ("jwks_uri", "keys"),
                ("userinfo_endpoint", "userinfo"),
            ] {
                told.insert(member.into(), format!("{base}/{path}").into());
            }
        };
        self.insert(name, issuer, Arc::new(metadata));
    }

    /// Adds a tenant as Azure has them: by id, and by a domain.
    pub fn add_azure(&self, guid: &str, domain: &str) {
        let issuer = format!("{}/{guid}/v2.0", self.origin());
        let base = format!("{}/{guid}", self.origin());
        let metadata = move |told: &mut Map<String, Value>| {
            for (member, path) in [
                ("authorization_endpoint", "oauth2/v2.0/authorize"),
                ("token_endpoint", "oauth2/v2.0/token"),
                ("jwks_uri", "discovery/v2.0/keys"),
                ("userinfo_endpoint", "oidc/userinfo"),
            ] {
                told.insert(member.into(), format!("{base}/{path}").into());
            }
        };
        self.insert(guid, issuer, Arc::new(metadata));
        self.state().aliases.insert(domain.to_owned(), guid.to_owned());
    }

    fn insert(&self, name: &str, issuer: String, metadata: Bend) {
        let object = |value: Value| value.as_object().unwrap().clone();
        let tenant = Tenant {
            issuer,
            client_id: "vestibule".into(),
            secret: "a+b%:c/".into(),
            basic: false,
            person: object(json!({"sub": "248289761001", "email": "mina@acme.example", "email_verified": true})),
            userinfo: Some(object(json!({"sub": "248289761001", "name": "Mina Park"}))),
            keys: vec![SigningKey::new("RS256", "one")],
            published: None,
            signing: Signing::Right,
            metadata,
            header: Arc::new(|_| ()),
            claims: Arc::new(|_| ()),
            payload: None,
            back: Vec::new(),
            instead: BTreeMap::new(),
        };
        self.state().tenants.insert(name.to_owned(), tenant);
    }

    /// Changes a tenant.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Tenant)) {
        change(self.state().tenants.get_mut(name).unwrap());
    }

    /// Makes somebody of a tenant the one who is logged in there, by subject and address.
    pub fn seat(&self, name: &str, subject: &str, email: &str) {
        let (subject, email) = (subject.to_owned(), email.to_owned());
        self.change(name, move |tenant| {
            tenant.person.insert("sub".into(), subject.as_str().into());
            tenant.person.insert("email".into(), email.into());
            tenant.userinfo = Some(json!({"sub": subject}).as_object().unwrap().clone());
        });
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.state().seen.clear();
    }

    /// How often each endpoint of any tenant was asked: authorize, token, keys, userinfo.
    pub fn hits(&self) -> [usize; 4] {
        let seen = self.seen();
        ["authorize", "token", "keys", "userinfo"]
            .map(|endpoint| seen.iter().filter(|seen| seen.endpoint == endpoint).count())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn converse(&self, stream: TcpStream) -> Option<()> {
        let mut out = stream.try_clone().ok()?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let target = line.split(' ').nth(1)?.to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let first = path.split('/').nth(1)?.to_owned();
        let tenant = self.state().aliases.get(&first).cloned().unwrap_or(first);
        let seen = Seen {
            tenant,
            endpoint: path.rsplit('/').next()?.to_owned(),
            query: parse(query.as_bytes()).into_owned().collect(),
            headers,
            form: parse(&body).into_owned().collect(),
        };
        self.state().seen.push(seen.clone());
        let reply = self.reply(&seen);
        std::thread::sleep(reply.after);
        if reply.status == 0 {
            return None;
        }
        let location = reply.location.map(|place| format!("Location: {place}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {} x\r\nContent-Type: {}\r\n{location}Connection: close\r\nContent-Length: {}\r\n\r\n",
            reply.status,
            reply.content_type,
            reply.body.len()
        );
        out.write_all(head.as_bytes()).and_then(|()| out.write_all(reply.body.as_bytes())).ok()
    }

    fn reply(&self, seen: &Seen) -> Reply {
        let Some(tenant) = self.state().tenants.get(&seen.tenant).cloned() else {
            return Reply::json(404, &json!({"error": "no such tenant"}));
        };
        if let Some(answer) = tenant.instead.get(seen.endpoint.as_str()) {
            return answer();
        }
        match seen.endpoint.as_str() {
            "openid-configuration" => Reply::json(200, &metadata(&tenant)),
            "keys" => {
                let keys: Vec<Value> =
                    tenant.published.as_ref().unwrap_or(&tenant.keys).iter().map(SigningKey::published).collect();
                Reply::json(200, &json!({"keys": keys}))
            }
            "authorize" => self.authorize(&tenant, seen),
            "token" => self.token(&tenant, seen),
            "userinfo" => match &tenant.userinfo {
                Some(told) if seen.headers.get("authorization").is_some_and(|it| it == "Bearer access-token") => {
                    Reply::json(200, &told.clone().into())
                }
                _ => Reply::json(401, &json!({"error": "invalid_token"})),
            },
            _ => Reply::json(404, &json!({})),
        }
    }

    fn authorize(&self, tenant: &Tenant, seen: &Seen) -> Reply {
        let asked = |name: &str| seen.query.get(name).cloned().unwrap_or_default();
        let code = format!("code-{}", BASE64URL_NOPAD.encode(&Sha256::digest(asked("state"))));
        let kept = Code { tenant: seen.tenant.clone(), query: seen.query.clone() };
        self.state().codes.insert(code.clone(), kept);
        let mut back = url::Url::parse(&asked("redirect_uri")).unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked("state"));
        back.query_pairs_mut().extend_pairs(&tenant.back);
        Reply::to(302, back.into())
    }

    fn token(&self, tenant: &Tenant, seen: &Seen) -> Reply {
        let sent = |name: &str| seen.form.get(name).cloned();
        let client = match seen.headers.get("authorization").and_then(|value| value.strip_prefix("Basic ")) {
            Some(pair) if tenant.basic && sent("client_secret").is_none() => {
                let pair = String::from_utf8(BASE64.decode(pair.as_bytes()).unwrap()).unwrap();
                let (id, secret) = pair.split_once(':').unwrap();
                let decode = |text: &str| parse(format!("x={text}").as_bytes()).next().unwrap().1.into_owned();
                Some((decode(id), decode(secret)))
            }
            None if !tenant.basic => sent("client_id").zip(sent("client_secret")),
            _ => None,
        };
        if client != Some((tenant.client_id.clone(), tenant.secret.clone())) {
            return Reply::json(401, &json!({"error": "invalid_client"}));
        }
        // A code serves once, whatever comes of it.
        let code = self.state().codes.remove(&sent("code").unwrap_or_default());
        let fits = |code: &Code| {
            let asked = |name: &str| code.query.get(name).cloned();
            let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(sent("code_verifier").unwrap_or_default()));
            code.tenant == seen.tenant
                && sent("grant_type").as_deref() == Some("authorization_code")
                && asked("redirect_uri") == sent("redirect_uri")
                && asked("client_id").as_deref() == Some(&tenant.client_id)
                && asked("code_challenge_method").as_deref() == Some("S256")
                && asked("code_challenge") == Some(challenge)
        };
        let Some(code) = code.filter(fits) else {
            return Reply::json(400, &json!({"error": "invalid_grant"}));
        };
        let id_token = id_token(tenant, code.query.get("nonce"), self.clock.now().millis() / 1000);
        Reply::json(200, &json!({"token_type": "Bearer", "access_token": "access-token", "id_token": id_token}))
    }
}

fn metadata(tenant: &Tenant) -> Value {
    let mut told = Map::new();
    told.insert("issuer".into(), tenant.issuer.as_str().into());
    told.insert("response_types_supported".into(), json!(["code", "id_token"]));
    told.insert("id_token_signing_alg_values_supported".into(), json!([tenant.keys[0].algorithm]));
    let method = if tenant.basic { "client_secret_basic" } else { "client_secret_post" };
    told.insert("token_endpoint_auth_methods_supported".into(), json!([method, "private_key_jwt"]));
    (tenant.metadata)(&mut told);
    told.into()
}

fn id_token(tenant: &Tenant, nonce: Option<&String>, now: i64) -> String {
    let key = &tenant.keys[0];
    let mut header = json!({"alg": key.algorithm, "typ": "JWT"}).as_object().unwrap().clone();
    if let Some(id) = &key.id {
        header.insert("kid".into(), id.as_str().into());
    }
    let mut claims = tenant.person.clone();
    for (name, value) in [
        ("iss", json!(tenant.issuer)),
        ("aud", json!(tenant.client_id)),
        ("iat", json!(now)),
        ("exp", json!(now + 300)),
        ("nonce", json!(nonce)),
    ] {
        claims.insert(name.into(), value);
    }
    (tenant.claims)(&mut claims);
    match tenant.signing {
        Signing::Without(algorithm) => header.insert("alg".into(), algorithm.into()),
        Signing::Secret | Signing::PublicKey => header.insert("alg".into(), "HS256".into()),
        _ => None,
    };
    (tenant.header)(&mut header);
    let payload = Value::from(claims).to_string();
    let payload = tenant.payload.map_or(payload.clone(), |bend| bend(payload));
    let part = |text: String| BASE64URL_NOPAD.encode(text.as_bytes());
    let text = format!("{}.{}", part(Value::from(header).to_string()), part(payload));
    let mut signature = match tenant.signing {
        Signing::Right | Signing::Broken => key.sign(&text),
        Signing::Stripped | Signing::Without(_) => Vec::new(),
        Signing::Secret => hmac(tenant.secret.as_bytes(), &text),
        Signing::PublicKey => hmac(&key.pem(), &text),
    };
    if tenant.signing == Signing::Broken {
        signature[7] ^= 1;
    }
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}
