/*
 * casegraph: security alerts become incidents, in your process.
 *
 *     cg_casebook *book = NULL;
 *     cg_incidents *queue = NULL;
 *     cg_incident *first = NULL;
 *     cg_error *error = NULL;
 *     if (cg_casebook_new(NULL, 0, &book, &error) == CG_OK &&
 *         cg_casebook_ingest_file(book, "alerts.jsonl", 12, NULL, NULL, &error) == CG_OK &&
 *         cg_casebook_incidents(book, &queue, &error) == CG_OK &&
 *         cg_incidents_at(queue, 0, &first, &error) == CG_OK) {
 *         cg_str title = cg_incident_title(first);
 *         printf("%5.1f  %.*s\n", cg_incident_score(first), (int)title.len, title.ptr);
 *     } else {
 *         cg_str why = cg_error_text(error);
 *         fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
 *     }
 *     cg_error_free(error);
 *     cg_incident_free(first);
 *     cg_incidents_free(queue);
 *     cg_casebook_free(book);
 *
 * CONVENTIONS
 *
 * Names. cg_<type>_<verb>; the object comes first; constants begin with CG_.
 *
 * Status. A function that can fail returns cg_status: CG_OK, or a CG_ERR_ code that never changes its
 * number. Its last parameter is `cg_error **error`: NULL, or a place that is always written, with NULL
 * on success and a new error on failure, which the caller owns. An error belongs to its call; there is no
 * "last error" of a thread or of the process. Write `error` into a fresh place, or free what it held.
 *
 * Results. They go through out parameters, which come before `error`. They are written only on success,
 * and must not be NULL unless the function says so (CG_ERR_INVALID_ARGUMENT otherwise).
 *
 * Accessors. A function that returns its value itself cannot fail: for NULL and for an index past the
 * end it gives what its type says, mostly empty texts and zeroes.
 *
 * Handles. Types without members are opaque. Each is freed with the _free of its type, exactly once; NULL
 * may be freed. No handle needs another one to stay alive: free them in any order.
 *
 * Texts in. `const char *` and a length in bytes, UTF-8, no NUL needed; NULL only with length 0. They must
 * not change during the call, and are not kept after it. Bad UTF-8 is CG_ERR_INVALID_ARGUMENT, except in data
 * to be ingested and in rules, where it is a problem of the record or of the rule, and in events, where it is
 * CG_ERR_SYNTAX.
 *
 * Texts out. cg_str is borrowed, for as long as its function says; nobody frees it. cg_buffer is owned:
 * free it with cg_buffer_free. Neither ends with NUL. Nothing of this library is freed with free().
 *
 * Threads. Each type says what may run at once. There is no global state, and no thread is started unless
 * cg_ingest_options_set_threads asks for it.
 *
 * Defects. A panic inside never crosses into the caller: the call gives CG_ERR_INTERNAL, and the casebook
 * that was being changed, or the matcher that was used, is unusable from then on. Its message goes to the
 * standard error stream unless the process has installed another panic hook; this library installs none.
 * Running out of memory and passing dangling pointers end the process or are undefined, as everywhere in C.
 *
 * ABI. While CG_ABI_VERSION stays the same, a program built with this header runs with every later library:
 * functions, constants and their meaning stay; new ones may come. A change that breaks this raises
 * CG_ABI_VERSION, which `cg_abi_version() == CG_ABI_VERSION` tells at run time. The layout of cg_str,
 * cg_buffer and cg_fact_id never changes; all other types are opaque.
 *
 * Made from ffi/src by ffi/tests/header.rs; do not edit.
 */

#ifndef CASEGRAPH_H
#define CASEGRAPH_H

#include <stddef.h>
#include <stdint.h>

// Version of this header.
#define CG_VERSION_MAJOR 0

// Version of this header.
#define CG_VERSION_MINOR 1

// Version of this header.
#define CG_VERSION_PATCH 0

// Number of the ABI; see "ABI" at the top.
#define CG_ABI_VERSION 1

// What a callback returns to go on.
#define CG_CONTINUE 0

// What a callback returns to end the call with CG_ERR_CANCELLED.
#define CG_STOP 1

// A value that this version has no number for. The JSON form shows its spelling.
#define CG_VALUE_OTHER -1

// Verdict: not examined.
#define CG_VERDICT_UNKNOWN 0

// Verdict: examined, no threat found.
#define CG_VERDICT_CLEAN 1

// Verdict: probably a threat.
#define CG_VERDICT_SUSPICIOUS 2

// Verdict: a threat.
#define CG_VERDICT_MALICIOUS 3

// Severity: not stated.
#define CG_SEVERITY_UNKNOWN 0

// Severity: worth knowing, no threat by itself.
#define CG_SEVERITY_INFORMATIONAL 1

// Severity: low.
#define CG_SEVERITY_LOW 2

// Severity: medium.
#define CG_SEVERITY_MEDIUM 3

// Severity: high.
#define CG_SEVERITY_HIGH 4

// Incident status: open.
#define CG_INCIDENT_ACTIVE 0

// Incident status: done.
#define CG_INCIDENT_RESOLVED 1

// Incident status: somebody works on it.
#define CG_INCIDENT_IN_PROGRESS 2

// Incident status: merged into another incident.
#define CG_INCIDENT_REDIRECTED 3

// Incident status: waits for the customer.
#define CG_INCIDENT_AWAITING_ACTION 4

// Fact: a detector raised this alert.
#define CG_FACT_ALERT 0

// Fact: a part of an alert whose source prints one row per evidence item.
#define CG_FACT_ALERT_PART 1

// Fact: the vendor's own record of an incident.
#define CG_FACT_INCIDENT 2

// Fact: something is known to be good or bad.
#define CG_FACT_INDICATOR 3

// Fact: a person decided something.
#define CG_FACT_DECISION 4

// Fact: an earlier fact is withdrawn.
#define CG_FACT_RETRACTION 5

// Fact: a raw event that a rule matched, or that a timeline keeps.
#define CG_FACT_EVENT 6

// Fact: an executor says how far an action is.
#define CG_FACT_ACTION_REPORT 7

// An action has begun.
#define CG_OUTCOME_RUNNING 0

// It waits: the device does not answer, say.
#define CG_OUTCOME_WAITING 1

// It is done.
#define CG_OUTCOME_COMPLETED 2

// There was nothing there to do it to.
#define CG_OUTCOME_NOT_FOUND 3

// It is done in part.
#define CG_OUTCOME_PARTIALLY 4

// It could not be done.
#define CG_OUTCOME_FAILED 5

// A time that is not known.
#define CG_NO_TIME (-9223372036854775807 - 1)

// Everything that is known of one incident, as of a time: what pages, pictures and exports are made of. Freed with
// cg_case_file_free.
//
// Immutable, a snapshot: it depends on no casebook, is freed in any order, and any number of threads may read it at
// once. The same case file gives the same bytes.
typedef struct cg_case_file cg_case_file;

// Facts in, judgements out: the log of facts, and everything it tells. Freed with cg_casebook_free.
//
// Functions that take `const cg_casebook *` may run on many threads at once. Those that take
// `cg_casebook *` change it: one at a time, with no other function on the same casebook meanwhile. A
// call that meets a change under way fails with CG_ERR_INVALID_ARGUMENT and touches nothing (freeing
// is the exception: nothing may be under way then). Different casebooks never share anything.
//
// A panic during a change leaves a casebook unusable: every later call on it gives CG_ERR_INTERNAL,
// and only freeing it remains.
typedef struct cg_casebook cg_casebook;

// Why a call failed. Made by that call, owned by the caller, freed with cg_error_free.
//
// Immutable: any number of threads may read it at once. Texts borrowed from it live as long as it.
// Every accessor takes NULL, for "no error": CG_OK, empty texts, zeroes.
typedef struct cg_error cg_error;

// One incident at one moment. Freed with cg_incident_free.
//
// Immutable, a snapshot: it depends on no casebook and no list, is freed in any order, and any number of
// threads may read it at once. Texts borrowed from it live as long as it. Accessors take NULL, and
// indexes past the end: empty texts, zeroes, CG_VALUE_OTHER, CG_NO_TIME.
typedef struct cg_incident cg_incident;

// The incidents of a casebook at one moment, the most urgent first. Freed with cg_incidents_free.
//
// Immutable, a snapshot: it depends on no casebook, and any number of threads may read it at once.
typedef struct cg_incidents cg_incidents;

// How an input is read. Use from one thread at a time; an ingest only reads it, so that it serves many.
//
// NULL in place of options: the format is detected, one thread, no callback.
typedef struct cg_ingest_options cg_ingest_options;

