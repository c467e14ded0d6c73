//! SQL as the program writes it: fixed texts, never built from values. What the engines say
//! differently stands in braces and is put into their words here, and only here.

use std::borrow::Cow;

/// A statement. Its text is `&'static str`, so that no value can become part of it; values are
/// parameters (`@name`), bound by name. Where the engines differ the text holds one of these words:
///
/// | word | meaning |
/// |---|---|
/// | `{@rows}` | the rows of that JSON parameter as a table with the columns given by [`Statement::rows`] |
/// | `{columns @rows}` | these columns: `id, name` |
/// | `{values @rows}` | the same of that table, which is called `r`: `r.id, r.name` |
/// | `{set @rows}` | all but the first, which is the key: `name = r.name` |
/// | `{limit}` | at the end, after ORDER BY: at most `@limit` rows |
/// | `{now}` | the database's clock in UTC |
/// | `{now + @seconds}` | that many seconds later |
///
/// and where they differ in more than that, [`Statement::pair`] takes a text for each.
///
/// A text that is known when the program is compiled makes one:
///
/// ```
/// use shared::store::Statement;
/// const RENAME: Statement = Statement::new("UPDATE project SET name = @name WHERE id = @id");
/// ```
///
/// A text that holds a value makes none; this does not compile:
///
/// ```compile_fail,E0716
/// use shared::store::Statement;
/// let id = String::from("x' OR '1' = '1");
/// let rename = Statement::new(&format!("DELETE FROM project WHERE id = '{id}'"));
/// println!("{rename:?}");
/// ```
///
/// nor does one that a function was handed:
///
/// ```compile_fail,E0521
/// use shared::store::Statement;
/// fn of(text: &str) -> Statement {
///     Statement::new(text)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    sqlite: &'static str,
    mssql: &'static str,
    rows: &'static [(&'static str, &'static [Column])],
}

/// A column of a `{@rows}` table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Id,
    Text,
    Int,
    Bool,
    Hundredths,
    Thousandths,
    Date,
    Instant,
}

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Mssql,
}

impl Statement {
    /// One text for both engines.
    pub const fn new(sql: &'static str) -> Self {
        Self::pair(sql, sql)
    }

    /// A text for SQLite and one for SQL Server.
    pub const fn pair(sqlite: &'static str, mssql: &'static str) -> Self {
        Self {
            sqlite,
            mssql,
            rows: &[],
        }
    }

    /// Gives the columns of each `{@name}` table.
    #[must_use]
    pub const fn rows(mut self, rows: &'static [(&'static str, &'static [Column])]) -> Self {
        self.rows = rows;
        self
    }

    /// The tables that its words name, for a test that renders texts whose columns it does not know.
    #[cfg(test)]
    pub(super) fn with_any_columns(sqlite: &'static str, mssql: &'static str) -> Self {
        const ANY: &[Column] = &[Column::id("id"), Column::text("name")];
        let words = [sqlite, mssql]
            .into_iter()
            .flat_map(|text| text.split('{').skip(1));
        let rows: Vec<(&'static str, &'static [Column])> = words
            .filter_map(|after| after.split_once('}'))
            .filter_map(|(word, _)| word.rsplit(' ').next().filter(|name| name.starts_with('@')))
            .map(|name| (name, ANY))
            .collect();
        Self::pair(sqlite, mssql).rows(rows.leak())
    }

    /// The statement in the engine's words.
    pub(super) fn text(&self, dialect: Dialect) -> Cow<'static, str> {
        let template = match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Mssql => self.mssql,
        };
        if !template.contains('{') {
            return Cow::Borrowed(template);
        }
        let mut sql = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            sql.push_str(before);
            let Some((word, after)) = after.split_once('}') else {
                sql.push('{');
                rest = after;
                continue;
            };
            self.push_word(dialect, word, &mut sql);
            rest = after;
        }
        sql.push_str(rest);
        Cow::Owned(sql)
    }

    fn columns(&self, parameter: &str) -> Option<&'static [Column]> {
        let known = self.rows.iter().find(|(name, _)| *name == parameter);
        known.map(|(_, columns)| *columns)
    }

    fn columns_after(&self, verb: &str, word: &str) -> Option<&'static [Column]> {
        word.strip_prefix(verb)
            .and_then(|parameter| self.columns(parameter))
    }

    fn push_word(&self, dialect: Dialect, word: &str, sql: &mut String) {
        if word == "limit" {
            sql.push_str(match dialect {
                Dialect::Sqlite => "LIMIT @limit",
                Dialect::Mssql => "OFFSET 0 ROWS FETCH NEXT @limit ROWS ONLY",
            });
        } else if word == "now" {
            sql.push_str(match dialect {
                Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
                Dialect::Mssql => "CAST(SYSUTCDATETIME() AS DATETIME2(3))",
            });
        } else if let Some(seconds) = word.strip_prefix("now + ") {
            match dialect {
                Dialect::Sqlite => {
                    sql.push_str("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ");
                    sql.push_str(seconds);
                    sql.push_str(" || ' seconds')");
                }
                Dialect::Mssql => {
                    sql.push_str("DATEADD(second, ");
                    sql.push_str(seconds);
                    sql.push_str(", CAST(SYSUTCDATETIME() AS DATETIME2(3)))");
                }
            }
        } else if let Some(columns) = self.columns(word) {
            push_rows(dialect, word, columns, sql);
        } else if let Some(columns) = self.columns_after("columns ", word) {
            push_list(columns, |column| column.name.to_owned(), sql);
        } else if let Some(columns) = self.columns_after("values ", word) {
            push_list(columns, |column| format!("r.{}", column.name), sql);
        } else if let Some([_key, rest @ ..]) = self.columns_after("set ", word) {
            push_list(rest, |column| format!("{0} = r.{0}", column.name), sql);
        } else {
            // Not a word of ours: the engine will say what is wrong with it.
            sql.push('{');
            sql.push_str(word);
            sql.push('}');
        }
    }
}

