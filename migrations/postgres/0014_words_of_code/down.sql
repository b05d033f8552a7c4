ALTER TABLE throttles ADD CONSTRAINT throttles_subject_check CHECK (subject IN ('account', 'browser', 'network', 'sign_up', 'reset_mail', 'organizations_mail', 'invitation_mail', 'organization_invitations')) NOT VALID;
ALTER TABLE mailed_links ADD CONSTRAINT mailed_links_purpose_check CHECK (purpose IN ('invitation', 'password_reset')) NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_second_factor_check CHECK (second_factor IN ('email', 'mobile', 'authenticator', 'recovery_code')) NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_new_method_check CHECK (method IN ('password', 'idp')) NOT VALID;
ALTER TABLE logins_in_progress ADD CONSTRAINT logins_in_progress_factor_check CHECK (factor IN ('email', 'mobile', 'authenticator', 'recovery_code')) NOT VALID;
ALTER TABLE logins_in_progress ADD CONSTRAINT logins_in_progress_new_method_check CHECK (method IN ('password', 'idp')) NOT VALID;
ALTER TABLE policy_versions ADD CONSTRAINT policy_versions_policy_check CHECK (policy IN ('password_expiration', 'console_access', 'two_factor', 'login_method')) NOT VALID;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_actor_kind_check CHECK (actor_kind IN ('user', 'visitor', 'operator', 'system')) NOT VALID;
