/* Response, as C programs use it. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

static const char *const ALERT =
    "{\"id\":\"a1\",\"title\":\"Dropper\",\"detectorId\":\"d\",\"serviceSource\":\"s\",\"severity\":\"high\","
    "\"firstActivityDateTime\":\"2026-03-10T08:00:00Z\",\"evidence\":[{\"@odata.type\":"
    "\"#microsoft.graph.security.deviceEvidence\",\"hostName\":\"pc-1\",\"mdeDeviceId\":\"d1\"},{\"@odata.type\":"
    "\"#microsoft.graph.security.fileEvidence\",\"mdeDeviceId\":\"d1\",\"verdict\":\"malicious\",\"fileDetails\":"
    "{\"sha256\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"fileName\":\"\\\"x\\u0000\"}},"
    "{\"@odata.type\":\"#microsoft.graph.security.ipEvidence\",\"verdict\":\"suspicious\",\"ipAddress\":"
    "\"203.0.113.9\"}]}\n";
#define NINE "2026-03-10T09:00:00Z"
#define ADA "{\"by\":\"ada\",\"at\":\"2026-03-10T10:00:00Z\",\"reason\":\"not ours\"}"

static int has(const cg_buffer *json, const char *part) {
    return holds((const char *)json->ptr, json->len, part);
}

/* The list of the id of the first action of a kind: it stands right before the kind. */
static int id_of(const cg_buffer *response, const char *kind, char list[21]) {
    char needle[64];
    size_t i, size;
    snprintf(needle, sizeof needle, "\",\"action\":\"%s\"", kind);
    size = strlen(needle);
    for (i = 16; i + size <= response->len; i++) {
        if (memcmp(response->ptr + i, needle, size) == 0) {
            snprintf(list, 21, "[\"%.16s\"]", response->ptr + i - 16);
            return 1;
        }
    }
    list[0] = 0;
    return 0;
}

struct seen {
    cg_casebook *book;
    int calls;
    int32_t outcome;
    int32_t answer;
    int locked;
    int named;
};

static int32_t executor(void *user_data, const cg_action_request *request, cg_action_reply *reply) {
    struct seen *seen = user_data;
    cg_buffer json = {0};
    seen->calls++;
    seen->named = equal(request->perform, request->undo ? "releaseFile" : "quarantineFile") &&
                  equal(request->device_id, "device:mde:d1") && equal(request->tenant_id, "") &&
                  equal(request->entity_kind, "file") && holds(request->json.ptr, request->json.len, "\"approvedBy\":");
    /* The casebook is being changed: it refuses, and does not hang. */
    seen->locked = cg_casebook_response_json(seen->book, TEXT("a1"), TEXT(NINE), &json, NULL) == CG_ERR_INVALID_ARGUMENT;
    cg_buffer_free(&json);
    reply->outcome = seen->outcome;
    reply->message = "said \"so\"";
    reply->message_len = strlen(reply->message);
    return seen->answer;
}