// Runs a set of rules over events. Make one and keep it: it holds the memory that matching needs. Freed with
// cg_matcher_free.
//
// Use from one thread at a time; a call that meets another on the same matcher fails with
// CG_ERR_INVALID_ARGUMENT. It does not depend on the set it was made of. A panic leaves a matcher unusable:
// every later call on it gives CG_ERR_INTERNAL, and only freeing it remains.
typedef struct cg_matcher cg_matcher;

// What one ingest read, and what it did not understand. Freed with cg_report_free.
//
// Immutable: any number of threads may read it at once. It does not depend on the casebook. Texts
// borrowed from it live as long as it. Accessors take NULL: zeroes and empty texts.
typedef struct cg_report cg_report;

// Sigma rules, compiled. Freed with cg_rules_free.
//
// Immutable: any number of threads may use it at once, each with a matcher of its own. Matchers and sets
// made of it, and casebooks that use it, stay when it is freed. Texts borrowed from it live as long as it. A rule has a number, from 0;
// accessors take NULL, and numbers past the end: zeroes and empty texts.
typedef struct cg_rules cg_rules;

// Collects what a set of rules is built of. Freed with cg_rules_builder_free. Use from one thread at a
// time.
//
// A call that fails changes nothing, except cg_rules_builder_build. What a text or a file holds is looked at
// when the set is built.
typedef struct cg_rules_builder cg_rules_builder;

// Borrowed UTF-8 text: `len` bytes at `ptr`, not terminated by NUL, and possibly with NULs inside.
//
// Valid as long as the function that gave it says. `ptr` is never NULL. Print it with
// `printf("%.*s", (int)s.len, s.ptr)`; text of alerts is written by attackers, escape it for terminals.
typedef struct cg_str {
  // First byte.
  const char *ptr;
  // Number of bytes.
  size_t len;
} cg_str;

// What a fallible call returns: CG_OK, or one of CG_ERR_*.
typedef int32_t cg_status;

// Owned bytes: the caller frees them with cg_buffer_free, and must not change the members.
typedef struct cg_buffer {
  // First byte; NULL after cg_buffer_free.
  char *ptr;
  // Number of bytes.
  size_t len;
  // For cg_buffer_free only.
  size_t capacity;
} cg_buffer;

// Called during an ingest with the bytes read so far, every 64 KiB or more: CG_CONTINUE goes on,
// anything else ends the ingest with CG_ERR_CANCELLED (what was read is kept).
//
// It runs on the thread that called the ingest. It may not throw nor longjmp. A call on the casebook
// that is being changed fails with CG_ERR_INVALID_ARGUMENT; other casebooks may be used.
typedef int32_t (*cg_progress)(void *user_data, uint64_t bytes);

// The id of a fact: 64 hex digits and a NUL. Its size never changes.
typedef struct cg_fact_id {
  // The digits, terminated by NUL.
  char hex[65];
} cg_fact_id;

// What is to be carried out. Its texts are borrowed until the callback returns; what attackers wrote is in them.
typedef struct cg_action_request {
  // Idempotency key: whoever carries out requests does so once for each key.
  struct cg_str key;
  // What to do, as `quarantineFile`: the action, or what takes it back.
  struct cg_str perform;
  // Is it to take the action back? 0 or 1.
  int32_t undo;
  // Id of the action.
  struct cg_str action_id;
  // Kind, id and name of what to do it to.
  struct cg_str entity_kind;
  struct cg_str entity_id;
  struct cg_str entity_name;
  // Id and name of the device to do it on; empty where it is done on none.
  struct cg_str device_id;
  struct cg_str device_name;
  // Id of the incident's earliest alert, and its tenant.
  struct cg_str incident;
  struct cg_str tenant_id;
  // All of it as JSON, identifiers and who agreed included.
  struct cg_str json;
} cg_action_request;

// What an executor says. It is zero when the callback begins, which says CG_OUTCOME_RUNNING. Texts are read when the
// callback has returned, and must live until then.
typedef struct cg_action_reply {
  // CG_OUTCOME_*.
  int32_t outcome;
  // A reason, say, as UTF-8; may be NULL with a length of 0.
  const char *message;
  size_t message_len;
  // Since when, RFC 3339; NULL with a length of 0 for the time of the call.
  const char *at;
  size_t at_len;
} cg_action_reply;

// Carries a request out, or has it begun, and says so in `reply`. CG_CONTINUE goes on with the next request, anything
// else leaves the others pending.
//
// It runs on the thread that called cg_casebook_execute. It may not throw nor longjmp. A call on the casebook that is
// being changed fails with CG_ERR_INVALID_ARGUMENT; other casebooks may be used.
typedef int32_t (*cg_executor)(void *user_data,
                               const struct cg_action_request *request,
                               struct cg_action_reply *reply);

// The call did what it says.
#define CG_OK 0

// A document is not well-formed JSON.
#define CG_ERR_SYNTAX 1

// The format of an input is not known, or the named format does not exist.
#define CG_ERR_FORMAT 2

// A value is not what the call allows: NULL, bad UTF-8, a malformed document, a handle in use.
#define CG_ERR_INVALID_ARGUMENT 3

// No alert, incident, entity, fact or rule has this id.
#define CG_ERR_NOT_FOUND 4

// A limit of the policy was reached.
#define CG_ERR_LIMIT 5

// A saved log is of an unknown version or no log at all.
#define CG_ERR_LOG 6

// Reading or writing failed.
#define CG_ERR_IO 7

// The progress callback asked to stop.
#define CG_ERR_CANCELLED 8

// A defect of casegraph: a panic was contained. The casebook or matcher it happened on is unusable.
#define CG_ERR_INTERNAL 9

// Rules or a field mapping cannot be used.
#define CG_ERR_RULE 10

// What was decided before stands in the way; once it is decided otherwise the call works.
#define CG_ERR_CONFLICT 11

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of the library that runs, e.g. `0.1.0`. Static.
struct cg_str cg_version(void);

// The ABI of the library that runs: it fits this header if it equals CG_ABI_VERSION.
int32_t cg_abi_version(void);

// The stable name of a status, e.g. `not_found`; `ok` for CG_OK; empty for a number that is none. Static.
struct cg_str cg_status_name(cg_status status);

// The name of a CG_VERDICT_*, as in JSON; empty for a number that is none. Static.
struct cg_str cg_verdict_name(int32_t verdict);

// The name of a CG_SEVERITY_*, as in JSON; empty for a number that is none. Static.
struct cg_str cg_severity_name(int32_t severity);

// The name of a CG_INCIDENT_*, as in JSON; empty for a number that is none. Static.
struct cg_str cg_incident_status_name(int32_t status);

// The name of a CG_FACT_*, e.g. `alertPart`; empty for a number that is none. Static.
struct cg_str cg_fact_kind_name(int32_t kind);

// Frees the bytes and sets all members to zero, so that freeing again does nothing. NULL is ignored.
void cg_buffer_free(struct cg_buffer *buffer);

// Frees an error. NULL is ignored.
void cg_error_free(struct cg_error *error);

// The code: what the failed call returned.
cg_status cg_error_code(const struct cg_error *error);

// What went wrong, in one line and without the place. Lives as long as the error.
struct cg_str cg_error_message(const struct cg_error *error);

// Place and message, and the help on a line of its own: for showing to people. Lives as long as the error.
struct cg_str cg_error_text(const struct cg_error *error);

// What to do about it; empty when that is not known. Static.
struct cg_str cg_error_help(const struct cg_error *error);

// Name of the input it is in; empty when there is none. Lives as long as the error.
struct cg_str cg_error_source(const struct cg_error *error);

// JSON path inside the record; empty when there is none. Lives as long as the error.
struct cg_str cg_error_path(const struct cg_error *error);

// Record of the input, from 1; 0 when unknown.
uint64_t cg_error_record(const struct cg_error *error);

// Line, from 1; 0 when unknown.
uint64_t cg_error_line(const struct cg_error *error);

// Column, from 1: in bytes, and in characters for CG_ERR_RULE; 0 when unknown.
uint64_t cg_error_column(const struct cg_error *error);

// New options with the defaults; free them with cg_ingest_options_free.
cg_status cg_ingest_options_new(struct cg_ingest_options **out, struct cg_error **error);

// Frees options. NULL is ignored.
void cg_ingest_options_free(struct cg_ingest_options *options);

// Names the format instead of detecting it, e.g. `graph-alerts`; an empty name detects again.
// CG_ERR_FORMAT for a name that is none; its message lists the names.
cg_status cg_ingest_options_set_format(struct cg_ingest_options *options,
                                       const char *name,
                                       size_t name_len,
                                       struct cg_error **error);

