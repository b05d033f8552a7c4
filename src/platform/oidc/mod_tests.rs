use super::*;

fn configuration(provider: Provider) -> Configuration {
    Configuration {
        provider,
        issuer: "https://idp.example".into(),
        authorization_url: "https://idp.example/authorize".into(),
        token_url: "https://idp.example/token".into(),
        jwks_uri: "https://idp.example/keys".into(),
        userinfo_url: Some("https://idp.example/userinfo".into()),
        tenant: (provider == Provider::Azure).then(|| "5c8a".into()),
        client_id: "vestibule".into(),
        client_authentication: ClientAuthentication::Post,
        own_addresses: false,
        names_itself: false,
    }
}

fn claims() -> Claims {
    Claims {
        issuer: "https://idp.example".into(),
        subject: "248289761001".into(),
        tenant: Some("5C8A".into()),
        object: Some("0F1E".into()),
        email: Some("Mina@Acme.example".into()),
        email_verified: false,
        domain_refused: false,
        preferred_username: Some("mina.park@acme.example".into()),
        name: Some("Mina Park".into()),
        auth_time: None,
    }
}

fn address(configuration: &Configuration, claims: &Claims) -> Result<String, Unmatched> {
    person(configuration, claims).addresses.map(|all| all[0].as_str().to_owned())
}

#[test]
fn azure_is_believed_about_its_own_people_and_keyed_by_tenant_and_object() {
    let azure = configuration(Provider::Azure);
    let found = person(&azure, &claims());
    assert_eq!(found.key, Key::Directory { tenant: "5c8a".into(), object: "0f1e".into() });
    assert_eq!(address(&azure, &claims()).as_deref(), Ok("mina@acme.example"));
    let without = Claims { email: None, ..claims() };
    assert_eq!(address(&azure, &without).as_deref(), Ok("mina.park@acme.example"));
    let phone = Claims { email: None, preferred_username: Some("+821023456789".into()), ..claims() };
    assert_eq!(address(&azure, &phone), Err(Unmatched::NotAnAddress("+821023456789".into())));
    // One without the other is no key.
    for part in [Claims { tenant: None, ..claims() }, Claims { object: None, ..claims() }] {
        assert!(matches!(person(&azure, &part).key, Key::Subject { .. }));
    }
}

/// Shows attack 51.
#[test]
fn other_providers_must_say_that_an_address_is_verified_unless_the_owner_vouches() {
    let mut other = configuration(Provider::Other);
    let unverified = Email::parse("mina@acme.example").unwrap();
    assert_eq!(address(&other, &claims()), Err(Unmatched::Unverified(unverified)));
    assert_eq!(address(&other, &Claims { email_verified: true, ..claims() }).as_deref(), Ok("mina@acme.example"));
    // A user name is chosen by its bearer: no address.
    let nameless = Claims { email: None, email_verified: true, ..claims() };
    assert_eq!(address(&other, &nameless), Err(Unmatched::NoAddress));
    other.own_addresses = true;
    assert_eq!(address(&other, &claims()).as_deref(), Ok("mina@acme.example"));
    assert_eq!(address(&other, &nameless), Err(Unmatched::NoAddress));
    assert!(matches!(person(&other, &claims()).key, Key::Subject { .. }), "tenant and object are Azure's alone");
}

#[test]
fn asvs_10_5_2_a_changed_address_or_name_is_still_the_same_person() {
    for provider in [Provider::Azure, Provider::Other] {
        let configuration = configuration(provider);
        let changed = Claims {
            email: Some("new@acme.example".into()),
            preferred_username: None,
            name: Some("Mina Kim".into()),
            email_verified: true,
            ..claims()
        };
        assert_eq!(person(&configuration, &claims()).key, person(&configuration, &changed).key);
        let other = Claims { subject: "other".into(), object: Some("other".into()), ..claims() };
        assert_ne!(person(&configuration, &claims()).key, person(&configuration, &other).key);
    }
}

/// Shows attack 53.
#[test]
fn every_value_and_the_secret_make_the_fingerprint() {
    let secret = Secret::new(" s3cret ");
    assert_eq!(secret.expose(), "s3cret");
    let whole = configuration(Provider::Azure);
    let print = whole.fingerprint(&secret);
    let json = serde_json::to_value(&whole).unwrap();
    for (name, value) in json.as_object().unwrap() {
        let other = match (name.as_str(), value) {
            ("provider", _) => "other".into(),
            ("client_authentication", _) => "basic".into(),
            (_, serde_json::Value::String(text)) => format!("{text}x").into(),
            (_, serde_json::Value::Bool(flag)) => (!flag).into(),
            (name, value) => panic!("{name}: {value}"),
        };
        let mut changed = json.clone();
        changed[name] = other;
        let changed: Configuration = serde_json::from_value(changed).unwrap();
        assert_ne!(changed.fingerprint(&secret), print, "{name}");
    }
    assert_ne!(whole.fingerprint(&Secret::new("s3cretx")), print);
    assert_ne!(Configuration { userinfo_url: None, ..whole.clone() }.fingerprint(&secret), print);
    assert_eq!(whole.clone().fingerprint(&secret), print);
    assert!(!format!("{secret:?}").contains("s3cret"));
}

/// Shows attack 52.
#[test]
fn bindings_stay_with_issuer_and_client_or_with_the_tenant() {
    let (azure, other) = (configuration(Provider::Azure), configuration(Provider::Other));
    let client = |of: &Configuration| Configuration { client_id: "another".into(), ..of.clone() };
    let issuer = |of: &Configuration| Configuration { issuer: "https://b.example".into(), ..of.clone() };
    assert!(client(&azure).keeps_bindings_of(&azure) && !client(&other).keeps_bindings_of(&other));
    assert!(!issuer(&other).keeps_bindings_of(&other) && !issuer(&azure).keeps_bindings_of(&azure));
    let tenant = Configuration { tenant: Some("another".into()), ..azure.clone() };
    assert!(!tenant.keeps_bindings_of(&azure) && !azure.keeps_bindings_of(&other));
}
