//! A crash between any two steps, and damage of every kind.

use super::session::Session;
use super::{Registry, folder};
use crate::builtin;
use crate::registry::{Action, Card, Id, Manifest, PublicKeys, Signatures, SigningKey};
use crate::score::Model;
use std::fs;
use std::path::Path;

const NOW: &str = "2026-01-01T00:00:00Z";

/// A card for bytes that are no model, as they are quicker than models.
fn card(bytes: &[u8]) -> Card {
    let mut card = Card::of(&Model::from_onnx(builtin::MODEL).unwrap(), builtin::MODEL);
    card.model.sha256 = Id::of(bytes);
    card
}

fn open(root: &Path) -> Registry {
    Registry::open(root, None).unwrap()
}

/// A registry with two versions, the first of them the champion.
fn two(root: &Path) -> (Registry, Id, Id) {
    let registry = open(root);
    let [one, two] = [b"one".as_slice(), b"two"].map(|bytes| registry.add(bytes, &card(bytes), NOW).unwrap().id);
    registry.promote(&one, Some("the first"), NOW).unwrap();
    (registry, one, two)
}

fn lines(root: &Path) -> Vec<(Action, Id)> {
    open(root).history().unwrap().entries().iter().map(|entry| (entry.action, entry.id.clone())).collect()
}

#[test]
fn every_step_of_an_addition_may_be_the_last() {
    let (bytes, id) = (b"new".as_slice(), Id::of(b"new"));
    // Whether the version is there after the crash, by the number of steps that were done.
    for (steps, there) in [(0, false), (1, false), (2, true), (3, true)] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (registry, old, _) = two(root);
        let mut session = Session::begin(root, NOW).unwrap();
        let staged = (steps > 0).then(|| session.stage_version(&id, bytes, &card(bytes)).unwrap());
        if steps == 1 {
            // Half of the files, and half of one.
            fs::remove_file(staged.as_ref().unwrap().join(folder::TEXT)).unwrap();
            fs::write(staged.as_ref().unwrap().join(folder::CARD), "{").unwrap();
        }
        if steps > 1 {
            folder::settle(root, &id, &staged.unwrap()).unwrap();
        }
        if steps > 2 {
            session.log_addition(&id).unwrap();
        }
        drop(session);

        assert_eq!(registry.champion().unwrap(), Some(old.clone()));
        assert_eq!(registry.find(id.as_str()).is_ok(), there);
        assert_eq!(registry.model(&id).is_ok(), there);
        // Whoever comes next completes it, once.
        let added = registry.add(bytes, &card(bytes), NOW).unwrap();
        assert_eq!(added.new, !there);
        registry.promote(&id, None, NOW).unwrap();
        let added: Vec<_> = lines(root).into_iter().filter(|(action, _)| *action == Action::Add).collect();
        assert_eq!(added.len(), 3);
        assert!(fs::read_dir(folder::versions(root)).unwrap().all(|entry| entry.unwrap().file_name().len() == 64));
        assert_eq!(registry.model(&id).unwrap(), bytes);
    }
}

#[test]
fn every_step_of_a_switch_may_be_the_last() {
    for rollback in [false, true] {
        // Which champion there is after the crash, by the number of steps that were done.
        for (steps, switched) in [(0, false), (1, true), (2, true), (3, true)] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            let (registry, one, two) = two(root);
            let (from, to) = if rollback {
                registry.promote(&two, None, NOW).unwrap();
                (two, one)
            } else {
                (one, two)
            };
            let mut session = Session::begin(root, NOW).unwrap();
            let history = session.history();
            let entry = if rollback { history.rollback(None, NOW) } else { history.promotion(&to, None, NOW) };
            if steps > 0 {
                session.log(entry.unwrap()).unwrap();
            }
            let text = format!("{to}\n");
            if steps > 1 {
                folder::beside(root, folder::CHAMPION, text.as_bytes()).unwrap();
            }
            if steps > 2 {
                folder::replace(root, folder::CHAMPION, text.as_bytes()).unwrap();
            }
            drop(session);

            let champion = if switched { &to } else { &from };
            assert_eq!(registry.champion().unwrap().as_ref(), Some(champion));
            let count = lines(root).len();
            // The next writer, of whatever, brings the file up to the history.
            registry.add(b"one", &card(b"one"), NOW).unwrap();
            assert_eq!(folder::pointer(root).unwrap().as_ref(), Some(champion));
            assert_eq!(lines(root).len(), count);
            // The same promotion again changes nothing where it was done, and is done where it was not.
            if !rollback {
                assert_eq!(registry.promote(&to, None, NOW).unwrap().changed, !switched);
                assert_eq!(registry.champion().unwrap(), Some(to.clone()));
            }
        }
    }
}

#[test]
fn a_line_without_its_end_never_happened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (registry, one, two) = two(root);
    let path = folder::history(root);
    let whole = fs::read_to_string(&path).unwrap();
    let next = registry.history().unwrap().promotion(&two, None, NOW).unwrap().line().unwrap();
    for end in 1..next.len() {
        fs::write(&path, format!("{whole}{}", &next[..end])).unwrap();
        assert_eq!(registry.champion().unwrap(), Some(one.clone()), "{end}");
        if end % 40 == 1 || end == next.len() - 1 {
            assert!(registry.promote(&two, None, "2026-01-02T00:00:00Z").unwrap().changed);
            assert_eq!(lines(root).len(), 4);
            assert_eq!(registry.champion().unwrap(), Some(two.clone()));
            fs::write(&path, &whole).unwrap();
            fs::write(folder::champion(root), format!("{one}\n")).unwrap();
        }
    }
}

