//! Rows that stay in registers: the cost pass of a path of usual length over a flow of at most 64 states.
//!
//! Two rows of bytes go back over the path side by side: the cost still to come up to the end of the SOP, and the same
//! without having to come to the end (the path as the beginning of a run). All edges that perform one step and lead to one
//! state act as one, a [`Landing`]. For each landing of an event both rows are lowered to what it allows, without asking
//! first whether it can lower anything: rows this short cost less than finding out.
//!
//! A row lies in blocks of sixteen states. With AVX2, a block of the first row and the same block of the second share one
//! register, one half each: the cost behind a landing is picked for both rows by one shuffle, added by one addition and
//! taken by one minimum ([`avx2`]). Other processors run [`plain`], which the compiler turns into what they have. Both
//! compute the same sums and minima of the same bytes, so results do not depend on the processor.

use super::kernel::{Cost, Kernel};
use crate::sop::{Automaton, START};

/// States of a block.
const BLOCK: usize = 16;

/// One row in blocks.
pub(super) type Row<const N: usize> = [[u8; BLOCK]; N];

/// A block for each of the two rows, as they lie in one register.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Pair([u8; 2 * BLOCK]);

impl Pair {
    fn twice(block: [u8; BLOCK]) -> Self {
        let mut pair = [0; 2 * BLOCK];
        pair[..BLOCK].copy_from_slice(&block);
        pair[BLOCK..].copy_from_slice(&block);
        Self(pair)
    }
}

/// All edges that perform one step and lead to one state, as one edge.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
struct Landing<const N: usize> {
    /// For each block which of its entries is that of the state, for both rows; [`OTHER_BLOCK`] where it is in another one.
    pick: [Pair; N],
    /// Leaving out everything from each state to where the step is performed, the least over the edges, for both rows.
    column: [Pair; N],
}

/// A shuffle gives 0 here.
const OTHER_BLOCK: u8 = 0x80;

impl<const N: usize> Landing<N> {
    /// Lowers nothing.
    const NONE: Self = Self { pick: [Pair([OTHER_BLOCK; 2 * BLOCK]); N], column: [Pair([u8::NO_WAY; 2 * BLOCK]); N] };
}

/// What a step does to the rows.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
struct Step<const N: usize> {
    /// What the step costs as an extra.
    extra: Pair,
    /// Most steps have one landing; it is kept here, so that nothing has to be looked for.
    first: Landing<N>,
    /// Where its landings begin, those behind the first begin, and both end.
    landings: [u32; 3],
}

/// A flow whose rows take `N` blocks.
pub(super) struct Table<const N: usize> {
    steps: Vec<Step<N>>,
    landings: Vec<Landing<N>>,
    /// The state each landing leads to.
    to: Vec<u8>,
    to_end: Row<N>,
    #[cfg(target_arch = "x86_64")]
    avx2: Option<fearless_simd::Avx2>,
}

/// The table of a flow, by the number of blocks.
pub(super) enum Registers {
    One(Table<1>),
    Two(Table<2>),
    Three(Table<3>),
    Four(Table<4>),
}

impl Registers {
    /// `None` where rows are too wide to stay in registers.
    pub(super) fn of(automaton: &Automaton, kernel: &Kernel<u8>) -> Option<Self> {
        Some(match kernel.width.div_ceil(BLOCK) {
            1 => Self::One(Table::of(automaton, kernel)),
            2 => Self::Two(Table::of(automaton, kernel)),
            3 => Self::Three(Table::of(automaton, kernel)),
            4 => Self::Four(Table::of(automaton, kernel)),
            _ => return None,
        })
    }

    /// As on a processor without AVX2.
    #[cfg(all(test, feature = "simulate"))]
    pub(super) fn plain(automaton: &Automaton, kernel: &Kernel<u8>) -> Option<Self> {
        let mut made = Self::of(automaton, kernel);
        #[cfg(target_arch = "x86_64")]
        match &mut made {
            Some(Self::One(table)) => table.avx2 = None,
            Some(Self::Two(table)) => table.avx2 = None,
            Some(Self::Three(table)) => table.avx2 = None,
            Some(Self::Four(table)) => table.avx2 = None,
            None => {}
        }
        made
    }
}