// Reads JSON Lines of Graph alerts on this many threads; 0 and 1 are the calling thread alone. The
// result is the same.
cg_status cg_ingest_options_set_threads(struct cg_ingest_options *options,
                                        size_t threads,
                                        struct cg_error **error);

// Sets the callback, NULL for none. `user_data` is handed to it as it is; it must live as long as the
// options are used, and is never freed.
cg_status cg_ingest_options_set_progress(struct cg_ingest_options *options,
                                         cg_progress progress,
                                         void *user_data,
                                         struct cg_error **error);

// Frees a report. NULL is ignored.
void cg_report_free(struct cg_report *report);

// Name of the recognised format; empty when none was. Static.
struct cg_str cg_report_format(const struct cg_report *report);

// Records found.
uint64_t cg_report_records(const struct cg_report *report);

// Alerts among the records.
uint64_t cg_report_alerts(const struct cg_report *report);

// Raw events among the records.
uint64_t cg_report_events(const struct cg_report *report);

// Matches of detection rules in them.
uint64_t cg_report_matches(const struct cg_report *report);

// Events whose logsource is unknown: only rules without a product were asked.
uint64_t cg_report_unknown_events(const struct cg_report *report);

// Events without a match that did not stay, because the policy's `rules.heldBytes` was reached before it was
// known whether a match is near.
uint64_t cg_report_unheld_events(const struct cg_report *report);

// Facts that the casebook did not have.
uint64_t cg_report_new_facts(const struct cg_report *report);

// Facts that the casebook had already.
uint64_t cg_report_duplicates(const struct cg_report *report);

// Problems listed.
size_t cg_report_problem_count(const struct cg_report *report);

// Problems beyond those listed, when there are more than the policy's `limits.problems`.
uint64_t cg_report_more_problems(const struct cg_report *report);

// What was wrong, in one line; empty past the end. Lives as long as the report.
struct cg_str cg_report_problem_message(const struct cg_report *report, size_t index);

// What kind of problem it is, e.g. `wrong_type`; empty past the end. Lives as long as the report.
struct cg_str cg_report_problem_code(const struct cg_report *report, size_t index);

// JSON path of the value, `$` for the whole record; empty past the end. Lives as long as the report.
struct cg_str cg_report_problem_path(const struct cg_report *report, size_t index);

// Record, from 1; 0 past the end.
uint64_t cg_report_problem_record(const struct cg_report *report, size_t index);

// The whole report as JSON.
cg_status cg_report_json(const struct cg_report *report, struct cg_buffer *out, struct cg_error **error);

// An empty casebook. `policy_json` holds the numbers that differ from the defaults, e.g.
// `{"correlate":{"nearMisses":5}}`; NULL or empty for all defaults.
// CG_ERR_INVALID_ARGUMENT with line and column when it is no policy.
cg_status cg_casebook_new(const char *policy_json,
                          size_t policy_json_len,
                          struct cg_casebook **out,
                          struct cg_error **error);

// Frees a casebook; what came from it and is not said to borrow from it stays. NULL is ignored.
void cg_casebook_free(struct cg_casebook *book);

// Puts these rules in the place of those in use, if any, and judges every kept event and every incident
// anew. From now on an ingest takes in raw events too. The casebook shares the set: it may be freed at once.
// A saved log holds no rules: set them again on a loaded casebook.
//
// Events that no rule matched when they came in, and that the policy's `rules.keep` did not keep, are gone.
// CG_ERR_LIMIT when the rules make more alerts than a casebook can hold. After a failure the old rules stay.
cg_status cg_casebook_set_rules(struct cg_casebook *book,
                                const struct cg_rules *rules,
                                struct cg_error **error);

// Takes in alerts or incidents from memory, and raw events once there are rules (cg_casebook_set_rules);
// `source` names them in problem reports. One bad record is a problem of the report, never a failure.
// `options` and `report` may be NULL; `*report` is owned by the caller. After CG_ERR_LIMIT and CG_ERR_CANCELLED what was read before is kept.
cg_status cg_casebook_ingest(struct cg_casebook *book,
                             const char *source,
                             size_t source_len,
                             const char *data,
                             size_t data_len,
                             const struct cg_ingest_options *options,
                             struct cg_report **report,
                             struct cg_error **error);

// Takes in a file, as cg_casebook_ingest. JSON Lines are read as a stream: the file may be larger than
// memory. `path` is UTF-8. CG_ERR_IO with the path as source when it cannot be read.
cg_status cg_casebook_ingest_file(struct cg_casebook *book,
                                  const char *path,
                                  size_t path_len,
                                  const struct cg_ingest_options *options,
                                  struct cg_report **report,
                                  struct cg_error **error);

// Takes in indicators: one JSON object, a list, or JSON Lines. A bad one is a problem of the report.
// `report` may be NULL; `*report` is owned by the caller.
cg_status cg_casebook_add_indicators(struct cg_casebook *book,
                                     const char *source,
                                     size_t source_len,
                                     const char *json,
                                     size_t json_len,
                                     struct cg_report **report,
                                     struct cg_error **error);

// Adds one indicator, e.g. `{"kind":"dns","value":"evil.example","verdict":"malicious"}`; a bad one is
// CG_ERR_INVALID_ARGUMENT. `fact` may be NULL; it receives the id of the fact.
cg_status cg_casebook_add_indicator(struct cg_casebook *book,
                                    const char *json,
                                    size_t json_len,
                                    struct cg_fact_id *fact,
                                    struct cg_error **error);

// Records a person's decision, e.g. `{"decision":"assign","to":"ada@example.com","by":"ada",
// "at":"2026-03-12T09:00:00Z","alerts":["..."]}`. CG_ERR_NOT_FOUND when none of its alerts is known,
// CG_ERR_INVALID_ARGUMENT when it is none. `fact` may be NULL; it receives the id of the fact.
cg_status cg_casebook_decide(struct cg_casebook *book,
                             const char *json,
                             size_t json_len,
                             struct cg_fact_id *fact,
                             struct cg_error **error);

// Withdraws a fact: `{"fact":"<64 hex digits>","by":"ada","reason":"..."}`. From now on everything is
// as if it had never come in. CG_ERR_NOT_FOUND when there is no such fact. `fact` may be NULL; it
// receives the id of the retraction, which is a fact itself.
cg_status cg_casebook_retract(struct cg_casebook *book,
                              const char *json,
                              size_t json_len,
                              struct cg_fact_id *fact,
                              struct cg_error **error);

// The casebook as it was after its first `facts` facts, under the same policy and rules: a new casebook,
// owned by the caller. CG_ERR_INVALID_ARGUMENT when the log is shorter.
cg_status cg_casebook_as_of(const struct cg_casebook *book,
                            size_t facts,
                            struct cg_casebook **out,
                            struct cg_error **error);

// Writes the whole log to a file: to a new one beside it first, so that a crash leaves the old one.
// `path` is UTF-8.
cg_status cg_casebook_save(const struct cg_casebook *book,
                           const char *path,
                           size_t path_len,
                           struct cg_error **error);

// The facts from position `from` on as log bytes. From 0 on they are the whole log; otherwise they are
// to be appended to one that was saved when the casebook had `from` facts.
cg_status cg_casebook_save_buffer(const struct cg_casebook *book,
                                  size_t from,
                                  struct cg_buffer *out,
                                  struct cg_error **error);

// Reads a saved log from a file into a new casebook, owned by the caller. The policy is as for
// cg_casebook_new; rules are set on it afterwards. What is damaged is left out and told in `damage` (may be
// NULL): a JSON list of `{"offset","bytes","factsBefore","message"}`, `[]` for a sound file, owned by the caller.
// CG_ERR_LOG when it is no log of a known version, CG_ERR_IO, CG_ERR_LIMIT.
cg_status cg_casebook_load(const char *path,
                           size_t path_len,
                           const char *policy_json,
                           size_t policy_json_len,
                           struct cg_casebook **out,
                           struct cg_buffer *damage,
                           struct cg_error **error);

// As cg_casebook_load, from memory.
cg_status cg_casebook_load_bytes(const char *log,
                                 size_t log_len,
                                 const char *policy_json,
                                 size_t policy_json_len,
                                 struct cg_casebook **out,
                                 struct cg_buffer *damage,
                                 struct cg_error **error);

// Number of facts, withdrawn and superseded ones included; 0 for NULL, during a
// change, and for an unusable casebook.
size_t cg_casebook_fact_count(const struct cg_casebook *book);

