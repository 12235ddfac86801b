//! Bytes from a server become operations: chunks cut at any byte go in, whole operations come out.
//! A message that lies in one chunk is sliced out of it; only one that straddles chunks is copied, once.

use std::collections::VecDeque;
use std::fmt;

use bytes::{Buf, Bytes};
use memchr::memchr;

use crate::control_line::{Arguments, MessageLine, number};
use crate::message::Unread;
use crate::{ServerInfo, Subject};

/// The longest protocol line accepted, in bytes. `INFO` of a large cluster is a few kilobytes.
pub const MAX_CONTROL_LINE: usize = 64 * 1024;

/// The largest message accepted, headers included, in bytes. What a server announces as `max_payload` bounds what a
/// client may publish, not what it gets: answers of the server's API, and messages that were stored under another
/// setting, are larger. It is twice the most that a server's `max_payload` may be set to.
pub const MAX_MESSAGE: usize = 128 * 1024 * 1024;

/// So much memory is taken for a message on its announcement alone, in bytes; more as more of it comes.
const GATHERED_AT_ONCE: usize = 1024 * 1024 + 2;

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerOp {
    /// What the server is and allows; the first thing on a connection, and again when that changes.
    Info(Box<ServerInfo>),
    /// The server asks whether the client is alive; the answer is `PONG`.
    Ping,
    /// The server has handled everything that was sent before the matching `PING`.
    Pong,
    /// A command was accepted (in verbose mode only).
    Ok,
    /// A command was refused, or the connection is about to end; the text without its quotes.
    Err(String),
    /// A message for one subscription.
    Message {
        /// The subscription's number, as the client chose it in `SUB`.
        sid: u64,
        /// What the message was published to.
        subject: Subject,
        /// Where an answer is expected.
        reply: Option<Subject>,
        /// The header block with its version line, as [`crate::header::parse_block`] reads it.
        headers: Option<Bytes>,
        /// The body.
        payload: Bytes,
    },
}