/// The row in blocks.
fn blocks<const N: usize>(row: &[u8]) -> Row<N> {
    let mut blocks = [[u8::NO_WAY; BLOCK]; N];
    blocks.as_flattened_mut()[..row.len()].copy_from_slice(row);
    blocks
}

impl<const N: usize> Table<N> {
    fn of(automaton: &Automaton, kernel: &Kernel<u8>) -> Self {
        let mut made = Self {
            steps: Vec::new(),
            landings: Vec::new(),
            to: Vec::new(),
            to_end: blocks(&kernel.to_end),
            #[cfg(target_arch = "x86_64")]
            avx2: fearless_simd::Level::new().as_avx2(),
        };
        for (step, &extra) in automaton.extra.iter().enumerate() {
            let mut columns: Vec<(u8, Row<N>)> = Vec::new();
            for edge in automaton.step_edges(step as u32) {
                let column = blocks(kernel.towards(edge.from));
                match columns.iter_mut().find(|(to, _)| u32::from(*to) == edge.to) {
                    Some((_, known)) => known.as_flattened_mut().iter_mut().zip(column.as_flattened()).for_each(|(least, &cost)| *least = cost.min(*least)),
                    None => columns.push((edge.to as u8, column)),
                }
            }
            let begin = made.landings.len();
            for (to, column) in columns {
                let entry = |block| if block == usize::from(to) / BLOCK { to % BLOCK as u8 } else { OTHER_BLOCK };
                made.landings.push(Landing { pick: std::array::from_fn(|block| Pair([entry(block); 2 * BLOCK])), column: column.map(Pair::twice) });
                made.to.push(to);
            }
            let end = made.landings.len();
            made.steps.push(Step {
                extra: Pair([extra; 2 * BLOCK]),
                first: made.landings.get(begin).copied().unwrap_or(Landing::NONE),
                landings: [begin as u32, end.min(begin + 1) as u32, end as u32],
            });
        }
        made
    }

    /// Fills in the cost-to-go before each planned event, and behind the last; gives the cost of the whole path as the
    /// beginning of a run. `rows` has one row more than there are events.
    #[inline]
    pub(super) fn pass(&self, planned: &[u32], rows: &mut [Row<N>]) -> u8 {
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = self.avx2 {
            use fearless_simd::Simd;
            return level.vectorize(
                #[inline(always)]
                || avx2::pass(level, self, planned, rows),
            );
        }
        plain::pass(self, planned, rows)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::_mm256_shuffle_epi8;

    use fearless_simd::prelude::*;
    use fearless_simd::{Avx2, u8x16, u8x32};

    use super::{Landing, Pair, Row, START, Step, Table};

    fearless_simd::kernel!(
        /// In each half the entry of that half that is named; 0 where none is.
        #[inline(always)]
        fn picked(level: Avx2, rows: u8x32<Avx2>, entry: u8x32<Avx2>) -> u8x32<Avx2> {
            _mm256_shuffle_epi8(rows.into(), entry.into()).simd_into(level)
        }
    );

    /// Both rows, by block.
    type Rows<const N: usize> = [u8x32<Avx2>; N];

    #[inline(always)]
    fn load(level: Avx2, pair: &Pair) -> u8x32<Avx2> {
        u8x32::load_array_ref(level, &pair.0)
    }

    /// Lowers the rows before an event to what a landing allows.
    #[inline(always)]
    fn lower<const N: usize>(level: Avx2, Landing { pick, column }: &Landing<N>, behind: &Rows<N>, before: &mut Rows<N>) {
        let mut cost = picked(level, behind[0], load(level, &pick[0]));
        for k in 1..N {
            cost |= picked(level, behind[k], load(level, &pick[k]));
        }
        for k in 0..N {
            before[k] = before[k].min(load(level, &column[k]).saturating_add(cost));
        }
    }

    #[inline(always)]
    pub(super) fn pass<const N: usize>(level: Avx2, table: &Table<N>, planned: &[u32], rows: &mut [Row<N>]) -> u8 {
        let (steps, landings) = (&table.steps[..], &table.landings[..]);
        let (rows, last) = rows.split_at_mut(planned.len());
        last[0] = table.to_end;
        // The beginning of a run may end in any state.
        let mut behind: Rows<N> = [u8x32::splat(level, 0); N];
        for k in 0..N {
            behind[k] = u8x16::load_array_ref(level, &table.to_end[k]).combine(u8x16::splat(level, 0));
        }
        for (&step, row) in planned.iter().zip(rows).rev() {
            let Step { extra, first, landings: [_, more, end] } = &steps[step as usize];
            let mut before = behind;
            for k in 0..N {
                before[k] = behind[k].saturating_add(load(level, extra));
            }
            lower(level, first, &behind, &mut before);
            if more < end {
                for landing in &landings[*more as usize..*end as usize] {
                    lower(level, landing, &behind, &mut before);
                }
            }
            for k in 0..N {
                let (whole, _) = before[k].split();
                whole.store_array(&mut row[k]);
            }
            behind = before;
        }
        let (_, prefix) = behind[0].split();
        prefix.as_array()[START as usize]
    }
}

mod plain {
    use super::{BLOCK, Row, START, Step, Table};