// The fact at a position, from 0, in the order they came. Each of `kind` (CG_FACT_*), `id` and `json` may
// be NULL. `*json`, its canonical JSON, is borrowed until the casebook is next changed or freed.
// CG_ERR_INVALID_ARGUMENT past the end.
cg_status cg_casebook_fact(const struct cg_casebook *book,
                           size_t position,
                           int32_t *kind,
                           struct cg_fact_id *id,
                           struct cg_str *json,
                           struct cg_error **error);

// The fact with this id, 64 hex digits. Each of `position`, `kind` (CG_FACT_*) and `json` may be NULL.
// `*json`, its canonical JSON, is borrowed until the casebook is next changed or freed.
cg_status cg_casebook_find_fact(const struct cg_casebook *book,
                                const char *id,
                                size_t id_len,
                                size_t *position,
                                int32_t *kind,
                                struct cg_str *json,
                                struct cg_error **error);

// An alert as it stands, as its canonical JSON: `*out` is borrowed until the casebook is next changed or
// freed. CG_ERR_NOT_FOUND.
cg_status cg_casebook_alert_json(const struct cg_casebook *book,
                                 const char *alert_id,
                                 size_t alert_id_len,
                                 struct cg_str *out,
                                 struct cg_error **error);

// Why an entity of an incident has its verdict, as a proof (`casegraph.proof/1`, described by
// `schema/proof-1.json`): the opinions that made it with the facts that they are read of, the path that
// suspicion took, what was overruled and by what, and what all that holds under. cg_casebook_check_json goes
// over it, cg_proof_tree draws it. Any alert of the incident and any identifier of the entity
// (`kind:type:value`) will do. CG_ERR_NOT_FOUND when either is not known.
cg_status cg_casebook_explain_json(const struct cg_casebook *book,
                                   const char *alert_id,
                                   size_t alert_id_len,
                                   const char *entity_id,
                                   size_t entity_id_len,
                                   struct cg_buffer *out,
                                   struct cg_error **error);

// Everything that the alerts of an incident say of one entity, as JSON: its identifiers, and its
// properties with the facts that give them. Ids as for
// cg_casebook_explain_json. CG_ERR_NOT_FOUND when either is not known.
cg_status cg_casebook_entity_json(const struct cg_casebook *book,
                                  const char *alert_id,
                                  size_t alert_id_len,
                                  const char *entity_id,
                                  size_t entity_id_len,
                                  struct cg_buffer *out,
                                  struct cg_error **error);

// The entity graph of an incident, by any of its alerts, as JSON: `{"nodes":[],"edges":[]}`.
// CG_ERR_NOT_FOUND.
cg_status cg_casebook_graph_json(const struct cg_casebook *book,
                                 const char *alert_id,
                                 size_t alert_id_len,
                                 struct cg_buffer *out,
                                 struct cg_error **error);

// What happened in an incident, by any of its alerts, as JSON by time: `{"entries":[{"time","kind","id","title",
// "severity","device","alerts"}],"leftOut"}`; `kind` is `alert`, or `event` for a raw event that the casebook
// keeps. With `entity_id`, as for cg_casebook_explain_json, only what concerns that entity; NULL or empty for
// the whole incident. CG_ERR_NOT_FOUND when either is not known.
cg_status cg_casebook_timeline_json(const struct cg_casebook *book,
                                    const char *alert_id,
                                    size_t alert_id_len,
                                    const char *entity_id,
                                    size_t entity_id_len,
                                    struct cg_buffer *out,
                                    struct cg_error **error);

// Which verdicts, incidents and priorities would change if these rules were in use, as JSON:
// like that of cg_casebook_what_if_json. The casebook is not changed. CG_ERR_LIMIT as for cg_casebook_set_rules.
cg_status cg_casebook_impact_json(const struct cg_casebook *book,
                                  const struct cg_rules *rules,
                                  struct cg_buffer *out,
                                  struct cg_error **error);

// All incidents, the most urgent first, as one JSON list of `{"id","tenantId","score","alerts",
// "firstActivity","lastActivity"}`.
cg_status cg_casebook_queue_json(const struct cg_casebook *book,
                                 struct cg_buffer *out,
                                 struct cg_error **error);

// The whole queue with every incident summed up, as one JSON document (`casegraph.queue/1`).
cg_status cg_casebook_to_json(const struct cg_casebook *book, struct cg_buffer *out, struct cg_error **error);

// The policy, every number written out, as JSON.
cg_status cg_casebook_policy_json(const struct cg_casebook *book,
                                  struct cg_buffer *out,
                                  struct cg_error **error);

// As cg_casebook_explain_json, with at most `work` units of work: one for each evidence item and relation of
// the incident that is read, and each relation that is looked at on the way of suspicion. When they run out
// before the verdict is settled, the member `undecided` says between which scores it lies and which verdicts
// are possible. The same budget gives the same bytes.
cg_status cg_casebook_explain_within_json(const struct cg_casebook *book,
                                          const char *alert_id,
                                          size_t alert_id_len,
                                          const char *entity_id,
                                          size_t entity_id_len,
                                          uint64_t work,
                                          struct cg_buffer *out,
                                          struct cg_error **error);

// Goes over a proof, as cg_casebook_explain_json gives it, with nothing but the facts, the policy and the rules
// of the casebook. `*out` is the first step that does not hold, as JSON with `kind`, `at` and `message`, and
// `null` when the proof holds. CG_ERR_INVALID_ARGUMENT when the text is no proof.
cg_status cg_casebook_check_json(const struct cg_casebook *book,
                                 const char *proof_json,
                                 size_t proof_json_len,
                                 struct cg_buffer *out,
                                 struct cg_error **error);

// A proof, as cg_casebook_explain_json gives it, as a tree of text: the verdict, below it what it rests on, and
// at the leaves the facts. Whatever sources wrote is escaped. CG_ERR_INVALID_ARGUMENT when the text is no proof.
cg_status cg_proof_tree(const char *proof_json,
                        size_t proof_json_len,
                        struct cg_buffer *out,
                        struct cg_error **error);

// What these changes together would do to verdicts, incidents, kill chains and priorities, and which of them does
// each, as JSON: `{"incidentsBefore","incidentsAfter","newAlerts":[],"goneAlerts":[],"incidents":[{"change","before":[],
// "after":[],"verdicts":[],"cause":{"how","by":[]}}]}`. `changes` is a JSON list of `{"without":FACT}`, `{"alert":{}}`,
// `{"indicator":{}}`, `{"decision":{}}`, `{"ruleOff":NAME}` and `{"policy":{}}`, which needs only the members
// that differ from the policy in use. `rules` is NULL, or the set that takes the place of the rules in use. The
// casebook is not changed. CG_ERR_NOT_FOUND for a fact or rule that is not known, CG_ERR_INVALID_ARGUMENT for a
// change that means nothing.
cg_status cg_casebook_what_if_json(const struct cg_casebook *book,
                                   const char *changes,
                                   size_t changes_len,
                                   const struct cg_rules *rules,
                                   struct cg_buffer *out,
                                   struct cg_error **error);

// What differs between two states of the casebook, as JSON like that of cg_casebook_what_if_json, with the facts,
// rules or members of the policy that do it. A state is the casebook as it is, where its JSON,
// `{"facts":NUMBER,"policy":{}}`, does not say otherwise: after its first facts, under another policy; NULL or empty
// for as it is. Its rules are NULL, or those in the place of the rules in use. CG_ERR_INVALID_ARGUMENT when the log
// is shorter.
cg_status cg_casebook_diff_json(const struct cg_casebook *book,
                                const char *from,
                                size_t from_len,
                                const struct cg_rules *from_rules,
                                const char *to,
                                size_t to_len,
                                const struct cg_rules *to_rules,
                                struct cg_buffer *out,
                                struct cg_error **error);

// The fewest facts without which an entity has at most `verdict`, if it is graver now, or at least `verdict`, if
// it is milder, and single indicators and decisions that do the same, as JSON: `{"entity","verdict","goal","wanted",
// "without","minimal","noneUpTo","with":[],"candidates","worlds","complete"}`. `verdict` is one of Graph's, as
// `noThreatsFound`; ids as for cg_casebook_explain_json. The search looks at no more than `budget` worlds, 0 for
// `whatIf.worlds` of the policy, and says what it has proved. CG_ERR_NOT_FOUND when alert or entity is not known.
cg_status cg_casebook_counterfactual_json(const struct cg_casebook *book,
                                          const char *alert_id,
                                          size_t alert_id_len,
                                          const char *entity_id,
                                          size_t entity_id_len,
                                          const char *verdict,
                                          size_t verdict_len,
                                          uint64_t budget,
                                          struct cg_buffer *out,
                                          struct cg_error **error);

