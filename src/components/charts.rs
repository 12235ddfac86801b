//! What happened when: completed and failed tasks, open work, heartbeats; drawn as SVG, and said in words and numbers.

use super::{Page, button};
use crate::browser::east_minutes;
use crate::chart::{areas, bars, bucket_at, top, view_box};
use crate::dom::{El, el, svg};
use crate::format::{count, date_time};
use crate::pace::{LOOKS_BACK, about, time_left};
use crate::reactive::{RwSignal, untrack};
use crate::series::Bucket;
use mjwork::Timestamp;
use mjwork::board::Status;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::MouseEvent;

/// So many minutes the sparkline shows.
const SPARK: u32 = 60;

/// A stretch of time: its name, the minutes of a bucket, how many buckets, what a bucket is called.
type Stretch = (&'static str, u32, u32, &'static str);

const STRETCHES: [Stretch; 3] =
    [("Hour", 1, 60, "a minute"), ("Day", 15, 96, "in 15 minutes"), ("Week", 120, 84, "in 2 hours")];

/// A layer of a chart: its colour, its name, its numbers.
type Layer = (&'static str, &'static str, fn(&Bucket) -> u32);

/// A chart: its title, its layers from the bottom, how it is drawn.
type Chart = (&'static str, &'static [Layer], fn(&[Vec<u32>]) -> Vec<String>);

const CHARTS: [Chart; 3] = [
    (
        "Throughput",
        &[("green", "completed", |b| b.done.completed), ("red", "failed", |b| b.done.failed)],
        bars,
    ),
    (
        "Open work",
        &[
            ("blue", "in progress", |b| b.left_as(Status::InProgress)),
            ("grey", "available", |b| b.left_as(Status::Available)),
            ("amber", "blocked", |b| b.left_as(Status::Blocked)),
        ],
        areas,
    ),
    ("Heartbeats", &[("blue", "heartbeats", |b| b.done.beats)], bars),
];

/// The last buckets; asks again every second.
fn window(span: u32, buckets: u32) -> Vec<Bucket> {
    let ui = Page::here().ui;
    let now = ui.now().server;
    ui.live().series().window(now, span, buckets)
}

/// In one line: what was completed in the last hour, and how long the rest will take.
pub(crate) fn brief() -> El {
    let ui = Page::here().ui;
    let completed = || vec![window(1, SPARK).iter().map(|b| b.done.completed).collect::<Vec<u32>>()];
    let said = move || {
        let completed: u32 = completed()[0].iter().sum();
        format!("{} completed in the last hour", count(completed))
    };
    let spark = svg("svg", "spark")
        .attr("viewBox", &view_box(SPARK as usize))
        .attr("preserveAspectRatio", "none")
        .attr("role", "img")
        .bind("aria-label", said)
        .child(svg("path", "green").bind("d", move || bars(&completed()).concat()));
    let left = move || {
        let c = ui.conn();
        let now = ui.now().server;
        let counts = ui.totals().counts;
        let open =
            [Status::Blocked, Status::Available, Status::InProgress].map(|s| counts.of(s)).iter().sum();
        let seconds = u64::try_from(now.as_millis().rem_euclid(60_000) / 1_000).unwrap_or(0);
        let left =
            time_left(open, &window(1, LOOKS_BACK), seconds).filter(|_| !c.is_reading() && !c.is_old());
        left.map(|left| format!("{} left", about(left))).unwrap_or_default()
    };
    let fold = |label: &'static str, open: RwSignal<bool>| {
        button("plain", label, move || open.update(|open| *open = !*open))
            .bind("aria-expanded", move || if open.get() { "true" } else { "false" })
    };
    el("span", "brief")
        .child(el("span", "spark-frame").bind("title", said).child(spark))
        .child(
            el("span", "soft")
                .attr("data-time-left", "")
                .attr("title", "By what was completed in the last half hour")
                .says(left),
        )
        .child(fold("Charts", ui.charting))
        .child(fold("Time travel", ui.travelling))
}

/// The charts, while they are folded out.
pub(crate) fn charts() -> El {
    let ui = Page::here().ui;
    el("div", "contents").slot(move || ui.charting.get().then(|| untrack(all)))
}

fn all() -> El {
    let chosen = RwSignal::new(0_usize);
    let choice = |at: usize| {
        button("plain", STRETCHES[at].0, move || chosen.set(at))
            .bind("aria-pressed", move || if chosen.get() == at { "true" } else { "false" })
    };
    let top = el("div", "choice")
        .attr("role", "group")
        .attr("aria-label", "Stretch of time")
        .children((0..STRETCHES.len()).map(choice));
    let stretch: Stretched = Rc::new(move || STRETCHES[chosen.get().min(STRETCHES.len() - 1)]);
    el("section", "charts")
        .attr("aria-label", "Charts")
        .child(top)
        .child(el("div", "figures").children(CHARTS.iter().map(|chart| figure(chart, &stretch))))
        .child(numbers(stretch.clone()))
}

