//! The one permission table (docs/rules.md section 2). Extractors, navigation, the roles page, `docs/permissions.md` and
//! the invariant tests read it; nothing else decides who may do what.

use crate::base::project_role::ProjectRole;
use crate::platform::events::{Person, Principal};
use crate::platform::store::HeldBy;

/// What a permission is granted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Every user, on their own account.
    Everyone,
    /// The Org Owner.
    Owner,
    /// Org Admin; the owner always has everything Org Admin has.
    OrgAdmin,
    /// Org Reader; Org Admin includes it.
    OrgReader,
    /// Billing Admin.
    BillingAdmin,
    /// Project Admin, in that project.
    ProjectAdmin,
    /// Project Member, in that project.
    ProjectMember,
    /// Project Reader, in that project.
    ProjectReader,
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name in code, documentation and the audit log.
    pub name: &'static str,
    /// Who holds it.
    pub grants: &'static [Grant],
    /// Whether the login must be fresh.
    pub fresh: bool,
    /// Message id of what it permits, in words.
    pub label: &'static str,
}

impl Rule {
    /// Whether roles in a project grant it, too: it is then asked for in one project, which the path names.
    pub fn is_of_projects(&self) -> bool {
        ProjectRole::ALL.iter().any(|role| self.is_granted_to(*role))
    }

    /// Whether a role in a project grants it in that project.
    pub fn is_granted_to(&self, role: ProjectRole) -> bool {
        self.grants.contains(&role.grant())
    }
}

/// A permission as a type: what `Actor<P>` and `Tx<P>` prove.
pub trait Permission: HeldBy<Principal = Person> + Send + Sync + 'static {
    /// Its row of the table.
    const RULE: &'static Rule;
}

/// A permission that roles in a project grant, too: `Actor<P>` consumes `{project}` from the path, and `Tx<P>` has it.
pub trait ProjectPermission: Permission {}

macro_rules! permissions {
    ($(
        $(#[$doc:meta])* $name:ident $label:literal =>
        $($grant:ident)|+ $(or in project ($($role:ident)|+))? $(, $fresh:ident)?;
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl HeldBy for $name {
                type Principal = Person;

                fn principal(person: &Person) -> Principal {
                    person.into()
                }
            }
            impl Permission for $name {
                const RULE: &'static Rule = &Rule {
                    name: stringify!($name),
                    grants: &[$(Grant::$grant,)+ $($(Grant::$role,)+)?],
                    fresh: permissions!(@fresh $($fresh)?),
                    label: $label,
                };
            }
            $(permissions!(@project $name $($role)+);)?
        )*
        /// Every permission, in the table's order.
        pub const TABLE: &[&Rule] = &[$($name::RULE),*];
    };
    (@project $name:ident $($role:ident)+) => { impl ProjectPermission for $name {} };
    (@fresh fresh) => { true };
    (@fresh) => { false };
}

permissions! {
    /// View organization settings (Account, Security tabs).
    ViewOrganization "permission-view-organization" => Owner | OrgAdmin | OrgReader;
    /// Change login method, IdP integration, two-factor authentication.
    ManageLogin "permission-manage-login" => Owner, fresh;
    /// Set password expiration, control console access.
    ManageSecurity "permission-manage-security" => Owner | OrgAdmin, fresh;
    /// Request or withdraw organization deletion; transfer ownership.
    ManageOwnership "permission-manage-ownership" => Owner, fresh;
    /// See what organization deletion waits for.
    ViewDeletion "permission-view-deletion" => Owner;
    /// View users, their roles and status.
    ViewUsers "permission-view-users" => Owner | OrgAdmin | OrgReader;
    /// Register users, resend or revoke invitations, deactivate or reactivate users, end their sessions, lift a lock.
    ManageUsers "permission-manage-users" => Owner | OrgAdmin;
    /// Edit organization roles, delete users.
    ManageRoles "permission-manage-roles" => Owner | OrgAdmin, fresh;
    /// Reset another user's authenticator and mobile number, release an IdP binding (never the owner's).
    ManageFactors "permission-manage-factors" => Owner | OrgAdmin, fresh;
    /// View all projects.
    ViewProjects "permission-view-projects" => Owner | OrgAdmin | OrgReader;
    /// Create, rename, delete projects.
    ManageProjects "permission-manage-projects" => Owner | OrgAdmin;
    /// View one project and its members.
    ViewProject "permission-view-project" =>
        Owner | OrgAdmin | OrgReader or in project (ProjectAdmin | ProjectMember | ProjectReader);
    /// Add, change, remove project members.
    ManageProjectMembers "permission-manage-project-members" =>
        Owner | OrgAdmin or in project (ProjectAdmin);
    /// View bills, pay bills.
    ManageBilling "permission-manage-billing" => Owner | BillingAdmin;
    /// View the audit log.
    ViewAudit "permission-view-audit" => Owner | OrgAdmin;
    /// Export the audit log.
    ExportAudit "permission-export-audit" => Owner | OrgAdmin, fresh;
    /// Own account: profile, sessions, own roles.
    OwnAccount "permission-own-account" => Everyone;
    /// Own account: password, and what else can take an account over.
    OwnSecrets "permission-own-secrets" => Everyone, fresh;
}

