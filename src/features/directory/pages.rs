//! Page of the list of users.

use askama::Template;
use serde::Deserialize;

use super::{Criteria, Shown, Sort, searched};
use crate::access::{Actor, ManageUsers, Permission, Role, ViewUsers};
use crate::base::i18n::filters;
use crate::base::ids::UserId;
use crate::base::urls;
use crate::features::directory::{self, Listed};
use crate::features::projects::{self, Membership};
use crate::platform::store::StoreError;
use crate::web::list::{Cursor, ListUrl, Place, Slice, Total};
use crate::web::{Answer, Query, Reply};

/// Projects that a row names; the others are counted.
const FEW_PROJECTS: i64 = 3;

#[derive(Template)]
#[template(path = "users/list.html", blocks = ["results"])]
struct ListPage {
    query: ListQuery,
    url: ListUrl,
    sort: String,
    slice: Slice<Listed>,
    memberships: Vec<Membership>,
    total: Option<Total>,
    owner: UserId,
    own: UserId,
    may_register: bool,
}
crate::pages! { ListPage { results }; }

/// Search, filters, sort and place of the list, as its URL says them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    anywhere: String,
    status: String,
    role: String,
    sort: String,
    #[serde(flatten)]
    cursor: Cursor,
}

impl ListQuery {
    fn criteria(&self) -> Criteria {
        Criteria::read(&self.q, !self.anywhere.is_empty(), &self.status, &self.role, &self.sort)
    }

    fn url(&self, criteria: &Criteria) -> ListUrl {
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let anywhere = if criteria.anywhere && criteria.search.is_some() { "1" } else { "" };
        ListUrl::new(
            urls::USERS,
            [
                ("q", searched(&self.q)),
                ("anywhere", anywhere.to_owned()),
                ("status", word(criteria.status.map(Shown::word))),
                ("role", word(criteria.role.map(Role::word))),
                ("sort", sorted(criteria)),
            ],
        )
    }
}

/// The sort as the URL says it; by name from the beginning is what nobody needs to say.
fn sorted(criteria: &Criteria) -> String {
    match (criteria.sort, criteria.descending) {
        (None, _) => String::new(),
        (Some(sort), true) => format!("-{}", sort.word()),
        (Some(sort), false) => sort.word().to_owned(),
    }
}

impl ListPage {
    fn roles(&self, user: &Listed) -> Vec<Role> {
        crate::access::Roles { owner: user.id == self.owner, ..user.roles }.shown()
    }

    fn projects(&self, user: &Listed) -> Vec<&Membership> {
        self.memberships.iter().filter(|held| held.user == user.id).collect()
    }

    /// How many projects a row does not name.
    fn more_projects(&self, user: &Listed) -> i64 {
        self.projects(user).first().map_or(0, |held| (held.all - FEW_PROJECTS).max(0))
    }

    /// The whole list could be sorted; a search by beginnings is in the order of what it finds.
    fn is_sortable(&self) -> bool {
        self.query.criteria().prefix().is_none()
    }

    fn shown_sort(&self) -> &str {
        if self.sort.is_empty() { Sort::Name.word() } else { &self.sort }
    }
}

/// `GET /iam/users`.
pub async fn list(actor: Actor<ViewUsers>, query: Query<ListQuery>) -> Reply {
    let query = query.0;
    let expired_since = actor.identity().expired_since(actor.app().clock().now());
    let (criteria, place) = (Criteria { expired_since, ..query.criteria() }, query.cursor.place());
    let (url, sort) = (query.url(&criteria), sorted(&criteria));
    let found = actor.read(move |tx| {
        let slice = directory::page(tx, &criteria, &place)?;
        let is_all = place == Place::Start && slice.next.is_none();
        let total = match i64::try_from(slice.rows.len()) {
            Ok(rows) if is_all => Some(Total(rows)),
            _ => directory::total(tx, &criteria)?,
        };
        let shown = slice.rows.iter().map(|user| user.id.clone()).collect();
        let memberships = projects::memberships(tx, shown, FEW_PROJECTS)?;
        Ok::<_, StoreError>((slice, total, memberships))
    });
    let (slice, total, memberships) = found.await?;
    let identity = actor.identity();
    Ok(Answer::page(ListPage {
        query,
        url,
        sort,
        slice,
        memberships,
        total,
        owner: identity.owner().clone(),
        own: identity.user.clone(),
        may_register: identity.holds(ManageUsers::RULE),
    }))
}
