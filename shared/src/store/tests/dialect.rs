//! `design.md` §3: every T-SQL statement and migration parses, and keeps to what SQL Server, Azure SQL and
//! Babelfish all run. Statements that stand in the sources are found there; those that macros make are
//! parsed when a test runs them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use sqlparser::{dialect::MsSqlDialect, parser::Parser};
use syn::visit::Visit;

use crate::store::{
    Statement,
    migration::{MIGRATIONS, Migration},
    mssql,
    statement::Dialect,
};

/// Words that some of these servers do not know, or that belong to SQLite.
const FOREIGN: &[&str] = &[
    "MERGE ",
    "CREATE OR ALTER",
    "OUTPUT ",
    "SAVE TRAN",
    "WITH (UPDLOCK",
    "WITH (HOLDLOCK",
    "NOLOCK",
    " LIMIT ",
    "||",
    "STRFTIME",
    "JSON_EACH",
    "ON CONFLICT",
    "RETURNING",
    "->>",
    "DATETIME('",
    "{",
    "AUTOINCREMENT",
];

/// Microsoft's list of reserved words: none names anything unless it stands in brackets. The parser lets some of them pass.
const RESERVED: &str = "\
    ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK \
    CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE \
    CONTINUE CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR \
    DATABASE DBCC DEALLOCATE DECLARE DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE \
    END ERRLVL ESCAPE EXCEPT EXEC EXECUTE EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT \
    FREETEXTTABLE FROM FULL FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITYCOL IDENTITY_INSERT IF \
    IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE NATIONAL NOCHECK \
    NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET OPENXML OPTION OR \
    ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR READ READTEXT \
    RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT \
    ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT SEMANTICKEYPHRASETABLE SEMANTICSIMILARITYDETAILSTABLE \
    SEMANTICSIMILARITYTABLE SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE \
    TEXTSIZE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE \
    UPDATETEXT USE USER VALUES VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WITHIN WRITETEXT";

/// Fails where the statement's T-SQL cannot be understood. Called for every statement that a test runs.
pub(super) fn parse(statement: &Statement) {
    let sql = statement.text(Dialect::Mssql);
    must_parse(&sql, &sql);
}

fn must_parse(sql: &str, whence: &str) {
    // The parser takes only a number there; the servers take a parameter as well.
    let with_number = sql.replace("FETCH NEXT @limit ROWS", "FETCH NEXT 1 ROWS");
    let parsed = match Parser::parse_sql(&MsSqlDialect {}, &with_number) {
        Ok(parsed) => parsed,
        Err(error) => panic!("{whence}\nis no T-SQL: {error}\n{sql}"),
    };
    let reserved = reserved_names(&parsed);
    assert!(
        reserved.is_empty(),
        "{whence}\nuses reserved words as names: {reserved:?}\n{sql}"
    );
    let upper = sql.to_uppercase();
    for word in FOREIGN {
        assert!(
            !upper.contains(word),
            "{whence}\nis not the common T-SQL: {word}\n{sql}"
        );
    }
}

/// Names without brackets that are reserved words. A function's name may be one: `COALESCE`.
fn reserved_names(parsed: &[sqlparser::ast::Statement]) -> Vec<String> {
    let tree = format!("{parsed:?}");
    let mut before = "";
    let mut found = Vec::new();
    for part in tree.split("Ident { value: \"") {
        let (name, rest) = part.split_once('"').unwrap_or_default();
        let is_function = before.ends_with("Function { name: ObjectName([Identifier(");
        let is_bare = rest.starts_with(", quote_style: None");
        if is_bare
            && !is_function
            && RESERVED
                .split(' ')
                .any(|word| name.eq_ignore_ascii_case(word))
        {
            found.push(name.to_owned());
        }
        before = part;
    }
    found
}

#[test]
fn a_reserved_word_is_seen_where_it_names_something() {
    for (sql, names) in [
        (
            "CREATE TABLE job (id INT, checkpoint INT)",
            &["checkpoint"][..],
        ),
        ("UPDATE job SET Checkpoint = 1", &["Checkpoint"]),
        ("SELECT id AS [percent] FROM [plan]", &[]),
        (
            "SELECT r.id FROM OPENJSON(@rows) WITH (percent INT '$[0]') AS r",
            &["percent"],
        ),
        ("SELECT COALESCE(a, b) AS plan FROM t", &["plan"]),
    ] {
        let parsed = Parser::parse_sql(&MsSqlDialect {}, sql).expect(sql);
        assert_eq!(reserved_names(&parsed), names, "{sql}");
    }
}

#[test]
fn every_statement_in_the_sources_is_t_sql() {
    let mut found = Statements::default();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["shared/src", "handlers/src"] {
        found.read_folder(&crates.join(folder));
    }
    assert!(found.count > 60, "{} statements found", found.count);
}

/// Finds `Statement::new(…)` and `Statement::pair(…, …)` whose texts are literals or included files.
#[derive(Default)]
struct Statements {
    count: usize,
    file: String,
    folder: std::path::PathBuf,
}

