//! Names that are meant to be the same and are not written so.

/// A name without what is easily written otherwise: capitals, full-width forms, spaces, `_` and `-`.
pub(crate) fn squeezed(name: &str) -> String {
    super::fold(name).chars().filter(|c| !(c.is_whitespace() || matches!(c, '_' | '-'))).collect()
}

/// Whether two names differ by case, width or spaces alone, or by one letter left out, added, changed or swapped with the
/// next. Names below four characters must differ in the first way: of short names half are one letter apart.
///
/// Takes squeezed names.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 4 || long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short_rest, long_rest) = (&short[same..], &long[same..]);
    if long.len() > short.len() {
        return short_rest == &long_rest[1..];
    }
    let swapped = short_rest.len() > 1 && short_rest[0] == long_rest[1] && short_rest[1] == long_rest[0] && short_rest[2..] == long_rest[2..];
    short_rest[1..] == long_rest[1..] || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(a: &[char], b: &[char]) -> usize {
        // Optimal string alignment, as written in the books.
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut least = (d[i - 1][j] + 1).min(d[i][j - 1] + 1).min(d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(d[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        d[a.len()][b.len()]
    }

    #[test]
    fn one_edit_is_one_edit() {
        let letters = ['a', 'b', '价'];
        let words: Vec<Vec<char>> =
            (4..=6usize).flat_map(|n| (0..3usize.pow(n as u32)).map(move |i| (0..n).map(|k| letters[i / 3usize.pow(k as u32) % 3]).collect())).collect();
        for a in words.iter().step_by(7) {
            for b in &words {
                let (x, y): (String, String) = (a.iter().collect(), b.iter().collect());
                assert_eq!(alike(&x, &y), edits(a, b) <= 1, "{x} {y}");
            }
        }
    }

    #[test]
    fn short_names_must_be_the_same() {
        assert!(!alike("报价", "询价") && !alike("ask", "asks") && alike("", ""));
        assert_eq!(squeezed("Ｒoi_Story　"), "roistory");
        assert!(alike(&squeezed("确认 预算"), &squeezed("确认预算")));
    }
}
