/* What would be under other circumstances, as C programs ask it. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

#define ALERT(id, minute, host, verdict) \
    "{\"@odata.type\":\"#microsoft.graph.security.alert\",\"id\":\"" id "\",\"title\":\"Alert " id "\",\"severity\":\"medium\"," \
    "\"detectorId\":\"detector-" id "\",\"firstActivityDateTime\":\"2026-03-10T08:" minute ":00Z\",\"evidence\":[" \
    "{\"@odata.type\":\"#microsoft.graph.security.deviceEvidence\",\"deviceDnsName\":\"" host "\"}," \
    "{\"@odata.type\":\"#microsoft.graph.security.ipEvidence\",\"ipAddress\":\"203.0.113.7\",\"verdict\":\"" verdict "\"}]}"

static const char *const ALERTS = ALERT("a", "00", "ws-1", "malicious") "\n" ALERT("b", "10", "ws-2", "malicious");
static const char *const ENTITY = "ip:address:203.0.113.7";

static cg_casebook *two(void) {
    cg_casebook *book = NULL;
    if (cg_casebook_new(NULL, 0, &book, NULL) != CG_OK ||
        cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERTS), NULL, NULL, NULL) != CG_OK) {
        printf("Bail out! no casebook\n");
        exit(1);
    }
    return book;
}

static cg_rules *none(void) {
    cg_rules_builder *builder = NULL;
    cg_rules *rules = NULL;
    if (cg_rules_builder_new(&builder, NULL) != CG_OK || cg_rules_builder_build(builder, &rules, NULL) != CG_OK) {
        printf("Bail out! no rules\n");
        exit(1);
    }
    cg_rules_builder_free(builder);
    return rules;
}

/* Does the answer to these changes hold a text? */
static int tells(const cg_casebook *book, const char *changes, const cg_rules *rules, const char *part) {
    cg_buffer json = {NULL, 0, 0};
    int found = cg_casebook_what_if_json(book, TEXT(changes), rules, &json, NULL) == CG_OK &&
                holds(json.ptr, json.len, part);
    cg_buffer_free(&json);
    return found;
}

static cg_status refused(const cg_casebook *book, const char *changes, const char *part) {
    cg_buffer json = {NULL, 0, 0};
    cg_error *error = NULL;
    cg_status status = cg_casebook_what_if_json(book, TEXT(changes), NULL, &json, &error);
    cg_str message = cg_error_message(error);
    status = json.ptr == NULL && (equal(message, part) || holds(message.ptr, message.len, part)) ? status : CG_OK;
    cg_error_free(error);
    return status;
}

