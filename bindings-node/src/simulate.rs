//! Conversations with known truth, for examples.

use goldpath::Lang;
use goldpath::simulate::{Language, Truth, World};
use napi::bindgen_prelude::{Function, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::corpus::Corpus;
use crate::errors::{Failure, call};
use crate::model::json;
use crate::review::language;
use crate::sop::Sop;
use crate::work::{Later, ProgressUpdate, start};

/// Largest whole number that JavaScript counts up to.
const MOST: f64 = 9_007_199_254_740_991.0;

/// Simulated conversations with their SOP and, if asked for, what is true of them.
#[napi]
pub struct Simulated {
    sop: goldpath::Sop,
    corpus: goldpath::Corpus,
    truth: Option<Truth>,
}

#[napi]
impl Simulated {
    /// The preset path.
    #[napi(catch_unwind, getter)]
    pub fn sop(&self) -> Sop {
        Sop(self.sop.clone())
    }

    /// The conversations.
    #[napi(catch_unwind, getter)]
    pub fn corpus(&self) -> Corpus {
        Corpus(self.corpus.clone())
    }

    /// What is true: the effect of each planted choice, who found what, how good each rep is; `null` if it was not asked for.
    #[napi(catch_unwind, getter, configurable = true, ts_return_type = "Truth | null")]
    pub fn truth(&self) -> String {
        json(&self.truth)
    }
}

/// How conversations are simulated.
#[napi(object, object_to_js = false)]
pub struct SimulateOptions<'env> {
    /// Language of the words and the SOP; English where nothing is said.
    #[napi(ts_type = "Lang")]
    pub lang: Option<String>,
    /// The same seed gives the same bytes everywhere; 7 where nothing is said.
    pub seed: Option<f64>,
    /// Turns with words (true where nothing is said), or bare steps, which takes a fraction of the time.
    pub words: Option<bool>,
    /// Also what is true, which takes as long as some 60,000 conversations without words.
    pub truth: Option<bool>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

/// Simulated conversations of a sales organisation with their SOP: to try things out, and to see whether they find what is
/// true.
#[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Simulated>")]
pub fn simulate(env: Env, n: f64, options: Option<SimulateOptions<'_>>) -> Result<Later<Simulated>> {
    let n = whole("n", n)? as usize;
    let (mut world, mut seed, mut truth, mut signal, mut on_progress) = (World::default(), 7, false, None, None);
    if let Some(o) = options {
        world.language = match call(|| language(o.lang))? {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        };
        world.words = o.words.unwrap_or(true);
        seed = o.seed.map_or(Ok(seed), |seed| whole("seed", seed))?;
        truth = o.truth.unwrap_or(false);
        (signal, on_progress) = (o.signal, o.on_progress);
    }
    start(env, signal, on_progress, move |progress| {
        let corpus = world.corpus(n, seed, progress)?;
        Ok(Simulated { sop: world.sop(), corpus, truth: truth.then(|| world.truth()) })
    })
}

fn whole(name: &str, x: f64) -> Result<u64> {
    if (0.0..=MOST).contains(&x) && x.fract() == 0.0 {
        return Ok(x as u64);
    }
    Err(Failure::argument(name, format!("{x} is not a whole number from 0"), "").into())
}
