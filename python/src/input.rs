//! What an ingest is given by Python: a reader, a progress callback, and the signals in between.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// The exception that a callback raised; it takes precedence over what the core makes of it.
#[derive(Clone, Default)]
pub(crate) struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    pub(crate) fn keep(&self, error: PyErr) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Looks for Ctrl-C, then asks the callback: `False` and exceptions end the ingest.
pub(crate) fn progress(callback: Option<Py<PyAny>>, raised: Raised) -> impl FnMut(u64) -> ControlFlow<()> + Send {
    move |bytes| {
        let go_on = Python::try_attach(|py| {
            py.check_signals()?;
            match &callback {
                Some(callback) => Ok(!callback.bind(py).call1((bytes,))?.is(pyo3::types::PyBool::new(py, false))),
                None => Ok(true),
            }
        });
        match go_on {
            Some(Ok(true)) => ControlFlow::Continue(()),
            Some(Ok(false)) | None => ControlFlow::Break(()),
            Some(Err(error)) => {
                raised.keep(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// A Python object with `read(size)`, of bytes or of text.
pub(crate) struct Reader {
    object: Py<PyAny>,
    raised: Raised,
    /// Read from Python, not yet handed on.
    rest: Vec<u8>,
    given: usize,
}

impl Reader {
    pub(crate) fn new(object: Py<PyAny>, raised: Raised) -> Self {
        Reader { object, raised, rest: Vec::new(), given: 0 }
    }

    fn refill(&mut self, size: usize) -> PyResult<()> {
        Python::try_attach(|py| {
            py.check_signals()?;
            let chunk = self.object.bind(py).call_method1("read", (size,))?;
            self.rest.clear();
            self.given = 0;
            if let Ok(text) = chunk.cast::<PyString>() {
                // What is not Unicode becomes bytes that the core reports as a problem.
                let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
                self.rest.extend_from_slice(bytes.cast::<PyBytes>()?.as_bytes());
            } else if let Ok(bytes) = chunk.cast::<PyBytes>() {
                self.rest.extend_from_slice(bytes.as_bytes());
            } else {
                // Other buffers, such as bytearray; anything else is a TypeError.
                self.rest = chunk.extract()?;
            }
            Ok(())
        })
        .unwrap_or(Ok(()))
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.rest.len()
            && let Err(error) = self.refill(out.len())
        {
            self.raised.keep(error);
            return Err(io::Error::other("reading from Python failed"));
        }
        let read = self.rest.get(self.given..).unwrap_or_default().read(out)?;
        self.given += read;
        Ok(read)
    }
}
