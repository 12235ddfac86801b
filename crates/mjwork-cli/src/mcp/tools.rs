//! The tools: what each is called, what it is for, what it takes and gives. The words are written for a model that
//! knows nothing else of the queue.

use super::{input, output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use rmcp::schemars::generate::SchemaSettings;
use serde_json::Value;
use std::sync::Arc;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    NextTask,
    ListTasks,
    GetTask,
    Progress,
    Complete,
    Fail,
    Release,
    Publish,
    Say,
    ReadMessages,
    Agents,
}

impl Name {
    /// Every tool, in the order in which an agent needs them.
    pub const ALL: [Self; 11] = [
        Self::NextTask,
        Self::Progress,
        Self::Complete,
        Self::Fail,
        Self::Release,
        Self::ListTasks,
        Self::GetTask,
        Self::Publish,
        Self::Say,
        Self::ReadMessages,
        Self::Agents,
    ];

    /// The tool of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name)
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NextTask => "next_task",
            Self::ListTasks => "list_tasks",
            Self::GetTask => "get_task",
            Self::Progress => "progress",
            Self::Complete => "complete",
            Self::Fail => "fail",
            Self::Release => "release",
            Self::Publish => "publish",
            Self::Say => "say",
            Self::ReadMessages => "read_messages",
            Self::Agents => "agents",
        }
    }

    /// What it is for.
    const fn description(self) -> &'static str {
        match self {
            Self::NextTask => {
                "Waits for a task and makes it yours: the most urgent one that is ready, the oldest of these first. No \
                 other agent has it then. If none became ready in time it says so, and `task` is null: call it again, \
                 or stop when `nothing_left` is true. Work on what you got, then end it with complete, fail or release."
            }
            Self::ListTasks => {
                "Lists tasks, the most urgent first, with their states: blocked (waits for another task), available, \
                 in_progress, failed, completed, cancelled. Takes nothing."
            }
            Self::GetTask => {
                "Shows all of one task: description, state, owner, progress, result or error, and its history."
            }
            Self::Progress => {
                "Reports how far you are with a task of yours, for the people and agents who watch. Do it every few \
                 minutes on long tasks. If it answers that the task is no longer yours, stop working on it."
            }
            Self::Complete => {
                "Ends a task of yours as done, and hands its result in. Tasks that waited for it become ready."
            }
            Self::Fail => {
                "Ends a task of yours as failed. Use it when the task cannot be done; use release when another agent \
                 should go on with it."
            }
            Self::Release => "Gives a task of yours back, so that another agent can take it at once.",
            Self::Publish => {
                "Publishes one task or several, which may wait for one another. All are checked before the first is \
                 stored, and everything that is wrong is said at once. To publish the same task again changes nothing."
            }
            Self::Say => {
                "Says something to all agents and operators: what others must know to not work against you."
            }
            Self::ReadMessages => {
                "Reads what agents and operators say, oldest first. Pass the `last_seq` of the last answer as `since` \
                 to read on, with `wait_s` to wait for an answer."
            }
            Self::Agents => {
                "Lists the agents of the queue: whether their processes live, and which tasks they work on."
            }
        }
    }

    /// What a person reads on its button.
    const fn title(self) -> &'static str {
        match self {
            Self::NextTask => "Take the next task",
            Self::ListTasks => "List tasks",
            Self::GetTask => "Show a task",
            Self::Progress => "Report progress",
            Self::Complete => "Complete a task",
            Self::Fail => "Fail a task",
            Self::Release => "Give a task back",
            Self::Publish => "Publish tasks",
            Self::Say => "Say something",
            Self::ReadMessages => "Read messages",
            Self::Agents => "List agents",
        }
    }

    /// Whether it only looks.
    const fn only_reads(self) -> bool {
        matches!(self, Self::ListTasks | Self::GetTask | Self::ReadMessages | Self::Agents)
    }

    /// The tool as a client lists it.
    pub fn definition(self) -> Tool {
        let (input, output) = match self {
            Self::NextTask => (input::<input::NextTask>(), output::<output::Taken>()),
            Self::ListTasks => (input::<input::ListTasks>(), output::<output::Listed>()),
            Self::GetTask => (input::<input::GetTask>(), output::<output::Whole>()),
            Self::Progress => (input::<input::Progress>(), output::<output::Done>()),
            Self::Complete => (input::<input::Complete>(), output::<output::Done>()),
            Self::Fail => (input::<input::Fail>(), output::<output::Done>()),
            Self::Release => (input::<input::Release>(), output::<output::Done>()),
            Self::Publish => (input::<input::Publish>(), output::<output::AllPublished>()),
            Self::Say => (input::<input::Say>(), output::<output::SaidIt>()),
            Self::ReadMessages => (input::<input::ReadMessages>(), output::<output::Talk>()),
            Self::Agents => (input::<input::Agents>(), output::<output::Everybody>()),
        };
        let hints = ToolAnnotations::new()
            .read_only(self.only_reads())
            // Nothing that stands is lost by any of them: what was published stays published.
            .destructive(false)
            .idempotent(self.only_reads() || matches!(self, Self::Publish))
            .open_world(false);
        Tool::new(self.as_str(), self.description(), input)
            .with_title(self.title())
            .with_raw_output_schema(output)
            .with_annotations(hints)
    }
}

