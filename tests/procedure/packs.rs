//! What a pack must hold, and what none may switch off.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use countersign_case::procedure::Pack;
use countersign_record::journal::{Concerns, Response};

use crate::case::{WHO, packs};

/// One file per defect. Its first lines say what is expected, where, and which
/// words the error holds.
#[test]
fn every_vector_is_judged_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/packs");
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for file in fs::read_dir(&folder).expect("fixtures/packs") {
        let path = file.expect("a file").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let mut head = text.lines().map(|line| line.trim_start_matches("# "));
        let mut field = |key: &str| {
            let line = head.next().and_then(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("{name}: {key}")).trim().to_owned()
        };
        let (expect, place, says) = (field("expect:"), field("where:"), field("says:"));
        match (expect.as_str(), Pack::parse(&text)) {
            ("accepted", Ok(_)) => accepted += 1,
            ("refused", Err(error)) => {
                refused += 1;
                if !error.to_string().contains(&says) || (!place.is_empty() && error.field != place) {
                    wrong.push(format!("{name}: {error}"));
                }
            }
            (_, Ok(_)) => wrong.push(format!("{name}: accepted")),
            (_, Err(error)) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted >= 1 && refused >= 70, "{accepted} accepted, {refused} refused");
}

#[test]
fn an_error_names_the_line() {
    let text = Pack::built_in_text("uk-schools").expect("built in");
    let line = |part: &str, text: &str| text.lines().position(|l| l == part).map(|at| at + 1);
    let own = text.replace("id = \"uk-schools\"", "id = \"our-school\"");
    let mild = own.replace("id = \"grooming\"", "id = \"grooming\"\nresponse = \"record\"");
    assert_eq!(Pack::parse(&mild).expect_err("two responses").field, "response");
    let typo = own.replace("label = \"Gambling online\"", "lable = \"Gambling online\"");
    let error = Pack::parse(&typo).expect_err("a typing error");
    assert_eq!((error.line, error.field.as_str()), (line("lable = \"Gambling online\"", &typo), "lable"));
    let error = Pack::parse(&own.replace("id = \"ceop\"", "id = \"iwf\"")).expect_err("twice");
    let second = own.lines().position(|l| l == "id = \"ceop\"");
    assert_eq!(error.line, second, "the table's first line stands above its id");
}

#[test]
fn every_pack_cites_its_sources() {
    let policies = [("policy-000", "olicy 000"), ("policy-002", "olicy 002"), ("policy-004", "olicy 004")];
    for pack in packs() {
        let number = policies.iter().find(|(id, _)| *id == pack.id().as_str()).map(|(_, number)| *number);
        let sources = pack.steps().iter().map(|step| step.source.as_str());
        let sources = sources.chain(pack.categories().iter().map(|category| category.source.as_str()));
        for source in sources.chain(pack.confirmations().map(|confirmation| confirmation.source.as_str())) {
            let cites = ["olicy 00", "olicies 00", "ewer template", "Countersign", "Act ", "the policy;"];
            assert!(cites.iter().any(|part| source.contains(part)), "{}: {source}", pack.id());
        }
        for category in pack.categories() {
            let own = number.is_none_or(|number| category.source.as_str().contains(number));
            assert!(own || category.source.as_str().contains("Not named in the policy"), "{}", category.id);
        }
    }
}

#[test]
fn every_pack_has_the_categories_of_its_policy() {
    let ids =
        |pack: &Pack| -> BTreeSet<String> { pack.categories().iter().map(|c| c.id.to_string()).collect() };
    let police =
        ["grooming", "obscene-publication", "criminal-racism", "terrorism-extremism", "other-criminal"];
    for pack in packs() {
        let ids = ids(pack);
        assert!(police.iter().all(|id| ids.contains(*id)), "{}", pack.id());
        assert_eq!(pack.strictest().id.as_str(), "child-abuse-images");
        assert_eq!(pack.strictest().response, Response::StopAndWithhold);
        // Only policy 000 does not name it.
        assert_eq!(ids.contains("obscene-to-child"), pack.id().as_str() != "policy-000", "{}", pack.id());
    }
    let union: BTreeSet<String> = ids(&packs()[0]);
    for pack in &packs()[1..] {
        let missing: Vec<_> = ids(pack).difference(&union).cloned().collect();
        assert!(missing.is_empty(), "the default is the union: {missing:?}");
    }
    let response = |id: &str| packs()[0].category(id).map(|category| category.response);
    let images = ["self-generated-images", "non-consensual-images", "child-sexual-exploitation"];
    assert!(images.iter().all(|id| response(id) == Some(Response::StopAndWithhold)));
    let template = [
        "hate-crime",
        "fraud-extortion",
        "harassment-stalking",
        "extreme-pornography",
        "illegal-sales",
        "computer-misuse-offence",
        "copyright-piracy",
    ];
    assert!(template.iter().all(|id| response(id) == Some(Response::Police)));
    let lists = ["bullying", "gambling", "proxy-use", "file-sharing", "copyright", "pornography"];
    assert!(lists.iter().all(|id| response(id) == Some(Response::Record)));
}

#[test]
fn whoever_is_concerned_the_right_people_are_due() {
    for pack in packs() {
        for category in pack.categories().iter().filter(|category| category.halts()) {
            for concerns in WHO {
                let routes: Vec<&str> = pack.routes_for(category, concerns).map(|r| r.id.as_str()).collect();
                assert!(routes.contains(&"police-101"), "{} {}", pack.id(), category.id);
                assert_eq!(
                    routes.contains(&"lado"),
                    concerns == Concerns::Staff,
                    "{} {}",
                    pack.id(),
                    category.id
                );
            }
        }
    }
}
