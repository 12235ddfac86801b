//! Against `serde_json`: what it reads is read alike, and nothing else.

use super::*;
use proptest::prelude::*;
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;

const TABLE: &[Field] = &[
    field("text", Kind::Text),
    field("task", Kind::TaskId),
    field("agent", Kind::AgentId),
    field("count", Kind::Count),
    field("number", Kind::Number),
    field("flag", Kind::Flag),
    field("texts", Kind::Texts),
    field("tasks", Kind::TaskIds),
    field("raw", Kind::Raw),
    field("object", Kind::Object(&[field("text", Kind::Text), field("count", Kind::Count)])),
];

fn json() -> impl Strategy<Value = Json> {
    let number = prop_oneof![
        any::<u64>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        (0_u64..3).prop_map(Json::from)
    ];
    let text = prop_oneof![4 => "[a-z0-9]{0,12}", 1 => any::<String>(), 1 => "[\\\\\"\n\u{7}]{1,3}"];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        number,
        text.clone().prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("text|count|x", inner), 0..3)
                .prop_map(|fields| Json::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An object as somebody may write it: with spaces, fields twice, names with escapes, or a byte that is wrong.
fn body() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "text", "task", "agent", "count", "number", "flag", "texts", "tasks", "raw", "object", "other",
    ]);
    let fields = prop::collection::vec((names, json(), any::<bool>(), 0_usize..4), 0..6);
    let spaces = [" ", "", "\n\t", "\r "];
    (
        fields,
        prop::option::weighted(0.3, (any::<prop::sample::Index>(), "[{}\\[\\]\",:\\\\x0e.-]")),
        0_usize..3,
    )
        .prop_map(move |(fields, wrong, end)| {
            let mut text = "{".to_owned();
            for (n, (name, value, escaped, space)) in fields.iter().enumerate() {
                let comma = if n > 0 { "," } else { "" };
                let name =
                    if *escaped && n % 3 == 0 { name.replace('t', "\\u0074") } else { (*name).to_owned() };
                let space = spaces[*space];
                let _ = write!(text, "{comma}{space}\"{name}\"{space}:{space}{value}{space}");
            }
            text.push_str(["}", "} ", "}}"][end]);
            if let Some((at, byte)) = wrong {
                let at = text.floor_char_boundary(at.index(text.len()));
                text.insert_str(at, &byte);
            }
            text
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_reads_what_serde_json_reads(text in body()) {
        let parsed: Result<Json, _> = serde_json::from_str(&text);
        // What is no number to the judge is none to compare.
        prop_assume!(!parsed.as_ref().is_err_and(|error| error.to_string().contains("out of range")));
        match parse(&text, TABLE) {
            Err(Misfit::NotJson(_)) => prop_assert!(parsed.is_err(), "{}", text),
            Err(Misfit::Field(_)) => {
                let object = parsed.unwrap();
                let fits = object.as_object().unwrap().iter().all(|(name, value)| fits(name, value));
                // Of two fields of one name only the last is left.
                let twice = TABLE.iter().any(|f| {
                    text.replace("\\u0074", "t").matches(&format!("\"{}\"", f.name)).count() > 1
                });
                prop_assert!(twice || !fits, "{}", text);
            }
            Ok(mut found) => {
                let object = parsed.unwrap();
                prop_assert!(object.as_object().unwrap().iter().all(|(name, value)| fits(name, value)));
                let texts = |list: Vec<Text<'_>>| list.iter().map(ToString::to_string).collect::<Vec<_>>();
                let words = |json: &Json| json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned);
                let list = |name: &str| object[name].as_array().into_iter().flatten().map(words).collect::<Vec<_>>();
                let maybe = |name: &str| Some(&object[name]).filter(|json| !json.is_null()).map(words);
                // In another order than that of the table, too.
                for name in ["agent", "text", "task"] {
                    prop_assert_eq!(found.text(name).map(|text| text.to_string()), maybe(name), "{}", name);
                }
                prop_assert_eq!(found.flag("flag"), object["flag"] == true);
                prop_assert_eq!(found.count("count"), object["count"].as_u64());
                prop_assert_eq!(found.number("number"), object["number"].as_f64());
                prop_assert_eq!(texts(found.list("tasks")), list("tasks"));
                prop_assert_eq!(texts(found.list("texts")), list("texts"));
                let raw = found.raw("raw").map(|raw| serde_json::from_str::<Json>(raw.get()).unwrap());
                prop_assert_eq!(raw.unwrap_or(Json::Null), object["raw"].clone());
                let inner = found.object("object");
                prop_assert_eq!(inner.is_some(), object["object"].is_object());
                let count = inner.and_then(|mut inner| inner.count("count"));
                prop_assert_eq!(count, object["object"]["count"].as_u64());
            }
        }
    }
}

fn fits(name: &str, value: &Json) -> bool {
    let id = |json: &Json| json.is_i64() || json.is_u64() || json.as_str().is_some_and(crate::id::is_task_id);
    value.is_null()
        || match name {
            "text" => value.is_string(),
            "task" => id(value),
            "agent" => value.as_str().is_some_and(crate::id::is_agent_id),
            "count" => value.is_u64(),
            "number" => value.is_number(),
            "flag" => value.is_boolean(),
            "texts" => value.as_array().is_some_and(|list| list.iter().all(Json::is_string)),
            "tasks" => value.as_array().is_some_and(|list| list.iter().all(id)),
            "object" => value.as_object().is_some_and(|object| {
                object.iter().all(|(name, value)| match name.as_str() {
                    "text" | "count" => fits(name, value),
                    _ => true,
                })
            }),
            _ => true,
        }
}
