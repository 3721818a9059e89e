//! Cases brought together by a group, so that sums of one group after the other stay in the nearest memory, and many threads
//! count without locks. Sums are whole numbers: however the work is cut, they come out alike.

use crate::corpus::NONE;

/// Numbers of cases in the order of their groups.
pub(super) struct Grouped {
    cases: Vec<u32>,
}

impl Grouped {
    /// By the group of each case, from 0 to below `groups`; cases of [`NONE`] are left out.
    pub(super) fn of(group: &[u32], groups: usize) -> Self {
        let mut next = vec![0u32; groups + 1];
        group.iter().filter(|g| **g != NONE).for_each(|&g| next[g as usize + 1] += 1);
        for g in 0..groups {
            next[g + 1] += next[g];
        }
        let mut cases = vec![0; next[groups] as usize];
        for (case, &g) in group.iter().enumerate().filter(|(_, g)| **g != NONE) {
            cases[next[g as usize] as usize] = case as u32;
            next[g as usize] += 1;
        }
        Self { cases }
    }

    /// Pieces for the threads there are; a group may lie in two.
    pub(super) fn pieces(&self) -> Vec<&[u32]> {
        let each = self.cases.len().div_ceil(4 * rayon::current_num_threads()).max(1_024);
        self.cases.chunks(each).collect()
    }
}

/// The runs of equal groups in a piece.
pub(super) fn runs<'a>(piece: &'a [u32], group: &'a [u32]) -> impl Iterator<Item = (u32, &'a [u32])> {
    piece.chunk_by(|a, b| group[*a as usize] == group[*b as usize]).map(|run| (group[run[0] as usize], run))
}
