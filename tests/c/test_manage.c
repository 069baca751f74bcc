/* Managing incidents, their activity log, users and assets, as C programs use them. One line per check; fails if any
 * fails. */
#include "check.h"

#include <stdlib.h>

#define ALERT(id, hour, user, more) \
    "{\"id\":\"" id "\",\"title\":\"Found " id "\",\"detectorId\":\"of-" id "\",\"serviceSource\":\"s\",\"severity\":\"high\"," \
    more "\"firstActivityDateTime\":\"2026-03-10T" hour ":00:00Z\",\"evidence\":[{\"@odata.type\":" \
    "\"#microsoft.graph.security.userEvidence\",\"roles\":[\"compromised\"],\"userAccount\":{\"userPrincipalName\":\"" \
    user "@example.com\"}},{\"@odata.type\":\"#microsoft.graph.security.deviceEvidence\",\"hostName\":\"ws-" user \
    "\"}]}\n"
#define ADA(hour) "{\"by\":\"ada\",\"at\":\"2026-05-01T" hour ":00:00Z\",\"reason\":\"my shift\"}"

static const char *const ALERTS = ALERT("a1", "08", "carl", "\"mitreTechniques\":[\"T1486\"],")
    ALERT("a2", "09", "carl", "") ALERT("b1", "10", "dora", "");

/* The buffer says this; it is freed. */
static int says(cg_buffer *json, const char *part) {
    int good = holds((const char *)json->ptr, json->len, part);
    cg_buffer_free(json);
    return good;
}

