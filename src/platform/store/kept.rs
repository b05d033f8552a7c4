//! Statements that run often: updates that the connection keeps prepared, and statements whose text is not written anew.
//!
//! diesel has every `UPDATE` parsed and planned anew, as its text can depend on which values are there. One whose
//! values always are is kept like any other statement: on PostgreSQL that halves its price.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::expression::AppearsOnTable;
use diesel::query_builder::{AsChangeset, AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;

/// Runs a statement on the engine's own connection: `store::on_engine!(work.conn(), own => rows.load(own))`. Through
/// [`AnyConnection`](crate::platform::store::AnyConnection) diesel writes a statement's text two or three times whenever it runs; an
/// engine's own connection knows it by its type. Worth it for what nearly every request or login runs.
macro_rules! on_engine {
    ($connection:expr, $own:ident => $run:expr) => {
        match $connection {
            $crate::platform::store::AnyConnection::Postgres($own) => $run,
            $crate::platform::store::AnyConnection::Sqlite($own) => $run,
        }
    };
}
pub(crate) use on_engine;

/// An update that runs often, made by [`update`].
#[derive(Debug)]
pub struct Update<T, V, P> {
    table: T,
    values: V,
    rows: P,
}

/// Updates the rows of `table` for which `rows` holds. The values are `column.eq(value)`, one or a tuple of them.
pub fn update<T, V, P>(table: T, values: V, rows: P) -> Update<T::FromClause, V::Changeset, P>
where
    T: QuerySource,
    V: AsChangeset<Target = T>,
    P: AppearsOnTable<T>,
{
    Update { table: table.from_clause(), values: values.as_changeset(), rows }
}

impl<T, V, P> QueryId for Update<T, V, P> {
    type QueryId = ();
    // Known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, V, P, DB> QueryFragment<DB> for Update<T, V, P>
where
    T: QueryFragment<DB>,
    V: QueryFragment<DB>,
    P: QueryFragment<DB>,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.table.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.values.walk_ast(pass.reborrow())?;
        pass.push_sql(" WHERE ");
        self.rows.walk_ast(pass)
    }
}

impl<T, V, P, C> RunQueryDsl<C> for Update<T, V, P> {}