/// Why a stream of bytes is not the NATS protocol. The connection cannot go on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A line is longer than [`MAX_CONTROL_LINE`].
    LineTooLong,
    /// A line begins with no operation that a server has; its first bytes, made printable.
    UnknownOperation(String),
    /// An operation has the wrong number of arguments, or one that is no number; its name.
    BadArguments(&'static str),
    /// A message is larger than is accepted.
    MessageTooLarge {
        /// Its announced size in bytes, headers included.
        size: u64,
        /// The most accepted, in bytes.
        limit: usize,
    },
    /// A message is not followed by the end of a line.
    Unterminated,
    /// `INFO` is not the JSON object that it should be; why.
    BadInfo(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTooLong => write!(f, "a protocol line is longer than {MAX_CONTROL_LINE} bytes"),
            Self::UnknownOperation(text) => write!(f, "unknown protocol operation \"{text}\""),
            Self::BadArguments(operation) => write!(f, "{operation} with arguments that make no sense"),
            Self::MessageTooLarge { size, limit } => {
                write!(f, "a message of {size} bytes is over the limit of {limit}")
            }
            Self::Unterminated => write!(f, "a message does not end where it should"),
            Self::BadInfo(reason) => write!(f, "the server's INFO cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Turns chunks of bytes into operations.
#[derive(Debug)]
pub struct Decoder {
    /// The chunk being read; what has been read is cut off its front.
    chunk: Bytes,
    /// Chunks behind it.
    queue: VecDeque<Bytes>,
    /// The beginning of a line whose end is in a later chunk.
    line: Vec<u8>,
    /// A message whose line has been read and whose body has not.
    body: Option<Body>,
    failed: Option<DecodeError>,
}

/// A message whose protocol line has been read.
#[derive(Debug)]
struct Body {
    sid: u64,
    subject: Subject,
    reply: Option<Subject>,
    /// Bytes of the header block, if there is one.
    headers: Option<usize>,
    /// Bytes of headers and payload together, without the end of the line.
    total: usize,
    /// What has been gathered of a body that straddles chunks.
    gathered: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the beginning of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self { chunk: Bytes::new(), queue: VecDeque::new(), line: Vec::new(), body: None, failed: None }
    }

    /// Adds bytes as they came from the server, cut anywhere.
    pub fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else if !chunk.is_empty() {
            self.queue.push_back(chunk);
        }
    }

    /// The next whole operation, or `None` until more bytes are pushed.
    ///
    /// After an error every further call returns the same error.
    #[expect(
        clippy::should_implement_trait,
        reason = "an Iterator ends at None, and this goes on after more bytes"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<ServerOp>, DecodeError> {
        match self.whole_message() {
            Some((sid, Unread { subject, reply, headers, payload })) => {
                Ok(Some(ServerOp::Message { sid, subject, reply, headers, payload }))
            }
            None => self.next_slowly(),
        }
    }

    /// The next operation, if it is a message of the form that servers write, and lies in the present chunk. Nearly
    /// everything is, so this is what receiving costs; all else, errors included, is left to [`Self::next`].
    #[inline]
    pub(crate) fn whole_message(&mut self) -> Option<(u64, Unread)> {
        if self.body.is_some() || !self.line.is_empty() || self.failed.is_some() {
            return None;
        }
        let chunk = &self.chunk[..];
        let line = MessageLine::read(chunk)?;
        let end = line.total.checked_add(line.end)?;
        let is_bounded = line.end <= MAX_CONTROL_LINE && line.total <= MAX_MESSAGE;
        if !is_bounded || chunk.get(end..)?.get(..2)? != b"\r\n" {
            return None;
        }
        let body = line.end + line.headers.unwrap_or(0);
        let message = Unread {
            subject: Subject::from_received(&self.chunk, line.subject),
            reply: line.reply.map(|range| Subject::from_received(&self.chunk, range)),
            headers: line.headers.map(|_| self.chunk.slice(line.end..body)),
            payload: self.chunk.slice(body..end),
        };
        self.chunk.advance(end + 2);
        Some((line.sid, message))
    }

    #[inline(never)]
    fn next_slowly(&mut self) -> Result<Option<ServerOp>, DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let found = self.advance();
        if let Err(error) = &found {
            self.failed = Some(error.clone());
        }
        found
    }

    fn advance(&mut self) -> Result<Option<ServerOp>, DecodeError> {
        loop {
            if let Some(body) = self.body.take() {
                return self.read_body(body);
            }
            if self.chunk.is_empty() && !self.next_chunk() {
                return Ok(None);
            }
            let Some(end) = memchr(b'\n', &self.chunk) else {
                if self.line.len() + self.chunk.len() > MAX_CONTROL_LINE {
                    return Err(DecodeError::LineTooLong);
                }
                self.line.extend_from_slice(&self.chunk);
                self.chunk.clear();
                continue;
            };
            if self.line.len() + end > MAX_CONTROL_LINE {
                return Err(DecodeError::LineTooLong);
            }
            let found = if self.line.is_empty() {
                let parsed = parse(&self.chunk, end)?;
                self.chunk.advance(end + 1);
                parsed
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&self.chunk[..=end]);
                self.chunk.advance(end + 1);
                let length = line.len() - 1;
                parse(&Bytes::from(line), length)?
            };
            match found {
                Line::Empty => {}
                Line::Operation(operation) => return Ok(Some(operation)),
                Line::Message(body) => return self.read_body(body),
            }
        }
    }

    /// Goes on to the next chunk that holds anything.
    fn next_chunk(&mut self) -> bool {
        while let Some(chunk) = self.queue.pop_front() {
            if !chunk.is_empty() {
                self.chunk = chunk;
                return true;
            }
        }
        false
    }

    fn read_body(&mut self, mut body: Body) -> Result<Option<ServerOp>, DecodeError> {
        let size = body.total + 2;
        if body.gathered.is_empty() && self.chunk.len() >= size {
            let operation = body.finish(&self.chunk)?;
            self.chunk.advance(size);
            return Ok(Some(operation));
        }
        // It straddles chunks. What it is gathered in is allocated once and nothing is copied again; but for a size that
        // is only announced no more than this is taken at first.
        if body.gathered.capacity() == 0 {
            body.gathered.reserve_exact(size.min(GATHERED_AT_ONCE));
        }
        loop {
            let part = self.chunk.len().min(size - body.gathered.len());
            body.gathered.extend_from_slice(&self.chunk[..part]);
            self.chunk.advance(part);
            if body.gathered.len() == size {
                let gathered = Bytes::from(std::mem::take(&mut body.gathered));
                return body.finish(&gathered).map(Some);
            }
            if !self.next_chunk() {
                self.body = Some(body);
                return Ok(None);
            }
        }
    }
}

