//! A few rounds of `cargo xtask bench shim-soak`.

#[tokio::test]
async fn a_page_survives_what_happens_to_its_server() {
    let report = mjwork_tests::soak::run(3, "dev").await;
    println!("{report}");
    assert!(report.connections > 6 && report.acknowledged > 100, "{report}");
}
