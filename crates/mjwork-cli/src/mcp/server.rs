//! The server that a client talks to: lists the tools, and has each call done.

use super::link::Link;
use super::reply::{self, Reply, Trouble};
use super::tools::{Name, instructions};
use super::{calls, input};
use mjwork::AgentId;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a client talks to.
pub struct Server {
    link: Link,
    name: AgentId,
    gone: CancellationToken,
    calls: TaskTracker,
}

/// Whether anybody waits for an answer.
pub struct Ended {
    /// The client no longer wants this one.
    call: CancellationToken,
    /// The client is gone.
    client: CancellationToken,
}

impl Ended {
    /// Whether nobody does.
    pub fn is_so(&self) -> bool {
        self.call.is_cancelled() || self.client.is_cancelled()
    }

    /// Does `work`, or ends it as soon as nobody waits for it.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        tokio::select! {
            done = work => Ok(done),
            () = self.call.cancelled() => Err(Trouble("The call was cancelled.".to_owned())),
            () = self.client.cancelled() => Err(Trouble("The agent is signing off.".to_owned())),
        }
    }
}

impl Server {
    /// A server for the agent `name`, until its client is `gone`; `calls` are those under way.
    pub fn new(link: Link, name: AgentId, gone: CancellationToken, calls: TaskTracker) -> Self {
        Self { link, name, gone, calls }
    }

    async fn call(&self, tool: Name, request: CallToolRequestParams, ended: &Ended) -> Reply {
        let arguments = request.arguments;
        macro_rules! with {
            ($call:ident $(, $more:expr)?) => {{
                let arguments = input::read(arguments)?;
                calls::$call(&self.link.desk().await?, arguments $(, $more)?).await
            }};
        }
        match tool {
            Name::NextTask => with!(next_task, ended),
            Name::ListTasks => Ok(calls::list_tasks(&*self.link.desk().await?, &input::read(arguments)?)),
            Name::GetTask => calls::get_task(&*self.link.desk().await?, &input::read(arguments)?),
            Name::Progress => with!(progress),
            Name::Complete => with!(complete),
            Name::Fail => with!(fail),
            Name::Release => with!(release),
            Name::Publish => with!(publish),
            Name::Say => with!(say),
            Name::ReadMessages => with!(read_messages, ended),
            Name::Agents => Ok(calls::agents(&*self.link.desk().await?, &input::read(arguments)?)),
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let program = Implementation::new("mjwork", env!("CARGO_PKG_VERSION"))
            .with_title("mjwork")
            .with_description("One queue of work for fleets of agents");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(program)
            .with_instructions(instructions(self.name.as_str()))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(Name::ALL.into_iter().map(Name::definition).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        Name::of(name).map(Name::definition)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Name::of(&request.name) else {
            return Err(ErrorData::invalid_params(format!("there is no tool {}", request.name), None));
        };
        let _under_way = self.calls.token();
        let ended = Ended { call: context.ct.clone(), client: self.gone.clone() };
        let reply = self.call(tool, request, &ended).await;
        let notices = self.link.now().map(|desk| desk.notices()).unwrap_or_default();
        Ok(reply::result(reply, notices).into())
    }
}
