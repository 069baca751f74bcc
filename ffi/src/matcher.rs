//! Running a set of rules over events.

use std::ffi::c_char;
use std::sync::{Mutex, TryLockError};

use casegraph_core::rules::{Event, Matcher};
use casegraph_core::{Error, Result};

use super::ask::json;
use super::error::cg_error;
use super::guard::{Out, free, guard, object};
use super::rules::cg_rules;
use super::status::cg_status;
use super::text::{bytes, cg_buffer};

/// Runs a set of rules over events. Make one and keep it: it holds the memory that matching needs. Freed with
/// cg_matcher_free.
///
/// Use from one thread at a time; a call that meets another on the same matcher fails with
/// CG_ERR_INVALID_ARGUMENT. It does not depend on the set it was made of. A panic leaves a matcher unusable:
/// every later call on it gives CG_ERR_INTERNAL, and only freeing it remains.
pub struct cg_matcher {
    state: Mutex<State>,
}

pub(crate) struct State {
    matcher: Matcher,
    event: Event,
}

impl cg_matcher {
    /// Works with the matcher; a panic in `work` poisons the lock, and with it this matcher.
    pub(crate) fn work<R>(&self, work: impl FnOnce(&mut State) -> Result<R>) -> Result<R> {
        let mut state = self.state.try_lock().map_err(|e| match e {
            TryLockError::Poisoned(_) => Error::internal(
                "an earlier call on this matcher met a defect of casegraph: it is unusable, make another one",
            ),
            TryLockError::WouldBlock => {
                Error::invalid_argument("another call is using this matcher, expected one call at a time")
            }
        })?;
        work(&mut state)
    }
}

/// A matcher for a set of rules, owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_matcher_new(
    rules: *const cg_rules,
    out: *mut *mut cg_matcher,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (rules, out) = (object(rules, "rules")?, Out::required(out, "out")?);
            let state = State { matcher: rules.rules.matcher(), event: Event::default() };
            out.hand_over(cg_matcher { state: Mutex::new(state) });
            Ok(())
        })
    }
}

/// Frees a matcher. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_matcher_free(matcher: *mut cg_matcher) {
    // SAFETY: NULL, or from cg_matcher_new and not freed before.
    unsafe { free(matcher) }
}

/// Counts from now on what each rule costs, for cg_matcher_profile_json. Counting makes matching slower.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_matcher_with_profile(matcher: *mut cg_matcher, error: *mut *mut cg_error) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            object(matcher, "matcher")?.work(|s| {
                s.matcher = s.matcher.rules().matcher().with_profile();
                Ok(())
            })
        })
    }
}

/// The rules that match an event, one JSON object: `*count` numbers at `*numbers`, ascending, borrowed until the
/// matcher is next used or freed. `*numbers` is never NULL. CG_ERR_SYNTAX when the event is no JSON object,
/// CG_ERR_LIMIT when it nests deeper than 64 or holds more than 100,000 values; the matcher goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_matcher_matches(
    matcher: *mut cg_matcher,
    event: *const c_char,
    event_len: usize,
    numbers: *mut *const u32,
    count: *mut usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (matcher, event) = (object(matcher, "matcher")?, bytes(event, event_len, "event")?);
            let (numbers, count) = (Out::required(numbers, "numbers")?, Out::required(count, "count")?);
            matcher.work(|s| {
                s.event.read(event)?;
                let found = s.matcher.matches(&s.event);
                numbers.put(found.as_ptr());
                count.put(found.len());
                Ok(())
            })
        })
    }
}

/// What each rule cost and found since cg_matcher_with_profile, as JSON: `{"events","unknownEvents","rules"}`,
/// the rules by number as `{"rule","kind","title","id","events","evaluated","lines","hits","never"}`, where
/// `never` says why one was never evaluated. Without cg_matcher_with_profile the rules are not listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_matcher_profile_json(
    matcher: *mut cg_matcher,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (matcher, out) = (object(matcher, "matcher")?, Out::required(out, "out")?);
            out.put(matcher.work(|s| json(serde_json::to_vec(&s.matcher.profile())))?);
            Ok(())
        })
    }
}
