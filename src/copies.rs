//! The copies on the device, in the browser's `IndexedDB`: a head and its parts under one key, read and written in one
//! transaction each. Where the browser has no room or no such store, the page works without.

use crate::browser::{self, Shelf, now_ms, window};
use crate::live::Known;
use crate::state::Ui;
use crate::store::{self, Head, PART, Saves};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use mjwork::reader::Origin;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

/// The database of the page's origin, and the store in it.
const DATABASE: &str = "mjwork";
const STORE: &str = "copies";
/// Under which name index.html finds the key of the copy that was read or written last.
const LAST: &str = "copy";
/// Under which name of the window it leaves what it has asked for.
const FETCHED: &str = "mjworkCopy";
/// So long a store may take that does not answer; then everything is read from the stream.
const PATIENCE_MS: u32 = 2_000;

/// So many times as much memory a copy takes when it is read, at the least.
const UNPACKED: usize = 5;

/// So many tasks are packed at a time.
const STEP: usize = 2_000;

/// The copy that is kept of what is shown.
#[derive(Default)]
struct Keeping {
    /// Under which key; none where none is kept.
    key: Option<String>,
    saves: Saves,
    is_busy: bool,
}

thread_local! {
    static KEEPING: RefCell<Keeping> = RefCell::default();
}

/// A copy whose head has been read and whose parts are on their way.
pub(crate) struct Copy {
    head: Head,
    parts: Promise,
}

impl Copy {
    /// Which stream it is of, and up to where.
    pub(crate) fn origin(&self) -> Origin {
        self.head.origin.clone()
    }

    /// What it holds; none where it is not to be believed.
    pub(crate) async fn open(self) -> Option<Known> {
        let parts: Array = JsFuture::from(self.parts).await.ok()?.dyn_into().ok()?;
        let parts: Vec<Uint8Array> = parts.iter().map(|part| part.dyn_into().ok()).collect::<Option<_>>()?;
        let length: u32 = parts.iter().map(Uint8Array::length).sum();
        let length = usize::try_from(length).ok()?;
        // The allocator asks the browser for 64 KiB at a time, unless it has some left.
        let mut room = Vec::<u8>::new();
        let _ = room.try_reserve_exact(length.saturating_mul(UNPACKED));
        drop(std::hint::black_box(room));
        // Once, and straight to where it is read.
        let mut bytes = vec![0; length];
        let mut rest = &mut *bytes;
        for part in &parts {
            let (place, behind) = rest.split_at_mut_checked(usize::try_from(part.length()).ok()?)?;
            part.copy_to(place);
            rest = behind;
        }
        store::unpack(&self.head, &bundle(), parts.len(), &bytes)
    }
}

/// The copy under this key, which is the one that is kept from now on; none where there is none.
pub(crate) async fn find(key: Option<String>) -> Option<Copy> {
    let fetched = take_fetched();
    let key = key.filter(|_| is_wanted());
    KEEPING.set(Keeping { key: key.clone(), ..Keeping::default() });
    let key = key?;
    let finding = Box::pin(async move {
        let (head, parts) = match fetched.and_then(|fetched| of_key(&key, &fetched)) {
            Some(fetched) => fetched,
            None => fetch(&key).await?,
        };
        let head = Head::decode(&JsFuture::from(head).await.ok()?.as_string()?)?;
        (head.bundle == bundle()).then_some(Copy { head, parts })
    });
    let late = TimeoutFuture::new(PATIENCE_MS);
    match futures_util::future::select(finding, late).await {
        futures_util::future::Either::Left((copy, _)) => copy,
        futures_util::future::Either::Right(_) => None,
    }
}

/// What index.html has asked for before the program was there. It is taken in any case: what nobody wants is not to stay
/// in memory.
fn take_fetched() -> Option<JsValue> {
    let window = window();
    let copy = Reflect::get(&window, &FETCHED.into()).ok().filter(JsValue::is_object)?;
    let _ = Reflect::delete_property(&window, &FETCHED.into());
    Some(copy)
}

/// The head in it and the parts, which are on their way; none where it is another key's.
fn of_key(key: &str, copy: &JsValue) -> Option<(Promise, Promise)> {
    let of = |name: &str| Reflect::get(copy, &name.into()).ok();
    let promise = |name| of(name)?.dyn_into().ok();
    if of("key")?.as_string()? == key { Some((promise("head")?, promise("parts")?)) } else { None }
}

/// The same, asked for now.
async fn fetch(key: &str) -> Option<(Promise, Promise)> {
    let (store, _) = store(IdbTransactionMode::Readonly).await?;
    let head = store.get(&part_key(key, 0).into()).ok()?;
    // In the same transaction, so that nobody writes in between.
    let parts = store.get_all_with_key(&parts_range(key, 1)?.into()).ok()?;
    Some((promise(&head), promise(&parts)))
}

/// What was found is what the page goes by: it need not be written again.
pub(crate) fn believed(origin: &Origin) {
    let key = KEEPING.with_borrow_mut(|keeping| {
        keeping.saves.saved(origin.seq, now_ms(), 0);
        keeping.key.clone()
    });
    Shelf::Local.set(LAST, key.as_deref());
}

/// Whether copies are kept at all.
pub(crate) fn is_wanted() -> bool {
    Shelf::Local.get("copies").as_deref() != Some("no")
}