static void changes(void) {
    cg_casebook *book = two();
    cg_rules *rules = none();
    cg_buffer before = {NULL, 0, 0}, after = {NULL, 0, 0};
    cg_fact_id first;
    char text[512];

    cg_casebook_to_json(book, &before, NULL);
    cg_casebook_fact(book, 0, NULL, &first, NULL, NULL);
    snprintf(text, sizeof text, "[{\"without\":\"%s\"}]", first.hex);
    ok(tells(book, text, NULL, "\"incidents\":[{\"change\":\"shrunk\""), "without a fact an incident shrinks");
    ok(tells(book, text, NULL, first.hex), "and the fact is named");
    ok(tells(book, text, NULL, "\"goneAlerts\":[{\"id\":\"a\""), "with the alert that goes");
    ok(tells(book, "[{\"indicator\":{\"kind\":\"ip\",\"value\":\"203.0.113.7\",\"verdict\":\"noThreatsFound\"}}]", NULL,
             "\"change\":\"rejudged\""),
       "with an indicator an incident is judged otherwise");
    ok(tells(book, "[{\"alert\":" ALERT("c", "20", "ws-3", "unknown") "}]", NULL, "\"newAlerts\":[{\"id\":\"c\""),
       "with an alert an incident grows");
    ok(tells(book,
             "[{\"decision\":{\"decision\":\"part\",\"by\":\"ada\",\"at\":\"2026-03-12T09:00:00Z\",\"alerts\":[\"b\"]}}]",
             NULL, "\"change\":\"split\""),
       "with a decision it falls apart");
    ok(tells(book, "[{\"policy\":{\"correlate\":{\"threshold\":1.0}}}]", NULL, "\"by\":[\"correlate.threshold\"]"),
       "another policy is named by its member");
    ok(tells(book, "[]", NULL, "\"incidents\":[]}"), "no change changes nothing");
    ok(tells(book, "[]", rules, "\"incidents\":[]}"), "nor do other rules where no event is");
    cg_casebook_to_json(book, &after, NULL);
    ok(before.len == after.len && memcmp(before.ptr, after.ptr, before.len) == 0, "asking changes nothing");
    ok(refused(book, "[{\"ruleOff\":\"x\"}]", "no rule `x`") == CG_ERR_NOT_FOUND, "a rule that is not there");
    ok(refused(book, "[{\"without\":\"x\"}]", "fact id") == CG_ERR_INVALID_ARGUMENT, "what is no fact id");
    ok(refused(book, "{}", "expected a list") == CG_ERR_INVALID_ARGUMENT, "what is no list");
    ok(refused(book, "", "not a list of changes") == CG_ERR_INVALID_ARGUMENT, "no text");
    ok(cg_casebook_what_if_json(NULL, TEXT("[]"), NULL, &after, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_what_if_json(book, TEXT("[]"), NULL, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "NULL is refused");
    cg_buffer_free(&before);
    cg_buffer_free(&after);
    cg_rules_free(rules);
    cg_casebook_free(book);
}

static void states(void) {
    cg_casebook *book = two();
    cg_rules *rules = none();
    cg_buffer json = {NULL, 0, 0};
    cg_error *error = NULL;

    ok(cg_casebook_diff_json(book, TEXT("{\"facts\":1}"), NULL, NULL, 0, NULL, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"change\":\"grown\""),
       "between log positions");
    cg_buffer_free(&json);
    ok(cg_casebook_diff_json(book, NULL, 0, NULL, TEXT("{\"policy\":{\"correlate\":{\"threshold\":1.0}}}"), NULL, &json,
                             NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"change\":\"split\""),
       "between policies");
    cg_buffer_free(&json);
    ok(cg_casebook_diff_json(book, NULL, 0, rules, NULL, 0, rules, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"incidents\":[]}"),
       "between rules that are the same");
    cg_buffer_free(&json);
    ok(cg_casebook_diff_json(book, TEXT("{\"facts\":9}"), NULL, NULL, 0, NULL, &json, &error) ==
               CG_ERR_INVALID_ARGUMENT &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "log position 9"),
       "past the end of the log");
    cg_error_free(error);
    ok(cg_casebook_diff_json(book, TEXT("[]"), NULL, NULL, 0, NULL, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_diff_json(NULL, NULL, 0, NULL, NULL, 0, NULL, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_diff_json(book, NULL, 0, NULL, NULL, 0, NULL, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "what is no state, and NULL, are refused");
    cg_rules_free(rules);
    cg_casebook_free(book);
}

static void counterfactuals(void) {
    cg_casebook *book = two();
    cg_buffer json = {NULL, 0, 0};

    ok(cg_casebook_counterfactual_json(book, TEXT("a"), TEXT(ENTITY), TEXT("noThreatsFound"), 0, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"minimal\":true,\"noneUpTo\":1"),
       "it takes both facts");
    ok(holds(json.ptr, json.len, "\"goal\":\"atMost\""), "for a milder verdict");
    ok(holds(json.ptr, json.len, "\"indicator\":{\"kind\":\"ip\""), "or one indicator");
    cg_buffer_free(&json);
    ok(cg_casebook_counterfactual_json(book, TEXT("a"), TEXT(ENTITY), TEXT("noThreatsFound"), 1, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"worlds\":1,\"complete\":false"),
       "a budget ends the search, which says so");
    cg_buffer_free(&json);
    ok(cg_casebook_counterfactual_json(book, TEXT("a"), TEXT(ENTITY), TEXT("nice"), 0, &json, NULL) ==
               CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_counterfactual_json(book, TEXT("x"), TEXT(ENTITY), TEXT("suspicious"), 0, &json, NULL) ==
               CG_ERR_NOT_FOUND &&
           cg_casebook_counterfactual_json(NULL, TEXT("a"), TEXT(ENTITY), TEXT("suspicious"), 0, &json, NULL) ==
               CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_counterfactual_json(book, TEXT("a"), TEXT(ENTITY), TEXT("suspicious"), 0, NULL, NULL) ==
               CG_ERR_INVALID_ARGUMENT,
       "what means nothing is refused");
    cg_casebook_free(book);
}

int main(void) {
    changes();
    states();
    counterfactuals();
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
