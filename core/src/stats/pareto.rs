//! Ranking by two criteria without weighing them, and where the weights would matter.

/// The layer of each item when more is better in both criteria: 1 for items that no other beats in one without being behind in
/// the other, then the same among the rest, and so on. Equal items share a layer. `None` where a value is not a number.
///
/// ```
/// let layers = goldpath::stats::pareto_layers(&[(0.30, 4.1), (0.35, 3.9), (0.20, 4.8), (0.29, 4.0), (0.10, 3.0)]).unwrap();
/// assert_eq!(layers, [1, 1, 1, 2, 3]);
/// ```
pub fn pareto_layers(items: &[(f64, f64)]) -> Option<Vec<u32>> {
    if items.iter().any(|(x, y)| x.is_nan() || y.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&i, &j| items[j].partial_cmp(&items[i]).unwrap_or(std::cmp::Ordering::Equal).then(i.cmp(&j)));
    // In this order only an earlier item can beat a later one, and it does so where its second value is not smaller. The best
    // second value of a layer falls from layer to layer, so the first layer that does not beat an item is found by halving.
    let mut best: Vec<(f64, f64)> = vec![];
    let mut layers = vec![0; items.len()];
    for i in order {
        let item = items[i];
        let layer = best.partition_point(|top| top.1 >= item.1 && *top != item);
        if layer == best.len() {
            best.push(item);
        } else {
            best[layer] = item;
        }
        layers[i] = layer as u32 + 1;
    }
    Some(layers)
}

/// The weight w of the first criterion, 0 to 1, at which two items score the same under w·first + (1 − w)·second; above it the item
/// that is better in the first criterion leads. `None` where one item is nowhere behind the other, so that no weight flips them.
///
/// ```
/// assert!((goldpath::stats::flip_weight((0.8, 0.2), (0.4, 0.8)).unwrap() - 0.6).abs() < 1e-12);
/// assert_eq!(goldpath::stats::flip_weight((0.8, 0.9), (0.4, 0.8)), None);
/// ```
pub fn flip_weight(a: (f64, f64), b: (f64, f64)) -> Option<f64> {
    let (first, second) = (a.0 - b.0, b.1 - a.1);
    (first * second > 0.0).then(|| second / (first + second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Layer by layer, pair by pair.
    fn peeled(items: &[(f64, f64)]) -> Vec<u32> {
        let mut layers = vec![0; items.len()];
        for layer in 1.. {
            let rest: Vec<usize> = (0..items.len()).filter(|&i| layers[i] == 0).collect();
            if rest.is_empty() {
                break;
            }
            let beats = |a: (f64, f64), b: (f64, f64)| a.0 >= b.0 && a.1 >= b.1 && a != b;
            for &i in &rest {
                if !rest.iter().any(|&j| beats(items[j], items[i])) {
                    layers[i] = layer;
                }
            }
        }
        layers
    }

    proptest! {
        #[test]
        fn layers_are_those_of_peeling(items in proptest::collection::vec((0u8..9, 0u8..9), 0..40)) {
            let items: Vec<(f64, f64)> = items.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect();
            prop_assert_eq!(pareto_layers(&items).unwrap(), peeled(&items));
        }
    }

    #[test]
    fn no_number_no_rank() {
        assert_eq!(pareto_layers(&[(f64::NAN, 1.0)]), None);
    }
}
