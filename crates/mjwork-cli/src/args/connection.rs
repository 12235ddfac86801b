//! The flags that say where the queue is and who one is there.

use crate::connect::Layer;
use clap::Args as Group;
use std::path::PathBuf;

/// Where the queue is. What no flag says is taken from the environment, then from the context of the `nats` command,
/// then from the defaults.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    #[arg(
        long,
        short = 's',
        global = true,
        value_name = "URL",
        help = "The NATS server, or several with commas between [env: NATS_URL] [default: nats://127.0.0.1:4222]"
    )]
    pub server: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help = "A context of the nats command; an empty one for none [env: NATS_CONTEXT] [default: the selected one]"
    )]
    pub context: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "A file of credentials: a JWT and its key [env: NATS_CREDS]"
    )]
    pub creds: Option<PathBuf>,
    #[arg(long, global = true, hide_short_help = true, help = "The user to sign in as [env: NATS_USER]")]
    pub user: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help = "The password of that user [env: NATS_PASSWORD]"
    )]
    pub password: Option<String>,
    #[arg(long, global = true, hide_short_help = true, help = "A token to sign in with [env: NATS_TOKEN]")]
    pub token: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        help = "A file with the seed of an nkey to sign in with [env: NATS_NKEY]"
    )]
    pub nkey: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        help = "The certificate to show to the server [env: NATS_CERT]"
    )]
    pub tlscert: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        help = "The key of that certificate [env: NATS_KEY]"
    )]
    pub tlskey: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        help = "The authority that signed the server's certificate [env: NATS_CA]"
    )]
    pub tlsca: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help = "The stream [env: MJWORK_STREAM] [default: MJ_ONLINE_WORK]"
    )]
    pub stream: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help = "Under which prefix events are stored [env: MJWORK_PREFIX] [default: mjwork]"
    )]
    pub prefix: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PREFIX",
        help = "Under which prefix the stream sends on what it stores [env: MJWORK_LIVE_PREFIX] [default: mjboard]"
    )]
    pub live_prefix: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PREFIX",
        help = "As what the account imports the stream API [env: MJWORK_API_PREFIX] [default: $JS.API]"
    )]
    pub api_prefix: Option<String>,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PREFIX",
        help = "The prefix of inboxes, where a user may subscribe to one only [env: MJWORK_INBOX_PREFIX] [default: _INBOX]"
    )]
    pub inbox_prefix: Option<String>,
}

impl Connection {
    /// What the flags say.
    pub fn layer(&self) -> Layer {
        Layer {
            url: self.server.clone(),
            creds: self.creds.clone(),
            user: self.user.clone(),
            password: self.password.clone(),
            token: self.token.clone(),
            nkey: self.nkey.clone(),
            cert: self.tlscert.clone(),
            key: self.tlskey.clone(),
            ca: self.tlsca.clone(),
            stream: self.stream.clone(),
            prefix: self.prefix.clone(),
            live_prefix: self.live_prefix.clone(),
            api_prefix: self.api_prefix.clone(),
            inbox_prefix: self.inbox_prefix.clone(),
            ..Layer::default()
        }
    }
}