type Stretched = Rc<dyn Fn() -> Stretch>;

fn at(time: Timestamp) -> String {
    date_time(time, east_minutes(time))[5..16].to_owned()
}

fn figure(chart: &'static Chart, stretch: &Stretched) -> El {
    let (title, layers, draw) = chart;
    let look = {
        let stretch = stretch.clone();
        move || {
            let (_, span, buckets, _) = stretch();
            window(span, buckets)
        }
    };
    let values = {
        let look = look.clone();
        move || {
            let window = look();
            layers.iter().map(|(.., of)| window.iter().map(of).collect()).collect::<Vec<Vec<u32>>>()
        }
    };
    let pointed = RwSignal::new(None::<usize>);
    // What was pointed at; else all of it, or how it stands, which is all that open work has.
    let says = {
        let (look, stretch) = (look.clone(), stretch.clone());
        move || {
            let window = look();
            let bucket = pointed.get().and_then(|at| window.get(at));
            let is_stock = *title == "Open work";
            let number = |of: &fn(&Bucket) -> u32| match bucket {
                Some(bucket) => u64::from(of(bucket)),
                None if is_stock => window.last().map_or(0, |last| u64::from(of(last))),
                None => window.iter().map(|b| u64::from(of(b))).sum(),
            };
            let numbers: Vec<String> =
                layers.iter().map(|(_, name, of)| format!("{} {name}", count(number(of)))).collect();
            let when = match bucket {
                Some(bucket) => at(bucket.start),
                None if is_stock => "now".to_owned(),
                None => format!("in the last {}", stretch().0.to_ascii_lowercase()),
            };
            format!("{}, {when}", numbers.join(", "))
        }
    };
    let label = {
        let (values, says, stretch) = (values.clone(), says.clone(), stretch.clone());
        move || format!("{title}: {}. At most {} {}.", says(), count(top(&values())), stretch().3)
    };
    let boxed = {
        let stretch = stretch.clone();
        move || view_box(stretch().2 as usize)
    };
    let drawing = svg("svg", "chart")
        .bind("viewBox", boxed)
        .attr("preserveAspectRatio", "none")
        .attr("role", "img")
        .bind("aria-label", label)
        .children(layers.iter().enumerate().map(|(at, (tone, ..))| {
            let values = values.clone();
            svg("path", tone).bind("d", move || draw(&values()).swap_remove(at))
        }));
    let buckets = stretch.clone();
    let drawing = drawing
        .on("pointermove", move |event| {
            let mouse: &MouseEvent = event.unchecked_ref();
            let element = event.current_target().map(JsCast::unchecked_into::<web_sys::Element>);
            let width = element.map_or(1, |element| element.client_width()).max(1);
            let thousandths = usize::try_from(mouse.offset_x() * 1_000 / width).unwrap_or(0);
            pointed.set(bucket_at(untrack(|| buckets().2) as usize, thousandths));
        })
        .on("pointerleave", move |_| pointed.set(None));
    let first = move || look().first().map(|bucket| at(bucket.start)).unwrap_or_default();
    let most = move || format!("{} at most", count(top(&values())));
    let caption =
        el("figcaption", "").child(el("strong", "").text(title)).child(el("span", "soft small").says(says));
    let axis = el("div", "axis soft small")
        .attr("aria-hidden", "true")
        .child(el("span", "").says(first))
        .child(el("span", "").says(most))
        .child(el("span", "").text("now"));
    el("figure", "figure").child(caption).child(drawing).child(axis)
}

/// The same as a table, newest first; made only when it is folded out.
fn numbers(stretch: Stretched) -> El {
    let is_open = RwSignal::new(false);
    let table = move || {
        let (_, span, buckets, _) = stretch();
        let of_all = || CHARTS.iter().flat_map(|(_, layers, _)| layers.iter());
        let cell = |tag: &'static str, text: &str| el(tag, "").text(text);
        let names = el("tr", "")
            .child(cell("th", "From"))
            .children(of_all().map(|(_, name, _)| cell("th", name).attr("scope", "col")));
        let row = |bucket: &Bucket| {
            el("tr", "")
                .child(cell("th", &at(bucket.start)).attr("scope", "row"))
                .children(of_all().map(|(.., of)| cell("td", &count(of(bucket)))))
        };
        // As it is now: a table that changes under one's eyes cannot be read.
        let window = untrack(|| window(span, buckets));
        el("table", "numbers")
            .child(el("thead", "").child(names))
            .child(el("tbody", "").children(window.iter().rev().map(row)))
    };
    el("details", "")
        .on("toggle", move |event| {
            let is_out = event
                .current_target()
                .is_some_and(|t| t.unchecked_into::<web_sys::Element>().has_attribute("open"));
            is_open.set(is_out);
        })
        .child(el("summary", "soft small").text("Numbers"))
        .slot(move || is_open.get().then(&table))
}
