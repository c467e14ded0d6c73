//! The README's tables are those that the program prints.

use handlers::functions;
use shared::settings;

const README: &str = include_str!("../../../README.md");

fn between(marker: &str) -> &'static str {
    let begin = format!("<!-- {marker}: begin -->\n");
    let end = format!("<!-- {marker}: end -->");
    let (_, rest) = README.split_once(&begin).expect("the table begins");
    rest.split_once(&end).expect("the table ends").0
}

#[test]
fn the_settings_are_those_of_the_code() {
    assert_eq!(
        between("settings"),
        settings::markdown(),
        "print them with `handlers settings`"
    );
}

#[test]
fn the_routes_are_those_of_the_code() {
    assert_eq!(
        between("routes"),
        functions().markdown(),
        "print them with `handlers routes`"
    );
}
