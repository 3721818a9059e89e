use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Record for Note {
    const LOG: &'static str = "notes";
    const VERSION: u32 = 1;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Titled {
    title: String,
}

impl Record for Titled {
    const LOG: &'static str = "notes";
    const VERSION: u32 = 2;

    fn upgrade(_: u32, record: serde_json::Value) -> std::result::Result<serde_json::Value, String> {
        Ok(serde_json::json!({"title": record["text"]}))
    }
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("goldpath-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("team.goldpath")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn code(result: Result<impl Sized>) -> &'static str {
    result.err().map_or("none", |error| error.code())
}

#[test]
fn what_is_appended_comes_back_in_order() {
    let folder = Folder::new("order");
    let store = Store::open(folder.file()).unwrap();
    assert_eq!((store.count::<Note>().unwrap(), store.entries::<Note>(0).unwrap().len()), (0, 0));
    assert_eq!(store.append(5, &note("a")).unwrap(), 0);
    assert_eq!(store.append_all([(6, &note("b")), (-7, &note("先问预算"))]).unwrap(), 1..3);
    assert_eq!(store.append_all::<Note>([]).unwrap(), 3..3);
    drop(store);
    let store = Store::open(folder.file()).unwrap();
    let found: Vec<(u64, i64, String)> = store.entries::<Note>(1).unwrap().into_iter().map(|e| (e.number, e.at, e.record.text)).collect();
    assert_eq!(found, [(1, 6, "b".to_owned()), (2, -7, "先问预算".to_owned())]);
    assert_eq!(store.logs().unwrap(), ["notes"]);
    store.verify().unwrap();
    assert_eq!(store.export("notes").unwrap().lines().last(), Some(r#"{"number":2,"at":-7,"version":1,"data":{"text":"先问预算"}}"#));
    assert_eq!(code(store.export("none")), "argument.invalid");
}

#[test]
fn old_records_are_brought_to_the_shape_of_today_and_newer_ones_refused() {
    let folder = Folder::new("versions");
    let store = Store::open(folder.file()).unwrap();
    store.append(0, &note("a")).unwrap();
    assert_eq!(store.entries::<Titled>(0).unwrap()[0].record, Titled { title: "a".into() });
    store.append(0, &Titled { title: "b".into() }).unwrap();
    assert_eq!(code(store.entries::<Note>(0)), "store.newer_record");
    store.verify().unwrap();
}

#[test]
fn many_threads_read_while_one_writes() {
    let folder = Folder::new("threads");
    let store = Store::open(folder.file()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut seen = 0;
                while seen < 30 {
                    let now = store.entries::<Note>(0).unwrap();
                    assert!(now.len() >= seen && now.iter().enumerate().all(|(i, e)| e.record.text == i.to_string()));
                    seen = now.len();
                }
            });
        }
        for i in 0..30 {
            store.append(0, &note(&i.to_string())).unwrap();
        }
    });
}

#[test]
fn files_that_are_no_store_are_left_as_they_are() {
    let folder = Folder::new("foreign");
    let text = folder.0.join("notes.txt");
    std::fs::write(&text, "some notes that are much longer than a header").unwrap();
    assert_eq!(code(Store::open(&text)), "store.not_a_store");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "some notes that are much longer than a header");
    assert_eq!(code(Store::open(&folder.0)), "store.not_a_store");
    assert_eq!(code(Store::open(folder.0.join("no/such/folder"))), "io");
    let other = folder.0.join("other.redb");
    let database = Database::create(&other).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(TableDefinition::<u64, u64>::new("mine")).unwrap().insert(1, 2).unwrap();
    write.commit().unwrap();
    drop(database);
    assert_eq!(code(Store::open(&other)), "store.not_a_store");
}

#[test]
fn a_second_opening_and_a_newer_file_are_told() {
    let folder = Folder::new("second");
    let store = Store::open(folder.file()).unwrap();
    assert_eq!(code(Store::open(folder.file())), "store.in_use");
    store.close();
    assert_eq!((code(store.logs()), code(store.append(0, &note("x")))), ("store.closed", "store.closed"));
    let database = Database::create(folder.file()).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(META).unwrap().insert("format", 2).unwrap();
    write.commit().unwrap();
    drop(database);
    let error = Store::open(folder.file()).unwrap_err();
    assert_eq!(error.code(), "store.newer");
    assert!(error.to_string().contains("team.goldpath"), "{error}");
}

#[test]
fn cut_off_and_changed_files_are_damaged_and_never_a_panic() {
    let folder = Folder::new("damaged");
    let store = Store::open(folder.file()).unwrap();
    for i in 0..200 {
        store.append(i, &note(&format!("note number {i}, with some text behind it"))).unwrap();
    }
    drop(store);
    let whole = std::fs::read(folder.file()).unwrap();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut found = 0;
    let read = |file: &Path| -> Result<()> {
        let store = Store::open(file)?;
        store.verify()?;
        assert_eq!(store.entries::<Note>(0)?.len(), 200);
        Ok(())
    };
    for share in 1..20 {
        let file = folder.0.join(format!("cut-{share}"));
        std::fs::write(&file, &whole[..whole.len() * share / 20]).unwrap();
        match read(&file) {
            Err(Error::Store(fault)) => {
                assert!(["store.damaged", "store.changed", "store.record"].contains(&fault.code), "{fault}");
                found += 1;
            }
            Err(other) => panic!("{other}"),
            Ok(()) => {}
        }
    }
    for at in (64..whole.len()).step_by(whole.len() / 50) {
        let file = folder.0.join(format!("changed-{at}"));
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&file, &bytes).unwrap();
        // Bytes of free pages say nothing: then all notes are there.
        match read(&file) {
            Ok(()) => {}
            Err(error) => assert!(matches!(error, Error::Store(_)), "{error}"),
        }
    }
    std::panic::set_hook(quiet);
    assert!(found >= 18, "{found}");
}

/// Writing among changed pages, the database panicked while it unwound, which ended the process; closing, it panicked too.
#[test]
fn changed_pages_are_found_before_anything_is_written() {
    let folder = Folder::new("store-pages");
    let file = folder.file();
    let store = Store::open(&file).unwrap();
    for i in 0..6 {
        store.append(i, &note("先问预算")).unwrap();
    }
    store.close();
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = 0;
    for at in (0..whole.len()).step_by(512).filter(|&at| whole[at..at + 512] != [0; 512]) {
        for new in [&b"edb\x1a\n\xa9\r\n\xff\xff"[..], &[0; 64]] {
            let mut bytes = whole.clone();
            bytes[at + 1..at + 1 + new.len()].copy_from_slice(new);
            std::fs::write(&file, &bytes).unwrap();
            match Store::open(&file) {
                // What was changed is not looked at, or is made anew.
                Ok(store) => {
                    assert!(store.entries::<Note>(0).is_ok_and(|entries| entries.len() == 6), "at {at}");
                    store.append(9, &note("and on")).unwrap();
                    store.close();
                }
                Err(error) => {
                    assert!(error.code().starts_with("store."), "{error}");
                    damaged += 1;
                }
            }
        }
    }
    assert!(damaged > 4, "{damaged}");
}
