//! The cost pass: rows of costs over states, closed under leaving steps out.
//!
//! A row holds for every state of the automaton the least cost so far (forward) or still to come (backward). It is
//! *closed*: no entry can be lowered by leaving planned steps out. One event then costs one addition to the whole row and,
//! for each edge u → t that performs its step, one `min` with the tabulated skip distances of u or t, shifted by the entry
//! at the other end. An edge whose entry is no better than doing the step as an extra cannot lower anything, because
//! both rows are closed, and is passed over; that is most of them.
//!
//! This is the pass for rows of any width and for events one by one; [`super::registers`] is the one for short rows.

use crate::sop::Automaton;

/// A cost that never overflows: the largest value means "no way".
pub(super) trait Cost: Copy + Ord + Send + Sync + 'static {
    const NO_WAY: Self;
    fn plus(self, other: Self) -> Self;
    fn of(cost: u32) -> Self;
    fn get(self) -> u32;
}

macro_rules! cost {
    ($type:ty) => {
        impl Cost for $type {
            const NO_WAY: Self = <$type>::MAX;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.saturating_add(other)
            }
            #[inline]
            fn of(cost: u32) -> Self {
                <$type>::try_from(cost).unwrap_or(<$type>::MAX)
            }
            #[inline]
            fn get(self) -> u32 {
                if self == <$type>::MAX { u32::MAX } else { u32::from(self) }
            }
        }
    };
}
cost!(u8);
cost!(u16);
cost!(u32);

/// Rows are padded to a multiple of this, so that the loops over them have no remainder.
const LANES: usize = 16;

/// Tables of one automaton in one width of costs.
pub(super) struct Kernel<C> {
    pub(super) width: usize,
    /// `[u * width + s]`: leaving out everything from s to u.
    into: Vec<C>,
    /// `[t * width + v]`: leaving out everything from t to v.
    out: Vec<C>,
    /// Leaving out everything from each state to the end.
    pub(super) to_end: Vec<C>,
    extra: Vec<C>,
}

impl<C: Cost> Kernel<C> {
    pub(super) fn of(automaton: &Automaton) -> Self {
        let n = automaton.len();
        let width = n.next_multiple_of(LANES);
        let skips = automaton.skip_table();
        let table = |at: &dyn Fn(usize, usize) -> u32| {
            let mut table = vec![C::NO_WAY; n * width];
            for a in 0..n {
                for b in 0..n {
                    table[a * width + b] = C::of(at(a, b));
                }
            }
            table
        };
        let mut to_end = vec![C::NO_WAY; width];
        for (s, end) in to_end.iter_mut().enumerate().take(n) {
            *end = C::of((0..n).filter(|&t| automaton.accepting[t]).map(|t| skips[s * n + t]).min().unwrap_or(u32::MAX));
        }
        Self {
            width,
            into: table(&|u, s| skips[s * n + u]),
            out: table(&|t, v| skips[t * n + v]),
            to_end,
            extra: automaton.extra.iter().map(|&cost| C::of(u32::from(cost))).collect(),
        }
    }

    /// What leaving out everything between two states costs; `None` where there is no way.
    pub(super) fn skipped(&self, from: usize, to: usize) -> Option<u32> {
        let cost = self.out[from * self.width + to];
        (cost != C::NO_WAY).then(|| cost.get())
    }

    /// What it costs from each state to leave out everything up to one.
    pub(super) fn towards(&self, state: u32) -> &[C] {
        &self.into[state as usize * self.width..][..self.width]
    }

    /// Cost-to-go before an event, from cost-to-go behind it.
    pub(super) fn back(&self, automaton: &Automaton, step: u32, behind: &[C], before: &mut [C]) {
        let w = self.width;
        let extra = self.extra[step as usize];
        for (b, a) in before.iter_mut().zip(behind) {
            *b = a.plus(extra);
        }
        for edge in automaton.step_edges(step) {
            let (u, cost) = (edge.from as usize, behind[edge.to as usize]);
            // Closed rows: what doing the step as an extra already allows cannot be lowered from here.
            if cost >= behind[u].plus(extra) {
                continue;
            }
            let column = &self.into[u * w..u * w + w];
            for (b, skip) in before.iter_mut().zip(column) {
                *b = (*b).min(skip.plus(cost));
            }
        }
    }

