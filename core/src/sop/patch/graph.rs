//! Edits of a flow written as a graph over steps.

use super::edit::{Around, At, Where};
use crate::error::Fault;
use crate::sop::{Block, EdgeList};

type Edited = Result<(), Fault>;

/// A graph while it is edited.
#[derive(Debug, Clone)]
pub(super) struct Graph(pub(super) EdgeList);

impl Graph {
    pub(super) fn steps(&self) -> impl Iterator<Item = &str> {
        let ends = [self.0.start.as_str(), self.0.end.as_str()];
        ends.into_iter().chain(self.0.edges.iter().flat_map(|(a, b)| [a.as_str(), b.as_str()]))
    }

    fn known(&self, id: &str) -> Edited {
        if self.steps().any(|step| step == id) {
            return Ok(());
        }
        Err(Fault::new("patch.not_in_flow", format!("step `{id}` does not stand in the graph")).help("insert it first, or mend the name"))
    }

    /// The step an edit is about.
    pub(super) fn find(&self, at: &At) -> Result<String, Fault> {
        match at {
            At::Step(id) | At::Place { step: Some(id), .. } => self.known(id).map(|()| id.clone()),
            At::Place { place, step: None } => {
                Err(Fault::new("patch.graph", format!("{place} is a place of blocks, but the flow is a graph")).help("name the step"))
            }
        }
    }

    pub(super) fn add_edge(&mut self, from: &str, to: &str, at: Option<usize>) -> Edited {
        if self.0.edges.iter().any(|(a, b)| (a.as_str(), b.as_str()) == (from, to)) {
            return Err(Fault::new("patch.duplicate", format!("the edge {from} → {to} is there already")).help("remove the edit"));
        }
        let n = self.0.edges.len();
        let at = at.unwrap_or(n);
        if at > n {
            return Err(
                Fault::new("patch.no_place", format!("the graph has {n} edges: none can be put in as number {at}")).help("leave `at` out to add it at the end")
            );
        }
        self.0.edges.insert(at, (from.to_owned(), to.to_owned()));
        Ok(())
    }

    pub(super) fn drop_edge(&mut self, from: &str, to: &str) -> Edited {
        let at = self.0.edges.iter().position(|(a, b)| (a.as_str(), b.as_str()) == (from, to));
        let at = at.ok_or_else(|| Fault::new("patch.no_place", format!("there is no edge {from} → {to}")).help("see the edges of the graph"))?;
        self.0.edges.remove(at);
        Ok(())
    }

    fn link(&mut self, from: &str, to: &str) {
        // There already: either way of getting there is the same way.
        let _ = self.add_edge(from, to, None);
    }

    fn before(&self, id: &str) -> Vec<String> {
        self.0.edges.iter().filter(|(a, b)| b == id && a != id).map(|(a, _)| a.clone()).collect()
    }

    fn behind(&self, id: &str) -> Vec<String> {
        self.0.edges.iter().filter(|(a, b)| a == id && b != id).map(|(_, b)| b.clone()).collect()
    }

    /// Puts a step on all ways that leave, or come to, another one.
    pub(super) fn insert(&mut self, block: &Block, to: &Where) -> Edited {
        let Block::Step(new) = block else {
            return Err(Fault::new("patch.graph", "the flow is a graph, into which only single steps can be put").help("insert one step after the other"));
        };
        if self.known(new).is_ok() {
            return Err(Fault::new("patch.duplicate", format!("step `{new}` stands in the graph already")).help("move it, or add edges to it"));
        }
        match to {
            Where::After(at) => {
                let at = self.find(at)?;
                for (a, _) in self.0.edges.iter_mut().filter(|(a, _)| *a == at) {
                    a.clone_from(new);
                }
                self.0.edges.push((at.clone(), new.clone()));
                if self.0.end == at {
                    self.0.end.clone_from(new);
                }
            }
            Where::Before(at) => {
                let at = self.find(at)?;
                for (_, b) in self.0.edges.iter_mut().filter(|(_, b)| *b == at) {
                    b.clone_from(new);
                }
                self.0.edges.push((new.clone(), at.clone()));
                if self.0.start == at {
                    self.0.start.clone_from(new);
                }
            }
            Where::At(place) => {
                return Err(Fault::new("patch.graph", format!("{place} is a place of blocks, but the flow is a graph")).help("say after or before which step"));
            }
        }
        Ok(())
    }

    /// Ways around a step, from each step before it to each behind it.
    fn bypass(&mut self, id: &str) -> Edited {
        if [&self.0.start, &self.0.end].into_iter().any(|end| end == id) {
            let message = format!("`{id}` is an end of the graph: no way leads around it");
            return Err(Fault::new("patch.graph", message).help("say first which step starts or ends the graph: `set_start`, `set_end`"));
        }
        for from in self.before(id) {
            for to in self.behind(id) {
                self.link(&from, &to);
            }
        }
        Ok(())
    }

    pub(super) fn drop(&mut self, at: &At) -> Edited {
        let id = self.find(at)?;
        let only = |mut list: Vec<String>| if list.len() == 1 { list.pop() } else { None };
        if self.0.start == id
            && let Some(next) = only(self.behind(&id))
        {
            self.0.start = next;
        } else if self.0.end == id
            && let Some(last) = only(self.before(&id))
        {
            self.0.end = last;
        } else {
            self.bypass(&id)?;
        }
        self.0.edges.retain(|(a, b)| *a != id && *b != id);
        Ok(())
    }

    pub(super) fn relocate(&mut self, from: &At, to: &Where) -> Edited {
        let id = self.find(from)?;
        if let Where::After(at) | Where::Before(at) = to
            && self.find(at)? == id
        {
            return Err(Fault::new("patch.other_content", format!("`{id}` cannot be moved beside itself")).help("name another step"));
        }
        let mut moved = self.clone();
        moved.drop(from)?;
        moved.insert(&Block::Step(id), to)?;
        *self = moved;
        Ok(())
    }

    pub(super) fn wrap(&mut self, at: &At, through: Option<&At>, around: &Around) -> Edited {
        if through.is_some() || *around != Around::Optional {
            return Err(Fault::new("patch.graph", "the flow is a graph: all that can be put around a step is `optional`").help("edit its edges"));
        }
        let id = self.find(at)?;
        self.bypass(&id)
    }
}