// Merges incidents, each given by any of its alerts: `alerts_json` is a JSON list of ids. From now on all of their
// alerts are one incident, which grows on by itself; retracting the fact undoes it.
// `author_json` says who, when and why: `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"one intrusion"}`.
//
// CG_ERR_CONFLICT when the incidents cannot be merged as they stand: one is resolved, their owners,
// classifications or determinations differ, or their tenants. CG_ERR_LIMIT for more than the policy's
// `manage.mergedIncidents`, or more alerts than `correlate.maxAlertsPerIncident`. CG_ERR_INVALID_ARGUMENT for
// fewer than two incidents, and without a reason as long as `manage.reasons` asks for one. CG_ERR_NOT_FOUND.
// `fact` may be NULL; it receives the id of the fact.
cg_status cg_casebook_merge(struct cg_casebook *book,
                            const char *alerts_json,
                            size_t alerts_json_len,
                            const char *author_json,
                            size_t author_json_len,
                            struct cg_fact_id *fact,
                            struct cg_error **error);

// Splits alerts of one incident off into an incident of their own. Neither side meets the other again by itself,
// both grow on, and what was decided about the incident as a whole stays with the rest. Parameters as for
// cg_casebook_merge. CG_ERR_INVALID_ARGUMENT when a side would be empty or the alerts are of several incidents.
cg_status cg_casebook_split(struct cg_casebook *book,
                            const char *alerts_json,
                            size_t alerts_json_len,
                            const char *author_json,
                            size_t author_json_len,
                            struct cg_fact_id *fact,
                            struct cg_error **error);

// Moves alerts to the incident of the alert `to`, or with NULL or an empty text to a new incident. They leave the
// incidents that they are in even if they are linked there. Other parameters as for cg_casebook_merge.
// CG_ERR_CONFLICT when the target is resolved or of another tenant, CG_ERR_INVALID_ARGUMENT when an alert is in
// it already.
cg_status cg_casebook_move(struct cg_casebook *book,
                           const char *alerts_json,
                           size_t alerts_json_len,
                           const char *to,
                           size_t to_len,
                           const char *author_json,
                           size_t author_json_len,
                           struct cg_fact_id *fact,
                           struct cg_error **error);

// Every alert of an incident by time, by any of them, as a JSON list of ids: what a decision about the incident
// names in `alerts`. CG_ERR_NOT_FOUND.
cg_status cg_casebook_alert_ids_json(const struct cg_casebook *book,
                                     const char *alert_id,
                                     size_t alert_id_len,
                                     struct cg_buffer *out,
                                     struct cg_error **error);

// The earlier incidents of the same tenant most like the one of an alert, at most `limit`, as JSON:
// `{"id","model","incidents":[{"id","title","score","shares":[],"shared":[],"status","classification",
// "resolution", ...}],"more","tooCommon"}`. CG_ERR_NOT_FOUND.
cg_status cg_casebook_similar_json(const struct cg_casebook *book,
                                   const char *alert_id,
                                   size_t alert_id_len,
                                   size_t limit,
                                   struct cg_buffer *out,
                                   struct cg_error **error);

// Gives the incident of an alert, any of its alerts, to somebody, and with it all of its alerts; with NULL or an empty
// text to nobody. `author_json` says who decides, when and why:
// `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"on duty"}`. `fact` may be NULL; it receives the id of the
// decision's fact, and retracting that undoes it. CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
cg_status cg_casebook_assign(struct cg_casebook *book,
                             const char *alert_id,
                             size_t alert_id_len,
                             const char *to,
                             size_t to_len,
                             const char *author_json,
                             size_t author_json_len,
                             struct cg_fact_id *fact,
                             struct cg_error **error);

// Says how far the work on an incident is: `active`, `inProgress`, `resolved`, ... A resolved incident has all of its
// alerts resolved and takes in no others by itself; any other status opens it again. Other parameters as for
// cg_casebook_assign.
cg_status cg_casebook_set_status(struct cg_casebook *book,
                                 const char *alert_id,
                                 size_t alert_id_len,
                                 const char *status,
                                 size_t status_len,
                                 const char *author_json,
                                 size_t author_json_len,
                                 struct cg_fact_id *fact,
                                 struct cg_error **error);

// Resolves an incident, and with it all of its alerts; the author's reason is the note that stands with it. Parameters
// as for cg_casebook_assign.
cg_status cg_casebook_resolve(struct cg_casebook *book,
                              const char *alert_id,
                              size_t alert_id_len,
                              const char *author_json,
                              size_t author_json_len,
                              struct cg_fact_id *fact,
                              struct cg_error **error);

// Says what an incident was found to be: `truePositive`, `falsePositive`, `informationalExpectedActivity`, or
// `unknown`, which takes the finding back; and the finer finding, `unknown` or one that goes with it (`phishing` with
// `truePositive`, ...). CG_ERR_INVALID_ARGUMENT lists those that do. Other parameters as for cg_casebook_assign.
cg_status cg_casebook_classify(struct cg_casebook *book,
                               const char *alert_id,
                               size_t alert_id_len,
                               const char *classification,
                               size_t classification_len,
                               const char *determination,
                               size_t determination_len,
                               const char *author_json,
                               size_t author_json_len,
                               struct cg_fact_id *fact,
                               struct cg_error **error);

// Sets the severity of an incident by hand: `informational`, `low`, `medium` or `high`. Other parameters as for
// cg_casebook_assign.
cg_status cg_casebook_set_severity(struct cg_casebook *book,
                                   const char *alert_id,
                                   size_t alert_id_len,
                                   const char *severity,
                                   size_t severity_len,
                                   const char *author_json,
                                   size_t author_json_len,
                                   struct cg_fact_id *fact,
                                   struct cg_error **error);

// Gives an incident another name, of up to 500 characters. Other parameters as for cg_casebook_assign.
cg_status cg_casebook_rename(struct cg_casebook *book,
                             const char *alert_id,
                             size_t alert_id_len,
                             const char *title,
                             size_t title_len,
                             const char *author_json,
                             size_t author_json_len,
                             struct cg_fact_id *fact,
                             struct cg_error **error);

// Adds a tag of up to 100 characters to an incident. Other parameters as for cg_casebook_assign.
cg_status cg_casebook_tag(struct cg_casebook *book,
                          const char *alert_id,
                          size_t alert_id_len,
                          const char *tag,
                          size_t tag_len,
                          const char *author_json,
                          size_t author_json_len,
                          struct cg_fact_id *fact,
                          struct cg_error **error);

// Takes a tag away that a person gave. CG_ERR_INVALID_ARGUMENT for a system tag, which goes with its ground. Other
// parameters as for cg_casebook_assign.
cg_status cg_casebook_untag(struct cg_casebook *book,
                            const char *alert_id,
                            size_t alert_id_len,
                            const char *tag,
                            size_t tag_len,
                            const char *author_json,
                            size_t author_json_len,
                            struct cg_fact_id *fact,
                            struct cg_error **error);

// Puts a comment of up to 30,000 characters on an incident. Other parameters as for cg_casebook_assign.
cg_status cg_casebook_comment(struct cg_casebook *book,
                              const char *alert_id,
                              size_t alert_id_len,
                              const char *comment,
                              size_t comment_len,
                              const char *author_json,
                              size_t author_json_len,
                              struct cg_fact_id *fact,
                              struct cg_error **error);

// What people and the system did to the incident of an alert, the oldest first, as JSON:
// `{"id","entries":[{"at","origin","type","by","targetType","target","text","reason","fact"}],"moreSystem"}`.
//
// `filter_json` chooses: `{"types":["assigned"],"origins":["person"],"by":["ada"],"since":"2026-03-12T00:00:00Z",
// "until":"2026-03-13T00:00:00Z","texts":["proxy"]}`. Every given part must fit, by one of its values; NULL or an
// empty text lets everything through. Types are opened, alertCorrelated, assigned, statusChanged, classified,
// severityChanged, renamed, tagged, untagged, commented, merged, split, moved, verdictSet. CG_ERR_NOT_FOUND,
// CG_ERR_INVALID_ARGUMENT.
cg_status cg_casebook_activity_json(const struct cg_casebook *book,
                                    const char *alert_id,
                                    size_t alert_id_len,
                                    const char *filter_json,
                                    size_t filter_json_len,
                                    struct cg_buffer *out,
                                    struct cg_error **error);