#[test]
fn damage_is_called_by_its_name() {
    type Harm = fn(&Path, &Id);
    let cases: [(&str, Harm); 9] = [
        ("the SHA-256 of its model is", |root, id| {
            fs::write(folder::version(root, id).join(folder::MODEL), "onE").unwrap();
        }),
        ("cannot read", |root, id| fs::remove_file(folder::version(root, id).join(folder::MODEL)).unwrap()),
        ("is not the one that was added", |root, id| {
            let path = folder::version(root, id).join(folder::CARD);
            let text = fs::read_to_string(&path).unwrap().replace("\"provider\": null", "\"provider\": \"another\"");
            fs::write(path, text).unwrap();
        }),
        ("it has the format tamis.card/2", |root, id| {
            let path = folder::version(root, id).join(folder::CARD);
            fs::write(&path, fs::read_to_string(&path).unwrap().replace("tamis.card/1", "tamis.card/2")).unwrap();
        }),
        ("is missing: there is no folder versions/", |root, id| {
            fs::rename(folder::version(root, id), folder::versions(root).join("elsewhere")).unwrap();
        }),
        ("names no version", |root, _| fs::write(folder::champion(root), "latest\n").unwrap()),
        ("contradicts itself: its file champion names", |root, _| {
            fs::write(folder::champion(root), format!("{}\n", Id::of(b"stranger"))).unwrap();
        }),
        ("line 2 of the history is no entry", |root, _| {
            let path = folder::history(root);
            fs::write(&path, fs::read_to_string(&path).unwrap().replacen("\n{", "\n[", 1)).unwrap();
        }),
        ("its signature cannot be read", |root, id| {
            fs::write(folder::version(root, id).join(folder::SIGNATURE), r#"{"format": "tamis.signature/9"}"#).unwrap();
        }),
    ];
    for (words, harm) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (registry, one, _) = two(folder.path());
        harm(folder.path(), &one);
        let found = registry.need_champion().and_then(|id| registry.model(&id));
        let error = format!("{:#}", found.unwrap_err());
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_lost_champion_does_not_bar_the_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, one, two) = two(folder.path());
    registry.promote(&two, None, NOW).unwrap();
    fs::remove_dir_all(folder::version(folder.path(), &two)).unwrap();
    assert!(registry.champion().is_err());
    assert_eq!(registry.rollback(None, NOW).unwrap().to, one);
    assert_eq!(registry.champion().unwrap(), Some(one));
}

#[test]
fn a_folder_without_its_history_keeps_its_champion() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, one, two) = two(folder.path());
    fs::remove_file(folder::history(folder.path())).unwrap();
    assert_eq!(registry.champion().unwrap(), Some(one.clone()));
    registry.promote(&two, None, NOW).unwrap();
    assert_eq!(registry.rollback(None, NOW).unwrap().to, one);
}

#[test]
fn only_what_is_vouched_for_is_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, one, two) = two(folder.path());
    let [ours, theirs] = [[1; 32], [2; 32]].map(|bytes| SigningKey::new(&bytes));
    let strict = Registry::open(folder.path(), Some(PublicKeys::from(ours.public()))).unwrap();
    let refusal = |id: &Id| format!("{:#}", strict.model(id).unwrap_err());
    assert!(refusal(&one).contains("it is not signed"));
    assert!(registry.sign(&one, &theirs, NOW).unwrap());
    assert!(refusal(&one).contains("none of the keys trusted"));
    assert!(registry.sign(&one, &ours, NOW).unwrap());
    assert!(!registry.sign(&one, &ours, NOW).unwrap());
    assert_eq!(strict.model(&one).unwrap(), b"one");
    assert!(strict.promote(&two, None, NOW).is_err());
    assert_eq!(strict.champion().unwrap(), Some(one.clone()));
    // The card that people read is vouched for as well, though no hash of it stands in the history.
    let text = folder::version(folder.path(), &one).join(folder::TEXT);
    fs::write(&text, fs::read_to_string(&text).unwrap() + "It may decide alone.\n").unwrap();
    assert!(refusal(&one).contains("was changed after signing"));
    // A signature that was moved from another version.
    registry.sign(&two, &ours, NOW).unwrap();
    let signature = |id: &Id| folder::version(folder.path(), id).join(folder::SIGNATURE);
    fs::copy(signature(&two), signature(&one)).unwrap();
    assert!(refusal(&one).contains("does not fit"));
}

#[test]
fn a_signature_checks_this_text_alone() {
    let key = SigningKey::new(&[3; 32]);
    let files: [(&str, &[u8]); 2] = [("b", b"2"), ("a", b"1")];
    let manifest = Manifest::of(&files);
    assert_eq!(manifest, Manifest::of(&[files[1], files[0]]));
    assert!(manifest.as_str().starts_with("tamis.model-signature/1\n"));
    let mut signatures = Signatures::default();
    signatures.add(&key, &manifest);
    let json = signatures.to_json().unwrap();
    assert_eq!(Signatures::from_json(json.as_bytes()).unwrap(), signatures);
    let trusted = PublicKeys::from(key.public());
    for (from, to) in
        [("\"ed25519\": \"", "\"ed25519\": \"AAAA"), ("==\"", "\""), ("\"ed25519\": \"", "\"ed25519\": \"!")]
    {
        let changed = Signatures::from_json(json.replacen(from, to, 1).as_bytes()).unwrap();
        assert_eq!(changed.check(&trusted, &manifest).unwrap_err().kind(), "forged", "{from}");
    }
}
