//! `procedure`: the documented procedures, and whether a school's own holds.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use countersign_case::procedure::Pack;
use countersign_record::journal::Response;
use serde_json::{Value, json};

use super::list;
use crate::context::Context;
use crate::message::{Exit, Message, shown};
use crate::procedure_source::{Source, read, read_file};
use crate::say;

/// Show the documented procedures, or check one of your own
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign procedure list
  countersign procedure show uk-schools
  countersign procedure show uk-schools --toml > our-school.toml
  countersign procedure check our-school.toml")]
pub struct Procedure {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the procedures that come with Countersign
    #[command(after_help = "Example:\n  countersign procedure list")]
    List,
    /// Show one: its steps, confirmations, categories, routes and how long cases are kept
    #[command(after_help = "Example:\n  countersign procedure show policy-002")]
    Show {
        /// Its id, or a file; the default one if left out
        #[arg(value_name = "ID|FILE")]
        procedure: Option<String>,
        /// Print the file itself, to start your own from
        #[arg(long)]
        toml: bool,
    },
    /// Check whether a procedure of your own keeps the rules that none can leave out
    #[command(after_help = "Example:\n  countersign procedure check our-school.toml")]
    Check {
        /// The file
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

impl Procedure {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        match self.what {
            What::List => {
                let packs: Vec<Pack> = Pack::built_in_ids().filter_map(Pack::built_in).collect();
                let words = list(packs.iter().map(|pack| (pack.id().as_str(), pack.title().as_str())));
                context
                    .output
                    .result(&words, || json!({ "procedures": packs.iter().map(name).collect::<Vec<_>>() }));
            }
            What::Show { procedure, toml } => {
                let Source { pack, text } = read(procedure.as_deref(), None)?;
                match toml {
                    true => context.output.script(&text, || json!({ "toml": text })),
                    false => context.output.result(&words(&pack), || object(&pack)),
                }
            }
            What::Check { file } => {
                let Source { pack, .. } = read_file(&file)?;
                let words = format!(
                    "{} keeps every rule: {}. To use it: countersign open --procedure {}",
                    shown(&file),
                    pack.title(),
                    shown(&file)
                );
                context.output.result(&words, || {
                    let mut object = name(&pack);
                    object["valid"] = true.into();
                    object
                });
            }
        }
        Ok(Exit::Done)
    }
}

fn words(pack: &Pack) -> String {
    let mut parts = vec![format!("{} ({})\nAfter: {}", pack.title(), pack.id(), pack.source())];
    let steps = pack.steps().iter().enumerate().map(|(i, step)| {
        let todo: Vec<String> = step.instructions.iter().map(|todo| format!("   - {todo}")).collect();
        let asked = step.confirmations.iter().map(|asked| format!("   [{}] {}", asked.id, asked.statement));
        let lines: Vec<String> = todo.into_iter().chain(asked).collect();
        format!("{}. {}\n{}\n   ({})", i + 1, step.title, lines.join("\n"), step.source)
    });
    parts.push(format!(
        "Steps, with what both confirm in brackets\n\n{}",
        steps.collect::<Vec<_>>().join("\n")
    ));
    for (response, title) in [
        (
            Response::StopAndWithhold,
            "Categories that stop the case at once; nothing is shown or copied any more",
        ),
        (Response::Police, "Categories that stop the case; what was kept goes to the police"),
        (Response::Record, "Categories that are recorded"),
    ] {
        let of_it = pack.categories().iter().filter(|category| category.response == response);
        parts.push(format!("{title}\n{}", list(of_it.map(|c| (c.id.as_str(), c.label.as_str())))));
    }
    let routes = pack.routes().iter().map(|route| (route.id.as_str(), route.name.as_str()));
    parts.push(format!("Whom to tell\n{}", list(routes)));
    let outcomes = pack.outcomes().iter().map(|outcome| (outcome.id.id(), outcome.label.as_str()));
    parts.push(format!("What can follow\n{}", list(outcomes)));
    let retention = pack.retention().iter().map(|class| (class.id.as_str(), class.rule.as_str()));
    parts.push(format!("How long a case is kept\n{}", list(retention)));
    let isolation = pack.isolation().iter().map(|kind| {
        let todo: Vec<String> = kind.instructions.iter().map(|todo| format!("- {todo}")).collect();
        format!("  {}\n{}", kind.label, say::indent(&say::indent(&todo.join("\n"))))
    });
    parts.push(format!("How to isolate\n{}", isolation.collect::<Vec<_>>().join("\n")));
    parts.join("\n\n")
}

fn name(pack: &Pack) -> Value {
    json!({ "id": pack.id(), "title": pack.title(), "source": pack.source(), "sha256": pack.digest() })
}

fn object(pack: &Pack) -> Value {
    let mut object = name(pack);
    for (name, value) in [
        ("steps", json!(pack.steps())),
        ("categories", json!(pack.categories())),
        ("routes", json!(pack.routes())),
        ("outcomes", json!(pack.outcomes())),
        ("sanctions", json!(pack.sanctions())),
        ("retention", json!(pack.retention())),
        ("isolation", json!(pack.isolation())),
    ] {
        object[name] = value;
    }
    object
}
