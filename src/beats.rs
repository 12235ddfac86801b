//! When agents beat in the last quarter of an hour: the fold keeps the last heartbeat only, so those before are kept
//! here, in steps of five seconds.
//!
//! The stream forgets a heartbeat after five minutes (`Nats-TTL`), so who has just opened the page knows less than the
//! quarter of an hour, and says so.

use crate::format::age;
use hashbrown::HashMap;
use mjwork::{AgentId, Duration, Timestamp};
use std::collections::VecDeque;
use std::fmt::Write as _;

/// Seconds in a step.
const STEP: i64 = 5;
/// So many steps are shown.
pub const STEPS: i64 = 15 * 60 / STEP;
/// So many steps of an agent are kept.
const BEATS_KEPT: usize = 2 * 15 * 60 / 5;
/// So far back the stream still has heartbeats when it is read.
const REACH: Duration = Duration::from_secs(5 * 60);

/// The heartbeats of all agents.
#[derive(Clone, Debug, Default)]
pub struct Beats {
    /// By agent, the steps in which it beat, oldest first.
    agents: HashMap<AgentId, VecDeque<i64>>,
    /// The server's time when the stream was opened last.
    opened: Option<Timestamp>,
    /// Nothing is known of what was before.
    since: Timestamp,
}

/// The strip of one agent: what an SVG shows of [`STEPS`] by 10, and the same in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// A tick for each step with a heartbeat, as the path of an SVG.
    pub ticks: String,
    /// So many steps from the left nothing is known of.
    pub unknown: i64,
    /// The same for who does not see it.
    pub text: String,
}

fn step(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(1_000 * STEP)
}

impl Beats {
    /// An agent beat.
    pub fn push(&mut self, agent: &AgentId, time: Timestamp) {
        let at = step(time);
        let steps = match self.agents.get_mut(agent) {
            Some(steps) => steps,
            None => self.agents.entry(agent.clone()).or_default(),
        };
        if steps.back().is_none_or(|last| *last < at) {
            steps.push_back(at);
        }
        while steps.front().is_some_and(|first| *first <= at - STEPS) {
            steps.pop_front();
        }
    }

    /// The stream is read from here on; `now` is the server's time when it was opened, `heard` that of the last event
    /// that is known.
    ///
    /// | opened before | last heard | known |
    /// | --- | --- | --- |
    /// | no | – | since five minutes ago, or what was heard last, whichever is later |
    /// | yes | within five minutes | as before |
    /// | yes | longer ago | since five minutes ago; what was before would have a hole behind it |
    pub fn opened(&mut self, now: Timestamp, heard: Timestamp) {
        if self.opened == Some(now) {
            return;
        }
        let reach = now - REACH;
        if self.opened.is_none() {
            self.since = reach.max(heard);
        } else if heard < reach {
            self.agents.clear();
            self.since = reach;
        }
        self.opened = Some(now);
    }

    /// Takes in heartbeats that were read apart, in any order: a board that was opened from a copy knows only the last of
    /// each agent. `is_whole` says that they are all that the stream still has.
    pub fn fill(&mut self, beats: impl Iterator<Item = (AgentId, Timestamp)>, is_whole: bool) {
        for (agent, time) in beats {
            let steps = self.agents.entry(agent).or_default();
            let at = steps.partition_point(|other| *other < step(time));
            if steps.get(at) != Some(&step(time)) && steps.len() < BEATS_KEPT {
                steps.insert(at, step(time));
            }
        }
        if let Some(opened) = self.opened.filter(|_| is_whole) {
            self.since = self.since.min(opened - REACH);
        }
    }

    /// Whether the stream has more heartbeats than are known.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.opened.is_some_and(|opened| step(opened - REACH) < self.known_since())
    }

    /// Drops the agents that have not beaten in the time that is shown.
    pub fn forget(&mut self, now: Timestamp) {
        let first = step(now) - STEPS;
        self.agents.retain(|_, steps| steps.back().is_some_and(|last| *last > first));
    }

    /// Since when all beats are known: a heartbeat that is there although the stream might have forgotten it tells
    /// that it does not forget them.
    fn known_since(&self) -> i64 {
        let oldest = self.agents.values().filter_map(|steps| steps.front()).min();
        oldest.map_or(step(self.since), |oldest| step(self.since).min(*oldest))
    }

    /// The strip of an agent at `now`. `last` is its last heartbeat, as the fold knows it.
    #[must_use]
    pub fn strip(&self, agent: &AgentId, last: Option<Timestamp>, now: Timestamp) -> Strip {
        let newest = step(now);
        let mut steps: Vec<i64> = Vec::new();
        for at in self.agents.get(agent).into_iter().flatten().copied().chain(last.map(step)) {
            // The last one may be among them, or stand alone.
            let place = steps.partition_point(|other| *other < at);
            if at > newest - STEPS && at <= newest && steps.get(place) != Some(&at) {
                steps.insert(place, at);
            }
        }
        let unknown = (STEPS - (newest - self.known_since())).clamp(0, STEPS);
        let mut ticks = String::with_capacity(steps.len() * 8);
        for at in &steps {
            let _ = write!(ticks, "M{} 1v8", STEPS - 1 - (newest - at));
        }
        let text = words(&steps, newest, unknown);
        Strip { ticks, unknown, text }
    }
}

