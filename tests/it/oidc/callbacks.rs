//! What the browser brings back: nothing is asked before it fits.

use chrono::Duration;

use super::{Desk, Ended, draft, mina, try_out, word};
use crate::support::provider::MockProvider;

/// `state-missing`, `state-wrong`, `state-twice`, `state-other-browser`, `state-11min`: refused before the token endpoint.
/// Shows ASVS 10.1.2; attack 48.
#[test]
fn asvs_10_2_1_a_login_that_was_not_begun_here_is_refused() {
    let desk = Desk::open();
    let without = |query: String, name: &str| {
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        kept.join("&")
    };
    let expect = |case: &str, ended: Ended, word: &'static str| {
        assert_eq!(ended, Err(word), "{case}");
        assert_eq!(desk.provider.hits()[1..], [0, 0, 0], "{case}");
    };
    expect("state-missing", desk.ended_with(|query| without(query, "state")), "state");
    expect("state empty", desk.ended_with(|query| without(query, "state") + "&state="), "state");
    expect("state-wrong", desk.ended_with(|query| query + "1"), "state");
    expect("state-twice", desk.ended_with(|query| format!("{query}&state=x")), "parameters");
    expect("code twice", desk.ended_with(|query| format!("{query}&code=x")), "parameters");
    expect("code missing", desk.ended_with(|query| without(query, "code")), "code_missing");
    // Another browser has another request.
    let ((address, _), (_, request)) = (desk.begin(None), desk.begin(None));
    expect("state-other-browser", word(desk.end(&request, &desk.visit(&address))), "state");
    let (address, request) = desk.begin(None);
    let query = desk.visit(&address);
    desk.provider.clock.advance(Duration::minutes(10) + Duration::seconds(1));
    expect("state-11min", word(desk.end(&request, &query)), "late");
}

/// `state-replay` at the provider's side: where requests are kept they serve once, and a code does anyway.
/// Shows ASVS 10.1.2; attack 48.
#[test]
fn a_code_serves_once_and_is_never_tried_again() {
    let desk = Desk::open();
    let (address, request) = desk.begin(None);
    let query = desk.visit(&address);
    assert_eq!(word(desk.end(&request, &query)), mina());
    assert_eq!(word(desk.end(&request, &query)), Err("invalid_grant"));
    assert_eq!(desk.provider.hits()[1], 2);
}

/// `resp-iss-wrong`, `resp-iss-removed` (RFC 9207): before the token call.
/// Shows attack 49.
#[test]
fn asvs_10_2_2_an_answer_of_another_provider_is_refused() {
    let desk = Desk::open();
    let issuer = desk.configuration.borrow().issuer.clone();
    for (case, name, ends) in [
        ("right", issuer.clone(), mina()),
        ("resp-iss-wrong", format!("{issuer}1"), Err("answer_iss")),
        ("another", "https://evil.example".into(), Err("answer_iss")),
        ("empty", String::new(), Err("answer_iss")),
    ] {
        desk.change(|tenant| tenant.back = vec![("iss", name)]);
        desk.provider.forget();
        assert_eq!(desk.ended(), ends, "{case}");
        assert_eq!(desk.provider.hits()[1], usize::from(ends.is_ok()), "{case}");
    }
    let promise = || {
        Desk::open_with(|tenant| {
            let usual = tenant.metadata.clone();
            tenant.metadata = std::sync::Arc::new(move |told| {
                usual(told);
                told.insert("authorization_response_iss_parameter_supported".into(), true.into());
            });
        })
    };
    let desk = promise();
    assert!(desk.configuration.borrow().names_itself);
    assert_eq!(desk.ended(), Err("answer_iss"), "resp-iss-removed");
    assert_eq!(desk.provider.hits(), [1, 0, 0, 0]);
    let desk = promise();
    let issuer = desk.configuration.borrow().issuer.clone();
    desk.change(|tenant| tenant.back = vec![("iss", issuer)]);
    assert_eq!(desk.ended(), mina());
}

