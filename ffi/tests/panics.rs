//! A panic inside never reaches the caller, and spoils at most the casebook that it happened on.
//!
//! No input is known to panic, so this test compiles the face into itself and panics on purpose.
#![expect(clippy::panic, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "the test uses a part of the face")]

#[path = "../src/lib.rs"]
mod face;

use std::ptr::{null, null_mut};

use face::casebook::{cg_casebook, cg_casebook_decide, cg_casebook_free, cg_casebook_new};
use face::error::{cg_error, cg_error_code, cg_error_free, cg_error_message};
use face::guard::guard;
use face::incident::cg_casebook_incidents;
use face::matcher::{cg_matcher_free, cg_matcher_matches, cg_matcher_new};
use face::rules::{cg_rules_builder_build, cg_rules_builder_free, cg_rules_builder_new, cg_rules_free};
use face::status::{CG_ERR_INTERNAL, CG_OK};

fn new() -> *mut cg_casebook {
    let mut book = null_mut();
    // SAFETY: `book` is a place for a pointer.
    assert_eq!(unsafe { cg_casebook_new(null(), 0, &raw mut book, null_mut()) }, CG_OK);
    book
}

fn can_be_asked(book: *const cg_casebook) -> bool {
    let mut incidents = null_mut();
    // SAFETY: `book` lives, `incidents` is a place for a pointer.
    let status = unsafe { cg_casebook_incidents(book, &raw mut incidents, null_mut()) };
    // SAFETY: NULL or just made.
    unsafe { face::incident::cg_incidents_free(incidents) };
    status == CG_OK
}

fn boom() -> ! {
    panic!("boom\0boom")
}

#[test]
fn a_panic_becomes_an_error() {
    let mut error: *mut cg_error = null_mut();
    // SAFETY: `error` is a place for a pointer.
    let status = unsafe { guard(&raw mut error, || boom()) };
    assert_eq!(status, CG_ERR_INTERNAL);
    // SAFETY: the call failed, so `error` lives until it is freed below.
    unsafe {
        assert_eq!(cg_error_code(error), CG_ERR_INTERNAL);
        assert_eq!(cg_error_message(error).len, "a defect of casegraph: boom boom".len());
        cg_error_free(error);
    }
}

#[test]
fn a_panic_during_a_change_spoils_that_casebook_only() {
    let (book, other) = (new(), new());
    // SAFETY: `book` lives.
    let status = unsafe { guard(null_mut(), || (*book).change(|_| boom())) };
    assert_eq!(status, CG_ERR_INTERNAL);
    let mut error: *mut cg_error = null_mut();
    let decision = br#"{"decision":"join","by":"a","at":"2026-03-12T09:00:00Z","alerts":["x"]}"#;
    // SAFETY: `book` lives, the text is as long as said, `error` is a place for a pointer.
    let status =
        unsafe { cg_casebook_decide(book, decision.as_ptr().cast(), decision.len(), null_mut(), &raw mut error) };
    assert_eq!(status, CG_ERR_INTERNAL);
    assert!(!can_be_asked(book));
    assert!(can_be_asked(other));
    // SAFETY: all live and are freed once.
    unsafe {
        cg_error_free(error);
        cg_casebook_free(book);
        cg_casebook_free(other);
    }
}

#[test]
fn a_panic_during_a_question_spoils_nothing() {
    let book = new();
    // SAFETY: `book` lives.
    let status = unsafe { guard(null_mut(), || (*book).ask(|_| boom())) };
    assert_eq!(status, CG_ERR_INTERNAL);
    assert!(can_be_asked(book));
    // SAFETY: lives and is freed once.
    unsafe { cg_casebook_free(book) };
}

#[test]
fn a_panic_during_a_match_spoils_that_matcher_only() {
    let (mut builder, mut rules, mut matcher, mut other) = (null_mut(), null_mut(), null_mut(), null_mut());
    // SAFETY: all are places for pointers, and what they hold lives.
    unsafe {
        assert_eq!(cg_rules_builder_new(&raw mut builder, null_mut()), CG_OK);
        assert_eq!(cg_rules_builder_build(builder, &raw mut rules, null_mut()), CG_OK);
        assert_eq!(cg_matcher_new(rules, &raw mut matcher, null_mut()), CG_OK);
        assert_eq!(cg_matcher_new(rules, &raw mut other, null_mut()), CG_OK);
    }
    // SAFETY: `matcher` lives.
    let status = unsafe { guard(null_mut(), || (*matcher).work(|_| boom())) };
    assert_eq!(status, CG_ERR_INTERNAL);
    let (mut numbers, mut count) = (null(), 0);
    for (matcher, expected) in [(matcher, CG_ERR_INTERNAL), (other, CG_OK)] {
        // SAFETY: `matcher` lives, the event is as long as said, the rest are places for results.
        let status =
            unsafe { cg_matcher_matches(matcher, c"{}".as_ptr(), 2, &raw mut numbers, &raw mut count, null_mut()) };
        assert_eq!(status, expected);
    }
    // SAFETY: all live and are freed once.
    unsafe {
        cg_matcher_free(matcher);
        cg_matcher_free(other);
        cg_rules_free(rules);
        cg_rules_builder_free(builder);
    }
}