    pub(super) fn pass<const N: usize>(table: &Table<N>, planned: &[u32], rows: &mut [Row<N>]) -> u8 {
        // The beginning of a run may end in any state.
        let mut beside = [[0u8; BLOCK]; N];
        rows[planned.len()] = table.to_end;
        for (i, &step) in planned.iter().enumerate().rev() {
            let Step { extra, landings: [begin, _, end], .. } = &table.steps[step as usize];
            let landings = *begin as usize..*end as usize;
            let behind = (rows[i + 1], beside);
            let mut here = behind;
            for k in 0..N {
                for s in 0..BLOCK {
                    here.0[k][s] = here.0[k][s].saturating_add(extra.0[s]);
                    here.1[k][s] = here.1[k][s].saturating_add(extra.0[s]);
                }
            }
            for (landing, &to) in table.landings[landings.clone()].iter().zip(&table.to[landings]) {
                let column = &landing.column;
                // Rows of one block tempt the compiler to turn the loops inside out, which is ten times slower.
                let to = usize::from(if N == 1 { std::hint::black_box(to) } else { to });
                let (block, entry) = (to / BLOCK % N, to % BLOCK);
                let (first, second) = (behind.0[block][entry], behind.1[block][entry]);
                for k in 0..N {
                    for s in 0..BLOCK {
                        here.0[k][s] = here.0[k][s].min(column[k].0[s].saturating_add(first));
                        here.1[k][s] = here.1[k][s].min(column[k].0[s].saturating_add(second));
                    }
                }
            }
            (rows[i], beside) = here;
        }
        beside[0][START as usize]
    }
}

#[cfg(all(test, feature = "simulate"))]
mod tests {
    use super::*;
    use crate::simulate::{random_path, random_sop};

    fn agree<const N: usize>(table: &Table<N>, planned: &[u32]) {
        let (mut rows, mut expected) = (vec![[[7; BLOCK]; N]; planned.len() + 1], vec![[[9; BLOCK]; N]; planned.len() + 1]);
        let prefixes = [table.pass(planned, &mut rows), plain::pass(table, planned, &mut expected)];
        assert_eq!(prefixes[0], prefixes[1]);
        assert_eq!(rows, expected);
    }

    #[test]
    fn rows_are_equal_on_every_processor() {
        let mut widths = [0; 4];
        for seed in 0..400 {
            let sop = random_sop(seed, 4 + seed as usize % 30);
            let automaton = sop.automaton(&vec![true; sop.whens().len()]).expect("a small SOP");
            if automaton.len() > 4 * BLOCK {
                continue;
            }
            let table = Registers::of(&automaton, &Kernel::of(&automaton)).expect("a small SOP");
            for round in 0..4 {
                let steps = random_path(&sop, seed * 10 + round, 0.4);
                let steps = steps.iter().filter_map(|step| sop.steps().get_index_of(step.as_str()));
                let planned: Vec<u32> = steps.map(|step| step as u32).filter(|&step| automaton.plans(step)).collect();
                match &table {
                    Registers::One(table) => agree(table, &planned),
                    Registers::Two(table) => agree(table, &planned),
                    Registers::Three(table) => agree(table, &planned),
                    Registers::Four(table) => agree(table, &planned),
                }
            }
            widths[(automaton.len() - 1) / BLOCK] += 1;
        }
        assert!(widths.iter().all(|&sops| sops > 4), "{widths:?}");
    }
}
