/* Plans, as C programs use them. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

static const char *const ALERT =
    "{\"id\":\"a1\",\"title\":\"Beacon\",\"detectorId\":\"d\",\"serviceSource\":\"s\",\"severity\":\"high\","
    "\"firstActivityDateTime\":\"2026-03-10T08:00:00Z\",\"evidence\":[{\"@odata.type\":"
    "\"#microsoft.graph.security.deviceEvidence\",\"hostName\":\"pc-1\",\"mdeDeviceId\":\"d1\",\"loggedOnUsers\":["
    "{\"userPrincipalName\":\"noor@example.com\"}]},{\"@odata.type\":\"#microsoft.graph.security.processEvidence\","
    "\"processId\":7,\"processCreationDateTime\":\"2026-03-10T07:00:00Z\",\"mdeDeviceId\":\"d1\",\"verdict\":"
    "\"malicious\",\"imageFile\":{\"fileName\":\"beacon.exe\"}}]}\n";
#define AT "2026-03-12T09:00:00Z"

static int has(const cg_buffer *json, const char *part) {
    return holds((const char *)json->ptr, json->len, part);
}

int main(void) {
    cg_casebook *book = NULL;
    cg_error *error = NULL;
    cg_buffer plan = {0}, rest = {0};
    char *broken = NULL;
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERT), NULL, NULL, NULL) == CG_OK,
       "a casebook with an intrusion");
    ok(cg_casebook_plan_json(book, TEXT("a1"), TEXT(AT), &plan, NULL) == CG_OK && has(&plan, "\"outcome\":\"cut\"") &&
           has(&plan, "\"title\":\"Isolate device: pc-1\""),
       "has a plan");
    ok(cg_plan_check((const char *)plan.ptr, plan.len, NULL) == CG_OK, "that holds");
    ok(cg_plan_what_if_json((const char *)plan.ptr, plan.len, TEXT("[]"), &rest, NULL) == CG_OK &&
           has(&rest, "\"reached\":[{\"id\":\"user:upn:noor@example.com\""),
       "and tells what is reached without it");
    cg_buffer_free(&rest);
    broken = malloc(plan.len + 1);
    if (broken != NULL) {
        memcpy(broken, plan.ptr, plan.len);
        broken[plan.len] = 0;
        /* The first digit of the first cost, which is 10. */
        char *cost = strstr(broken, "\"cost\":10");
        if (cost != NULL) {
            cost[7] = '2';
        }
        ok(cost != NULL && cg_plan_check(broken, plan.len, &error) == CG_ERR_INVALID_ARGUMENT, "another cost does not hold");
        cg_error_free(error);
        error = NULL;
    }
    free(broken);
    ok(cg_plan_what_if_json((const char *)plan.ptr, plan.len, TEXT("[\"0123456789abcdef\"]"), &rest, NULL) ==
           CG_ERR_NOT_FOUND,
       "an action that is not planned is not found");
    ok(cg_plan_what_if_json((const char *)plan.ptr, plan.len, TEXT("{}"), &rest, NULL) == CG_ERR_INVALID_ARGUMENT,
       "ids are a list");
    ok(cg_plan_check(TEXT("{}"), NULL) == CG_ERR_INVALID_ARGUMENT, "a plan is one");
    ok(cg_casebook_plan_json(book, TEXT("x"), TEXT(AT), &rest, NULL) == CG_ERR_NOT_FOUND, "an unknown alert is not found");
    ok(cg_casebook_plan_json(book, TEXT("a1"), TEXT("now"), &rest, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a time has an offset");
    ok(cg_casebook_plan_json(NULL, TEXT("a1"), TEXT(AT), &rest, NULL) == CG_ERR_INVALID_ARGUMENT, "no casebook");
    cg_buffer_free(&plan);
    cg_casebook_free(book);
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
