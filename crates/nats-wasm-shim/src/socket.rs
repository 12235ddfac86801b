//! The one place that names WebSocket: a server's frames become a stream of byte chunks, and nothing else
//! about it gets out of here.

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// What a socket tells.
pub(crate) enum SocketEvent {
    /// It is open.
    Open,
    /// Bytes came in: one frame, which may begin and end anywhere in the protocol.
    Bytes(Bytes),
    /// It is closed, or was never opened; what is known about why.
    Closed(String),
}

/// An open or opening WebSocket. Dropping it closes it, and it tells nothing more.
pub(crate) struct Socket {
    web: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Begins to open a socket. The error says why the browser will not even try.
    pub(crate) fn open(url: &str, listener: impl Fn(SocketEvent) + Clone + 'static) -> Result<Self, String> {
        let web = WebSocket::new(url).map_err(|error| {
            let text = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            text.unwrap_or_else(|| "the browser refuses this address".to_owned())
        })?;
        web.set_binary_type(BinaryType::Arraybuffer);

        let tell = listener.clone();
        let on_open = Closure::new(move || tell(SocketEvent::Open));
        web.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let tell = listener.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            let data = event.data();
            let bytes = match data.dyn_ref::<ArrayBuffer>() {
                Some(buffer) => Uint8Array::new(buffer).to_vec(),
                // A NATS server sends no text; what it is will not decode, and that is said then.
                None => data.as_string().unwrap_or_default().into_bytes(),
            };
            tell(SocketEvent::Bytes(bytes.into()));
        });
        web.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let tell = listener;
        let on_close = Closure::new(move |event: CloseEvent| tell(SocketEvent::Closed(describe(&event))));
        web.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        Ok(Self { web, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    /// Whether it takes what is to be sent. One that is closing takes it, too, and loses it.
    pub(crate) fn is_open(&self) -> bool {
        self.web.ready_state() == WebSocket::OPEN
    }

    /// Sends one frame.
    pub(crate) fn send(&self, bytes: &[u8]) {
        // An error means that it is not open; its end is told by `Closed`.
        let _ = self.web.send_with_u8_array(bytes);
    }
}

impl Socket {
    /// How many bytes the browser has been given and has not sent yet.
    pub(crate) fn buffered(&self) -> u32 {
        self.web.buffered_amount()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.web.set_onopen(None);
        self.web.set_onmessage(None);
        self.web.set_onclose(None);
        // It can only fail for arguments, and there are none.
        let _ = self.web.close();
    }
}

/// A browser tells little: code 1006 for everything from a refused port to a foreign origin and a pulled cable.
fn describe(event: &CloseEvent) -> String {
    match (event.code(), event.reason()) {
        (1006, _) => "refused, unreachable, or cut off".to_owned(),
        (code, reason) if reason.is_empty() => format!("code {code}"),
        (code, reason) => format!("{reason} (code {code})"),
    }
}
