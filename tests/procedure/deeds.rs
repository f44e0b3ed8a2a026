//! Every deed with every choice that a pack has.

use countersign_case::procedure::{Deed, Pack, State, Verb};
use countersign_record::journal::Response;

use crate::case::id;

/// One deed of each verb, with choices that the pack has.
pub fn one_of_each(pack: &Pack) -> Vec<Deed> {
    vec![
        Deed::Visit,
        Deed::Keep,
        Deed::Attach,
        concern(pack, Response::Record),
        Deed::Note,
        Deed::Correct(1, None),
        Deed::Halt(None),
        Deed::Isolate,
        Deed::Refer(id("police-101")),
        Deed::Judge,
        Deed::Act(id("internal")),
        Deed::Form,
        Deed::Seal,
        Deed::HandOver(1),
        Deed::Archive(pack.retention()[0].id.clone()),
        Deed::Tell,
    ]
}

/// Every deed with every choice that the pack has, and some that it has not.
pub fn every_deed(pack: &Pack) -> Vec<Deed> {
    let unknown = id("not-in-the-pack");
    let mut deeds = one_of_each(pack);
    deeds.extend(pack.categories().iter().map(|category| Deed::Concern(category.id.clone())));
    deeds.extend(pack.categories().iter().map(|category| Deed::Halt(Some(category.id.clone()))));
    deeds.extend(pack.routes().iter().map(|route| Deed::Refer(route.id.clone())));
    deeds.extend(pack.outcomes().iter().map(|outcome| Deed::Act(id(outcome.id.id()))));
    deeds.extend((0..4).map(Deed::HandOver));
    deeds.extend([
        Deed::Concern(unknown.clone()),
        Deed::Halt(Some(unknown.clone())),
        Deed::Refer(unknown.clone()),
        Deed::Act(unknown.clone()),
        Deed::Archive(unknown),
    ]);
    deeds
}

/// Whether a deed of this verb is allowed for any choice.
pub fn one_deed(state: &State<'_>, verb: Verb) -> bool {
    // What is said of a stop afterwards puts its entry right.
    let verb = if verb == Verb::SayOfStop { Verb::Correct } else { verb };
    every_deed(state.pack()).into_iter().any(|deed| deed.verb() == verb && state.permit(deed).is_ok())
}

pub fn records(pack: &Pack, deed: &Deed) -> bool {
    match deed {
        Deed::Visit | Deed::Keep | Deed::Attach => true,
        Deed::Concern(id) => pack.category(id.as_str()).is_none_or(|c| c.response == Response::Record),
        _ => false,
    }
}

pub fn halts(pack: &Pack, deed: &Deed) -> bool {
    match deed {
        Deed::Halt(_) => true,
        Deed::Concern(id) => pack.category(id.as_str()).is_some_and(|c| c.response != Response::Record),
        _ => false,
    }
}

pub fn concern(pack: &Pack, response: Response) -> Deed {
    let category = pack.categories().iter().find(|category| category.response == response);
    Deed::Concern(category.expect("each pack has one").id.clone())
}
