//! What SQL Server's errors mean, told apart by number; constraint names stand in the message.

use tiberius::error::{Error, TokenError};

use crate::store::StoreError;

/// The database moves, wakes, is throttled, or a connection was cut: it passes by itself. Azure's list of
/// transient errors, and the socket errors that a server reports as numbers.
const PASSING: [u32; 16] = [
    64, 233, 921, 4221, 10053, 10054, 10060, 10928, 10929, 40143, 40197, 40501, 40613, 49918,
    49919, 49920,
];
/// Deadlock victim; lock request timed out; a snapshot met a newer row.
const CONTENTION: [u32; 3] = [1205, 1222, 3960];
/// From this severity on the server has closed the connection.
const FATAL_CLASS: u8 = 20;

/// The store's word for an error of the driver.
pub(super) fn of(error: &Error) -> StoreError {
    match error {
        Error::Server(token) => of_server(token),
        Error::Io { .. } | Error::Protocol(_) | Error::Routing { .. } => StoreError::passing(error),
        Error::Tls(_) => StoreError::unavailable(error),
        _ => StoreError::statement(error.to_string()),
    }
}

/// Whether the connection is in step after this error: the server answered it and goes on listening.
pub(super) fn leaves_connection_usable(error: &Error) -> bool {
    matches!(error, Error::Server(token) if token.class() < FATAL_CLASS && !PASSING.contains(&token.code()))
}

fn of_server(token: &TokenError) -> StoreError {
    let words = token.message();
    match token.code() {
        2627 | 2601 => StoreError::Duplicate {
            constraint: name_in(words),
        },
        547 if words.contains("CHECK") => StoreError::Refused {
            constraint: name_in(words),
        },
        547 => StoreError::Reference {
            constraint: name_in(words),
        },
        515 => StoreError::Refused {
            constraint: missing_column(words),
        },
        // Text too long for its column; a number too large for its type.
        2628 | 8152 | 8115 | 220 => StoreError::value("a column", words.to_owned()),
        code if CONTENTION.contains(&code) => StoreError::Busy {
            cause: words.to_owned(),
        },
        code if PASSING.contains(&code) => StoreError::passing(format!("{code}: {words}")),
        // The login or the database is refused: somebody must change something.
        code @ (4060 | 18452 | 18456 | 40532 | 40615) => {
            StoreError::unavailable(format!("{code}: {words}"))
        }
        code if token.class() >= FATAL_CLASS => StoreError::passing(format!("{code}: {words}")),
        code => StoreError::statement(format!("{code}: {words}")),
    }
}

/// The first quoted name after the word `constraint` or `index`.
fn name_in(words: &str) -> String {
    let after = ["constraint ", "index "]
        .into_iter()
        .filter_map(|word| words.find(word).map(|at| at + word.len()))
        .min()
        .map_or(words, |at| &words[at..]);
    after.split(['\'', '"']).nth(1).unwrap_or(after).to_owned()
}

/// `Cannot insert the value NULL into column 'code', table 'db.dbo.project'; …` → `project.code`
fn missing_column(words: &str) -> String {
    let mut quoted = words.split('\'').skip(1).step_by(2);
    let column = quoted.next().unwrap_or(words);
    let table = quoted.next().and_then(|table| table.rsplit('.').next());
    table.map_or_else(|| column.to_owned(), |table| format!("{table}.{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_the_servers_sentences() {
        for (words, name) in [
            (
                "Violation of UNIQUE KEY constraint 'uq_job_open_key'. Cannot insert duplicate key in object 'dbo.job'. The duplicate key value is (a).",
                "uq_job_open_key",
            ),
            (
                "Violation of PRIMARY KEY constraint 'pk_project'. Cannot insert duplicate key in object 'dbo.project'.",
                "pk_project",
            ),
            (
                "Cannot insert duplicate key row in object 'dbo.role' with unique index 'uq_role_name'. The duplicate key value is (x).",
                "uq_role_name",
            ),
            (
                "The INSERT statement conflicted with the FOREIGN KEY constraint \"fk_task_project\". The conflict occurred in database \"c\", table \"dbo.project\", column 'id'.",
                "fk_task_project",
            ),
            (
                "The DELETE statement conflicted with the REFERENCE constraint \"fk_task_project\". The conflict occurred in database \"c\".",
                "fk_task_project",
            ),
            (
                "duplicate key value violates unique constraint \"pk_project\"",
                "pk_project",
            ),
        ] {
            assert_eq!(name_in(words), name);
        }
        assert_eq!(
            missing_column(
                "Cannot insert the value NULL into column 'title', table 'clocking.dbo.project'; column does not allow nulls. INSERT fails."
            ),
            "project.title"
        );
    }
}
