//! Statistical kernels at the size the evidence engine needs: many strata, many reps.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use goldpath::stats::regression::{Cell, Design, logistic};
use goldpath::stats::{Beta, MantelHaenszel, TwoByTwo, best};

const REPS: u32 = 200;

/// A number below `below` that depends on the place alone.
fn draw(at: u64, below: u64) -> u64 {
    let mut z = at.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 27)) % below
}

/// 100 cells for each rep: eleven columns of 0 and 1, and a number.
fn design(absorbed: bool) -> Design {
    let dummies = if absorbed { 0 } else { REPS as usize };
    let mut design = if absorbed { Design::absorbing(12, REPS as usize) } else { Design::new(12 + dummies) };
    let mut row = vec![0.0; 12 + dummies];
    for cell in 0..u64::from(REPS) * 100 {
        let rep = (cell / 100) as u32;
        row.fill(0.0);
        (0..11).for_each(|i| row[i] = draw(cell * 16 + i as u64, 2) as f64);
        row[11] = draw(cell * 16 + 11, 1000) as f64 / 1000.0;
        if !absorbed {
            row[12 + rep as usize] = 1.0;
        }
        let n = 1 + draw(cell * 16 + 12, 5);
        design.push(Cell::counts(&row, draw(cell * 16 + 13, n + 1), n).level(rep).cluster(rep)).expect("a cell");
    }
    design
}

fn stats(c: &mut Criterion) {
    let tables: Vec<TwoByTwo> = (0..100_000).map(|i| TwoByTwo::new(draw(8 * i, 9), draw(8 * i + 1, 9), draw(8 * i + 2, 9), draw(8 * i + 3, 9))).collect();
    c.bench_function("Mantel-Haenszel, 100,000 strata", |b| b.iter(|| black_box(&tables).iter().copied().collect::<MantelHaenszel>().risk_difference()));
    let (short, long) = (design(true), design(false));
    let mut group = c.benchmark_group("logistic, 20,000 cells, 12 columns, 200 reps");
    group.sample_size(10);
    group.bench_function("absorbed", |b| b.iter(|| logistic(black_box(&short)).expect("a fit").coefficients()[0]));
    group.bench_function("dummies", |b| b.iter(|| logistic(black_box(&long)).expect("a fit").coefficients()[0]));
    group.finish();
    let beliefs: Vec<Beta> = (0..20).map(|i| Beta::new(3.0 + draw(i, 40) as f64, 5.0 + draw(i + 99, 90) as f64).expect("a belief")).collect();
    c.bench_function("best of 20", |b| b.iter(|| best(black_box(&beliefs)).probability[0]));
}

criterion_group!(benches, stats);
criterion_main!(benches);
