//! What to do next: the choices with evidence first, by the same findings, and what the SOP plans.

use std::borrow::Cow;

use goldpath::advice::Action;
use goldpath::simulate::{Deals, Effects, World};
use goldpath::{Corpus, Lang, Review, ReviewOptions, progress::Progress};

fn world() -> (World, Review) {
    let effects = Effects { roi_story: 1.2, skip_need: -1.2, early_quote: -1.2, trial: 0.9, ..Effects::default() };
    let world = World { words: false, deals: Deals::Single, truth_draws: 0, effects, ..World::default() };
    let made = world.simulate(20_000, 3);
    let corpus = Corpus::from_conversations(made.conversations).unwrap();
    let review = Review::of(&corpus, made.sop, &ReviewOptions::default(), &Progress::none()).unwrap();
    (world, review)
}

#[test]
fn planted_effects_are_advised_where_they_belong() {
    let (world, review) = world();
    let sop = world.sop();
    let advisor = review.advisor();
    let mut session = sop.live(|name| (name == "segment").then_some(Cow::Borrowed("smb"))).unwrap();
    let advice = advisor.advise(&session, |_| None);
    assert_eq!((advice.point.as_deref(), advice.next[0].step.as_str(), advice.next[0].action), (None, "opening", Action::Do));
    session.push("opening").unwrap();
    let advice = advisor.advise(&session, |_| None);
    let need = advice.next.iter().find(|r| r.step == "need").unwrap();
    assert_eq!((need.action, need.planned, advice.next[0].step.as_str()), (Action::Do, true, "need"), "leaving it out hurts most");
    let finding = need.finding.as_ref().unwrap();
    assert!(finding.estimate.unwrap() < 0.0 && need.sentence(Lang::Zh).starts_with("下一步做“"), "{}", need.sentence(Lang::Zh));
    for step in ["need", "budget", "authority", "demo"] {
        session.push(step).unwrap();
    }
    let advice = advisor.advise(&session, |_| None);
    let story = advice.next.iter().position(|r| r.step == "roi_story").unwrap();
    assert_eq!((story, advice.next[story].action, advice.next[story].planned), (0, Action::Add, false));
    assert!(advice.next.iter().any(|r| r.step == "quote" && r.planned));
    assert!(advice.next.iter().chain(&advice.avoid).all(|r| r.step != "golf_talk"), "nothing is said of what has no effect");
    session.push("roi_story").unwrap();
    assert!(advisor.advise(&session, |_| None).next.iter().all(|r| r.step != "roi_story"), "what was done here is not advised again");
}

#[test]
fn every_advice_rests_on_a_finding_of_its_point_or_on_the_sop() {
    let (world, review) = world();
    let sop = world.sop();
    let advisor = review.advisor();
    for seed in 0..60 {
        let path = goldpath::simulate::random_conversation(&sop, seed, 0.3);
        let mut session = sop.live(|_| None).unwrap();
        for event in path.steps {
            session.push(&event.step).unwrap();
            let state = session.state().unwrap();
            let advice = advisor.advise(&session, |_| None);
            assert_eq!((&advice.point, advice.visit), (&state.point, state.visit));
            let title = state.point.as_deref().map(|step| sop.title(step).to_owned());
            for r in advice.next.iter().chain(&advice.avoid) {
                assert_eq!(r.planned, state.allowed.contains(&r.step));
                match &r.finding {
                    Some(finding) => {
                        assert_eq!((&finding.point, finding.visit, finding.step()), (&title, state.visit, r.step.as_str()));
                        assert!(["helps", "hurts"].contains(&finding.verdict.name()));
                    }
                    None => assert!(r.planned && r.action == Action::Do),
                }
                assert!(!r.sentence(Lang::En).is_empty() && !r.sentence(Lang::Zh).is_empty());
            }
        }
    }
}
