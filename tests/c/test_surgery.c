/* Incident surgery and similar incidents, as C programs use them. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

#define ALERT(id, hour, file) \
    "{\"id\":\"" id "\",\"title\":\"Found\",\"detectorId\":\"av\",\"serviceSource\":\"s\"," \
    "\"firstActivityDateTime\":\"2026-03-1" hour ":00:00Z\",\"evidence\":[{\"@odata.type\":" \
    "\"#microsoft.graph.security.urlEvidence\",\"url\":\"https://" file ".example.com/\"}]}\n"
#define ADA(hour) "{\"by\":\"ada\",\"at\":\"2026-05-01T" hour ":00:00Z\",\"reason\":\"one intrusion\"}"

static const char *const ALERTS = ALERT("a1", "0T08", "a") ALERT("a2", "2T09", "a") ALERT("b1", "0T10", "b");

/* The ids of the incident of an alert are these. */
static int are(const cg_casebook *book, const char *alert, const char *expected) {
    cg_buffer ids = {0};
    int good = cg_casebook_alert_ids_json(book, TEXT(alert), &ids, NULL) == CG_OK && ids.len == strlen(expected) &&
               memcmp(ids.ptr, expected, ids.len) == 0;
    cg_buffer_free(&ids);
    return good;
}

/* The error is read after the call that makes it: arguments have no order. */
static void fails(cg_status status, cg_status expected, cg_error **error, const char *part, const char *name) {
    cg_str message = cg_error_message(*error);
    ok(status == expected && cg_error_code(*error) == expected && holds(message.ptr, message.len, part), name);
    cg_error_free(*error);
    *error = NULL;
}

int main(void) {
    cg_casebook *book = NULL;
    cg_error *error = NULL;
    cg_fact_id fact;
    cg_buffer before = {0}, after = {0}, found = {0};
    char retraction[160];
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK, "a casebook");
    ok(cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERTS), NULL, NULL, NULL) == CG_OK, "takes in alerts");
    ok(are(book, "a2", "[\"a1\",\"a2\"]"), "any alert leads to all of its incident");
    ok(cg_casebook_alert_ids_json(book, TEXT("x"), &found, NULL) == CG_ERR_NOT_FOUND, "an unknown one to none");
    cg_casebook_queue_json(book, &before, NULL);

    ok(cg_casebook_merge(book, TEXT("[\"a1\",\"b1\"]"), TEXT(ADA("08")), &fact, NULL) == CG_OK, "two are merged");
    ok(are(book, "b1", "[\"a1\",\"b1\",\"a2\"]"), "into one, by time");
    snprintf(retraction, sizeof retraction, "{\"fact\":\"%s\",\"by\":\"ada\"}", fact.hex);
    ok(cg_casebook_retract(book, TEXT(retraction), NULL, NULL) == CG_OK, "which is undone by retraction");
    cg_casebook_queue_json(book, &after, NULL);
    ok(before.len == after.len && memcmp(before.ptr, after.ptr, before.len) == 0, "to the byte");
    cg_buffer_free(&before);
    cg_buffer_free(&after);

    ok(cg_casebook_split(book, TEXT("[\"a2\"]"), TEXT(ADA("09")), NULL, NULL) == CG_OK, "one is split off");
    ok(are(book, "a1", "[\"a1\"]") && are(book, "a2", "[\"a2\"]"), "into an incident of its own");
    ok(cg_casebook_move(book, TEXT("[\"a2\"]"), TEXT("b1"), TEXT(ADA("10")), &fact, NULL) == CG_OK, "and moved on");
    ok(are(book, "a2", "[\"b1\",\"a2\"]") && strlen(fact.hex) == 64, "to another incident");
    ok(cg_casebook_move(book, TEXT("[\"a2\"]"), NULL, 0, TEXT(ADA("11")), NULL, NULL) == CG_OK, "or to a new one");
    ok(are(book, "a2", "[\"a2\"]"), "which holds it alone");

    fails(cg_casebook_split(book, TEXT("[\"a1\"]"), TEXT(ADA("12")), NULL, &error), CG_ERR_INVALID_ARGUMENT, &error,
          "whole incident", "a side must not be empty");
    fails(cg_casebook_merge(book, TEXT("[\"a1\"]"), TEXT(ADA("12")), NULL, &error), CG_ERR_INVALID_ARGUMENT, &error,
          "one incident", "nor is one merged with itself");
    fails(cg_casebook_merge(book, TEXT("{}"), TEXT(ADA("12")), NULL, &error), CG_ERR_INVALID_ARGUMENT, &error,
          "no list", "ids are a list");
    fails(cg_casebook_merge(book, TEXT("[\"a1\",\"b1\"]"), TEXT("{\"by\":\"ada\",\"at\":\"2026-05-01T00:00:00Z\"}"),
                            NULL, &error),
          CG_ERR_INVALID_ARGUMENT, &error, "reason", "a reason is asked for");
    fails(cg_casebook_merge(book, TEXT("[\"a1\",\"x\"]"), TEXT(ADA("12")), NULL, &error), CG_ERR_NOT_FOUND, &error,
          "`x`", "an unknown alert is not found");
    ok(cg_casebook_decide(book,
                          TEXT("{\"decision\":\"setStatus\",\"status\":\"resolved\",\"by\":\"ada\","
                               "\"at\":\"2026-05-01T12:00:00Z\",\"alerts\":[\"b1\"],\"reason\":\"was a test\"}"),
                          NULL, NULL) == CG_OK,
       "one is resolved");
    fails(cg_casebook_merge(book, TEXT("[\"a1\",\"b1\"]"), TEXT(ADA("13")), NULL, &error), CG_ERR_CONFLICT, &error,
          "`b1` is resolved", "what was decided before stands in the way");
    fails(cg_casebook_move(book, TEXT("[\"a1\"]"), TEXT("b1"), TEXT(ADA("13")), NULL, &error), CG_ERR_CONFLICT, &error,
          "reopened", "of a move too");

    ok(cg_casebook_similar_json(book, TEXT("a2"), 1, &found, NULL) == CG_OK, "what is alike");
    ok(holds((const char *)found.ptr, found.len, "\"model\":\"casegraph.similar/1\"") &&
           holds((const char *)found.ptr, found.len, "\"id\":\"a1\"") &&
           holds((const char *)found.ptr, found.len, "\"more\":1"),
       "is told, the most alike first");
    cg_buffer_free(&found);
    ok(cg_casebook_similar_json(book, TEXT("a2"), 9, &found, NULL) == CG_OK &&
           holds((const char *)found.ptr, found.len, "was a test"),
       "with how it was closed");
    cg_buffer_free(&found);
    ok(cg_casebook_similar_json(book, TEXT("x"), 9, &found, NULL) == CG_ERR_NOT_FOUND, "of an unknown one nothing");
    ok(cg_casebook_similar_json(book, TEXT("a2"), 9, NULL, NULL) == CG_ERR_INVALID_ARGUMENT, "nor without a place");
    ok(cg_casebook_merge(NULL, TEXT("[]"), TEXT(ADA("13")), NULL, NULL) == CG_ERR_INVALID_ARGUMENT, "nor a casebook");
    ok(equal(cg_error_message(NULL), ""), "and no error has no message");
    cg_casebook_free(book);
    printf("1..%d\n", count);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
