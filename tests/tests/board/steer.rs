//! How an operator finds, selects and acts: by mouse, by keyboard alone, and by a link.

use crate::stage::{PATIENCE, Seen, Stage};
use mjwork_tests::wait;
use serde_json::Value;
use thirtyfour::prelude::*;

/// A small queue with something in every state but cancelled.
const TASKS: [(&str, &str); 13] = [
    (
        "tasks.available",
        r#"{"task_id":"a-1","title":"Port the lexer","tags":["phase-1","docs"],"priority":"high"}"#,
    ),
    ("tasks.available", r#"{"task_id":"a-2","title":"Port the parser","tags":["phase-1"]}"#),
    ("tasks.available", r#"{"task_id":"a-3","title":"Link","tags":["phase-2"],"priority":"low"}"#),
    ("tasks.available", r#"{"task_id":"a-4","title":"Measure","tags":["phase-2"]}"#),
    ("tasks.available", r#"{"task_id":"b-1","title":"Release","blocked_by":["a-1"],"tags":["docs"]}"#),
    ("tasks.available", r#"{"task_id":"f-1","title":"Flaky","tags":["phase-1"]}"#),
    ("tasks.available", r#"{"task_id":"p-1","title":"Running","tags":["phase-2"]}"#),
    ("tasks.claimed", r#"{"task_id":"f-1","agent_id":"Agent-Alpha"}"#),
    ("tasks.failed", r#"{"task_id":"f-1","agent_id":"Agent-Alpha","error":"out of memory"}"#),
    ("tasks.claimed", r#"{"task_id":"p-1","agent_id":"Agent-Bravo"}"#),
    ("tasks.available", r#"{"task_id":"d-1","title":"Done"}"#),
    ("tasks.claimed", r#"{"task_id":"d-1","agent_id":"Agent-Alpha"}"#),
    ("tasks.completed", r#"{"task_id":"d-1","agent_id":"Agent-Alpha"}"#),
];

async fn set() -> Stage {
    let stage = Stage::set().await;
    let tasks: Vec<(String, &str)> =
        TASKS.map(|(subject, body)| (format!("mjwork.{subject}"), body)).to_vec();
    let tasks: Vec<(&str, &str)> = tasks.iter().map(|(subject, body)| (subject.as_str(), *body)).collect();
    stage.stranger(&tasks).await;
    stage.until("everything to be there", |seen| seen.seq == 13).await;
    stage
}

fn shown(seen: &Seen) -> String {
    seen.tasks.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

async fn until_shown(stage: &Stage, ids: &str) {
    stage.until(&format!("only {ids:?} to be shown"), |seen| shown(seen) == ids).await;
}

/// Presses keys where the focus is.
async fn keys(stage: &Stage, keys: impl Into<TypingData>) {
    stage.browser.action_chain().send_keys(keys.into()).perform().await.expect("keys are pressed");
}

/// Waits until a script gives this.
async fn until(stage: &Stage, what: &str, script: &str, wanted: Value) {
    wait::until(what, PATIENCE, async || {
        let seen = stage.browser.eval(script).await;
        if seen == wanted { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
}

const FOCUSED: &str = "return document.activeElement.closest('[data-task-id]')?.dataset.taskId || \
    document.activeElement.getAttribute('aria-label') || document.activeElement.tagName";
const QUERY: &str = "return decodeURIComponent(location.search)";
const SELECTED: &str = "return Number(document.querySelector('[data-selected]')?.dataset.selected || 0)";
const ACTIVE: &str = "const at = document.activeElement.getAttribute('aria-activedescendant');
    return at ? document.getElementById(at).textContent : ''";
const OPTIONS: &str = "return [...document.querySelectorAll('[role=listbox] [role=option]')]
    .filter(e => e.checkVisibility()).map(e => e.firstChild.textContent).join(' ')";
const STAGES: &str = "return [...document.querySelectorAll('.toast')].map(e => e.dataset.stage).join(' ')";

async fn card(stage: &Stage, id: &str) -> WebElement {
    wait::until(&format!("the card of {id}"), PATIENCE, async || {
        stage.browser.find(By::Css(format!("[data-task-id='{id}']"))).await
    })
    .await
}

#[tokio::test]
async fn a_search_stands_in_the_address_and_chips_take_it_back() {
    let stage = set().await;
    stage.fill("Search", "port -tag:docs").await;
    until_shown(&stage, "a-2").await;
    until(&stage, "the address to say it", QUERY, "?q=port -tag:docs".into()).await;
    assert!(stage.text().await.contains("1 of 8 tasks match"), "{}", stage.text().await);

    // A link opens the same view.
    let link = stage.browser.current_url().await.expect("an address");
    stage.browser.goto(link.as_str()).await.expect("the page loads");
    until_shown(&stage, "a-2").await;
    stage.press("Remove -tag:docs").await;
    until_shown(&stage, "a-1 a-2").await;
    stage.browser.back().await.expect("back");
    until_shown(&stage, "a-2").await;

    // What matches as it happens comes in, and what does not stays out.
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"n-1","title":"Port the docs"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"n-2","title":"Nothing of it"}"#),
        ])
        .await;
    until_shown(&stage, "a-2 n-1").await;

    stage.fill("Search", "nowhere to be found").await;
    wait::until("nothing to match", PATIENCE, async || {
        let text = stage.text().await;
        if text.contains("Nothing matches") { Ok(()) } else { Err(text) }
    })
    .await;
    stage.press("Clear filters").await;
    stage.until("everything to be back", |seen| seen.tasks.len() == 10).await;
    stage.close().await;
}

#[tokio::test]
async fn what_may_come_next_is_offered_and_taken_by_keyboard() {
    let stage = set().await;
    keys(&stage, "/").await;
    until(&stage, "the search to have the focus", FOCUSED, "Search".into()).await;
    keys(&stage, "sta").await;
    until(&stage, "the key to be offered", OPTIONS, "status:".into()).await;
    keys(&stage, Key::Down).await;
    until(&stage, "it to be active", ACTIVE, "status:where it stands".into()).await;
    keys(&stage, Key::Enter).await;
    let all =
        "status:blocked status:available status:in_progress status:failed status:completed status:cancelled";
    until(&stage, "its values to be offered", OPTIONS, all.into()).await;
    keys(&stage, "fa").await;
    until(&stage, "those that fit to be offered", OPTIONS, "status:failed".into()).await;
    // Half a word narrows nothing.
    assert_eq!(stage.see().await.tasks.len(), 8);
    keys(&stage, Key::Down + Key::Tab).await;
    until_shown(&stage, "f-1").await;
    until(&stage, "the address to say it", QUERY, "?q=status:failed ".into()).await;
    keys(&stage, "owner:").await;
    until(&stage, "the owners to be offered", OPTIONS, "owner:Agent-Alpha owner:Agent-Bravo".into()).await;
    keys(&stage, Key::Escape).await;
    until(&stage, "the list to be closed", OPTIONS, "".into()).await;
    until(&stage, "the focus to stay", FOCUSED, "Search".into()).await;
    stage.close().await;
}

#[tokio::test]
async fn counts_and_values_on_cards_are_filters() {
    let stage = set().await;
    let press_count = async |state: &str| {
        let found = stage.browser.find(By::Css(format!("[data-filter={state}]"))).await;
        found.expect("each count is there").click().await.expect("it can be pressed");
    };
    press_count("failed").await;
    until_shown(&stage, "f-1").await;
    press_count("blocked").await;
    until_shown(&stage, "b-1 f-1").await;
    let seen = stage.see().await;
    assert_eq!(seen.counts["available"], 4, "the counts of all states stay in sight");
    press_count("failed").await;
    until_shown(&stage, "b-1").await;
    stage.press("Clear filters").await;
    stage.until("everything to be back", |seen| seen.tasks.len() == 8).await;

    stage.press("phase-2").await;
    until_shown(&stage, "a-3 a-4 p-1").await;
    stage.press("Agent-Bravo").await;
    until_shown(&stage, "p-1").await;
    until(&stage, "the address to say both", QUERY, "?q=tag:phase-2 owner:Agent-Bravo".into()).await;
    stage.browser.back().await.expect("back");
    stage.press("low").await;
    until_shown(&stage, "a-3").await;
    stage.close().await;
}

#[tokio::test]
async fn the_board_stands_in_lanes() {
    let stage = set().await;
    let url = format!("{}?group=tag", stage.site.url());
    stage.browser.goto(&url).await.expect("the page loads");
    let lanes =
        "return [...document.querySelectorAll('[data-lane]')].map(lane => (lane.dataset.lane || '-') + ':' +
        [...lane.querySelectorAll('[data-task-id]')].map(e => e.dataset.taskId).sort().join(',')).join(' ')";
    until(&stage, "the lanes", lanes, "docs:a-1,b-1 phase-1:a-1,a-2,f-1 phase-2:a-3,a-4,p-1 -:d-1".into())
        .await;
    stage.stranger(&[("mjwork.tasks.claimed", r#"{"task_id":"a-2","agent_id":"Agent-Bravo"}"#)]).await;
    let cell = "return document.querySelector('[data-lane=phase-1] [data-cell=in_progress] [data-task-id]')?.dataset.taskId || ''";
    until(&stage, "the task to move within its lane", cell, "a-2".into()).await;
    stage.fill("Search", "-tag:docs").await;
    until(
        &stage,
        "the search to narrow the lanes",
        lanes,
        "phase-1:a-2,f-1 phase-2:a-3,a-4,p-1 -:d-1".into(),
    )
    .await;
    let choose = "const lanes = document.querySelector('[aria-label=Lanes]'); lanes.value = 'agent';
        lanes.dispatchEvent(new Event('change', { bubbles: true }))";
    stage.browser.eval(choose).await;
    until(&stage, "lanes by agent", lanes, "Agent-Alpha:d-1,f-1 Agent-Bravo:a-2,p-1 -:a-3,a-4".into()).await;
    stage.close().await;
}

#[tokio::test]
async fn many_are_chosen_asked_about_undone_and_done() {
    let stage = set().await;
    stage.sign_in().await;
    let before = stage.see().await.seq;
    // A range: from one box to another with Shift, in the order of the column.
    let pick = async |id: &str| {
        let card = card(&stage, id).await;
        card.find(By::Css(".pick")).await.expect("each card has a box")
    };
    stage
        .browser
        .action_chain()
        .move_to_element_center(&card(&stage, "a-1").await)
        .perform()
        .await
        .expect("hover");
    pick("a-1").await.click().await.expect("it can be ticked");
    until(&stage, "one to be chosen", SELECTED, 1.into()).await;
    let last = pick("a-4").await;
    let chain = stage.browser.action_chain().key_down(Key::Shift).click_element(&last).key_up(Key::Shift);
    chain.perform().await.expect("a click with Shift");
    until(&stage, "the range to be chosen", SELECTED, 3.into()).await;
    stage.press("Select all 8 tasks").await;
    until(&stage, "all to be chosen", SELECTED, 8.into()).await;
    stage.press("Clear selection").await;
    until(&stage, "none to be chosen", SELECTED, 0.into()).await;

    stage.fill("Search", "tag:phase-1 ").await;
    until_shown(&stage, "a-1 a-2 f-1").await;
    stage
        .browser
        .action_chain()
        .move_to_element_center(&card(&stage, "f-1").await)
        .perform()
        .await
        .expect("hover");
    pick("f-1").await.click().await.expect("it can be ticked");
    stage.press("Select all 3 tasks matching").await;
    until(&stage, "those to be chosen", SELECTED, 3.into()).await;

    // The dialog names verb and number, says why some cannot, and its focus is on the safe button.
    stage.press("Cancel selected").await;
    stage.control("h2", "Cancel 2 tasks?").await;
    assert!(stage.text().await.contains("1 task: It has failed."), "{}", stage.text().await);
    until(
        &stage,
        "the focus on the safe button",
        "return document.activeElement.textContent",
        "Keep as they are".into(),
    )
    .await;
    stage.press("Cancel 2 tasks").await;
    until(&stage, "it to be held back", STAGES, "held".into()).await;
    stage.press("Undo").await;
    until(&stage, "it to be gone", STAGES, "".into()).await;
    until(&stage, "the choice to stay", SELECTED, 3.into()).await;
    assert_eq!(stage.see().await.seq, before, "nothing was sent");

    stage.press("Cancel selected").await;
    stage.press("Cancel 2 tasks").await;
    // One of them changes while it is held back: nobody has seen that, so it is left alone, and stays chosen.
    stage.stranger(&[("mjwork.tasks.claimed", r#"{"task_id":"a-2","agent_id":"Agent-Alpha"}"#)]).await;
    stage.until_task("a-2", "in_progress", "Agent-Alpha").await;
    stage.press("Publish now").await;
    let seen = stage.until("one to be cancelled", |seen| seen.counts["cancelled"] == 1).await;
    assert_eq!(seen.tasks["a-2"].status, "in_progress");
    until(&stage, "the failure to stay in sight", STAGES, "failed".into()).await;
    assert!(stage.text().await.contains("It changed meanwhile."), "{}", stage.text().await);
    until(&stage, "what was done to be given back", SELECTED, 2.into()).await;
    let chosen =
        "return [...document.querySelectorAll('.card.chosen')].map(e => e.dataset.taskId).sort().join(' ')";
    until(&stage, "what failed to stay chosen", chosen, "a-2 f-1".into()).await;
    stage.close().await;
}

#[tokio::test]
async fn a_priority_is_changed_for_many() {
    let stage = set().await;
    stage.sign_in().await;
    stage.fill("Search", "tag:phase-2 ").await;
    until_shown(&stage, "a-3 a-4 p-1").await;
    stage
        .browser
        .action_chain()
        .move_to_element_center(&card(&stage, "a-3").await)
        .perform()
        .await
        .expect("hover");
    let pick = card(&stage, "a-3").await.find(By::Css(".pick")).await.expect("a box");
    pick.click().await.expect("it can be ticked");
    stage.press("Select all 3 tasks matching").await;
    stage.press("Change priority").await;
    let choice = stage.control("select", "New priority").await;
    choice.send_keys("critical").await.expect("a choice");
    stage.press("Change priority of 3 tasks").await;
    stage.press("Publish now").await;
    until(&stage, "all three to be accepted", STAGES, "accepted".into()).await;
    let words = "return [...document.querySelectorAll('.card .priority')].map(e => e.textContent).join(' ')";
    until(&stage, "the cards to say so", words, "critical critical critical".into()).await;
    until(&stage, "nothing to be chosen any more", SELECTED, 0.into()).await;
    stage.close().await;
}

#[tokio::test]
async fn one_act_is_held_back_and_what_cannot_be_done_says_why() {
    let stage = set().await;
    stage.sign_in().await;
    let before = stage.see().await.seq;
    stage.history("f-1").await;
    stage.press("Requeue").await;
    until(&stage, "it to be held back", STAGES, "held".into()).await;
    // Whoever leaves now is warned.
    let warned =
        "const leaving = new Event('beforeunload', { cancelable: true }); window.dispatchEvent(leaving);
        return leaving.defaultPrevented";
    assert_eq!(stage.browser.eval(warned).await, true);
    stage.press("Undo").await;
    until(&stage, "it to be gone", STAGES, "".into()).await;
    assert_eq!(stage.browser.eval(warned).await, false);
    assert_eq!(stage.see().await.seq, before);
    stage.press("Requeue").await;
    // By itself, when its time has come.
    stage.until_task("f-1", "available", "").await;
    assert_eq!(stage.see().await.seq, before + 1, "once");

    let requeue = stage.control("button", "Requeue").await;
    assert!(!requeue.is_enabled().await.expect("an answer"));
    let why = requeue.attr("aria-description").await.expect("an answer");
    assert_eq!(why.as_deref(), Some("It is available: there is nothing to requeue."));
    stage.close().await;
}

#[tokio::test]
async fn everything_is_done_by_keys_and_none_fires_while_one_types() {
    let stage = set().await;
    stage.sign_in().await;
    keys(&stage, "j").await;
    until(&stage, "the first card to have the focus", FOCUSED, "b-1".into()).await;
    keys(&stage, Key::Right).await;
    until(&stage, "the next column", FOCUSED, "a-1".into()).await;
    keys(&stage, "jj").await;
    until(&stage, "two further down", FOCUSED, "a-4".into()).await;
    keys(&stage, "k").await;
    until(&stage, "one up", FOCUSED, "a-2".into()).await;
    keys(&stage, "x").await;
    until(&stage, "it to be chosen", SELECTED, 1.into()).await;
    keys(&stage, "k").await;
    stage
        .browser
        .action_chain()
        .key_down(Key::Shift)
        .send_keys("X")
        .key_up(Key::Shift)
        .perform()
        .await
        .expect("keys");
    until(&stage, "the range to be chosen", SELECTED, 2.into()).await;
    keys(&stage, Key::Escape).await;
    until(&stage, "none to be chosen", SELECTED, 0.into()).await;
    keys(&stage, Key::Enter).await;
    until(&stage, "the panel to be open", QUERY, "?task=a-1".into()).await;
    keys(&stage, Key::Escape).await;
    until(&stage, "the panel to be closed", QUERY, "".into()).await;

    // Whoever works through a column goes on where they were.
    card(&stage, "a-1").await;
    stage.browser.eval("document.querySelector('[data-task-id=a-2] a').focus()").await;
    stage.stranger(&[("mjwork.tasks.claimed", r#"{"task_id":"a-2","agent_id":"Agent-Alpha"}"#)]).await;
    until(&stage, "a neighbour to take the focus", FOCUSED, "a-4".into()).await;

    stage.browser.eval("document.querySelector('[data-task-id=f-1] a').focus()").await;
    keys(&stage, "r").await;
    until(&stage, "it to be held back", STAGES, "held".into()).await;
    stage.press("Undo").await;

    for (second, screen) in [("a", "Agents"), ("e", "Errors"), ("m", "Messages"), ("b", "Board")] {
        keys(&stage, format!("g{second}")).await;
        let shown = "return document.querySelector('nav [aria-current=page]').firstChild.textContent";
        until(&stage, &format!("the screen {screen}"), shown, screen.into()).await;
    }
    keys(&stage, "?").await;
    stage.control("dialog", "Keys").await;
    keys(&stage, Key::Escape).await;
    let dialogs = "return document.querySelectorAll('dialog[open]').length";
    until(&stage, "the list of keys to be closed", dialogs, 0.into()).await;
    keys(&stage, "c").await;
    stage.control("input", "Task id").await;
    keys(&stage, "gaxjr?/c").await;
    until(&stage, "letters to be letters", "return document.activeElement.value", "gaxjr?/c".into()).await;
    until(&stage, "one dialog", dialogs, 1.into()).await;
    keys(&stage, Key::Escape).await;
    // What was typed is not thrown away by a stray key.
    stage.press("Discard").await;
    until(&stage, "the form to be closed", dialogs, 0.into()).await;
    stage.close().await;
}

#[tokio::test]
async fn the_palette_finds_commands_and_tasks() {
    let stage = set().await;
    card(&stage, "a-3").await;
    stage.browser.eval("document.querySelector('[data-task-id=a-3] a').focus()").await;
    let open = async || {
        let chain = stage.browser.action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control);
        chain.perform().await.expect("keys");
        until(&stage, "the palette to have the focus", FOCUSED, "Command".into()).await;
    };
    open().await;
    keys(&stage, Key::Escape).await;
    until(&stage, "the focus to come back", FOCUSED, "a-3".into()).await;
    open().await;
    keys(&stage, "gtagents").await;
    until(&stage, "the command to be first", ACTIVE, "Go to Agentsg a".into()).await;
    keys(&stage, Key::Enter).await;
    until(&stage, "the screen", QUERY, "?screen=agents".into()).await;
    open().await;
    keys(&stage, "prtprser").await;
    until(&stage, "the task to be first", ACTIVE, "Port the parser · a-2available".into()).await;
    keys(&stage, Key::Enter).await;
    until(&stage, "its panel", QUERY, "?screen=agents&task=a-2".into()).await;
    stage.close().await;
}

/// A point of a card for each place on which nothing else stands: by what lies on top there.
const EMPTY_PLACES: &str = r"
    const card = document.querySelector('[data-column] [data-task-id=' + JSON.stringify(arguments[0]) + ']');
    const { left, top, width, height } = card.getBoundingClientRect();
    const places = [], others = new Set();
    for (let y = 3; y < height - 1; y += 4) {
        for (let x = 3; x < width - 2; x += 4) {
            const on = document.elementFromPoint(left + x, top + y);
            if (on.matches('a.title')) places.push([Math.round(left + x), Math.round(top + y)]);
            else others.add(on.matches('button.value, input.pick') ? 'control' : on.outerHTML.slice(0, 80));
        }
    }
    const at = share => places[Math.floor((places.length - 1) * share)];
    return { share: places.length / (Math.floor(width / 4) * Math.floor(height / 4)), others: [...others],
        click: [at(0), at(0.25), at(0.5), at(0.75), at(1)] };
";

#[tokio::test]
async fn a_card_opens_its_task_wherever_no_value_stands() {
    let stage = set().await;
    let progress = r#"{"task_id":"p-1","agent_id":"Agent-Bravo","percent":40,"note":"nearly half"}"#;
    stage.stranger(&[("mjwork.tasks.progress", progress)]).await;
    stage.until("the progress to be there", |seen| seen.seq == 14).await;
    for id in ["a-1", "b-1", "f-1", "p-1", "d-1"] {
        let places =
            stage.browser.execute(EMPTY_PLACES, vec![id.into()]).await.expect("a card").json().clone();
        assert!(places["share"].as_f64().expect("a share") > 0.5, "{id}: {places}");
        let others = places["others"].as_array().expect("a list");
        assert!(others.iter().all(|other| other == "control"), "{id}: {places}");
        for place in places["click"].as_array().expect("places") {
            let (x, y) = (place[0].as_i64().expect("px"), place[1].as_i64().expect("px"));
            stage.browser.action_chain().move_to(x, y).click().perform().await.expect("a click");
            let opened = "return new URLSearchParams(location.search).get('task')";
            until(&stage, &format!("{id} to open by a click at {place}"), opened, id.into()).await;
            keys(&stage, Key::Escape).await;
            until(&stage, "the panel to close", opened, Value::Null).await;
        }
    }
    stage.close().await;
}
