//! A believable plan of work: phases, parts of a product, and what must be done before what.
//! The same seed makes the same plan, to the letter, so that publishing it twice changes nothing.

use super::vocabulary::{PARTS, PHASES, Phase, SCOPES};
use fastrand::Rng;
use std::fmt::Write as _;

/// A task of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// `s7-core-0042`: the seed, the phase, the place in the plan.
    pub id: String,
    pub title: String,
    pub description: String,
    /// Ids of tasks that stand before it in the plan.
    pub blocked_by: Vec<String>,
    /// None for the usual one.
    pub priority: Option<&'static str>,
    pub tags: Vec<String>,
}

/// The plan of `seed`, with so many tasks. What a task waits for stands before it.
pub fn plan(seed: u64, tasks: usize) -> Vec<Planned> {
    let mut rng = Rng::with_seed(seed);
    let shares: usize = PHASES.iter().map(|phase| phase.share).sum();
    let mut made: Vec<Made> = Vec::with_capacity(tasks);
    let mut before = 0;
    for (number, phase) in PHASES.iter().enumerate() {
        before += phase.share;
        let start = made.len();
        let end = tasks * before / shares;
        for (title, part) in titles(&mut rng, phase, end - start) {
            let blockers = blockers(&mut rng, &made, start, number, part);
            made.push(Made { phase: number, part, title, blockers });
        }
    }
    let id = |at: usize| format!("s{}-{}-{:04}", base36(seed), PHASES[made[at].phase].name, at + 1);
    (0..made.len())
        .map(|at| {
            let task = &made[at];
            let phase = &PHASES[task.phase];
            Planned {
                id: id(at),
                title: task.title.clone(),
                description: description(&mut rng, phase, task),
                blocked_by: task.blockers.iter().map(|at| id(*at)).collect(),
                priority: priority(&mut rng),
                tags: vec![phase.name.to_owned(), PARTS[task.part].1.to_owned()],
            }
        })
        .collect()
}

/// Whether a task of this id is one of some plan.
pub fn is_made(id: &str) -> bool {
    let mut parts = id.split('-');
    let (seed, phase, number) = (parts.next(), parts.next(), parts.next());
    seed.is_some_and(|s| s.len() > 1 && s.starts_with('s'))
        && phase.is_some_and(|name| PHASES.iter().any(|phase| phase.name == name))
        && number.is_some_and(|n| n.len() >= 4 && n.bytes().all(|b| b.is_ascii_digit()))
        && parts.next().is_none()
}

/// A task before it has its words.
struct Made {
    phase: usize,
    part: usize,
    title: String,
    /// Places in the plan.
    blockers: Vec<usize>,
}

/// So many different titles of a phase, each with its part, in a mixed order.
fn titles(rng: &mut Rng, phase: &Phase, count: usize) -> Vec<(String, usize)> {
    let each = PARTS.len() * phase.titles.len();
    let mut out = Vec::with_capacity(count);
    for round in 0.. {
        if out.len() == count {
            break;
        }
        let mut all: Vec<usize> = (0..each).collect();
        rng.shuffle(&mut all);
        let scope = SCOPES[round % SCOPES.len()];
        // Once every scope was used, too, the titles are counted.
        let again = match round / SCOPES.len() {
            0 => String::new(),
            n => format!(", part {}", n + 1),
        };
        out.extend(all.into_iter().take(count - out.len()).map(|n| {
            let (part, title) = (n % PARTS.len(), phase.titles[n / PARTS.len()]);
            (format!("{}{scope}{again}", title.replace("{}", PARTS[part].0)), part)
        }));
    }
    out
}