/// The schema of what is read. Subschemas stand where they are used, as not every client follows references.
fn input<T: JsonSchema>() -> Arc<JsonObject> {
    schema::<T>(SchemaSettings::draft2020_12())
}

/// The schema of what is written.
fn output<T: JsonSchema>() -> Arc<JsonObject> {
    schema::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema<T: JsonSchema>(mut settings: SchemaSettings) -> Arc<JsonObject> {
    settings.inline_subschemas = true;
    let mut schema: Value = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    // The name and the words of the Rust type say nothing to a model.
    let mut object = schema.as_object_mut().map(std::mem::take).unwrap_or_default();
    object.remove("title");
    object.remove("description");
    // A struct without fields has a schema without them.
    object.entry("properties").or_insert_with(|| Value::Object(JsonObject::new()));
    Arc::new(object)
}

/// Leaves out what says nothing to a model: the widths of Rust's numbers, which are no formats of JSON Schema and which
/// some validators complain about, and that what is left out is absent.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                !(name == "format" && value.is_string() || name == "default" && value.is_null())
            });
            fields.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// What a client tells its model of the queue as a whole.
pub fn instructions(agent: &str) -> String {
    format!(
        "You are the agent {agent} in a fleet that shares one queue of work. The loop:\n\
         1. `next_task` waits for a task and makes it yours; nobody else has it then.\n\
         2. Work on it. Call `progress` every few minutes, so that others see that you are at it.\n\
         3. End it: `complete` with a result, `fail` with an error, or `release` to give it back. Then `next_task` again.\n\
         While you are connected your heartbeat is sent for you; when you disconnect, what you hold goes back to the \
         queue. When an answer says that a task is no longer yours, stop working on it. `publish` adds work that you \
         find on the way, `say` and `read_messages` are for talking with the others."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_says_what_it_takes_and_gives_without_references() {
        for tool in Name::ALL {
            assert_eq!(Name::of(tool.as_str()), Some(tool));
            let definition = tool.definition();
            let input = Value::Object((*definition.input_schema).clone());
            assert_eq!(input["type"], "object", "{input}");
            assert_eq!(input["additionalProperties"], false, "{input}");
            assert!(!input.to_string().contains("$ref") && !input.to_string().contains("uint"), "{input}");
            for (name, property) in input["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{}: {name} is not described", tool.as_str());
            }
            let output = Value::Object((**definition.output_schema.as_ref().unwrap()).clone());
            assert_eq!(output["type"], "object", "{output}");
            assert!(definition.description.is_some_and(|words| words.len() > 40));
        }
    }

    #[test]
    fn the_schemas_are_as_precise_as_the_types() {
        let properties =
            |tool: Name| Value::Object((*tool.definition().input_schema).clone())["properties"].clone();
        let progress = properties(Name::Progress);
        assert_eq!(
            (&progress["percent"]["minimum"], &progress["percent"]["maximum"]),
            (&0.into(), &100.into())
        );
        let kind = properties(Name::Fail)["kind"].to_string();
        assert!(kind.contains("rate_limited") && kind.contains("\"default\":\"retryable\""), "{kind}");
        let wait = &properties(Name::NextTask)["wait_s"];
        assert_eq!((&wait["maximum"], &wait["default"]), (&3_600.into(), &50.into()), "{wait}");
        let state = properties(Name::ListTasks)["status"].to_string();
        assert!(state.contains("in_progress"), "{state}");
    }

    #[test]
    fn the_readme_has_every_tool_in_its_table() {
        let readme = include_str!("../../../../README.md");
        for tool in Name::ALL {
            assert!(readme.contains(&format!("| `{}` |", tool.as_str())), "{}", tool.as_str());
        }
    }

    #[test]
    fn the_instructions_name_tools_that_exist() {
        let words = instructions("Ada");
        let quoted = words.split('`').skip(1).step_by(2);
        assert!(quoted.clone().count() > 5);
        for name in quoted {
            assert!(Name::of(name).is_some(), "{name}");
        }
    }
}