impl Body {
    /// The message, sliced out of bytes that begin with its body and hold all of it.
    fn finish(self, bytes: &Bytes) -> Result<ServerOp, DecodeError> {
        if bytes[self.total..self.total + 2] != *b"\r\n" {
            return Err(DecodeError::Unterminated);
        }
        let header_length = self.headers.unwrap_or(0);
        Ok(ServerOp::Message {
            sid: self.sid,
            subject: self.subject,
            reply: self.reply,
            headers: self.headers.map(|length| bytes.slice(..length)),
            payload: bytes.slice(header_length..self.total),
        })
    }
}

/// What one protocol line says.
enum Line {
    Empty,
    Operation(ServerOp),
    Message(Body),
}

/// Reads the line that is `bytes[..end]`; subjects are sliced out of `bytes`.
fn parse(bytes: &Bytes, end: usize) -> Result<Line, DecodeError> {
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let name_length = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    let (name, rest) = line.split_at(name_length);
    let operation = match name {
        b"MSG" => return message(bytes, rest, name_length, false),
        b"HMSG" => return message(bytes, rest, name_length, true),
        b"" if rest.iter().all(u8::is_ascii_whitespace) => return Ok(Line::Empty),
        _ if name.eq_ignore_ascii_case(b"PING") => ServerOp::Ping,
        _ if name.eq_ignore_ascii_case(b"PONG") => ServerOp::Pong,
        _ if name.eq_ignore_ascii_case(b"+OK") => ServerOp::Ok,
        _ if name.eq_ignore_ascii_case(b"-ERR") => {
            let text = String::from_utf8_lossy(rest);
            ServerOp::Err(text.trim().trim_matches('\'').to_owned())
        }
        _ if name.eq_ignore_ascii_case(b"INFO") => {
            let no_object = || DecodeError::BadInfo("it is no JSON object".to_owned());
            let info = ServerInfo::read(rest).ok_or_else(no_object)?;
            ServerOp::Info(Box::new(info))
        }
        _ if name.eq_ignore_ascii_case(b"MSG") => {
            return message(bytes, rest, name_length, false);
        }
        _ if name.eq_ignore_ascii_case(b"HMSG") => {
            return message(bytes, rest, name_length, true);
        }
        _ => {
            let beginning = &line[..line.len().min(32)];
            return Err(DecodeError::UnknownOperation(beginning.escape_ascii().to_string()));
        }
    };
    Ok(Line::Operation(operation))
}

/// Reads `subject sid [reply] [headers] total`.
fn message(bytes: &Bytes, rest: &[u8], offset: usize, has_headers: bool) -> Result<Line, DecodeError> {
    let bad = || DecodeError::BadArguments(if has_headers { "HMSG" } else { "MSG" });
    let arguments = Arguments::split(rest).ok_or_else(bad)?;
    let least = if has_headers { 4 } else { 3 };
    let has_reply = match arguments.count() {
        count if count == least => false,
        count if count == least + 1 => true,
        _ => return Err(bad()),
    };
    let numbers = 2 + usize::from(has_reply);
    let number_at = |index| number(&rest[arguments.range(index)]).ok_or_else(bad);
    let subject_at = |index| {
        let range = arguments.range(index);
        Subject::from_received(bytes, range.start + offset..range.end + offset)
    };
    let sid = number_at(1)?;
    let total = number_at(numbers + usize::from(has_headers))?;
    let size = usize::try_from(total).ok().filter(|size| *size <= MAX_MESSAGE);
    let Some(size) = size else {
        return Err(DecodeError::MessageTooLarge { size: total, limit: MAX_MESSAGE });
    };
    let headers = if has_headers {
        let length = usize::try_from(number_at(numbers)?).ok().filter(|length| *length <= size);
        Some(length.ok_or_else(bad)?)
    } else {
        None
    };
    Ok(Line::Message(Body {
        sid,
        subject: subject_at(0),
        reply: has_reply.then(|| subject_at(2)),
        headers,
        total: size,
        gathered: Vec::new(),
    }))
}