/* The incident of a1 says this. */
static int tells(const cg_casebook *book, const char *part) {
    cg_incident *incident = NULL;
    cg_buffer json = {0};
    int good = cg_casebook_incident(book, TEXT("a1"), &incident, NULL) == CG_OK &&
               cg_incident_json(incident, &json, NULL) == CG_OK && says(&json, part);
    cg_incident_free(incident);
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
    cg_incident *incident = NULL;
    cg_error *error = NULL;
    cg_fact_id fact;
    cg_buffer json = {0};
    char retraction[160];
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERTS), NULL, NULL, NULL) == CG_OK,
       "a casebook with alerts");
    ok(cg_casebook_assign(book, TEXT("a2"), TEXT("ada@example.com"), TEXT(ADA("08")), NULL, NULL) == CG_OK &&
           tells(book, "\"assignedTo\":\"ada@example.com\""),
       "an incident is given to somebody");
    ok(cg_casebook_assign(book, TEXT("a2"), NULL, 0, TEXT(ADA("09")), NULL, NULL) == CG_OK &&
           tells(book, "\"assignedTo\":null"),
       "or to nobody");
    ok(cg_casebook_set_status(book, TEXT("a1"), TEXT("inProgress"), TEXT(ADA("09")), NULL, NULL) == CG_OK &&
           tells(book, "\"status\":\"inProgress\""),
       "has a status");
    ok(cg_casebook_classify(book, TEXT("a1"), TEXT("truePositive"), TEXT("malware"), TEXT(ADA("09")), NULL, NULL) ==
               CG_OK &&
           tells(book, "\"classification\":\"truePositive\",\"determination\":\"malware\""),
       "is found to be something");
    ok(cg_casebook_set_severity(book, TEXT("a1"), TEXT("low"), TEXT(ADA("09")), NULL, NULL) == CG_OK &&
           tells(book, "\"severity\":\"low\""),
       "has a severity by hand");
    ok(cg_casebook_rename(book, TEXT("a1"), TEXT("Carl's bad day"), TEXT(ADA("09")), NULL, NULL) == CG_OK &&
           tells(book, "\"title\":\"Carl's bad day\""),
       "another name");
    ok(cg_casebook_tag(book, TEXT("a1"), TEXT("night"), TEXT(ADA("09")), NULL, NULL) == CG_OK &&
           tells(book, "\"tags\":[\"night\"]"),
       "a tag");
    ok(cg_casebook_untag(book, TEXT("a1"), TEXT("night"), TEXT(ADA("10")), NULL, NULL) == CG_OK &&
           tells(book, "\"tags\":[]"),
       "which goes again");
    ok(cg_casebook_comment(book, TEXT("a1"), TEXT("Called Carl."), TEXT(ADA("10")), &fact, NULL) == CG_OK &&
           strlen(fact.hex) == 64,
       "and comments");

    ok(cg_casebook_incident(book, TEXT("a1"), &incident, NULL) == CG_OK &&
           cg_incident_system_tag_count(incident) == 1 && equal(cg_incident_system_tag(incident, 0), "Ransomware"),
       "what happened gives a tag");
    cg_str because = cg_incident_system_tag_because(incident, 0);
    ok(holds(because.ptr, because.len, "T1486"), "with its ground");
    ok(equal(cg_incident_system_tag(incident, 1), "") && cg_incident_system_tag_count(NULL) == 0 &&
           equal(cg_incident_system_tag_because(NULL, 0), ""),
       "and nothing past the end");
    cg_incident_free(incident);

    ok(cg_casebook_activity_json(book, TEXT("a1"), NULL, 0, &json, NULL) == CG_OK &&
           says(&json, "\"type\":\"opened\",\"by\":\"casegraph\""),
       "the log tells what the system did");
    ok(cg_casebook_activity_json(book, TEXT("a1"), TEXT("{\"types\":[\"commented\"]}"), &json, NULL) == CG_OK &&
           holds((const char *)json.ptr, json.len, "Called Carl.") &&
           !holds((const char *)json.ptr, json.len, "alertCorrelated"),
       "and what people did, as the filter says");
    cg_buffer_free(&json);
    snprintf(retraction, sizeof retraction, "{\"fact\":\"%s\",\"by\":\"ada\"}", fact.hex);
    ok(cg_casebook_retract(book, TEXT(retraction), NULL, NULL) == CG_OK &&
           cg_casebook_activity_json(book, TEXT("a1"), NULL, 0, &json, NULL) == CG_OK &&
           !holds((const char *)json.ptr, json.len, "Called Carl."),
       "until it is withdrawn");
    cg_buffer_free(&json);

    ok(cg_casebook_user_priority_json(book, TEXT("a1"), TEXT("user:upn:carl@example.com"), &json, NULL) == CG_OK &&
           says(&json, "\"model\":\"casegraph.userPriority/1\",\"score\":200.0"),
       "a user needs looking into");
    ok(cg_casebook_asset_risk_json(book, TEXT("a1"), TEXT("device:host:ws-carl"), &json, NULL) == CG_OK &&
           says(&json, "\"riskLevel\":\"high\""),
       "a device is at risk");
    ok(cg_casebook_resolve(book, TEXT("a1"), TEXT(ADA("11")), NULL, NULL) == CG_OK &&
           cg_casebook_asset_risk_json(book, TEXT("a1"), TEXT("device:host:ws-carl"), &json, NULL) == CG_OK &&
           says(&json, "\"riskLevel\":\"none\""),
       "until the incident is resolved");

    fails(cg_casebook_classify(book, TEXT("a1"), TEXT("falsePositive"), TEXT("phishing"), TEXT(ADA("12")), NULL, &error),
          CG_ERR_INVALID_ARGUMENT, &error, "`notMalicious`", "a finding that makes no sense is refused");
    fails(cg_casebook_untag(book, TEXT("a1"), TEXT("Ransomware"), TEXT(ADA("12")), NULL, &error),
          CG_ERR_INVALID_ARGUMENT, &error, "system tag", "nobody takes a system tag away");
    fails(cg_casebook_comment(book, TEXT("a1"), NULL, 0, TEXT(ADA("12")), NULL, &error), CG_ERR_INVALID_ARGUMENT,
          &error, "30,000", "a comment says something");
    fails(cg_casebook_set_status(book, TEXT("a1"), TEXT("done"), TEXT(ADA("12")), NULL, &error),
          CG_ERR_INVALID_ARGUMENT, &error, "`done`", "a status is one of Graph's");
    fails(cg_casebook_tag(book, TEXT("x"), TEXT("t"), TEXT(ADA("12")), NULL, &error), CG_ERR_NOT_FOUND, &error, "`x`",
          "an unknown alert is not found");
    fails(cg_casebook_rename(book, TEXT("a1"), TEXT("t"), TEXT("{}"), NULL, &error), CG_ERR_INVALID_ARGUMENT, &error,
          "author", "an author has a name");
    fails(cg_casebook_activity_json(book, TEXT("a1"), TEXT("{\"what\":1}"), &json, &error), CG_ERR_INVALID_ARGUMENT,
          &error, "`what`", "a filter has known parts");
    fails(cg_casebook_user_priority_json(book, TEXT("a1"), TEXT("device:host:ws-carl"), &json, &error),
          CG_ERR_INVALID_ARGUMENT, &error, "not a user", "a device is no user");
    ok(cg_casebook_assign(NULL, TEXT("a1"), TEXT("t"), TEXT(ADA("12")), NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "and there must be a casebook");
    cg_casebook_free(book);
    printf("1..%d\n", count);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
