//! What the client alone adds to what a page loads: a page that connects, subscribes, publishes and asks, less an empty
//! one, both built as the board is and compressed by gzip.

use crate::statistics::verdict;
use mjwork_tests::example;

/// Bytes.
const BUDGET: f64 = 60_000.0;

pub fn run() -> bool {
    let (empty, minimal) = (weigh("empty"), weigh("minimal"));
    println!("gzipped: an empty page {empty:.0} B, one with the client {minimal:.0} B");
    verdict("shim size: what the client adds, gzipped", minimal - empty, BUDGET, " B")
}

#[expect(clippy::cast_precision_loss, reason = "thousands of bytes")]
fn weigh(name: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    example::build(name, "web", folder.path());
    let weights = xtask::board::weigh(folder.path()).expect("what was built can be read");
    weights.iter().map(|weight| weight.gzipped).sum::<usize>() as f64
}
