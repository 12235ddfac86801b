//! Other programs: run to their end with their output shown or kept, or left running until they are stopped.
//! Each has a process group of its own, so that what it started itself ends with it; a signal to this program stops
//! all of them.

use crate::Failure;
use crate::tools;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The groups that are running, by the id of their first process.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How long a program may take to end when asked to, before it is made to.
const GRACE: Duration = Duration::from_secs(10);
/// How often something is looked at that cannot be waited for.
const LOOK: Duration = Duration::from_millis(25);

/// From now on Ctrl-C, SIGTERM and SIGHUP stop every program that was started here; the receiver hears of the first.
///
/// # Panics
/// When called twice.
#[must_use]
pub fn watch_signals() -> Receiver<()> {
    let (sender, receiver): (Sender<()>, _) = channel();
    ctrlc::set_handler(move || {
        INTERRUPTED.store(true, Ordering::SeqCst);
        signal_all(Signal::SIGTERM);
        // Nobody listens in a command that only waits for its programs, which have just been stopped.
        let _ = sender.send(());
    })
    .expect("the only handler of this program");
    receiver
}

/// Whether somebody has asked this program to end.
#[must_use]
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A command that finds the project's own tools before those of the machine, and starts in the repository's root.
#[must_use]
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root()).env("PATH", tools::path()).stdin(Stdio::null());
    command
}

/// `cargo`, as this program was started by it; but without what it tells a program of its own package: build scripts
/// that look at that would be run again, and half of the dependencies compiled again, whenever another package calls.
#[must_use]
pub fn cargo() -> Command {
    let mut command = command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end, its output shown.
pub fn show(command: &mut Command) -> Result<(), Failure> {
    let status = Running::start(command)?.wait()?;
    if status.success() { Ok(()) } else { Err(ended(command, status)) }
}

/// Runs a program to its end, its output kept in `log`; the end of that is part of the failure.
pub fn log(command: &mut Command, log: &Path) -> Result<(), Failure> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let file = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let both = file.try_clone().map_err(|e| format!("{}: {e}", log.display()))?;
    let status = Running::start(command.stdout(file).stderr(both))?.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", ended(command, status), tail(log, 30)))
}

/// Runs a program to its end and gives its standard output; its standard error is part of the failure.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{name} cannot be run: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{}: {}", ended(command, output.status), String::from_utf8_lossy(&output.stderr).trim()))
}

/// The last lines of a file.
#[must_use]
pub fn tail(file: &Path, lines: usize) -> String {
    let text = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Looks until there is something, or until `within` has passed or somebody interrupts.
pub fn until<T>(within: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    // A channel on which nothing ever comes: a wait that costs nothing.
    let (_sender, never) = channel::<()>();
    let end = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= end
            || interrupted()
            || never.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout)
        {
            return None;
        }
    }
}

/// A program that is running; stopped when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: Pid,
    name: String,
}

impl Running {
    /// Starts it as the first of a process group of its own.
    pub fn start(command: &mut Command) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        if interrupted() {
            return Err("interrupted".to_owned());
        }
        let child = command.process_group(0).spawn().map_err(|e| format!("{name} cannot be run: {e}"))?;
        let id = i32::try_from(child.id()).map_err(|_| format!("{name} has an impossible process id"))?;
        running(|groups| groups.insert(id));
        let running = Self { child, group: Pid::from_raw(id), name };
        if interrupted() {
            // The signal came between the question above and the entry in the list.
            let _ = killpg(running.group, Signal::SIGTERM);
        }
        Ok(running)
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself.
    pub fn wait(mut self) -> Result<ExitStatus, Failure> {
        let status = self.child.wait().map_err(|e| format!("{} cannot be waited for: {e}", self.name))?;
        running(|groups| groups.remove(&self.group.as_raw()));
        Ok(status)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end, waits, and makes it end after ten seconds.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if self.ended().is_none() {
            // Fails only where the group is gone, which is what is wanted.
            let _ = killpg(self.group, Signal::SIGTERM);
            let end = Instant::now() + GRACE;
            let (_sender, never) = channel::<()>();
            while self.ended().is_none() && Instant::now() < end {
                let _ = never.recv_timeout(LOOK);
            }
            let _ = killpg(self.group, Signal::SIGKILL);
            let _ = self.child.wait();
        }
        running(|groups| groups.remove(&self.group.as_raw()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn running<T>(change: impl FnOnce(&mut BTreeSet<i32>) -> T) -> T {
    change(&mut RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Asks every program that was started here to end; who waits for one of them finds that it did.
pub fn stop_all() {
    signal_all(Signal::SIGTERM);
}

fn signal_all(signal: Signal) {
    for group in running(|groups| groups.clone()) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

fn ended(command: &Command, status: ExitStatus) -> Failure {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    format!("`{}` ended with {status}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_was_run_and_what_it_said() {
        let failure = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(failure.contains("sh -c") && failure.contains("exit status: 3") && failure.contains("why"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logs/it.log");
        let failure =
            log(Command::new("sh").args(["-c", "echo first; echo last >&2; false"]), &file).unwrap_err();
        assert!(failure.ends_with("first\nlast"), "{failure}");
        assert!(show(&mut Command::new("no-such-program")).unwrap_err().contains("no-such-program"));
    }

    #[test]
    fn what_a_program_started_itself_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script =
            format!("cat /dev/zero > /dev/null & echo $! > {0}.tmp; mv {0}.tmp {0}; wait", file.display());
        let running = Running::start(Command::new("sh").args(["-c", &script])).unwrap();
        let child = until(Duration::from_secs(10), || fs::read_to_string(&file).ok()).expect("it started");
        let child = Path::new("/proc").join(child.trim());
        assert!(child.exists());
        running.stop();
        let gone = until(Duration::from_secs(10), || {
            // An orphan stays in the table until init has taken note of its end.
            let state = fs::read_to_string(child.join("stat")).unwrap_or_default();
            (!child.exists() || state.contains(") Z ")).then_some(())
        });
        assert!(gone.is_some());
    }
}
