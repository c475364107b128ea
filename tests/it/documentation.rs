//! The documentation's links lead somewhere, and its commands have the names and options that they are shown with. What
//! the walk-through and the runbook print is compared by `tests/lifecycle/test_docs.py`.

use super::common::{run, tamis};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages beside the sources, and those of `docs` and of what is shipped.
fn pages() -> Vec<PathBuf> {
    let folders = ["", "docs", "data", "models", "npm"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// The lines outside fenced blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if !fence && !fenced {
            lines.push(line);
        }
    }
    lines
}

/// What the links and images of a page name, without its address and title.
fn targets(text: &str) -> Vec<&str> {
    let behind = |line: &'_ str| line.match_indices("](").map(|(at, mark)| at + mark.len()).collect::<Vec<_>>();
    let links = prose(text).into_iter().flat_map(|line| behind(line).into_iter().map(|at| &line[at..]));
    let targets = links.filter_map(|rest| rest.split_once(')')?.0.split_whitespace().next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// The names by which links find the headings of a page, as GitHub makes them.
fn anchors(text: &str) -> HashSet<String> {
    let headings = prose(text).into_iter().filter(|line| line.starts_with('#'));
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let name = |line: &str| line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>();
    headings.map(|line| name(line).replace(' ', "-")).collect()
}

/// What is wrong with a link of a page; nothing where it leads somewhere.
fn fault(page: &Path, text: &str, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = page.parent().unwrap().join(file);
    if !path.exists() {
        return Some("there is no such file".to_owned());
    }
    let holds = |text: &str| anchor.is_empty() || anchors(text).contains(anchor);
    let found = if path.is_dir() { holds(text) } else { holds(&std::fs::read_to_string(path).unwrap_or_default()) };
    (!found).then(|| format!("no heading is called {anchor}"))
}

fn faults(page: &Path, text: &str) -> Vec<String> {
    let place = page.strip_prefix(root()).unwrap().display();
    let told = |target: &&str| fault(page, text, target).map(|why| format!("{place}: {target}: {why}"));
    targets(text).iter().filter_map(told).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let texts: Vec<_> = pages().into_iter().map(|page| (std::fs::read_to_string(&page).unwrap(), page)).collect();
    let broken: Vec<String> = texts.iter().flat_map(|(text, page)| faults(page, text)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let links = texts.iter().map(|(text, _)| targets(text).len()).sum::<usize>();
    assert!(links > 30, "{links} links were seen in {} pages", texts.len());
}

#[test]
fn a_link_that_leads_nowhere_is_told() {
    let page = root().join("docs/any.md");
    for (text, found) in [
        ("[a](drift.md), [b](../README.md), ![c](page.png \"C\"), [d](https://example.com/x.md)", 0),
        ("# Of *this* page: more\n[a](#of-this-page-more) [b](lifecycle.md#sharing-the-key)", 0),
        ("[a](drifts.md) ![b](../pages.png)", 2),
        ("# One\n[a](#two) [b](lifecycle.md#no-such-heading)", 2),
        ("```sh\n# two\n[a](nowhere.md)\n```\n[b](#two)", 1),
    ] {
        assert_eq!(faults(&page, text).len(), found, "{text}");
    }
}

/// What a page shows of a program's command lines, in blocks and in back-quotes, each up to where another begins.
fn commands<'t>(text: &'t str, program: &str) -> Vec<&'t str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let block = fenced || line.starts_with("    ");
        for (at, _) in line.match_indices(program) {
            let (before, behind) = line.split_at(at);
            let code = block || before.matches('`').count() % 2 == 1;
            let part_of_a_word = before.ends_with(|letter: char| letter.is_alphanumeric() || "-_/.".contains(letter));
            let of_an_option = before.split_whitespace().next_back().is_some_and(|word| word.starts_with("--"));
            if code && !part_of_a_word && !of_an_option {
                let rest = &behind[program.len()..];
                found.push(rest.split(['`', '|', '&', ';', '>', '<', '(', ')', '#']).next().unwrap());
            }
        }
    }
    found
}

/// The help of each command that was asked for; none where there is no such command.
#[derive(Default)]
struct Help(BTreeMap<Vec<String>, Option<String>>);

impl Help {
    fn of(&mut self, words: &[&str]) -> Option<&str> {
        let names: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let ask = |names: &Vec<String>| {
            let (code, help, _) = run(tamis().args(names).arg("--help"));
            (code == 0).then_some(help)
        };
        let asked = names.clone();
        self.0.entry(names).or_insert_with(|| ask(&asked)).as_deref()
    }

    /// What of a command line does not exist.
    fn faults(&mut self, command: &str) -> Vec<String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        let is_name =
            |word: &&&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-');
        let names: Vec<&str> = words.iter().take(2).take_while(is_name).copied().collect();
        let Some(help) = self.of(&names) else { return vec!["no such command".to_owned()] };
        let known = |option: &str| {
            let ends = |at: usize| {
                !help[at + option.len()..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '-')
            };
            help.match_indices(option).any(|(at, _)| ends(at))
        };
        let options = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
        let options = options.map(|word| word.split('=').next().unwrap().trim_end_matches(['.', ',', ']']));
        options.filter(|option| !known(option)).map(|option| format!("no option {option}")).collect()
    }
}

#[test]
fn commands_have_the_names_and_options_that_they_are_shown_with() {
    let mut help = Help::default();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for page in pages().into_iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        let text = std::fs::read_to_string(&page).unwrap().replace("\\\n", " ");
        for command in commands(&text, "tamis ") {
            seen += 1;
            wrong.extend(help.faults(command).into_iter().map(|why| format!("{}: {command}: {why}", page.display())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 150, "{seen} commands were seen");
}

#[test]
fn targets_of_make_are_there() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: HashSet<&str> = makefile.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for command in commands(&text, "make ") {
            for target in command.split_whitespace().take_while(|word| !word.contains('=')) {
                seen += 1;
                assert!(targets.contains(target), "{}: make {target}", page.display());
            }
        }
    }
    assert!(seen > 15, "{seen} targets were seen");
}

#[test]
fn a_command_that_is_not_there_is_told() {
    let mut help = Help::default();
    for (text, faults) in [
        ("`tamis run FILE --out DIR`, tamis, `tamis: done`", 0),
        ("`tamis stroll FILE`", 1),
        ("`tamis model ad FILE`", 1),
        ("tamis stroll FILE", 0),
        ("    tamis run FILE --into DIR --see | other --name tamis --into DIR", 2),
        ("```console\n$ KEY=1 tamis audit RAW --against out --o\n```", 1),
    ] {
        let found: Vec<String> =
            commands(text, "tamis ").into_iter().flat_map(|command| help.faults(command)).collect();
        assert_eq!(found.len(), faults, "{text}: {found:?}");
    }
}

/// The first block of the README is what it says: its run prints these lines, whatever the key.
#[test]
fn the_readme_shows_what_a_run_prints() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, block) = text.split_once("$ tamis run data/orders.ndjson\n").unwrap();
    let (shown, _) = block.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = "00".repeat(31) + "01";
    let mut command = tamis();
    command.current_dir(folder.path()).env("TAMIS_KEY", key).arg("run").arg(root().join("data/orders.ndjson"));
    let (code, stdout, stderr) = run(&mut command);
    assert_eq!(code, 0, "{stderr}");
    let printed = stdout + &stderr;
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(printed.lines().any(|printed| printed == line), "{line}\nis not in\n{printed}");
    }
    let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).count();
    assert_eq!(lines(shown), lines(&printed), "{printed}");
}
