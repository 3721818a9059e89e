//! How likely an event is by a time when another one can forestall it.

use super::risk::RiskTable;

/// The share to whom the event has happened by a time.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Incidence {
    /// When.
    pub time: f64,
    /// Estimated share with the event by then.
    pub event: f64,
    /// Its standard error.
    pub event_se: f64,
    /// Estimated share with the competing event by then. What is left to 1 still waits.
    pub competing: f64,
}

/// Aalen and Johansen's cumulative incidence at every time of the table: ΣS(t−)·d/r, S the share without any event. To treat
/// competing events as lost from sight (one minus Kaplan–Meier) would overstate it.
///
/// The variance is that of the delta method, Σ[(F(t) − F(s))²D/(r(r − D)) + S(s−)²d(r − d)/r³ − 2(F(t) − F(s))S(s−)d/r²] with D all
/// events at s; without competing events it is Greenwood's.
///
/// Sources: O. O. Aalen and S. Johansen, *An empirical transition matrix for non-homogeneous Markov chains*, Scandinavian
/// Journal of Statistics 5 (1978) 141–150; the variance: E. Marubini and M. G. Valsecchi, *Analysing survival data from clinical
/// trials* (1995) 10.2.
///
/// ```
/// use goldpath::stats::survival::{End, RiskTable, cumulative_incidence};
/// let table = RiskTable::of([(1.0, End::Event, 1), (2.0, End::Competing, 1), (3.0, End::Event, 2)]).unwrap();
/// let last = cumulative_incidence(&table).pop().unwrap();
/// assert!((last.event - 0.75).abs() < 1e-12 && (last.competing - 0.25).abs() < 1e-12);
/// ```
pub fn cumulative_incidence(table: &RiskTable) -> Vec<Incidence> {
    let (mut waiting, mut event, mut competing) = (1.0, 0.0, 0.0);
    // The variance is a quadratic in F(t): its three sums grow with the rows, so that all times take one pass.
    let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
    let mut curve = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let (r, d, o) = (row.at_risk as f64, row.events as f64, row.competing as f64);
        let all = d + o;
        let before = waiting;
        event += before * d / r;
        competing += before * o / r;
        waiting *= (r - all) / r;
        // Where all that are at risk end at once nothing is left that could grow, and the first term is 0.
        let spread = if all < r { all / (r * (r - all)) } else { 0.0 };
        let mixed = before * d / (r * r);
        a += spread;
        b += spread * event + mixed;
        c += spread * event * event + 2.0 * mixed * event + before * before * d * (r - d) / (r * r * r);
        let variance = (event * event * a - 2.0 * event * b + c).max(0.0);
        curve.push(Incidence { time: row.time, event, event_se: variance.sqrt(), competing });
    }
    curve
}