words! {
    /// An organization role, or the owner's designation, as people are shown it; from the widest.
    Role {
        /// Exactly one user of an organization; transferred, never assigned.
        OrgOwner = "org_owner",
        /// Includes Org Reader.
        OrgAdmin = "org_admin",
        /// Reads.
        OrgReader = "org_reader",
        /// Bills.
        BillingAdmin = "billing_admin",
    }
}

impl Role {
    /// The roles that are given and taken.
    pub const ASSIGNED: &'static [Self] = &[Self::OrgAdmin, Self::OrgReader, Self::BillingAdmin];

    /// Message id of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::OrgOwner => "role-org-owner",
            Self::OrgAdmin => "role-org-admin",
            Self::OrgReader => "role-org-reader",
            Self::BillingAdmin => "role-billing-admin",
        }
    }

    /// Message id of what it lets people do.
    pub fn text(self) -> &'static str {
        match self {
            Self::OrgOwner => "role-org-owner-text",
            Self::OrgAdmin => "role-org-admin-text",
            Self::OrgReader => "role-org-reader-text",
            Self::BillingAdmin => "role-billing-admin-text",
        }
    }
}

impl ProjectRole {
    /// As the table names it.
    pub fn grant(self) -> Grant {
        match self {
            Self::Admin => Grant::ProjectAdmin,
            Self::Member => Grant::ProjectMember,
            Self::Reader => Grant::ProjectReader,
        }
    }
}

/// The roles of a user, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Roles {
    /// The designation.
    pub owner: bool,
    /// Org Admin.
    pub org_admin: bool,
    /// Org Reader.
    pub org_reader: bool,
    /// Billing Admin.
    pub billing_admin: bool,
}

impl Roles {
    /// The set of assigned roles; the designation is not one of them.
    pub fn of(roles: &[Role]) -> Self {
        Self {
            owner: false,
            org_admin: roles.contains(&Role::OrgAdmin),
            org_reader: roles.contains(&Role::OrgReader),
            billing_admin: roles.contains(&Role::BillingAdmin),
        }
    }

    /// The assigned roles as words, for the audit log.
    pub fn words(self) -> String {
        let held: Vec<&str> = Self { owner: false, ..self }.shown().into_iter().map(Role::word).collect();
        held.join(" ")
    }

    /// Whether a rule is granted to this set.
    pub fn hold(self, rule: &Rule) -> bool {
        rule.grants.iter().any(|grant| match grant {
            Grant::Everyone => true,
            Grant::Owner => self.owner,
            Grant::OrgAdmin => self.org_admin || self.owner,
            Grant::OrgReader => self.org_reader || self.org_admin || self.owner,
            Grant::BillingAdmin => self.billing_admin,
            // Held in a project, not in the organization: `ProjectRole`.
            Grant::ProjectAdmin | Grant::ProjectMember | Grant::ProjectReader => false,
        })
    }

    /// As people are shown them.
    pub fn shown(self) -> Vec<Role> {
        let held = |role: &&Role| match role {
            Role::OrgOwner => self.owner,
            Role::OrgAdmin => self.org_admin,
            Role::OrgReader => self.org_reader,
            Role::BillingAdmin => self.billing_admin,
        };
        Role::ALL.iter().filter(held).copied().collect()
    }
}

/// Who may call a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Visitor,
    /// The owner whom a recovery code let into a repair session.
    Repair,
    /// A user who holds the permission of this rule.
    Permission(&'static Rule),
    /// A program that shows a bearer token.
    Bearer,
}

impl Access {
    /// Whether the login must be fresh.
    pub const fn is_fresh(self) -> bool {
        match self {
            Self::Visitor | Self::Repair | Self::Bearer => false,
            Self::Permission(rule) => rule.fresh,
        }
    }

    /// Whether only a user who is logged in may call.
    pub const fn needs_login(self) -> bool {
        matches!(self, Self::Permission(_))
    }

    /// As the route list prints it.
    pub fn describe(self) -> String {
        match self {
            Self::Visitor => "visitor".to_owned(),
            Self::Repair => "recovery code".to_owned(),
            Self::Bearer => "bearer token".to_owned(),
            Self::Permission(rule) if rule.fresh => format!("{}, fresh", rule.name),
            Self::Permission(rule) => rule.name.to_owned(),
        }
    }
}
