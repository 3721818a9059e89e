//! The tree of blocks that mining finds, and the flow it is.

use crate::sop::Block;

/// Blocks as they are mined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// Nothing is done.
    Nothing,
    Step(u16),
    Sequence(Vec<Tree>),
    Choice(Vec<Tree>),
    Parallel(Vec<Tree>),
    /// Done once; then, as often as wanted, one of the ways back and done again.
    Loop(Box<Tree>, Vec<Tree>),
}

impl Tree {
    /// Members of blocks of the same kind become members of the block itself; nothing in a sequence is nothing.
    pub(super) fn simple(self) -> Self {
        match self {
            Self::Sequence(members) => flat(members, |t| if let Self::Sequence(m) = t { Ok(m) } else { Err(t) }, Self::Sequence, false),
            Self::Parallel(members) => flat(members, |t| if let Self::Parallel(m) = t { Ok(m) } else { Err(t) }, Self::Parallel, false),
            Self::Choice(members) => flat(members, |t| if let Self::Choice(m) = t { Ok(m) } else { Err(t) }, Self::Choice, true),
            Self::Loop(body, back) => Self::Loop(Box::new(body.simple()), back.into_iter().map(Self::simple).collect()),
            other => other,
        }
    }

    fn may_be_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Step(_) => false,
            Self::Sequence(m) | Self::Parallel(m) => m.iter().all(Self::may_be_nothing),
            Self::Choice(m) => m.iter().any(Self::may_be_nothing),
            Self::Loop(body, _) => body.may_be_nothing(),
        }
    }

    /// The blocks of an SOP that allow the same paths.
    pub(super) fn blocks(&self, name: &impl Fn(u16) -> String) -> Vec<Block> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Step(step) => vec![Block::Step(name(*step))],
            Self::Sequence(members) => members.iter().flat_map(|m| m.blocks(name)).collect(),
            Self::Parallel(members) => {
                let mut blocks: Vec<Block> = members.iter().filter_map(|m| m.block(name)).collect();
                if blocks.len() < 2 { blocks } else { vec![Block::AnyOrder { any_order: std::mem::take(&mut blocks) }] }
            }
            Self::Choice(members) => {
                let optional = members.contains(&Self::Nothing);
                let mut branches: Vec<Block> = members.iter().filter_map(|m| m.block(name)).collect();
                let inner = match branches.len() {
                    0 => return Vec::new(),
                    1 => match branches.pop() {
                        Some(Block::Sequence(members)) => members,
                        Some(block) => vec![block],
                        None => Vec::new(),
                    },
                    _ => vec![Block::OneOf { one_of: branches }],
                };
                if !optional {
                    return inner;
                }
                // Once or more, or not at all: any number of times.
                match <[Block; 1]>::try_from(inner) {
                    Ok([Block::Repeat { repeat, at_most, .. }]) => vec![Block::Repeat { repeat, at_least: 0, at_most }],
                    Ok([block]) => vec![Block::Optional { optional: vec![block] }],
                    Err(inner) => vec![Block::Optional { optional: inner }],
                }
            }
            Self::Loop(body, back) => {
                let done = body.blocks(name);
                let ways: Vec<Block> = back.iter().filter_map(|m| m.block(name)).collect();
                let skips = back.iter().any(Self::may_be_nothing);
                let way = match ways.len() {
                    0 => Vec::new(),
                    1 if !skips => ways,
                    1 => vec![Block::Optional { optional: ways }],
                    _ if skips => vec![Block::Optional { optional: vec![Block::OneOf { one_of: ways }] }],
                    _ => vec![Block::OneOf { one_of: ways }],
                };
                if way.is_empty() {
                    return vec![Block::Repeat { repeat: done, at_least: 1, at_most: None }];
                }
                if **body == Self::Nothing {
                    return vec![Block::Repeat { repeat: way, at_least: 0, at_most: None }];
                }
                let again: Vec<Block> = way.into_iter().chain(done.iter().cloned()).collect();
                done.into_iter().chain([Block::Repeat { repeat: again, at_least: 0, at_most: None }]).collect()
            }
        }
    }

    /// As one block; `None` for nothing.
    fn block(&self, name: &impl Fn(u16) -> String) -> Option<Block> {
        let mut blocks = self.blocks(name);
        if blocks.len() > 1 { Some(Block::Sequence(blocks)) } else { blocks.pop() }
    }
}

fn flat(members: Vec<Tree>, same: impl Fn(Tree) -> Result<Vec<Tree>, Tree>, make: impl Fn(Vec<Tree>) -> Tree, keep_nothing: bool) -> Tree {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match same(member.simple()) {
            Ok(inner) => flat.extend(inner),
            Err(Tree::Nothing) if !keep_nothing => {}
            Err(Tree::Nothing) if flat.contains(&Tree::Nothing) => {}
            Err(other) => flat.push(other),
        }
    }
    match flat.len() {
        0 => Tree::Nothing,
        1 => flat.pop().unwrap_or(Tree::Nothing),
        _ => make(flat),
    }
}