/// `error-param`: a neutral sentence, nothing of what the provider said, and nobody is asked.
#[test]
fn an_error_that_comes_back_says_nothing_of_its_own() {
    let desk = Desk::open();
    for (error, reason) in
        [("access_denied", "access_denied"), ("server_error", "provider_error"), ("<b>", "provider_error")]
    {
        let (_, request) = desk.begin(None);
        let said = "AADSTS65004: <script>alert(1)</script>";
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("error", error)
            .append_pair("error_description", said)
            .append_pair("state", request.state.expose())
            .finish();
        let refused = desk.end(&request, &query).unwrap_err();
        assert_eq!(refused.reason.word(), reason);
        assert_eq!(refused.code().as_deref(), Some("AADSTS65004"));
        for language in vestibule::base::i18n::Language::ALL {
            let shown = [refused.for_users(), refused.for_owners()].map(|text| text.say(*language)).concat();
            assert!(!shown.contains(['<', '>']) && !shown.contains("alert"), "{shown}");
        }
    }
    assert_eq!(desk.provider.hits(), [0, 0, 0, 0]);
    // Somebody else's error does not end this login.
    let (_, request) = desk.begin(None);
    assert_eq!(word(desk.end(&request, "error=access_denied&state=x")), Err("state"));
}

/// `org-swap`: a login begun for one organization, ended with a code of another's provider.
/// Shows ASVS 10.2.2; attack 49.
#[test]
fn a_code_of_another_organization_s_provider_is_worth_nothing() {
    let provider = MockProvider::start();
    provider.add("acme");
    provider.add("rival");
    let acme = Desk::over(provider.clone(), &draft(&provider, "acme"));
    let rival = Desk::over(provider.clone(), &draft(&provider, "rival"));
    let code = |query: &str| query.split('&').find(|pair| pair.starts_with("code=")).unwrap().to_owned();
    let (foreign, _) = rival.begin(None);
    let foreign = code(&rival.visit(&foreign));
    let (_, request) = acme.begin(None);
    let swapped = format!("{foreign}&state={}", request.state.expose());
    assert_eq!(word(acme.end(&request, &swapped)), Err("invalid_grant"));
    assert_eq!(provider.hits()[3], 0);
    // A provider that would take any code: its token names another login.
    let (address, request) = acme.begin(None);
    let (other, _) = acme.begin(None);
    acme.visit(&address);
    let swapped = format!("{}&state={}", code(&acme.visit(&other)), request.state.expose());
    assert_eq!(word(acme.end(&request, &swapped)), Err("invalid_grant"), "PKCE");
}

/// `cfg-changed`: values or secret changed while somebody was away.
/// Shows ASVS 10.2.2; attack 49.
#[test]
fn a_login_ends_with_the_values_it_began_with() {
    let mut desk = Desk::open();
    let (address, request) = desk.begin(None);
    let query = desk.visit(&address);
    let as_tested = desk.configuration.borrow().clone();
    desk.configuration.borrow_mut().own_addresses = true;
    assert_eq!(word(desk.end(&request, &query)), Err("changed"));
    desk.configuration.replace(as_tested);
    let right = std::mem::replace(&mut desk.secret, vestibule::platform::oidc::Secret::new("newer"));
    assert_eq!(word(desk.end(&request, &query)), Err("changed"));
    assert_eq!(desk.provider.hits(), [1, 0, 0, 0]);
    desk.secret = right;
    assert_eq!(word(desk.end(&request, &query)), mina());
}

/// Parameters in the pasted URL stay, and none of ours can be set there.
#[test]
fn a_pasted_url_keeps_its_own_parameters_and_sets_none_of_ours() {
    let provider = MockProvider::start();
    provider.add("acme");
    let place = format!("{}/acme/authorize?audience=console", provider.origin());
    let published = place.clone();
    provider.change("acme", |tenant| {
        let usual = tenant.metadata.clone();
        tenant.metadata = std::sync::Arc::new(move |told| {
            usual(told);
            told.insert("authorization_endpoint".into(), published.as_str().into());
        });
    });
    let mut typed = draft(&provider, "acme");
    typed.authorization_url = place;
    let desk = Desk::over(provider.clone(), &typed);
    assert_eq!(desk.ended(), mina());
    assert_eq!(provider.seen()[0].query["audience"], "console");
    typed.authorization_url += "&response_type=token";
    assert_eq!(try_out(&typed).unwrap_err().reason.word(), "authorization_url");
}