/// Keeps copies from now on; or keeps none, and forgets all that there are.
pub(crate) fn want(is_wanted: bool) {
    Shelf::Local.set("copies", (!is_wanted).then_some("no"));
    if !is_wanted {
        Shelf::Local.set(LAST, None);
        browser::spawn(async {
            if let Some((store, _)) = store(IdbTransactionMode::Readwrite).await
                && let Ok(clearing) = store.clear()
            {
                let _ = settled(&clearing).await;
            }
        });
    }
}

/// Writes what is known, if it is time to.
pub(crate) fn look_after(ui: Ui) {
    let (is_live, created) = {
        let c = ui.conn_now();
        (c.link.synced && is_wanted(), c.created.clone())
    };
    let seq = ui.present().board().last_seq();
    let key = KEEPING.with_borrow_mut(|keeping| {
        let is_due = keeping.saves.is_due(seq, now_ms(), browser::is_hidden());
        let key = keeping.key.clone().filter(|_| is_live && is_due && !keeping.is_busy);
        keeping.is_busy |= key.is_some();
        key
    });
    if let Some(key) = key {
        browser::spawn(async move {
            let begun = now_ms();
            // Where it could not be written, it is tried again as if it had been.
            let is_saved = save(ui, &key, created).await.is_some();
            KEEPING.with_borrow_mut(|keeping| {
                keeping.is_busy = false;
                if keeping.key.as_ref() == Some(&key) {
                    keeping.saves.saved(seq, now_ms(), now_ms() - begun);
                    if is_saved {
                        Shelf::Local.set(LAST, Some(&key));
                    }
                }
            });
        });
    }
}

async fn save(ui: Ui, key: &str, created: String) -> Option<()> {
    // On a clone of the board, so that it may go on; and never for so long that anybody would notice.
    let Known { mut board, series, messages } = ui.present().known();
    let origin = Origin { created, seq: board.last_seq() };
    let mut parts = vec![Uint8Array::from(&*store::before_the_board(&series))];
    drop(series);
    pause().await;
    let mut making = board.make_snapshot();
    while making.step(STEP) {
        pause().await;
    }
    let mut pieces = making.finish();
    while board.dismantle(STEP) {
        pause().await;
    }
    while let Some(piece) = pieces.next(PART) {
        parts.push(Uint8Array::from(piece));
        pause().await;
    }
    drop(pieces);
    let head = Head { bundle: bundle(), origin, messages, parts: parts.len() };
    let (store, transaction) = store(IdbTransactionMode::Readwrite).await?;
    // Somebody may have had all copies forgotten meanwhile.
    if !is_wanted() {
        return None;
    }
    settled(&store.delete(&parts_range(key, 0)?.into()).ok()?).await?;
    settled(&store.put_with_key(&head.encode().into(), &part_key(key, 0).into()).ok()?).await?;
    // One by one: the browser makes one task of the answers that came together, and of what is handed over on each.
    for (at, part) in parts.iter().enumerate() {
        settled(&store.put_with_key(part, &part_key(key, at + 1).into()).ok()?).await?;
    }
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(done).await.ok()?;
    if is_wanted() {
        Some(())
    } else {
        want(false);
        None
    }
}

/// Lets the page have its thread for a moment.
pub(crate) async fn pause() {
    TimeoutFuture::new(0).await;
}

/// The bundle that runs: what another one wrote may mean something else.
fn bundle() -> String {
    let module = browser::document().query_selector("link[rel=modulepreload]").ok().flatten();
    module.and_then(|link| link.get_attribute("href")).unwrap_or_default()
}

fn part_key(key: &str, part: usize) -> String {
    format!("{key}\n{part:06}")
}

/// Part `from` of a copy and all behind it.
fn parts_range(key: &str, from: usize) -> Option<IdbKeyRange> {
    IdbKeyRange::bound(&part_key(key, from).into(), &part_key(key, 999_999).into()).ok()
}

async fn store(mode: IdbTransactionMode) -> Option<(IdbObjectStore, IdbTransaction)> {
    let request: IdbOpenDbRequest = window().indexed_db().ok()??.open_with_u32(DATABASE, 1).ok()?;
    let new = request.clone();
    let make = wasm_bindgen::closure::Closure::once_into_js(move || {
        if let Some(database) = new.result().ok().and_then(|r| r.dyn_into::<IdbDatabase>().ok()) {
            let _ = database.create_object_store(STORE);
        }
    });
    request.set_onupgradeneeded(Some(make.unchecked_ref()));
    let database: IdbDatabase = settled(&request).await?.dyn_into().ok()?;
    let transaction = database.transaction_with_str_and_mode(STORE, mode).ok()?;
    let store = transaction.object_store(STORE).ok()?;
    // It stays open until the transaction is through.
    database.close();
    Some((store, transaction))
}

/// What a request gives; none when it fails.
async fn settled(request: &IdbRequest) -> Option<JsValue> {
    JsFuture::from(promise(request)).await.ok()
}

fn promise(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let asked = request.clone();
        let settle = wasm_bindgen::closure::Closure::once_into_js(move || {
            let _ = resolve.call1(&JsValue::NULL, &asked.result().unwrap_or(JsValue::UNDEFINED));
        });
        request.set_onsuccess(Some(settle.unchecked_ref()));
        request.set_onerror(Some(&reject));
    })
}
