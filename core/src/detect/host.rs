//! What the host found by itself: labels and scores of turns, made into step events.

use crate::corpus::{Corpus, Tag};
use crate::detect::TagOptions;
use crate::error::{Error, Fault, Result};

impl Corpus {
    /// The corpus with the steps that the host names for each turn, all turns one after the other, each certain.
    ///
    /// ```
    /// use goldpath::{Corpus, detect::TagOptions};
    /// let corpus = Corpus::parse(br#"{"id": "c1", "turns": [{"speaker": "agent", "text": "Hello"}, {"speaker": "agent", "text": "Your budget?"}]}"#)?;
    /// let tagged = corpus.tag_labels(&[vec!["opening"], vec!["need", "budget"]], &TagOptions::default())?;
    /// assert_eq!(tagged.events(), 3);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Detector`] where there is not one list a turn, or a step has no name.
    pub fn tag_labels<S: AsRef<str>>(&self, labels: &[Vec<S>], options: &TagOptions) -> Result<Self> {
        one_a_turn(self, "labels", labels.len())?;
        let mut names = indexmap::IndexSet::new();
        let mut turns = Vec::with_capacity(labels.len());
        for (turn, steps) in labels.iter().enumerate() {
            let mut of_turn = Vec::with_capacity(steps.len());
            for step in steps {
                if step.as_ref().is_empty() {
                    return Err(Error::Detector(vec![Fault::new("detector.empty_step", "the step has no name").at_place(format!("labels[{turn}]"))]));
                }
                of_turn.push((names.insert_full(step.as_ref().to_owned()).0 as u32, 1.0));
            }
            turns.push(of_turn);
        }
        let names: Vec<String> = names.into_iter().collect();
        self.with_tags(&names, by_case(self, turns), options.keep)
    }

    /// The corpus with the steps to which the host gives a score of at least [`TagOptions::at_least`]: a row a turn, a
    /// column a step, probabilities from 0 to 1.
    ///
    /// # Errors
    /// [`Error::Detector`] where there is not one row a turn, or a score is no probability.
    pub fn tag_scores(&self, steps: &[String], scores: &[f32], options: &TagOptions) -> Result<Self> {
        options.check()?;
        if steps.is_empty() || steps.iter().any(String::is_empty) {
            return Err(Error::argument("steps", "a step has no name, or there is none", "one name a column of `scores`"));
        }
        if !scores.len().is_multiple_of(steps.len()) {
            let message = format!("{} scores are no whole number of rows of {}", scores.len(), steps.len());
            return Err(Error::Detector(vec![Fault::new("detector.score_count", message).at_place("scores")]));
        }
        one_a_turn(self, "scores", scores.len() / steps.len())?;
        if let Some(at) = scores.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let place = format!("scores[{}][{}]", at / steps.len(), at % steps.len());
            let fault = Fault::new("detector.wrong_score", format!("the score {} is no probability", scores[at])).at_place(place);
            return Err(Error::Detector(vec![fault.help("a number from 0 to 1")]));
        }
        let enough = |row: &[f32]| (0..).zip(row.iter().copied()).filter(|(_, p)| f64::from(*p) >= options.at_least && *p > 0.0).collect();
        self.with_tags(steps, by_case(self, scores.chunks_exact(steps.len()).map(enough).collect()), options.keep)
    }
}

fn one_a_turn(corpus: &Corpus, place: &str, found: usize) -> Result<()> {
    if found == corpus.turns() {
        return Ok(());
    }
    let fault = Fault::new("detector.score_count", format!("there are {found} rows and {} turns", corpus.turns())).at_place(place);
    Err(Error::Detector(vec![fault.help("one row a turn, in the order of the corpus")]))
}

fn by_case(corpus: &Corpus, turns: Vec<Vec<(u32, f32)>>) -> Vec<Vec<Tag>> {
    let (store, mut turns) = (corpus.store(), turns.into_iter());
    (0..store.len())
        .map(|case| {
            let of_case = (0..store.turn_range(case).len() as u32).zip(&mut turns);
            of_case.flat_map(|(turn, steps)| steps.into_iter().map(move |(step, prob)| Tag { turn, step, prob })).collect()
        })
        .collect()
}
