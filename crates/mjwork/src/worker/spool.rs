//! What an owner has handed in, on disk until the stream has it: a process that dies, or a server that is away for
//! long, loses no result.
//!
//! A folder per stream and agent. Each process has a lock file there, and writes one file for each thing handed in, named
//! after its session. Whoever comes later sends what a process left behind whose lock nobody holds.

use crate::draft::{Draft, MSG_ID};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder, and this process' part of it.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    session: String,
    /// Locked as long as the process lives.
    _lock: File,
    written: AtomicU64,
}

/// A file with something that was handed in.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
}

/// What a process left behind that is gone.
#[derive(Debug)]
pub(super) struct LeftBehind {
    /// Each with its file.
    pub drafts: Vec<(Draft, Kept)>,
    lock_path: PathBuf,
    /// Nobody else takes the same up meanwhile.
    _lock: File,
    /// Files of another stream lie there, too.
    others: bool,
}

/// Which stream it is for: its name, and when it was made, which tells it from one of the same name elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stream {
    pub name: String,
    pub created: String,
}

/// What a file holds: JSON.
#[derive(Serialize, Deserialize)]
struct Entry {
    stream: Stream,
    subject: String,
    msg_id: Option<String>,
    payload: String,
}

impl Spool {
    /// Where it is unless somebody says otherwise; none where there is no home.
    pub fn usual_folder(stream: &str, agent: &str) -> Option<PathBuf> {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state =
            absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        Some(state?.join("mjwork").join(file_name(stream)).join(file_name(agent)))
    }

    /// Makes the folder, and this process' lock in it.
    pub fn open(folder: PathBuf, session: &str) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        // Results are nobody else's business.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        let session = file_name(session);
        let lock = File::create(folder.join(format!("{session}.lock")))?;
        lock.try_lock().map_err(|error| io::Error::other(format!("session {session}: {error}")))?;
        Ok(Self { folder, session, _lock: lock, written: AtomicU64::new(0) })
    }

    /// Writes `draft` so that it is there whatever happens next.
    pub fn keep(&self, draft: &Draft, stream: Stream) -> io::Result<Kept> {
        let entry = Entry {
            stream,
            subject: draft.subject.clone(),
            msg_id: draft.headers.iter().find(|(name, _)| *name == MSG_ID).map(|(_, id)| id.clone()),
            payload: String::from_utf8(draft.payload.to_vec()).map_err(io::Error::other)?,
        };
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{}.{number}.json", self.session));
        let draft_path = path.with_extension("tmp");
        let mut file = File::create(&draft_path)?;
        serde_json::to_writer(&mut file, &entry)?;
        file.flush()?;
        file.sync_all()?;
        drop(file);
        fs::rename(&draft_path, &path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(Kept { path })
    }

    /// Takes up what processes left behind that are gone, as far as it is for `stream`. What cannot be read is set aside.
    pub fn left_behind(&self, stream: &Stream) -> io::Result<Vec<LeftBehind>> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&self.folder)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
        files.sort();
        let mut sessions: Vec<&str> = files.iter().filter_map(|path| session_of(path)).collect();
        sessions.dedup();
        let mut found = Vec::new();
        for session in sessions.into_iter().filter(|session| *session != self.session) {
            let lock_path = self.folder.join(format!("{session}.lock"));
            let lock = File::options().create(true).truncate(false).write(true).open(&lock_path)?;
            if lock.try_lock().is_err() {
                continue;
            }
            let mut left = LeftBehind { drafts: Vec::new(), lock_path, _lock: lock, others: false };
            for path in files.iter().filter(|path| session_of(path) == Some(session)) {
                match path.extension().and_then(|e| e.to_str()) {
                    Some("json") => left.read(path, stream),
                    // Never finished, and never sent.
                    Some("tmp") => drop(fs::remove_file(path)),
                    _ => {}
                }
            }
            found.push(left);
        }
        Ok(found)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let left = fs::read_dir(&self.folder).is_ok_and(|files| {
            files.flatten().any(|file| {
                let path = file.path();
                session_of(&path) == Some(&self.session) && path.extension().is_some_and(|e| e == "json")
            })
        });
        if !left {
            // Locked until the file is closed, which comes after this.
            let _ = fs::remove_file(self.folder.join(format!("{}.lock", self.session)));
        }
    }
}

impl Kept {
    /// The stream has it.
    pub fn done(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "what was sent stays on disk, and will be sent again");
        }
    }
}

