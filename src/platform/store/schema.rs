//! The tables as diesel knows them: one schema for both engines. Column order is the migrations' order;
//! an invariant test compares both migration folders with each other and with this file.

diesel::table! {
    organizations (id) {
        id -> Text,
        name -> Text,
        owner_id -> Text,
        version -> BigInt,
        submission -> Text,
        created_at -> Timestamp,
        unclaimed_until -> Nullable<Timestamp>,
        company_name -> Text,
        country -> Text,
        registration_number -> Nullable<Text>,
        representative -> Text,
        company_phone -> Text,
        billing_email -> Text,
        two_factor -> Bool,
        login_method -> Text,
        trial_until -> Nullable<Timestamp>,
        password_days -> Nullable<BigInt>,
        console_access -> Nullable<Text>,
        state -> Text,
        deletion_requested_at -> Nullable<Timestamp>,
        deletion_requested_by -> Nullable<Text>,
        deletion_due_at -> Nullable<Timestamp>,
        deletion_held_at -> Nullable<Timestamp>,
        deletion_reminded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        organization_id -> Text,
        email -> Text,
        name -> Text,
        nickname -> Nullable<Text>,
        mobile -> Nullable<Text>,
        language -> Text,
        time_zone -> Text,
        time_zone_chosen -> Bool,
        status -> Text,
        org_admin -> Bool,
        org_reader -> Bool,
        billing_admin -> Bool,
        password_hash -> Nullable<Text>,
        password_changed_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        last_login_at -> Nullable<Timestamp>,
        listed_as -> Text,
        mobile_verified_at -> Nullable<Timestamp>,
        expiry_told_of -> Nullable<Timestamp>,
        expiry_told_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    past_passwords (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Text,
        password_hash -> Text,
    }
}

diesel::table! {
    consents (organization_id, user_id, term, version) {
        organization_id -> Text,
        user_id -> Text,
        term -> Text,
        version -> Text,
        agreed_at -> Timestamp,
    }
}

diesel::table! {
    sign_ups (id) {
        id -> Text,
        token_hash -> Binary,
        answers -> Text,
        organization_id -> Nullable<Text>,
        mails -> Integer,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    mailed_links (id) {
        id -> Text,
        token_hash -> Binary,
        organization_id -> Text,
        user_id -> Text,
        purpose -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        token_hash -> Binary,
        organization_id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        authenticated_at -> Timestamp,
        last_seen_at -> Timestamp,
        address -> Text,
        user_agent -> Text,
        second_factor -> Nullable<Text>,
        method -> Text,
    }
}

diesel::table! {
    held_forms (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        path -> Text,
        fields -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    known_browsers (organization_id, user_id, token_hash) {
        token_hash -> Binary,
        organization_id -> Text,
        user_id -> Text,
        first_seen_at -> Timestamp,
        last_seen_at -> Timestamp,
    }
}

diesel::table! {
    throttles (key) {
        key -> Binary,
        subject -> Text,
        organization_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        count -> BigInt,
        rung -> BigInt,
        since -> Timestamp,
        last_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    mails (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        kind -> Text,
        recipient -> Text,
        language -> Text,
        time_zone -> Text,
        sealed -> Nullable<Binary>,
        state -> Text,
        created_at -> Timestamp,
        due_at -> Timestamp,
        leased_until -> Nullable<Timestamp>,
        attempts -> Integer,
        answer -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
        user_id -> Nullable<Text>,
        channel -> Text,
        ending -> Nullable<Text>,
        stage -> Nullable<Text>,
        tried_since -> Nullable<Timestamp>,
        works_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        reference -> Text,
        at -> Timestamp,
        event -> Text,
        result -> Text,
        reason -> Nullable<Text>,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        target_kind -> Nullable<Text>,
        target_id -> Nullable<Text>,
        target_name -> Nullable<Text>,
        details -> Text,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        merge_key -> Nullable<Binary>,
        count -> BigInt,
    }
}

diesel::table! {
    registrations (id) {
        id -> Text,
        organization_id -> Text,
        submission -> Text,
        created_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    registration_lines (organization_id, registration_id, line) {
        organization_id -> Text,
        registration_id -> Text,
        line -> Integer,
        user_id -> Text,
        mail_id -> Text,
    }
}

diesel::table! {
    bills (id) {
        id -> Text,
        organization_id -> Text,
        number -> Text,
        external_id -> Nullable<Text>,
        period -> Text,
        currency -> Text,
        tax -> BigInt,
        total -> BigInt,
        due_on -> Text,
        status -> Text,
        created_at -> Timestamp,
        announced_at -> Nullable<Timestamp>,
        announced_by -> Nullable<Text>,
        paid_on -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
        note -> Nullable<Text>,
        voided_at -> Nullable<Timestamp>,
        void_reason -> Nullable<Text>,
    }
}

diesel::table! {
    bill_lines (organization_id, bill_id, place) {
        organization_id -> Text,
        bill_id -> Text,
        place -> Integer,
        description -> Text,
        quantity -> BigInt,
        unit_amount -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    projects (organization_id, id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        description -> Text,
        submission -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    project_members (organization_id, project_id, user_id) {
        organization_id -> Text,
        project_id -> Text,
        user_id -> Text,
        role -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    resources (organization_id, external_id) {
        organization_id -> Text,
        external_id -> Text,
        project_id -> Text,
        kind -> Text,
        name -> Text,
        registered_at -> Timestamp,
    }
}

diesel::table! {
    codes (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Text,
        purpose -> Text,
        code_hash -> Binary,
        message_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        tries -> BigInt,
        used_at -> Nullable<Timestamp>,
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    code_counts (organization_id, user_id) {
        organization_id -> Text,
        user_id -> Text,
        sent -> BigInt,
        sent_since -> Timestamp,
        wrong -> BigInt,
        wrong_since -> Timestamp,
    }
}

diesel::table! {
    authenticators (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Text,
        state -> Text,
        sealed -> Binary,
        last_step -> BigInt,
        created_at -> Timestamp,
        steps_ahead -> BigInt,
    }
}

diesel::table! {
    authenticator_recovery_codes (organization_id, user_id, code_hash) {
        organization_id -> Text,
        user_id -> Text,
        code_hash -> Binary,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    logins_in_progress (id) {
        id -> Text,
        token_hash -> Binary,
        organization_id -> Text,
        user_id -> Text,
        password_changed_at -> Nullable<Timestamp>,
        factor -> Nullable<Text>,
        return_to -> Text,
        begun_at -> Timestamp,
        authenticated_at -> Timestamp,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        method -> Text,
    }
}

diesel::table! {
    identity_providers (id) {
        id -> Text,
        organization_id -> Text,
        state -> Text,
        configuration -> Text,
        fingerprint -> Text,
        secret -> Binary,
        secret_expires_on -> Nullable<Text>,
        changed_at -> Timestamp,
        test_result -> Nullable<Text>,
        tested_at -> Nullable<Timestamp>,
        tells_auth_time -> Bool,
        trial_begun_at -> Nullable<Timestamp>,
        trial_until -> Nullable<Timestamp>,
        in_force_since -> Nullable<Timestamp>,
        reminded_days -> Nullable<BigInt>,
        alarmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idp_returns (state_hash) {
        state_hash -> Binary,
        organization_id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    idp_bindings (organization_id, user_id) {
        organization_id -> Text,
        user_id -> Text,
        subject -> Text,
        address -> Text,
        bound_at -> Timestamp,
    }
}

diesel::table! {
    owner_recovery_codes (organization_id, user_id, code_hash) {
        organization_id -> Text,
        user_id -> Text,
        code_hash -> Binary,
        made_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    repair_sessions (id) {
        id -> Text,
        token_hash -> Binary,
        organization_id -> Text,
        user_id -> Text,
        confirmed_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    policy_versions (organization_id, policy, number) {
        organization_id -> Text,
        policy -> Text,
        number -> BigInt,
        at -> Timestamp,
        user_id -> Nullable<Text>,
        user_name -> Nullable<Text>,
        before -> Text,
        after -> Text,
    }
}

diesel::table! {
    erasures (id) {
        id -> Text,
        name_hash -> Nullable<Binary>,
        held_until -> Timestamp,
        requested_at -> Timestamp,
        begun_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
        users -> BigInt,
        projects -> BigInt,
        bills -> BigInt,
        events -> BigInt,
    }
}

diesel::table! {
    audit_seals (chain, number) {
        chain -> Text,
        number -> BigInt,
        organization_id -> Nullable<Text>,
        event_id -> Text,
        hash -> Binary,
        signature -> Binary,
        key_id -> Text,
        cut -> Nullable<Binary>,
    }
}

diesel::table! {
    audit_sealing (id) {
        id -> Text,
        version -> BigInt,
        sealed_until -> Timestamp,
    }
}

diesel::table! {
    audit_rows (key) {
        key -> Binary,
        count -> BigInt,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    audit_keys (id) {
        id -> Text,
        key -> Binary,
        key_id -> Text,
        signature -> Binary,
    }
}

diesel::table! {
    audit_heads (chain) {
        chain -> Text,
        number -> BigInt,
        hash -> Binary,
        version -> BigInt,
        key_id -> Text,
        signature -> Binary,
    }
}

diesel::table! {
    audit_progress (id) {
        id -> Text,
        version -> BigInt,
        sealed_until -> Timestamp,
        total -> BigInt,
        key_id -> Text,
        signature -> Binary,
    }
}

diesel::table! {
    instances (id) {
        id -> Text,
        host -> Text,
        key_id -> Text,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    root_secrets (id) {
        id -> Text,
        sealed -> Binary,
        created_at -> Timestamp,
    }
}

diesel::joinable!(sign_ups -> organizations (organization_id));
diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    past_passwords,
    consents,
    sign_ups,
    mailed_links,
    sessions,
    held_forms,
    known_browsers,
    throttles,
    mails,
    audit_events,
    registrations,
    registration_lines,
    bills,
    bill_lines,
    projects,
    project_members,
    resources,
    codes,
    code_counts,
    authenticators,
    authenticator_recovery_codes,
    logins_in_progress,
    identity_providers,
    idp_returns,
    idp_bindings,
    owner_recovery_codes,
    repair_sessions,
    policy_versions,
    erasures,
    audit_seals,
    audit_sealing,
    audit_rows,
    audit_keys,
    audit_heads,
    audit_progress,
    instances,
    root_secrets,
);
