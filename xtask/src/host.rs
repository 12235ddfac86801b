//! A small static host for the built board: `GET` and `HEAD` of plain files below one folder, and nothing else.
//! It knows what any static host knows: no fallback page, no upload, no listing.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, thread};

/// A browser keeps its connection open between requests; one that is silent this long may open another.
const IDLE: Duration = Duration::from_secs(30);
/// The longest request head that is read: a browser's is about a kilobyte.
const HEAD_LIMIT: u64 = 16 * 1024;

/// What is served, and where.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder whose files are served.
    pub folder: PathBuf,
    /// The path that they are served under; begins and ends with `/`.
    pub base: String,
    /// Files that stand before those of the folder, by their path below it: a test's own `config.json`.
    pub instead: BTreeMap<String, Vec<u8>>,
}

/// A running host; dropping it closes its ports.
#[derive(Debug)]
pub struct Host {
    addresses: Vec<SocketAddr>,
    ended: Arc<AtomicBool>,
}

impl Host {
    /// Serves `site` on every one of `listeners`, each connection in a thread of its own.
    pub fn start(listeners: Vec<TcpListener>, site: Site) -> io::Result<Self> {
        let site = Arc::new(site);
        let ended = Arc::new(AtomicBool::new(false));
        let mut addresses = Vec::new();
        for listener in listeners {
            addresses.push(listener.local_addr()?);
            let (site, ended) = (Arc::clone(&site), Arc::clone(&ended));
            thread::spawn(move || {
                for stream in listener.incoming() {
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    let (Ok(stream), site) = (stream, Arc::clone(&site)) else { continue };
                    // A connection that breaks is the browser's affair: it asks again.
                    thread::spawn(move || drop(converse(&stream, &site)));
                }
            });
        }
        Ok(Self { addresses, ended })
    }

    /// The addresses that it listens on, in the order of the listeners.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for address in &self.addresses {
            // Wakes the thread that waits in `accept`, so that it sees the end and lets go of the port.
            drop(TcpStream::connect_timeout(address, Duration::from_secs(1)));
        }
    }
}

/// One answer: status, what it is, how long it may be kept, the bytes.
#[derive(Debug)]
struct Answer {
    status: &'static str,
    content_type: &'static str,
    cache: &'static str,
    location: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    fn refusal(status: &'static str) -> Self {
        let body = format!("{status}\n").into_bytes();
        Self { status, content_type: "text/plain; charset=utf-8", cache: "no-cache", location: None, body }
    }
}

/// Answers the requests of one connection until it closes or falls silent.
fn converse(stream: &TcpStream, site: &Site) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        let mut limited = reader.by_ref().take(HEAD_LIMIT);
        while !head.ends_with("\r\n\r\n") {
            if limited.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = match method {
            "GET" | "HEAD" => site.answer(target),
            _ => Answer::refusal("405 Method Not Allowed"),
        };
        let has_header = |name: &str, value: &str| {
            head.lines()
                .skip(1)
                .filter_map(|l| l.split_once(':'))
                .any(|(n, v)| n.eq_ignore_ascii_case(name) && v.trim().eq_ignore_ascii_case(value))
        };
        // A refused method may carry a body, which is not read: so this connection has had its last request.
        let last = has_header("connection", "close") || !matches!(method, "GET" | "HEAD");
        let mut reply = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: {}\r\n\
             X-Content-Type-Options: nosniff\r\n",
            answer.status,
            answer.content_type,
            answer.body.len(),
            answer.cache
        );
        if let Some(location) = &answer.location {
            reply.push_str("Location: ");
            reply.push_str(location);
            reply.push_str("\r\n");
        }
        reply.push_str(if last { "Connection: close\r\n\r\n" } else { "\r\n" });
        let mut reply = reply.into_bytes();
        if method != "HEAD" {
            reply.extend_from_slice(&answer.body);
        }
        (&*stream).write_all(&reply)?;
        if last {
            return Ok(());
        }
    }
}

impl Site {
    fn answer(&self, target: &str) -> Answer {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if path.len() + 1 == self.base.len() && self.base.starts_with(path) {
            // Relative addresses in the page need the slash.
            let location = Some(self.base.clone());
            return Answer { location, ..Answer::refusal("308 Permanent Redirect") };
        }
        let Some(file) = path.strip_prefix(&self.base).and_then(file_below) else {
            return Answer::refusal("404 Not Found");
        };
        let body = match self.instead.get(&file) {
            Some(body) => Some(body.clone()),
            None => self.read(&file),
        };
        let Some(body) = body else { return Answer::refusal("404 Not Found") };
        Answer {
            status: "200 OK",
            content_type: content_type(&file),
            cache: cache(&file),
            location: None,
            body,
        }
    }

    /// The file's bytes, if it lies below the folder, links followed.
    fn read(&self, file: &str) -> Option<Vec<u8>> {
        let folder = self.folder.canonicalize().ok()?;
        let path = folder.join(file).canonicalize().ok()?;
        (path.starts_with(&folder) && path.is_file()).then(|| fs::read(path).ok())?
    }
}