impl LeftBehind {
    fn read(&mut self, path: &Path, stream: &Stream) {
        let entry = fs::read(path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).map_err(|error| error.to_string()));
        match entry {
            Ok(entry) if entry.stream == *stream => {
                let headers = entry.msg_id.map(|id| (MSG_ID, id)).into_iter().collect();
                let draft = Draft { subject: entry.subject, headers, payload: entry.payload.into() };
                self.drafts.push((draft, Kept { path: path.to_owned() }));
            }
            Ok(_) => self.others = true,
            Err(error) => {
                let aside = path.with_extension("bad");
                tracing::warn!(path = %path.display(), aside = %aside.display(), error, "cannot be read, and is set aside");
                // If it cannot even be renamed it is set aside by the next process.
                let _ = fs::rename(path, aside);
            }
        }
    }

    /// All of it is sent: nothing is left of that process.
    pub fn done(self) {
        if !self.others {
            // Whoever finds it later finds it unlocked and empty.
            let _ = fs::remove_file(&self.lock_path);
        }
    }
}

/// The session in the name of one of our files: what stands before the first dot.
fn session_of(path: &Path) -> Option<&str> {
    let ours = path.extension().is_some_and(|e| e == "json" || e == "lock" || e == "tmp");
    path.file_name()?.to_str()?.split('.').next().filter(|_| ours)
}

/// A text as part of a path: letters, digits, `-` and `_` as they are, everything else in hexadecimal.
fn file_name(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out.truncate(120);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(created: &str) -> Stream {
        Stream { name: "S".into(), created: created.into() }
    }

    fn draft(n: usize) -> Draft {
        Draft {
            subject: "mjwork.tasks.completed".into(),
            headers: vec![(MSG_ID, format!("completed.t{n}.1.s"))],
            payload: format!(r#"{{"task_id":"t{n}","result":"ä\n"}}"#).into(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_dead_process_left_behind_is_taken_up_once() {
        let folder = tempfile::tempdir().unwrap();
        let dead = Spool::open(folder.path().into(), "dead").unwrap();
        let drafts = [draft(0), draft(1)];
        for draft in &drafts {
            dead.keep(draft, stream("1")).unwrap();
        }
        let alive = Spool::open(folder.path().into(), "alive").unwrap();
        assert!(alive.left_behind(&stream("1")).unwrap().is_empty(), "it lives still");
        drop(dead);
        let found = alive.left_behind(&stream("1")).unwrap();
        let read: Vec<&Draft> = found.iter().flat_map(|left| left.drafts.iter().map(|(d, _)| d)).collect();
        assert_eq!(read, drafts.iter().collect::<Vec<_>>());
        let second = Spool::open(folder.path().into(), "second").unwrap();
        assert!(second.left_behind(&stream("1")).unwrap().is_empty(), "somebody is at it");
        for mut left in found {
            for (_, kept) in std::mem::take(&mut left.drafts) {
                kept.done();
            }
            left.done();
        }
        assert_eq!(names(folder.path()), ["alive.lock", "second.lock"]);
        drop((alive, second));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_set_aside_and_what_is_anothers_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dead = Spool::open(folder.path().into(), "dead").unwrap();
        dead.keep(&draft(0), stream("1")).unwrap();
        dead.keep(&draft(1), stream("2")).unwrap();
        drop(dead);
        fs::write(folder.path().join("dead.7.json"), "{\"stream\":").unwrap();
        fs::write(folder.path().join("dead.8.tmp"), "{").unwrap();
        fs::write(folder.path().join("lost.0.json"), [0xff, 0x00]).unwrap();
        fs::write(folder.path().join("README"), "somebody's own").unwrap();
        let spool = Spool::open(folder.path().into(), "alive").unwrap();
        let mut found = spool.left_behind(&stream("1")).unwrap();
        assert_eq!(found.iter().map(|left| left.drafts.len()).collect::<Vec<_>>(), [1, 0]);
        for mut left in found.drain(..) {
            for (_, kept) in std::mem::take(&mut left.drafts) {
                kept.done();
            }
            left.done();
        }
        assert_eq!(
            names(folder.path()),
            ["README", "alive.lock", "dead.1.json", "dead.7.bad", "dead.lock", "lost.0.bad"]
        );
        drop(spool);
        let other = Spool::open(folder.path().into(), "other").unwrap();
        assert_eq!(other.left_behind(&stream("2")).unwrap()[0].drafts[0].0, draft(1));
    }

    #[test]
    fn a_session_of_any_text_makes_a_file_name() {
        assert_eq!(file_name("a.b/../c é"), "a%2Eb%2F%2E%2E%2Fc%20%C3%A9");
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path().join("a/b"), "../x").unwrap();
        assert!(Spool::open(folder.path().join("a/b"), "../x").is_err(), "no two processes have one session");
        assert!(spool.left_behind(&stream("1")).unwrap().is_empty());
    }
}