/// What a task waits for: mostly something earlier about the same part, sometimes another task of its own phase; a
/// release waits for several tasks of any kind.
fn blockers(rng: &mut Rng, made: &[Made], start: usize, phase: usize, part: usize) -> Vec<usize> {
    let mut out: Vec<usize> = Vec::new();
    if phase > 0 && rng.f64() < 0.75 {
        let same: Vec<usize> = (0..start).filter(|at| made[*at].part == part).collect();
        let latest: Vec<usize> = same.iter().rev().take(4).copied().collect();
        out.extend(rng.choice(latest));
    }
    if made.len() > start && rng.f64() < 0.12 {
        out.push(rng.usize(start..made.len()));
    }
    if phase + 1 == PHASES.len() && start > 0 {
        out.extend((0..rng.usize(1..4)).map(|_| rng.usize(0..start)));
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn priority(rng: &mut Rng) -> Option<&'static str> {
    match rng.u8(0..100) {
        0..3 => Some("critical"),
        3..18 => Some("high"),
        18..33 => Some("low"),
        _ => None,
    }
}

fn description(rng: &mut Rng, phase: &Phase, task: &Made) -> String {
    let (part, tag) = PARTS[task.part];
    let mut out = format!("**{}**, in the {} phase.\n\n## Done when\n\n", task.title, phase.name);
    let mut when: Vec<&str> = phase.done_when.to_vec();
    rng.shuffle(&mut when);
    for line in when.iter().take(rng.usize(2..=phase.done_when.len())) {
        let _ = writeln!(out, "- [ ] {line}");
    }
    let _ = match rng.u8(0..4) {
        0 => write!(out, "\n## Notes\n\nStart in `crates/{tag}/src/lib.rs`; the tests are next to it.\n"),
        1 => write!(out, "\n> Support asks about {part} about {} times a week.\n", rng.u8(2..20)),
        2 => write!(
            out,
            "\n| today | wanted |\n| --- | --- |\n| {} ms | {} ms |\n",
            rng.u16(80..900),
            rng.u8(20..80)
        ),
        _ => Ok(()),
    };
    out
}

/// Short, and one word of an id.
fn base36(mut number: u64) -> String {
    let mut out = Vec::new();
    loop {
        out.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).unwrap_or(0)]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    out.iter().rev().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_makes_the_same_plan_and_another_another() {
        assert_eq!(plan(7, 300), plan(7, 300));
        assert_ne!(plan(7, 300), plan(8, 300));
    }

    #[test]
    fn a_plan_has_as_many_tasks_as_were_asked_for_and_waits_only_backwards() {
        for (seed, tasks) in [(1, 0), (2, 1), (3, 9), (4, 500), (5, 5_000)] {
            let plan = plan(seed, tasks);
            assert_eq!(plan.len(), tasks);
            let mut known = BTreeSet::new();
            for task in &plan {
                assert!(task.blocked_by.iter().all(|id| known.contains(id)), "{task:?}");
                assert!(known.insert(task.id.clone()), "{} is there twice", task.id);
            }
        }
    }

    #[test]
    fn a_plan_looks_like_one() {
        let plan = plan(42, 500);
        let share = |many: usize| many * 100 / plan.len();
        let waiting = share(plan.iter().filter(|task| !task.blocked_by.is_empty()).count());
        assert!((40..90).contains(&waiting), "{waiting} % wait for another");
        let urgent = share(plan.iter().filter(|task| task.priority.is_some()).count());
        assert!((15..50).contains(&urgent), "{urgent} % are not of the usual priority");
        let titles: BTreeSet<&str> = plan.iter().map(|task| task.title.as_str()).collect();
        assert_eq!(titles.len(), plan.len(), "titles differ");
        assert!(
            plan.iter().all(|task| task.description.contains("## Done when") && !task.title.contains("{}"))
        );
    }

    #[test]
    fn seeds_make_ids_that_differ() {
        assert_eq!(base36(0), "0");
        assert_eq!(base36(35), "z");
        assert_eq!(base36(u64::MAX), "3w5e11264sgsf");
        assert!(plan(36, 1)[0].id.starts_with("s10-"));
        assert!(plan(u64::MAX, 2_000).iter().all(|task| is_made(&task.id)));
        assert!(
            ["parser", "s1-core", "s1-core-12", "s1-odd-0001", "s-core-0001"].iter().all(|id| !is_made(id))
        );
    }
}