// How much a user of an incident needs looking into, as JSON: `{"id","name","tenantId","model","score","percentile",
// "users","red","criticality","latest","shares":[{"alert","title","incident","time","points","severity","impact",
// "rarity","detail"}],"more","morePoints","notCounted"}`. The score is the sum of what its alerts of the last 7 days
// give it, in all incidents; the policy's `summary.investigationPriority` has the numbers. CG_ERR_NOT_FOUND,
// CG_ERR_INVALID_ARGUMENT when the entity is no user.
cg_status cg_casebook_user_priority_json(const struct cg_casebook *book,
                                         const char *alert_id,
                                         size_t alert_id_len,
                                         const char *entity_id,
                                         size_t entity_id_len,
                                         struct cg_buffer *out,
                                         struct cg_error **error);

// How much is at stake on an asset of an incident now, over all incidents, as JSON:
// `{"id","name","riskLevel","because","open":[unknown, informational, low, medium, high],"resolved"}`.
// CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT when the entity is no asset.
cg_status cg_casebook_asset_risk_json(const struct cg_casebook *book,
                                      const char *alert_id,
                                      size_t alert_id_len,
                                      const char *entity_id,
                                      size_t entity_id_len,
                                      struct cg_buffer *out,
                                      struct cg_error **error);

// The cheapest actions that cut every path from what the attacker holds to the assets of an incident, any of its alerts
// given, that are not lost yet, as of the time `at` (RFC 3339), as JSON: `{"incident","at","outcome","actions":[{"id",
// "action","entity","on","title","state","cost","because","breaks":[]}],"cost","proof":[{"path","amount"}],
// "controlled":[],"protected":[],"unprotected":[],"unreached":[],"dealtWith":[],"truncated":[],"graph"}`. `outcome` is
// `nothingToCut`, `cut`, `partly` or `impossible`. Costs and ways of the attacker are those of `response.plan` in the
// policy. CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
cg_status cg_casebook_plan_json(const struct cg_casebook *book,
                                const char *alert_id,
                                size_t alert_id_len,
                                const char *at,
                                size_t at_len,
                                struct cg_buffer *out,
                                struct cg_error **error);

// Goes over a plan, as cg_casebook_plan_json gives it, with nothing but its own graph: that its actions protect what it
// says, and that its proof shows that nothing cheaper does. CG_ERR_INVALID_ARGUMENT with what does not hold, or when the
// text is no plan.
cg_status cg_plan_check(const char *plan_json,
                        size_t plan_json_len,
                        struct cg_error **error);

// What holds when only some actions of a plan are taken, as JSON: `{"taken":[],"cost","omitted":[],"reached":[],
// "protected":[]}`, each asset that is still reached with a path. `ids_json` is a JSON list of ids of its actions.
// CG_ERR_NOT_FOUND for an id that the plan does not have, CG_ERR_INVALID_ARGUMENT when a text is none.
cg_status cg_plan_what_if_json(const char *plan_json,
                               size_t plan_json_len,
                               const char *ids_json,
                               size_t ids_json_len,
                               struct cg_buffer *out,
                               struct cg_error **error);

// What is to be done about an incident, any of its alerts given, and how far it is, as of the time `at` (RFC 3339), as
// JSON: `{"incident","at","actions":[{"id","action","title","class","entity","on","state","since","automatic",
// "recommended","verdict","level","folder","because","expires","needed","approvals":[],"history":[],
// "contradictions":[], ...}],"investigations":[],"evidence":[],"rollUps":[],"autoResolved":[],"truncated":[]}`. What was
// said later does not count, and what expires by then has expired. CG_ERR_NOT_FOUND.
cg_status cg_casebook_response_json(const struct cg_casebook *book,
                                    const char *alert_id,
                                    size_t alert_id_len,
                                    const char *at,
                                    size_t at_len,
                                    struct cg_buffer *out,
                                    struct cg_error **error);

// Agrees to actions of an incident, any of its alerts given: `actions_json` is a JSON list of their ids, all of one
// kind; all or none are recorded. `author_json` says who, when, why and in which roles:
// `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"not ours","roles":["responder"]}`; the host authenticates.
// CG_ERR_CONFLICT when one cannot be agreed to as it stands, or not by this person. CG_ERR_INVALID_ARGUMENT for no
// action or several kinds. CG_ERR_NOT_FOUND.
cg_status cg_casebook_approve(struct cg_casebook *book,
                              const char *alert_id,
                              size_t alert_id_len,
                              const char *actions_json,
                              size_t actions_json_len,
                              const char *author_json,
                              size_t author_json_len,
                              struct cg_error **error);

// Refuses actions. What is approved can be refused until its executor has begun. Otherwise as cg_casebook_approve.
cg_status cg_casebook_reject(struct cg_casebook *book,
                             const char *alert_id,
                             size_t alert_id_len,
                             const char *actions_json,
                             size_t actions_json_len,
                             const char *author_json,
                             size_t author_json_len,
                             struct cg_error **error);

// Asks for what actions did to be taken back: a request for it is handed out. Otherwise as cg_casebook_approve.
cg_status cg_casebook_undo(struct cg_casebook *book,
                           const char *alert_id,
                           size_t alert_id_len,
                           const char *actions_json,
                           size_t actions_json_len,
                           const char *author_json,
                           size_t author_json_len,
                           struct cg_error **error);

// Asks for an action by hand; it waits for approval. `target_json` is `{"action":"isolateDevice","entity":ID,"on":ID}`,
// `on` where it is done on a device. `*out` receives the id of the action. CG_ERR_INVALID_ARGUMENT for an action that
// does not exist or does not apply, CG_ERR_NOT_FOUND for what the incident does not hold, CG_ERR_CONFLICT when it waits
// or is under way already.
cg_status cg_casebook_propose(struct cg_casebook *book,
                              const char *alert_id,
                              size_t alert_id_len,
                              const char *target_json,
                              size_t target_json_len,
                              const char *author_json,
                              size_t author_json_len,
                              struct cg_buffer *out,
                              struct cg_error **error);

// Ends the investigation that an alert belongs to: what it waits for is refused. CG_ERR_CONFLICT when it is over,
// CG_ERR_NOT_FOUND when nothing is investigated for the alert. `fact` may be NULL.
cg_status cg_casebook_stop_investigation(struct cg_casebook *book,
                                         const char *alert_id,
                                         size_t alert_id_len,
                                         const char *author_json,
                                         size_t author_json_len,
                                         struct cg_fact_id *fact,
                                         struct cg_error **error);

// What the host is to carry out now, in the whole casebook, as a JSON list: `[{"key","perform","undo","id","action",
// "entity":{"id","kind","name"},"identifiers":[],"on","deviceIdentifiers":[],"because","approvedBy":[],"incident",
// "tenantId"}]`. Asking changes nothing; a key is handed out until a report names it.
cg_status cg_casebook_pending_requests_json(const struct cg_casebook *book,
                                            const char *at,
                                            size_t at_len,
                                            struct cg_buffer *out,
                                            struct cg_error **error);

// Takes in what an executor says of a request, late, twice and in any order, as it comes: `{"action","entity","on",
// "key","outcome":"completed","at","by","message","alert"}`, where the first four are those of the request, `alert` its
// `incident`, and `outcome` is `running`, `waiting`, `completed`, `notFound`, `partially` or `failed`.
// CG_ERR_CONFLICT when nobody agreed to it, CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT. `fact` may be NULL.
cg_status cg_casebook_report(struct cg_casebook *book,
                             const char *report_json,
                             size_t report_json_len,
                             struct cg_fact_id *fact,
                             struct cg_error **error);

// Has `executor` carry out everything that is pending as of the time `at`, one request after the other. Each is recorded
// as running before it is begun, so that it is never begun twice. `by` is the executor's name in the reports.
// `*count`, which may be NULL, receives how many were carried out, also after an error: what was carried out before is
// recorded. CG_ERR_INVALID_ARGUMENT for an outcome or a time that is none: its request is recorded as failed.
cg_status cg_casebook_execute(struct cg_casebook *book,
                              const char *at,
                              size_t at_len,
                              const char *by,
                              size_t by_len,
                              cg_executor executor,
                              void *user_data,
                              size_t *count,
                              struct cg_error **error);

// The actions of the whole casebook as of the time `at`, as JSON: `{"at","pending":[],"history":[],"strays"}`; actions as
// in cg_casebook_response_json. `filter_json` chooses: `{"states":[],"actions":[],"kinds":[],"sources":[],"by":[],
// "incidents":[],"text","since","until"}`, all of which must fit, each by one of its values; NULL or empty for all.
cg_status cg_casebook_action_centre_json(const struct cg_casebook *book,
                                         const char *at,
                                         size_t at_len,
                                         const char *filter_json,
                                         size_t filter_json_len,
                                         struct cg_buffer *out,
                                         struct cg_error **error);