fn push_list(columns: &[Column], text: impl Fn(&Column) -> String, sql: &mut String) {
    let texts: Vec<String> = columns.iter().map(text).collect();
    sql.push_str(&texts.join(", "));
}

fn push_rows(dialect: Dialect, name: &str, columns: &[Column], sql: &mut String) {
    match dialect {
        Dialect::Sqlite => {
            let cells: Vec<String> = (0..)
                .zip(columns)
                .map(|(n, column)| format!("j.value ->> {n} AS {}", column.name))
                .collect();
            let cells = cells.join(", ");
            sql.extend(["(SELECT ", &cells, " FROM json_each(", name, ") AS j)"]);
        }
        Dialect::Mssql => {
            let cells: Vec<String> = (0..)
                .zip(columns)
                .map(|(n, column)| format!("{} {} '$[{n}]'", column.name, column.kind.mssql()))
                .collect();
            let cells = cells.join(", ");
            sql.extend(["OPENJSON(", name, ") WITH (", &cells, ")"]);
        }
    }
}

impl Kind {
    fn mssql(self) -> &'static str {
        match self {
            Self::Id => "NVARCHAR(64)",
            Self::Text => "NVARCHAR(MAX)",
            Self::Int => "BIGINT",
            Self::Bool => "BIT",
            Self::Hundredths => "DECIMAL(12,2)",
            Self::Thousandths => "DECIMAL(9,3)",
            Self::Date => "DATE",
            Self::Instant => "DATETIME2(3)",
        }
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $make:ident => $kind:ident),+ $(,)?) => {
        impl Column {$(
            $(#[$doc])*
            pub const fn $make(name: &'static str) -> Self {
                Self { name, kind: Kind::$kind }
            }
        )+}
    };
}

columns! {
    /// An id, a word of ours or a hash: at most 64 characters.
    id => Id,
    /// Free text of any length.
    text => Text,
    /// A whole number.
    int => Int,
    /// Yes or no.
    bool => Bool,
    /// Money, exact to 0.01.
    money => Hundredths,
    /// Hours, exact to 0.01.
    hours => Hundredths,
    /// A percentage, exact to 0.001.
    percent => Thousandths,
    /// A local date.
    date => Date,
    /// An instant, to the millisecond.
    instant => Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[Column::id("id"), Column::hours("hours")];

    #[test]
    fn each_engine_gets_its_own_words() {
        let statement = Statement::new(
            "UPDATE t SET hours = r.hours, at = {now}, until = {now + @seconds} FROM {@rows} AS r WHERE t.id = r.id",
        )
        .rows(&[("@rows", COLUMNS)]);
        assert_eq!(
            statement.text(Dialect::Sqlite),
            "UPDATE t SET hours = r.hours, at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), \
             until = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', @seconds || ' seconds') \
             FROM (SELECT j.value ->> 0 AS id, j.value ->> 1 AS hours FROM json_each(@rows) AS j) AS r \
             WHERE t.id = r.id"
        );
        assert_eq!(
            statement.text(Dialect::Mssql),
            "UPDATE t SET hours = r.hours, at = CAST(SYSUTCDATETIME() AS DATETIME2(3)), \
             until = DATEADD(second, @seconds, CAST(SYSUTCDATETIME() AS DATETIME2(3))) \
             FROM OPENJSON(@rows) WITH (id NVARCHAR(64) '$[0]', hours DECIMAL(12,2) '$[1]') AS r \
             WHERE t.id = r.id"
        );
    }

    #[test]
    fn columns_are_listed_once_for_every_place_that_needs_them() {
        const ROWS: &[(&str, &[Column])] = &[("@rows", COLUMNS)];
        let insert =
            Statement::new("INSERT INTO t ({columns @rows}) SELECT {values @rows} FROM x AS r");
        let update = Statement::new("UPDATE t SET {set @rows} FROM x AS r");
        assert_eq!(
            insert.rows(ROWS).text(Dialect::Mssql),
            "INSERT INTO t (id, hours) SELECT r.id, r.hours FROM x AS r"
        );
        assert_eq!(
            update.rows(ROWS).text(Dialect::Mssql),
            "UPDATE t SET hours = r.hours FROM x AS r"
        );
    }

    #[test]
    fn a_limit_stands_at_the_end_in_both() {
        let statement = Statement::new("SELECT id FROM t ORDER BY id {limit}");
        assert_eq!(
            statement.text(Dialect::Sqlite),
            "SELECT id FROM t ORDER BY id LIMIT @limit"
        );
        assert_eq!(
            statement.text(Dialect::Mssql),
            "SELECT id FROM t ORDER BY id OFFSET 0 ROWS FETCH NEXT @limit ROWS ONLY"
        );
    }
}
