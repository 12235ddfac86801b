//! An error with a kind that code can match, and a source that says more; as in async-nats.

use std::fmt::{self, Debug, Display};

/// An error of one boundary. Match on [`Error::kind`]; the text is for people.
#[derive(Debug)]
pub struct Error<Kind>
where
    Kind: Clone + Debug + Display + PartialEq,
{
    kind: Kind,
    source: Option<crate::Error>,
}

impl<Kind> Error<Kind>
where
    Kind: Clone + Debug + Display + PartialEq,
{
    /// An error that needs no further words.
    ///
    /// ```
    /// use nats_wasm_shim::{ConnectError, ConnectErrorKind};
    ///
    /// let error = ConnectError::new(ConnectErrorKind::TimedOut);
    /// assert_eq!(error.to_string(), "timed out");
    /// ```
    pub fn new(kind: Kind) -> Self {
        Self { kind, source: None }
    }

    /// An error with what caused it.
    ///
    /// ```
    /// use nats_wasm_shim::{ConnectError, ConnectErrorKind};
    ///
    /// let error = ConnectError::with_source(ConnectErrorKind::Io, "the cable is out");
    /// assert_eq!(error.to_string(), "IO error: the cable is out");
    /// ```
    pub fn with_source<S: Into<crate::Error>>(kind: Kind, source: S) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What went wrong.
    ///
    /// ```
    /// use nats_wasm_shim::{ConnectError, ConnectErrorKind};
    ///
    /// let error = ConnectError::with_source(ConnectErrorKind::Io, "the cable is out");
    /// assert_eq!(error.kind(), ConnectErrorKind::Io);
    /// ```
    pub fn kind(&self) -> Kind {
        self.kind.clone()
    }
}

impl<Kind> Display for Error<Kind>
where
    Kind: Clone + Debug + Display + PartialEq,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}: {source}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl<Kind> std::error::Error for Error<Kind>
where
    Kind: Clone + Debug + Display + PartialEq,
{
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}

impl<Kind> From<Kind> for Error<Kind>
where
    Kind: Clone + Debug + Display + PartialEq,
{
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

/// A kind of error: an enum whose variants say themselves in words; one that holds a cause says that too.
macro_rules! kinds {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$doc:meta])* $variant:ident $(($cause:ty))? => $words:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant $(($cause))?,)+
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $($crate::error::kinds!(@pattern cause $variant $(($cause))?) => {
                        f.write_str($words)?;
                        $crate::error::kinds!(@cause f cause $(($cause))?)
                    })+
                }
            }
        }
    };
    (@pattern $name:ident $variant:ident) => { Self::$variant };
    (@pattern $name:ident $variant:ident ($cause:ty)) => { Self::$variant($name) };
    (@cause $f:ident $name:ident) => { Ok(()) };
    (@cause $f:ident $name:ident ($cause:ty)) => { write!($f, ": {}", $name) };
}
pub(crate) use kinds;