impl Statements {
    fn read_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.read_folder(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.components().any(|part| part.as_os_str() == "tests")
            {
                let text = fs::read_to_string(&path).expect("a source");
                self.file = path.display().to_string();
                self.folder = path.parent().expect("a folder").to_owned();
                self.visit_file(&syn::parse_file(&text).expect("Rust"));
            }
        }
    }

    fn text_of(&self, argument: &syn::Expr) -> String {
        match argument {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => text.value(),
            syn::Expr::Macro(call) if call.mac.path.is_ident("include_str") => {
                let name: syn::LitStr = call.mac.parse_body().expect("a file's name");
                fs::read_to_string(self.folder.join(name.value())).expect("an included file")
            }
            _ => panic!(
                "{}: a statement's text must be a literal or an included file",
                self.file
            ),
        }
    }
}

impl<'a> Visit<'a> for Statements {
    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            let names: Vec<String> = function
                .path
                .segments
                .iter()
                .map(|part| part.ident.to_string())
                .collect();
            if let [.., kind, make] = &names[..]
                && kind == "Statement"
                && (make == "new" || make == "pair")
            {
                let texts: Vec<&'static str> = call
                    .args
                    .iter()
                    .map(|argument| &*self.text_of(argument).leak())
                    .collect();
                let (first, last) = (texts[0], texts[texts.len() - 1]);
                let statement = Statement::with_any_columns(first, last);
                must_parse(&statement.text(Dialect::Mssql), &self.file);
                self.count += 1;
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        let is_for_tests = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|condition| condition == "test")
        });
        if !is_for_tests {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn every_migration_is_t_sql() {
    for step in MIGRATIONS {
        for batch in mssql::batches(step.mssql) {
            must_parse(batch, step.name);
        }
    }
}

#[test]
fn a_script_is_cut_into_batches_at_lines_with_go() {
    let batches: Vec<&str> =
        mssql::batches("CREATE VIEW a\nGO\n\ngo  \nSELECT 'GO' -- GO\nGO").collect();
    assert_eq!(batches, ["CREATE VIEW a\n", "SELECT 'GO' -- GO\n"]);
}

/// Tables, views, their columns, which of them may be NULL, and the names of constraints and indexes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    columns: BTreeMap<String, bool>,
    names: BTreeSet<String>,
}

impl Schema {
    fn of(step: &Migration, text: &str) -> Self {
        let mut schema = Self::default();
        let mut table = String::new();
        let mut is_view = false;
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["CREATE", kind @ ("TABLE" | "VIEW"), name, ..] => {
                    (table, is_view) = (name.to_owned(), kind == "VIEW");
                }
                ["ALTER", "TABLE", table, "ADD", "COLUMN", column, ..]
                | ["ALTER", "TABLE", table, "ADD", column, ..] => {
                    schema.add(step, table, column, !line.contains("NOT NULL"));
                }
                _ if line.starts_with(')') => table.clear(),
                [first, ..]
                    if !table.is_empty()
                        && line.starts_with("    ")
                        && !line.starts_with("     ")
                        && first
                            .trim_end_matches(',')
                            .chars()
                            .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()) =>
                {
                    let columns = if is_view { &words[..] } else { &words[..1] };
                    for column in columns {
                        let column = column.trim_end_matches(',');
                        schema.add(step, &table, column, !line.contains("NOT NULL"));
                    }
                }
                _ => {}
            }
            let names = words
                .windows(2)
                .filter(|pair| ["CONSTRAINT", "INDEX", "VIEW"].contains(&pair[0]));
            schema.names.extend(
                names
                    .map(|pair| pair[1].to_owned())
                    .filter(|name| !name.starts_with("df_")),
            );
        }
        schema
    }

    fn add(&mut self, step: &Migration, table: &str, column: &str, is_nullable: bool) {
        let was = self
            .columns
            .insert(format!("{table}.{column}"), is_nullable);
        assert!(was.is_none(), "{}: {table}.{column} comes twice", step.name);
    }
}

#[test]
fn both_engines_have_the_same_tables_columns_and_constraints() {
    for step in MIGRATIONS {
        let sqlite = Schema::of(step, step.sqlite);
        let mssql = Schema::of(step, step.mssql);
        assert!(
            !sqlite.columns.is_empty() || !sqlite.names.is_empty(),
            "{}",
            step.name
        );
        assert_eq!(sqlite, mssql, "{}", step.name);
    }
}

/// `README.md` is where somebody looks who meets a table in the database.
#[test]
fn the_readme_names_every_table_and_every_column_of_a_view() {
    const README: &str = include_str!("../README.md");
    for step in MIGRATIONS {
        let schema = Schema::of(step, step.sqlite);
        for column in schema.columns.keys() {
            let (table, column) = column.split_once('.').expect("a table and a column");
            assert!(
                README.contains(&format!("`{table}`")),
                "{table} is not in the README"
            );
            if table.starts_with("report_") {
                let described = README
                    .split_once(&format!("| `{table}` |"))
                    .and_then(|(_, rest)| rest.lines().next())
                    .unwrap_or_default();
                assert!(
                    described.contains(&format!("`{column}`")),
                    "{table}.{column} is not described"
                );
            }
        }
    }
}