fn words(steps: &[i64], newest: i64, unknown: i64) -> String {
    let seconds = |steps: i64| age(Duration::from_secs(u64::try_from(steps * STEP).unwrap_or(0)));
    let within = seconds(STEPS - unknown);
    let known = if unknown == 0 { String::new() } else { "; before that is not known".to_owned() };
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return format!("No heartbeat in the last {within}{known}");
    };
    let gaps = steps.windows(2).map(|pair| pair[1] - pair[0]);
    let longest = gaps.chain([newest - last]).max().unwrap_or(0);
    // Who began within that time did not miss what was before.
    let first = if newest - first < STEPS - unknown - STEPS / 15 {
        format!(", the first {} ago", seconds(newest - first))
    } else {
        String::new()
    };
    format!("Heartbeats of the last {within}{first}: longest silence {}{known}", seconds(longest.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + seconds)
    }

    fn agent() -> AgentId {
        AgentId::new("a").unwrap()
    }

    fn ticks(strip: &Strip) -> usize {
        strip.ticks.matches('M').count()
    }

    #[test]
    fn a_steady_beat_is_a_tick_each_time() {
        let mut beats = Beats::default();
        beats.opened(at(0), at(0));
        for beat in 0..60 {
            beats.push(&agent(), at(beat * 30));
        }
        let strip = beats.strip(&agent(), Some(at(59 * 30)), at(59 * 30 + 4));
        assert_eq!((ticks(&strip), strip.unknown), (30, 0));
        assert_eq!(strip.text, "Heartbeats of the last 15 min: longest silence 30 s");
        let late = beats.strip(&agent(), Some(at(59 * 30)), at(59 * 30 + 100));
        assert!(late.text.ends_with("longest silence 1 min"), "{}", late.text);
    }

    #[test]
    fn what_came_too_fast_to_show_takes_no_room() {
        let mut beats = Beats::default();
        for beat in 0..100_000 {
            beats.push(&agent(), at(beat / 10));
        }
        assert!(beats.agents[&agent()].len() <= usize::try_from(STEPS).unwrap());
        assert_eq!(ticks(&beats.strip(&agent(), None, at(9_999))), usize::try_from(STEPS).unwrap());
    }

    #[test]
    fn who_has_just_come_says_how_little_he_knows() {
        let mut beats = Beats::default();
        beats.opened(at(10_000), Timestamp::default());
        beats.push(&agent(), at(9_900));
        let strip = beats.strip(&agent(), Some(at(9_900)), at(10_000));
        assert_eq!((ticks(&strip), strip.unknown), (1, 120));
        assert!(strip.text.ends_with("; before that is not known"), "{}", strip.text);
        // A copy from the device that is newer reaches less far.
        let mut beats = Beats::default();
        beats.opened(at(10_000), at(9_940));
        assert_eq!(beats.strip(&agent(), None, at(10_000)).unknown, 168);
        // A stream that forgets nothing shows by what it still has.
        beats.push(&agent(), at(9_000));
        assert_eq!(beats.strip(&agent(), None, at(10_000)).unknown, 0);
    }

    #[test]
    fn what_a_copy_did_not_keep_is_filled_in() {
        let mut beats = Beats::default();
        beats.opened(at(10_000), at(9_990));
        beats.push(&agent(), at(9_995));
        assert!(beats.is_short());
        let read = [9_900, 9_930, 9_700, 9_995, 9_960].map(|second| (agent(), at(second)));
        beats.fill(read.into_iter(), true);
        let strip = beats.strip(&agent(), None, at(10_000));
        assert_eq!((ticks(&strip), strip.unknown), (5, 120));
        assert!(!beats.is_short());
    }

    #[test]
    fn a_short_cut_is_bridged_and_a_long_one_is_not() {
        let mut beats = Beats::default();
        beats.opened(at(0), Timestamp::default());
        beats.push(&agent(), at(0));
        beats.opened(at(120), at(100));
        assert_eq!(ticks(&beats.strip(&agent(), None, at(120))), 1);
        beats.opened(at(600), at(120));
        let strip = beats.strip(&agent(), None, at(600));
        assert_eq!((ticks(&strip), strip.unknown), (0, 120));
    }

    #[test]
    fn who_is_silent_for_long_is_forgotten() {
        let mut beats = Beats::default();
        beats.push(&agent(), at(0));
        beats.forget(at(800));
        assert_eq!(beats.agents.len(), 1);
        beats.forget(at(1_000));
        assert!(beats.agents.is_empty());
        assert!(beats.strip(&agent(), None, at(1_000)).text.starts_with("No heartbeat"));
    }
}