int main(void) {
    cg_casebook *book = NULL;
    cg_error *error = NULL;
    cg_buffer json = {0}, id = {0};
    cg_fact_id fact;
    char file[21], address[21];
    size_t done = 9;
    struct seen seen = {NULL, 0, CG_OUTCOME_COMPLETED, CG_CONTINUE, 0, 0};
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERT), NULL, NULL, NULL) == CG_OK,
       "a casebook with a bad file");
    seen.book = book;
    ok(cg_casebook_response_json(book, TEXT("a1"), TEXT(NINE), &json, NULL) == CG_OK &&
           has(&json, "\"state\":\"pendingApproval\"") && id_of(&json, "quarantineFile", file) &&
           id_of(&json, "blockIp", address),
       "its actions wait");
    cg_buffer_free(&json);
    ok(cg_casebook_execute(book, TEXT(NINE), TEXT("edr"), executor, &seen, &done, NULL) == CG_OK && done == 0 &&
           seen.calls == 0,
       "nothing is carried out unasked");
    ok(cg_casebook_undo(book, TEXT("a1"), TEXT(file), TEXT(ADA), &error) == CG_ERR_CONFLICT,
       "what is not done is not taken back");
    cg_error_free(error);
    error = NULL;
    ok(cg_casebook_approve(book, TEXT("a1"), TEXT(file), TEXT(ADA), NULL) == CG_OK, "ada agrees");
    ok(cg_casebook_reject(book, TEXT("a1"), TEXT(address), TEXT(ADA), NULL) == CG_OK, "and refuses");
    ok(cg_casebook_approve(book, TEXT("a1"), TEXT(address), TEXT(ADA), NULL) == CG_ERR_CONFLICT, "which stands");
    ok(cg_casebook_pending_requests_json(book, TEXT("2026-03-10T11:00:00Z"), &json, NULL) == CG_OK &&
           has(&json, "\"perform\":\"quarantineFile\"") && has(&json, "\"approvedBy\":[\"ada\"]"),
       "what she agreed to is handed out");
    cg_buffer_free(&json);
    seen.answer = CG_STOP;
    ok(cg_casebook_execute(book, TEXT("2026-03-10T11:00:00Z"), TEXT("edr"), executor, &seen, &done, NULL) == CG_OK &&
           done == 1 && seen.calls == 1 && seen.named,
       "and carried out");
    ok(seen.locked, "a call back into the casebook is refused");
    seen.answer = CG_CONTINUE;
    ok(cg_casebook_execute(book, TEXT("2026-03-10T11:00:00Z"), TEXT("edr"), executor, &seen, &done, NULL) == CG_OK &&
           done == 0,
       "once");
    ok(cg_casebook_undo(book, TEXT("a1"), TEXT(file), TEXT("{\"by\":\"ben\",\"at\":\"2026-03-10T12:00:00Z\"}"), NULL) ==
           CG_OK,
       "ben takes it back");
    seen.outcome = 77;
    ok(cg_casebook_execute(book, TEXT("2026-03-10T13:00:00Z"), TEXT("edr"), executor, &seen, &done, &error) ==
               CG_ERR_INVALID_ARGUMENT &&
           done == 1,
       "an outcome that is none is an error");
    cg_error_free(error);
    error = NULL;
    ok(cg_casebook_pending_requests_json(book, TEXT("2026-03-10T13:00:00Z"), &json, NULL) == CG_OK && has(&json, "[]"),
       "and what was begun is not begun again");
    cg_buffer_free(&json);
    ok(cg_casebook_propose(book, TEXT("a1"), TEXT("{\"action\":\"isolateDevice\",\"entity\":\"device:host:pc-1\"}"),
                           TEXT(ADA), &id, NULL) == CG_OK &&
           id.len == 16,
       "an action is asked for by hand");
    cg_buffer_free(&id);
    ok(cg_casebook_propose(book, TEXT("a1"), TEXT("{\"action\":\"dance\",\"entity\":\"device:host:pc-1\"}"), TEXT(ADA),
                           &id, NULL) == CG_ERR_INVALID_ARGUMENT,
       "one that exists");
    ok(cg_casebook_stop_investigation(book, TEXT("a1"), TEXT("{\"by\":\"ada\",\"at\":\"2026-03-10T14:00:00Z\"}"), &fact,
                                      NULL) == CG_OK &&
           strlen(fact.hex) == 64,
       "the investigation is ended");
    ok(cg_casebook_response_json(book, TEXT("a1"), TEXT("2026-03-10T15:00:00Z"), &json, NULL) == CG_OK &&
           has(&json, "\"state\":\"terminatedByUser\""),
       "and says so");
    cg_buffer_free(&json);
    ok(cg_casebook_action_centre_json(book, TEXT("2026-03-10T15:00:00Z"), TEXT("{\"by\":[\"edr\"]}"), &json, NULL) ==
               CG_OK &&
           has(&json, "quarantineFile") && !has(&json, "blockIp"),
       "the action centre is filtered");
    cg_buffer_free(&json);
    ok(cg_casebook_action_centre_csv(book, TEXT("2026-03-10T15:00:00Z"), NULL, 0, &json, NULL) == CG_OK &&
           has(&json, "list,action,state"),
       "and a table");
    cg_buffer_free(&json);
    ok(cg_actions_json(&json, NULL) == CG_OK && has(&json, "\"undoneBy\":\"releaseFile\""), "there is a catalogue");
    cg_buffer_free(&json);
    ok(cg_casebook_report(book, TEXT("{\"key\":\"?\",\"action\":\"blockIp\",\"entity\":\"ip:address:203.0.113.9\",\"alert\":\"a1\","
                                     "\"outcome\":\"failed\",\"by\":\"edr\",\"at\":\"2026-03-10T12:00:00Z\"}"),
                          NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a key is that of a request");
    ok(cg_casebook_report(book, TEXT("{}"), NULL, NULL) == CG_ERR_INVALID_ARGUMENT, "a report is one");
    ok(cg_casebook_approve(book, TEXT("a1"), TEXT("{}"), TEXT(ADA), NULL) == CG_ERR_INVALID_ARGUMENT, "ids are a list");
    ok(cg_casebook_approve(book, TEXT("a1"), TEXT("[]"), TEXT(ADA), NULL) == CG_ERR_INVALID_ARGUMENT, "of one or more");
    ok(cg_casebook_approve(book, TEXT("a1"), TEXT(file), TEXT("{\"who\":1}"), NULL) == CG_ERR_INVALID_ARGUMENT,
       "an author is one");
    ok(cg_casebook_approve(book, TEXT("x"), TEXT(file), TEXT(ADA), NULL) == CG_ERR_NOT_FOUND, "of a known alert");
    ok(cg_casebook_execute(book, TEXT(NINE), TEXT("edr"), NULL, NULL, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "an executor is needed");
    ok(cg_casebook_execute(book, TEXT("now"), TEXT("edr"), executor, &seen, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "and a time");
    ok(cg_casebook_response_json(NULL, TEXT("a1"), TEXT(NINE), &json, NULL) == CG_ERR_INVALID_ARGUMENT, "no casebook");
    cg_casebook_free(book);
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
