//! From opening the page to everything read and shown: the board and its rival, alternating, each in a fresh browser.
//! The rival keeps no copy, so that it reads everything again when it is opened again; the board is opened again in a
//! tab of the same browser.

use super::reopen::{again, until_kept};
use super::rounds;
use super::stage::{Stage, counts, visit};
use crate::statistics::{median, verdict_at_least};
use mjwork_tests::browser::{Browser, Options};

/// Times as fast as the rival, cold.
const COLD: f64 = 1.3;
/// Times as fast as the rival, opened again.
const AGAIN: f64 = 5.0;

pub async fn run(stage: &Stage) -> bool {
    let (mut board, mut opened_again, mut rival) = (Vec::new(), Vec::new(), Vec::new());
    let mut expected = None;
    for round in 1..=rounds() {
        let (browser, cold) = stage.open().await;
        let folded = counts(&browser).await;
        assert_eq!(*expected.get_or_insert(folded.clone()), folded, "the fold is the same each time");
        until_kept(&browser).await;
        let warm = again(&browser, &stage.board.url()).await;
        assert_eq!(counts(&browser).await, folded, "opened again it shows the same");
        browser.assert_no_panic().await;
        browser.close().await;

        let browser = Browser::start(Options { window: (1440, 900), ..Options::default() }).await;
        let other = visit(&browser, &stage.rival.url(), "").await;
        assert_eq!(counts(&browser).await, folded, "the rival's fold is that of the board");
        browser.close().await;
        println!("  {round}: board {cold:>6.0} ms, opened again {warm:>6.0} ms; rival {other:>6.0} ms");
        board.push(cold);
        opened_again.push(warm);
        rival.push(other);
    }
    let (board, opened_again, rival) = (median(&board), median(&opened_again), median(&rival));
    println!(
        "to the first complete view: board {board:.0} ms, opened again {opened_again:.0} ms; rival {rival:.0} ms"
    );
    let cold = verdict_at_least("board e: rival to board, cold", rival / board, COLD, "x");
    let again = verdict_at_least(
        "board e: rival, which reads all again, to board opened again",
        rival / opened_again,
        AGAIN,
        "x",
    );
    cold && again
}