// The same as CSV (RFC 4180) with a header, one action a row. A cell that a spreadsheet would take for a formula begins
// with an apostrophe.
cg_status cg_casebook_action_centre_csv(const struct cg_casebook *book,
                                        const char *at,
                                        size_t at_len,
                                        const char *filter_json,
                                        size_t filter_json_len,
                                        struct cg_buffer *out,
                                        struct cg_error **error);

// Every action there is, as a JSON list: `[{"action","title","appliesTo":[],"needsDevice","class","remediates",
// "undoneBy"}]`.
cg_status cg_actions_json(struct cg_buffer *out,
                          struct cg_error **error);

// Gathers everything that is known of an incident, any of its alerts given, as of the time `at` (RFC 3339); NULL or
// empty for the latest that anything happened in it or was said of it. `*out` is owned by the caller.
// CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
cg_status cg_casebook_case_file(const struct cg_casebook *book,
                                const char *alert_id,
                                size_t alert_id_len,
                                const char *at,
                                size_t at_len,
                                struct cg_case_file **out,
                                struct cg_error **error);

// Frees a case file. NULL is ignored.
void cg_case_file_free(struct cg_case_file *file);

// The incident as a page: one HTML file that opens anywhere and fetches nothing. Whatever sources wrote is escaped.
cg_status cg_case_file_page(const struct cg_case_file *file,
                            struct cg_buffer *out,
                            struct cg_error **error);

// A picture of the incident as an SVG document: `kill-chain`, `alert-timeline`, `entity-graph`, `process-tree` (of the
// alert or process that `about` names, or without one of all) or `proof` (of the entity that `about` names). `about`
// is an id, NULL or empty for none. CG_ERR_INVALID_ARGUMENT for another name, and for `proof` without an entity;
// CG_ERR_NOT_FOUND for what the incident does not hold.
cg_status cg_case_file_picture(const struct cg_case_file *file,
                               const char *name,
                               size_t name_len,
                               const char *about,
                               size_t about_len,
                               struct cg_buffer *svg,
                               struct cg_error **error);

// The incident in a format of others, named as cg_export_format_name has it, e.g. `stix`. What of the incident is not
// in it is told in `left_out_json` (may be NULL): a JSON list of texts, owned by the caller. CG_ERR_FORMAT for a name
// that is none; its message lists the names.
cg_status cg_case_file_export(const struct cg_case_file *file,
                              const char *format,
                              size_t format_len,
                              struct cg_buffer *out,
                              struct cg_buffer *left_out_json,
                              struct cg_error **error);

// Number of formats that cg_case_file_export knows.
size_t cg_export_format_count(void);

// The name of such a format, from 0, in the order in which they are listed to users; empty past the end. Static.
struct cg_str cg_export_format_name(size_t index);

// The queue as a page, as cg_case_file_page: the most urgent incident first, with links to the pages that
// cg_casebook_save_pages writes beside it.
cg_status cg_casebook_queue_page(const struct cg_casebook *book,
                                 struct cg_buffer *out,
                                 struct cg_error **error);

// Writes the page of the queue into a folder, as `index.html`, and beside it the pages of the 200 most urgent
// incidents; `at` as for cg_casebook_case_file. `folder` is UTF-8; it is made when it is missing, files of these names
// are replaced, and others left alone. `*written`, which may be NULL, receives how many incidents have a page.
// CG_ERR_IO with the path as source, CG_ERR_INVALID_ARGUMENT.
cg_status cg_casebook_save_pages(const struct cg_casebook *book,
                                 const char *folder,
                                 size_t folder_len,
                                 const char *at,
                                 size_t at_len,
                                 size_t *written,
                                 struct cg_error **error);

// The same casebook with other names of people, machines, companies, files and addresses: judged, it gives the same
// incidents, verdicts, scores and priorities. The same name has the same pseudonym under the same `key`, a text of 16
// bytes or more; without the key nothing leads back. What stays readable: words that rules look for, the system's own
// programs, folders and accounts, file name extensions, everyday words, times and ports. A new casebook, owned by the
// caller. CG_ERR_INVALID_ARGUMENT for a short key, and when two names would become one.
cg_status cg_casebook_pseudonymised(const struct cg_casebook *book,
                                    const char *key,
                                    size_t key_len,
                                    struct cg_casebook **out,
                                    struct cg_error **error);

// All incidents summed up, the most urgent first; `*out` is owned by the caller.
cg_status cg_casebook_incidents(const struct cg_casebook *book,
                                struct cg_incidents **out,
                                struct cg_error **error);

// Frees a list; incidents taken from it stay. NULL is ignored.
void cg_incidents_free(struct cg_incidents *incidents);

// Number of incidents; 0 for NULL.
size_t cg_incidents_len(const struct cg_incidents *incidents);

// The incident at a place, from 0; `*out` is owned by the caller and shares its content with the list.
// CG_ERR_INVALID_ARGUMENT past the end.
cg_status cg_incidents_at(const struct cg_incidents *incidents,
                          size_t index,
                          struct cg_incident **out,
                          struct cg_error **error);

// The incident that an alert belongs to: any member's id will do. `*out` is owned by the caller.
// CG_ERR_NOT_FOUND when no alert has this id.
cg_status cg_casebook_incident(const struct cg_casebook *book,
                               const char *alert_id,
                               size_t alert_id_len,
                               struct cg_incident **out,
                               struct cg_error **error);

// Frees an incident. NULL is ignored.
void cg_incident_free(struct cg_incident *incident);

// Everything about the incident, as JSON.
cg_status cg_incident_json(const struct cg_incident *incident,
                           struct cg_buffer *out,
                           struct cg_error **error);

// The incident as a page of plain text, in UTF-8. What attackers wrote is shown escaped: control
// characters and escape sequences do not reach a terminal.
cg_status cg_incident_text(const struct cg_incident *incident,
                           struct cg_buffer *out,
                           struct cg_error **error);

// Id of the earliest alert; any member's id leads to the incident too. Lives as long as the incident.
struct cg_str cg_incident_id(const struct cg_incident *incident);

// Tenant; empty when the alerts name none. Lives as long as the incident.
struct cg_str cg_incident_tenant_id(const struct cg_incident *incident);

// Title: made from what happened, unless somebody renamed it. Lives as long as the incident.
struct cg_str cg_incident_title(const struct cg_incident *incident);

// Who works on it; empty for nobody. Lives as long as the incident.
struct cg_str cg_incident_assigned_to(const struct cg_incident *incident);

// Severity: CG_SEVERITY_*.
int32_t cg_incident_severity(const struct cg_incident *incident);

// How far the work is: CG_INCIDENT_*.
int32_t cg_incident_status(const struct cg_incident *incident);

// Priority, 0 to 100.
double cg_incident_score(const struct cg_incident *incident);

// First activity of any alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
int64_t cg_incident_first_activity(const struct cg_incident *incident);

// Last activity of any alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
int64_t cg_incident_last_activity(const struct cg_incident *incident);

// Number of tags that people gave it.
size_t cg_incident_tag_count(const struct cg_incident *incident);

// A tag; empty past the end. Lives as long as the incident.
struct cg_str cg_incident_tag(const struct cg_incident *incident, size_t index);

// Number of tags that follow from what happened.
size_t cg_incident_system_tag_count(const struct cg_incident *incident);

// A tag that follows from what happened; empty past the end. Static.
struct cg_str cg_incident_system_tag(const struct cg_incident *incident, size_t index);

// What such a tag follows from, in words; empty past the end. Lives as long as the incident.
struct cg_str cg_incident_system_tag_because(const struct cg_incident *incident, size_t index);

// Stages of the kill chain seen.
size_t cg_incident_stages_observed(const struct cg_incident *incident);

// Stages there are.
size_t cg_incident_stages_total(const struct cg_incident *incident);

// Position of the furthest stage, 0 to 100.
int32_t cg_incident_progress(const struct cg_incident *incident);

// The last stage seen, ATT&CK's short name; empty when none was. Static.
struct cg_str cg_incident_furthest_stage(const struct cg_incident *incident);

// Alerts of the timeline; repeats are folded into the first of their kind.
size_t cg_incident_alert_count(const struct cg_incident *incident);

// Id of an alert. Lives as long as the incident.
struct cg_str cg_incident_alert_id(const struct cg_incident *incident, size_t index);

// Title of an alert. Lives as long as the incident.
struct cg_str cg_incident_alert_title(const struct cg_incident *incident, size_t index);

// Severity of an alert: CG_SEVERITY_*.
int32_t cg_incident_alert_severity(const struct cg_incident *incident, size_t index);

// First activity of an alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
int64_t cg_incident_alert_time(const struct cg_incident *incident, size_t index);