    /// Cost-to-go before an event that must be performed by an edge into `target`, after which nothing follows.
    pub(super) fn back_into(&self, automaton: &Automaton, step: u32, target: u32, before: &mut [C]) {
        let w = self.width;
        before[..w].fill(C::NO_WAY);
        for edge in automaton.step_edges(step).iter().filter(|edge| edge.to == target) {
            let column = &self.into[edge.from as usize * w..][..w];
            for (b, skip) in before.iter_mut().zip(column) {
                *b = (*b).min(*skip);
            }
        }
    }
}

/// Rows of the forward pass: what the events so far cost, by where they lead.
#[derive(Clone)]
pub(super) struct Forward<C> {
    /// Closed under leaving steps out.
    closed: Vec<C>,
    /// Without steps left out at the very end: the last planned step reached was performed.
    landed: Vec<C>,
    spare: Vec<C>,
    /// Among the cheapest states after the last event: the chosen one, and whether that event is matched there.
    pub(super) state: u32,
    pub(super) cost: u32,
    pub(super) matched: bool,
}

impl<C: Cost> Forward<C> {
    pub(super) fn new() -> Self {
        Self { closed: Vec::new(), landed: Vec::new(), spare: Vec::new(), state: 0, cost: 0, matched: false }
    }

    pub(super) fn start(&mut self, kernel: &Kernel<C>) {
        let w = kernel.width;
        self.closed.clear();
        self.closed.extend_from_slice(&kernel.out[..w]);
        self.landed.clear();
        self.landed.resize(w, C::NO_WAY);
        self.landed[0] = C::of(0);
        self.spare.resize(w, C::NO_WAY);
        (self.state, self.cost, self.matched) = (0, 0, false);
    }

    /// Costs by the state they lead to, steps left out at the very end included.
    pub(super) fn closed(&self) -> &[C] {
        &self.closed
    }

    /// Bytes of memory taken.
    pub(super) fn bytes(&self) -> usize {
        (self.closed.capacity() + self.landed.capacity() + self.spare.capacity()) * size_of::<C>()
    }

    /// Takes an event whose step is planned in this scenario.
    #[inline]
    pub(super) fn push(&mut self, kernel: &Kernel<C>, automaton: &Automaton, step: u32) {
        let w = kernel.width;
        let extra = kernel.extra[step as usize];
        for (new, old) in self.spare.iter_mut().zip(&self.closed) {
            *new = old.plus(extra);
        }
        for cost in &mut self.landed {
            *cost = cost.plus(extra);
        }
        // The cheapest landing by performing this step, the furthest along among equals.
        let mut best: (C, u64, u32) = (C::NO_WAY, 0, 0);
        for edge in automaton.step_edges(step) {
            let (cost, t) = (self.closed[edge.from as usize], edge.to as usize);
            if cost < self.landed[t] {
                self.landed[t] = cost;
            }
            let progress = automaton.progress[t];
            if cost < best.0 || (cost == best.0 && progress > best.1) {
                best = (cost, progress, edge.to);
            }
            if cost >= self.closed[t].plus(extra) {
                continue;
            }
            for (new, skip) in self.spare.iter_mut().zip(&kernel.out[t * w..t * w + w]) {
                *new = (*new).min(skip.plus(cost));
            }
        }
        std::mem::swap(&mut self.closed, &mut self.spare);
        let cheapest = self.landed.iter().copied().min().unwrap_or(C::NO_WAY);
        self.cost = cheapest.get();
        self.matched = best.0 <= cheapest;
        self.state = if self.matched { best.2 } else { self.furthest(automaton, cheapest) };
    }

    /// Takes an event that the flow does not plan, at its cost as an extra.
    pub(super) fn push_unplanned(&mut self, automaton: &Automaton, extra: u32) {
        let extra = C::of(extra);
        for cost in self.closed.iter_mut().chain(&mut self.landed) {
            *cost = cost.plus(extra);
        }
        let cheapest = self.landed.iter().copied().min().unwrap_or(C::NO_WAY);
        self.cost = cheapest.get();
        self.matched = false;
        self.state = self.furthest(automaton, cheapest);
    }

    fn furthest(&self, automaton: &Automaton, cost: C) -> u32 {
        let states = (0..automaton.len()).filter(|&s| self.landed[s] == cost);
        states.max_by_key(|&s| (automaton.progress[s], std::cmp::Reverse(s))).unwrap_or(0) as u32
    }
}
