// A certified OpenID provider (oidc-provider, from npm) on loopback, for tests in a browser. What it is to be comes as lines
// of JSON on standard input; a line on standard output answers each when it is so. It ends with its input, so that it
// never outlives its test.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

// Standard output is for answers; what the package has to say of its settings is not among them.
console.info = console.error;

// Time is that of the test, and stands still with it.
let now = Date.now();
Date.now = () => now;

const cookieKeys = [randomBytes(32).toString('hex')];
const keysOf = new Map();
let provider, options, handle;

// Keys by their number: the next one is a rotation, the same one comes back as it was.
function keys(number) {
  if (!keysOf.has(number)) {
    const made = [['RS256', 'rsa', { modulusLength: 2048 }], ['ES256', 'ec', { namedCurve: 'P-256' }]].map(
      ([alg, kind, how]) => ({ ...generateKeyPairSync(kind, how).privateKey.export({ format: 'jwk' }), alg, use: 'sig' }),
    );
    keysOf.set(number, made);
  }
  return keysOf.get(number);
}

async function setUp(issuer) {
  provider = new Provider(issuer, {
    clients: [{
      client_id: options.client_id,
      client_secret: options.client_secret,
      redirect_uris: [options.redirect_uri],
      token_endpoint_auth_method: options.token_endpoint_auth_method,
      id_token_signed_response_alg: options.algorithm,
      // Who ignores `max_age` may tell when somebody logged in all the same.
      require_auth_time: options.ignores_max_age,
    }],
    jwks: { keys: keys(options.keys).map((key) => (options.kid ? { ...key, kid: `${options.kid} ${key.alg}` } : key)) },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], auth_time: null },
    // By the letter of the standard, what a scope stands for is told by userinfo; many providers put it into the ID token.
    conformIdTokenClaims: !options.everything_in_id_token,
    pkce: { methods: ['S256'], required: () => true },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    routes: { authorization: '/authorize', token: '/token', jwks: '/keys', userinfo: '/userinfo' },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { url: (_, { uid }) => `/login/${uid}` },
    cookies: {
      keys: cookieKeys,
      names: { session: 'provider-session', interaction: 'provider-login', resume: 'provider-resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    ttl: { Session: 86400, Grant: 86400, Interaction: 3600, AccessToken: 3600, IdToken: 3600, AuthorizationCode: 60 },
    findAccount(_, id) {
      const account = options.accounts.find(({ claims }) => claims.sub === id);
      return account && { accountId: id, claims: () => account.claims };
    },
    // Nobody is asked for consent: an organization's own provider has its administrator's.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope(oidc.params.scope);
      await grant.save();
      return grant;
    },
    async renderError(context, { error, error_description: description }) {
      context.type = 'html';
      context.body = page('Not possible', `<p>${escape(error)}: ${escape(description ?? '')}</p>`);
    },
  });
  provider.use(async (context, next) => {
    // The package takes the secret of a client either way, however it is registered; providers are stricter.
    const basic = options.token_endpoint_auth_method === 'client_secret_basic';
    if (context.path === '/token' && basic !== ('authorization' in context.headers)) {
      context.status = 401;
      context.body = { error: 'invalid_client', error_description: 'not the registered authentication method' };
      return;
    }
    if (options.ignores_max_age && context.path === '/authorize') {
      const { max_age: _, prompt: __, ...heeded } = context.query;
      context.query = heeded;
    }
    // Keys of an application of its own, published to those who name it, as Entra ID does.
    const { keys_of: application } = options;
    if (application && context.path === '/keys' && context.query.appid !== application) {
      context.body = { keys: [] };
      return;
    }
    await next();
    if (application && context.path.endsWith('/.well-known/openid-configuration')) {
      context.body.jwks_uri += `?appid=${encodeURIComponent(application)}`;
    }
    // Browsers have a clock of their own, so cookies carry no date by this one, except the long past.
    const cookies = [context.response.get('Set-Cookie')].flat().filter(Boolean);
    if (cookies.length) {
      context.set('Set-Cookie', cookies.map((cookie) => cookie.replace(/; expires=(?!Thu, 01 Jan 1970)[^;]*/i, '')));
    }
  });
  const { prototype } = provider.IdToken;
  const { payload } = prototype;
  prototype.payload = async function bent() {
    const told = await payload.call(this);
    if (!options.tells_auth_time) delete told.auth_time;
    // Whatever the package writes there afterwards, such as the audience, these stay.
    for (const [name, value] of Object.entries(options.id_token)) {
      Object.defineProperty(told, name, { enumerable: true, get: () => value, set() {} });
    }
    return told;
  };
  provider.on('server_error', (_, cause) => console.error(cause));
  // It is looked at when it is first needed otherwise; a client that cannot be ends the test here.
  await provider.Client.find(options.client_id);
  handle = provider.callback();
}

const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title, main) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>${main}</main></body></html>`;

const loginPage = (problem, typed) => page('Log in at the provider', `${problem && `<p role="alert">${problem}</p>`}
<form method="post">
<p><label>Login name <input name="login" autocomplete="username" value="${escape(typed)}"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
<p><button>Log in</button> <button name="cancel" value="yes">Cancel</button></p>
</form>`);

async function logIn(request, response) {
  await provider.interactionDetails(request, response);
  const answer = (status, html) => response.writeHead(status, { 'Content-Type': 'text/html' }).end(html);
  if (request.method !== 'POST') return answer(200, loginPage('', ''));
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  const form = new URLSearchParams(body);
  const finish = (result) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  if (form.has('cancel')) return finish({ error: 'access_denied', error_description: 'The person would rather not' });
  const account = options.accounts.find(({ login }) => login === form.get('login'));
  if (!account) return answer(200, loginPage('Nobody here has this login name.', form.get('login') ?? ''));
  // Not remembered: the session ends with the browser, by no clock.
  return finish({ login: { accountId: account.claims.sub, remember: false } });
}

const server = createServer((request, response) => {
  if (!request.url.startsWith('/login/')) return handle(request, response);
  return logIn(request, response).catch((cause) => {
    console.error(cause);
    response.writeHead(400, { 'Content-Type': 'text/html' }).end(page('Not possible', `<p>${escape(cause.message)}</p>`));
  });
});

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  now = told.now;
  if (told.options) {
    options = told.options;
    if (!server.listening) {
      await new Promise((listening) => server.listen(options.port, '127.0.0.1', listening));
    }
    await setUp(`http://127.0.0.1:${server.address().port}`);
  }
  console.log(JSON.stringify({ port: server.address().port }));
}
process.exit();
