//! Says to the compiler whether the tests have an SQL Server: without one they stand in the list as ignored, with the
//! reason, instead of passing without having run.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(test_mssql)");
    println!("cargo::rerun-if-env-changed=TEST_MSSQL_URL");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("TEST_MSSQL_URL").is_some_and(|url| !url.is_empty()) {
        println!("cargo::rustc-cfg=test_mssql");
    }
}
