//! The words that a made plan is written in.

/// A stretch of a project: its tasks come after those of the stretches before it.
pub struct Phase {
    /// Its word in a task's id, and its tag.
    pub name: &'static str,
    /// How much of a plan it is, in parts of the sum of all.
    pub share: usize,
    /// What is done in it; `{}` is a part of the product.
    pub titles: &'static [&'static str],
    /// When a task of it is done.
    pub done_when: &'static [&'static str],
}

pub const PHASES: [Phase; 7] = [
    Phase {
        name: "design",
        share: 2,
        titles: &[
            "Write down how {} should work",
            "Compare two ways to build {}",
            "Sketch the data model of {}",
            "List what can go wrong with {}",
        ],
        done_when: &[
            "one page says what it does and what it does not",
            "the open questions have owners",
            "two people who will use it agree",
        ],
    },
    Phase {
        name: "core",
        share: 6,
        titles: &[
            "Build {}",
            "Port {} to the new storage",
            "Make {} survive a restart",
            "Bound the memory of {}",
            "Give {} typed errors",
        ],
        done_when: &[
            "the old path is gone",
            "a restart in the middle loses nothing",
            "an error says what to do next",
            "memory stays flat for an hour under load",
        ],
    },
    Phase {
        name: "api",
        share: 4,
        titles: &[
            "Expose {} over HTTP",
            "Version the wire format of {}",
            "Page the answers of {}",
            "Let clients cancel a call to {}",
        ],
        done_when: &[
            "the schema is published",
            "an older client still works",
            "a request that is too large is refused with a reason",
        ],
    },
    Phase {
        name: "ui",
        share: 4,
        titles: &[
            "Show {} on the dashboard",
            "Add an empty state for {}",
            "Make {} usable by keyboard",
            "Halve the time to first paint of {}",
        ],
        done_when: &[
            "it reads well on a phone",
            "a screen reader announces every change",
            "nothing jumps while it loads",
        ],
    },
    Phase {
        name: "quality",
        share: 5,
        titles: &[
            "Fuzz {}",
            "Test {} on a network that loses packets",
            "Measure {} against the last release",
            "Find out why the test of {} is flaky",
        ],
        done_when: &[
            "the test fails without the fix",
            "the numbers are in the change log",
            "a hundred runs in a row pass",
        ],
    },
    Phase {
        name: "docs",
        share: 2,
        titles: &["Document {}", "Write the upgrade guide for {}", "Record an example with {}"],
        done_when: &["every command in it was run", "somebody new followed it to the end"],
    },
    Phase {
        name: "release",
        share: 2,
        titles: &["Sign off {}", "Roll {} out to a tenth of the users", "Watch the errors of {} for a day"],
        done_when: &["the way back was tried", "no new error in a day"],
    },
];

/// Parts of the product, with their tags.
pub const PARTS: [(&str, &str); 20] = [
    ("the tokenizer", "parser"),
    ("the session store", "auth"),
    ("the billing export", "billing"),
    ("the search index", "search"),
    ("the upload queue", "storage"),
    ("the permission check", "auth"),
    ("the audit log", "compliance"),
    ("the webhook sender", "integrations"),
    ("the rate limiter", "platform"),
    ("the report builder", "reports"),
    ("the image resizer", "media"),
    ("the schema migrator", "storage"),
    ("the weekly digest", "mail"),
    ("the CSV importer", "import"),
    ("the feature flags", "platform"),
    ("the retry scheduler", "platform"),
    ("the price cache", "billing"),
    ("the login page", "auth"),
    ("the invite flow", "growth"),
    ("the backup job", "operations"),
];

/// For whom, once every title was used.
pub const SCOPES: [&str; 6] = [
    "",
    " for large accounts",
    " for the mobile app",
    " for the free plan",
    " for partners",
    " for the self-hosted edition",
];

/// What agents are called; a number follows.
pub const AGENTS: [&str; 16] = [
    "Ada",
    "Alan",
    "Barbara",
    "Claude",
    "Donald",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "Ivan",
    "Jean",
    "Katherine",
    "Leslie",
    "Margaret",
    "Niklaus",
    "Radia",
];

/// What an agent is for.
pub const ROLES: [&str; 5] = [
    "writes code",
    "writes code and its tests",
    "reviews and hardens",
    "designs and documents",
    "keeps it running",
];

/// What an owner reports on its way, in order.
pub const NOTES: [&[&str]; 4] = [
    &["reading the code around it", "reproduced it", "made a first sketch", "looked at how others do it"],
    &["half of the tests pass", "the happy path works", "moved the callers over", "split it in two"],
    &["cleaning up", "measuring", "writing the edge cases down", "all tests pass but one"],
    &["last review", "waiting for the checks", "only the notes are left"],
];

/// What agents say to one another; `{}` is the task.
pub const REMARKS: [&str; 8] = [
    "Taking `{}`. I will touch the shared types; shout if you are in there, too.",
    "`{}` is larger than it looks. I will do the core first and publish the rest as a task of its own.",
    "Anybody knows why the fixture of `{}` has a leap second in it?",
    "`{}`: the interface changed, **rebase before you build on it**.",
    "Done with `{}`. Whoever comes after: the entry point is `src/lib.rs`.",
    "`{}` needed a new index; migrations take a minute longer now.",
    "I reverted my first try at `{}`, the second one is simpler.",
    "For `{}` I assume UTC everywhere. Say so if that is wrong.",
];

/// Why a task fails.
pub const FAILURES: [(&str, &str); 6] = [
    ("retryable", "the build machine ran out of disk"),
    ("retryable", "a dependency's registry did not answer"),
    ("retryable", "two of 214 tests failed, and pass when run alone"),
    ("rate_limited", "the model's provider asks to slow down"),
    ("fatal", "the description contradicts itself: it asks for the old format and for the new one"),
    ("fatal", "the credentials for the staging system have expired"),
];

/// What is reported as an error, at which level.
pub const PROBLEMS: [(&str, &str); 5] = [
    ("warning", "the linter is older than the configuration expects"),
    ("warning", "a test took 48 s, its limit is 60 s"),
    ("error", "the container was killed for its memory at 512 MiB; started again with 1 GiB"),
    ("error", "git push was refused: the branch has moved"),
    ("info", "the cache was cold, the build took four minutes"),
];