// Why an alert is here, in one line; empty for the first of a part. Lives as long as the incident.
struct cg_str cg_incident_alert_reason(const struct cg_incident *incident, size_t index);

// Alerts folded into an alert.
size_t cg_incident_alert_repeats(const struct cg_incident *incident, size_t index);

// Id of an alert's fact, 64 hex digits: what a retraction names. Lives as long as the incident.
struct cg_str cg_incident_alert_fact(const struct cg_incident *incident, size_t index);

// Entities, the worst verdict first.
size_t cg_incident_entity_count(const struct cg_incident *incident);

// Id of an entity, `kind:type:value`. Lives as long as the incident.
struct cg_str cg_incident_entity_id(const struct cg_incident *incident, size_t index);

// Kind of an entity, e.g. `device`. Static.
struct cg_str cg_incident_entity_kind(const struct cg_incident *incident, size_t index);

// Name of an entity. Lives as long as the incident.
struct cg_str cg_incident_entity_name(const struct cg_incident *incident, size_t index);

// Verdict of an entity: CG_VERDICT_*.
int32_t cg_incident_entity_verdict(const struct cg_incident *incident, size_t index);

// Score of an entity, 0 to 1.
double cg_incident_entity_score(const struct cg_incident *incident, size_t index);

// What has been done about an entity, e.g. `prevented`; `none` for nothing. Lives as long as the incident.
struct cg_str cg_incident_entity_remediation(const struct cg_incident *incident, size_t index);

// The reason for the verdict of an entity, in one line. Lives as long as the incident.
struct cg_str cg_incident_entity_because(const struct cg_incident *incident, size_t index);

// A new builder; free it with cg_rules_builder_free.
cg_status cg_rules_builder_new(struct cg_rules_builder **out, struct cg_error **error);

// Frees a builder; sets that were built stay. NULL is ignored.
void cg_rules_builder_free(struct cg_rules_builder *builder);

// Adds a file, or all `.yml` and `.yaml` files below a folder. `path` is UTF-8.
cg_status cg_rules_builder_add_path(struct cg_rules_builder *builder,
                                    const char *path,
                                    size_t path_len,
                                    struct cg_error **error);

// Adds the documents of a text, in YAML; `source` names it in problems.
cg_status cg_rules_builder_add_text(struct cg_rules_builder *builder,
                                    const char *source,
                                    size_t source_len,
                                    const char *yaml,
                                    size_t yaml_len,
                                    struct cg_error **error);

// Adds the rules that ship with casegraph.
cg_status cg_rules_builder_add_builtin(struct cg_rules_builder *builder, struct cg_error **error);

// Adds a field mapping, in YAML, which is tried before the built-in ones; `source` names it in problems.
cg_status cg_rules_builder_with_mapping(struct cg_rules_builder *builder,
                                        const char *source,
                                        size_t source_len,
                                        const char *yaml,
                                        size_t yaml_len,
                                        struct cg_error **error);

// Adds a value of the placeholder `%name%` of `|expand`; call it once for each value.
cg_status cg_rules_builder_with_placeholder(struct cg_rules_builder *builder,
                                            const char *name,
                                            size_t name_len,
                                            const char *value,
                                            size_t value_len,
                                            struct cg_error **error);

// Keeps the rules that `select_json` chooses and what they refer to, as cg_rules_select. The last choice
// counts. CG_ERR_INVALID_ARGUMENT with line and column when it is none.
cg_status cg_rules_builder_with_select(struct cg_rules_builder *builder,
                                       const char *select_json,
                                       size_t select_json_len,
                                       struct cg_error **error);

// From now on one document that cannot be used fails the whole set.
cg_status cg_rules_builder_strict(struct cg_rules_builder *builder, struct cg_error **error);

// Reads and compiles the rules; `*out` is owned by the caller. Documents that cannot be used are left out
// and told by cg_rules_problems_json. CG_ERR_IO with the path as source when a file cannot be read,
// CG_ERR_RULE, with the place of the first problem, when there were documents and none can be used, when
// one cannot and the builder is strict, or when a mapping is wrong.
//
// The builder is as new afterwards, also after a failure.
cg_status cg_rules_builder_build(struct cg_rules_builder *builder,
                                 struct cg_rules **out,
                                 struct cg_error **error);

// Frees a set; what was made of it stays. NULL is ignored.
void cg_rules_free(struct cg_rules *rules);

// Number of rules of all kinds.
size_t cg_rules_len(const struct cg_rules *rules);

// Number of rules that a choice left out.
size_t cg_rules_unselected(const struct cg_rules *rules);

// SHA-256 over all rules, mappings and placeholders, 64 hex digits: equal sets have equal hashes, in whatever
// order they were added. Lives as long as the set.
struct cg_str cg_rules_hash(const struct cg_rules *rules);

// Title of a rule. Lives as long as the set.
struct cg_str cg_rules_title(const struct cg_rules *rules, uint32_t number);

// Id of a rule; empty when it has none. Lives as long as the set.
struct cg_str cg_rules_id(const struct cg_rules *rules, uint32_t number);

// All rules, by number, as one JSON list of `{"index","kind","title","id","level","status","tags","category",
// "product","service","source","line","hash"}`; `kind` is `detection`, `verdict`, `correlation` or `filter`.
cg_status cg_rules_json(const struct cg_rules *rules, struct cg_buffer *out, struct cg_error **error);

// What was wrong with documents, in the order in which they were read, as one JSON list of `{"source","line",
// "column","rule","code","message","leftOut"}`; line and column, which counts characters, are from 1, 0 when
// unknown.
cg_status cg_rules_problems_json(const struct cg_rules *rules,
                                 struct cg_buffer *out,
                                 struct cg_error **error);

// The rules that `select_json` chooses and what they refer to, as a set of its own, owned by the caller.
// Members of the choice, each of which must fit: `minLevel`, `minStatus`, and lists of which one item must
// fit: `tags`, `ids` (or names), `products`, `categories`, `services`; and `withoutTags`. E.g.
// `{"minLevel":"high","tags":["attack.t1059"]}`. CG_ERR_INVALID_ARGUMENT with line and column when it is
// no choice.
cg_status cg_rules_select(const struct cg_rules *rules,
                          const char *select_json,
                          size_t select_json_len,
                          struct cg_rules **out,
                          struct cg_error **error);

// Why a rule matches an event, or why it does not, as JSON: `{"matched","text","conditions","selections"}`,
// the selections with each of their lines. `rule` is an id, a name or a title, `event` one JSON object.
// CG_ERR_NOT_FOUND when no detection is called so, CG_ERR_SYNTAX when the event is no JSON object,
// CG_ERR_LIMIT when it nests deeper than 64 or holds more than 100,000 values.
cg_status cg_rules_explain_json(const struct cg_rules *rules,
                                const char *rule,
                                size_t rule_len,
                                const char *event,
                                size_t event_len,
                                struct cg_buffer *out,
                                struct cg_error **error);

// A matcher for a set of rules, owned by the caller.
cg_status cg_matcher_new(const struct cg_rules *rules, struct cg_matcher **out, struct cg_error **error);

// Frees a matcher. NULL is ignored.
void cg_matcher_free(struct cg_matcher *matcher);

// Counts from now on what each rule costs, for cg_matcher_profile_json. Counting makes matching slower.
cg_status cg_matcher_with_profile(struct cg_matcher *matcher, struct cg_error **error);

// The rules that match an event, one JSON object: `*count` numbers at `*numbers`, ascending, borrowed until the
// matcher is next used or freed. `*numbers` is never NULL. CG_ERR_SYNTAX when the event is no JSON object,
// CG_ERR_LIMIT when it nests deeper than 64 or holds more than 100,000 values; the matcher goes on.
cg_status cg_matcher_matches(struct cg_matcher *matcher,
                             const char *event,
                             size_t event_len,
                             const uint32_t **numbers,
                             size_t *count,
                             struct cg_error **error);

// What each rule cost and found since cg_matcher_with_profile, as JSON: `{"events","unknownEvents","rules"}`,
// the rules by number as `{"rule","kind","title","id","events","evaluated","lines","hits","never"}`, where
// `never` says why one was never evaluated. Without cg_matcher_with_profile the rules are not listed.
cg_status cg_matcher_profile_json(struct cg_matcher *matcher, struct cg_buffer *out, struct cg_error **error);

// A small incident to try things with: a phish that becomes preparation for ransomware, as JSON Lines. Static.
struct cg_str cg_sample_alerts(void);

// Indicators that go with it, as JSON. Static.
struct cg_str cg_sample_indicators(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CASEGRAPH_H */
