//! Texts that many tasks have, once: tags, sessions, and who owns what.

use super::Owner;
use crate::AgentId;
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// So many different texts are shared at the most; whoever makes up more has each by itself.
const MOST: usize = 10_000;

/// What is shared among tasks. It is no part of what a board knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    texts: HashSet<Arc<str>>,
    /// The last that each agent was.
    owners: HashMap<AgentId, Arc<Owner>>,
}

impl PartialEq for Shared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Shared {
    /// The text that everything else shares which has the same.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        if self.texts.len() < MOST {
            self.texts.insert(text.clone());
        }
        text
    }

    /// The owner that this agent and session make.
    pub(super) fn owner(&mut self, agent: AgentId, session: Option<&str>) -> Arc<Owner> {
        let known = self.owners.get(&agent).filter(|owner| owner.session.as_deref() == session);
        if let Some(owner) = known {
            return owner.clone();
        }
        let session = session.map(|session| self.text(session));
        let owner = Arc::new(Owner { agent: agent.clone(), session });
        if self.owners.len() < MOST {
            self.owners.insert(agent, owner.clone());
        }
        owner
    }

    /// Forgets what no task has any more.
    pub(super) fn forget(&mut self) {
        self.owners.retain(|_, owner| Arc::strong_count(owner) > 1);
        self.texts.retain(|text| Arc::strong_count(text) > 1);
    }
}