/// The path below the folder that a request's path means, or nothing where it means none: a part that climbs, that is
/// hidden, or that a file system could read as more than one name.
fn file_below(path: &str) -> Option<String> {
    let mut file = percent_decoded(path)?;
    if file.is_empty() || file.ends_with('/') {
        file.push_str("index.html");
    }
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    file.split('/').all(plain).then_some(file)
}

fn percent_decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn extension(file: &str) -> &str {
    Path::new(file).extension().and_then(|e| e.to_str()).unwrap_or_default()
}

fn content_type(file: &str) -> &'static str {
    match extension(file) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        // A browser compiles WebAssembly while it loads only if it comes as this.
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A file with a hash in its name never changes; all others are asked for again each time.
fn cache(file: &str) -> &'static str {
    let hashed = |part: &str| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let name = file.rsplit('/').next().unwrap_or(file);
    let fixed = !matches!(extension(name), "html" | "json") && name.split(['-', '.', '_']).any(hashed);
    if fixed { "public, max-age=31536000, immutable" } else { "no-cache" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(base: &str) -> (tempfile::TempDir, Host) {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        fs::create_dir_all(dist.join("assets")).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        fs::write(dist.join("index.html"), "<p>board").unwrap();
        fs::write(dist.join("config.json"), "{}").unwrap();
        fs::write(dist.join(".hidden"), "hidden").unwrap();
        fs::write(dist.join("board-0123456789abcdef_bg.wasm"), "\0asm").unwrap();
        fs::write(dist.join("assets/a b.svg"), "<svg/>").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), dist.join("link")).unwrap();
        let instead = BTreeMap::from([("config.json".to_owned(), b"{\"mine\":1}".to_vec())]);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host =
            Host::start(vec![listener], Site { folder: dist, base: base.to_owned(), instead }).unwrap();
        (folder, host)
    }

    fn ask(host: &Host, method: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(host.addresses()[0]).unwrap();
        write!(stream, "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn each_file_comes_with_its_type_and_its_lifetime() {
        let (_folder, host) = host("/");
        for (target, content_type, cache, body) in [
            ("/", "text/html; charset=utf-8", "no-cache", "<p>board"),
            ("/index.html?task=1", "text/html; charset=utf-8", "no-cache", "<p>board"),
            ("/config.json", "application/json", "no-cache", "{\"mine\":1}"),
            (
                "/board-0123456789abcdef_bg.wasm",
                "application/wasm",
                "public, max-age=31536000, immutable",
                "\0asm",
            ),
            ("/assets/a%20b.svg", "image/svg+xml", "no-cache", "<svg/>"),
        ] {
            let answer = ask(&host, "GET", target);
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {answer}");
            assert!(answer.contains(&format!("Content-Type: {content_type}\r\n")), "{target}: {answer}");
            assert!(answer.contains(&format!("Cache-Control: {cache}\r\n")), "{target}: {answer}");
            assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{target}: {answer}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_reached() {
        let (_folder, host) = host("/");
        for target in [
            "/../secret",
            "/..%2fsecret",
            "/%2e%2e/secret",
            "/assets/../../secret",
            "/assets/..\\..\\secret",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/link",
            "/.hidden",
            "/assets",
            "/assets/",
            "/index.html%00",
            "/%zz",
            "/absent",
            "secret",
        ] {
            let answer = ask(&host, "GET", target);
            assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{target}: {answer}");
        }
    }

    #[test]
    fn a_base_path_is_served_and_nothing_beside_it() {
        let (_folder, host) = host("/some/where/");
        assert!(ask(&host, "GET", "/some/where/").ends_with("<p>board"));
        let answer = ask(&host, "GET", "/some/where");
        assert!(
            answer.starts_with("HTTP/1.1 308") && answer.contains("Location: /some/where/\r\n"),
            "{answer}"
        );
        for target in ["/", "/index.html", "/some/", "/some/whereindex.html"] {
            assert!(ask(&host, "GET", target).starts_with("HTTP/1.1 404"), "{target}");
        }
    }

    #[test]
    fn only_get_and_head_are_answered_and_head_without_a_body() {
        let (_folder, host) = host("/");
        let answer = ask(&host, "HEAD", "/");
        assert!(answer.contains("Content-Length: 8\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(ask(&host, "POST", "/").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn a_connection_is_kept_for_the_next_request() {
        let (_folder, host) = host("/");
        let mut stream = TcpStream::connect(host.addresses()[0]).unwrap();
        for _ in 0..2 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut answer = [0; 16];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK\r");
            let mut rest = BufReader::new(&stream);
            let mut line = String::new();
            while !line.ends_with("\r\n\r\n") {
                rest.read_line(&mut line).unwrap();
            }
            let mut body = [0; 8];
            rest.read_exact(&mut body).unwrap();
            assert_eq!(&body, b"<p>board");
        }
    }

    #[test]
    fn its_port_is_free_when_it_is_dropped() {
        let (_folder, host) = host("/");
        let address = host.addresses()[0];
        drop(host);
        // The accepting thread lets go a moment after it is woken.
        let end = std::time::Instant::now() + Duration::from_secs(5);
        while TcpListener::bind(address).is_err() {
            assert!(std::time::Instant::now() < end, "the port is still taken");
            thread::yield_now();
        }
    }
}
