/* The whole C face, used as C programs use it. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

_Static_assert(sizeof(cg_fact_id) == 65, "the layout of cg_fact_id never changes");
_Static_assert(sizeof(cg_str) == sizeof(char *) + sizeof(size_t), "the layout of cg_str never changes");
_Static_assert(sizeof(cg_buffer) == sizeof(char *) + 2 * sizeof(size_t), "the layout of cg_buffer never changes");

static cg_casebook *sample(void) {
    cg_casebook *book = NULL;
    cg_str alerts = cg_sample_alerts();
    if (cg_casebook_new(NULL, 0, &book, NULL) != CG_OK ||
        cg_casebook_ingest(book, TEXT("sample"), alerts.ptr, alerts.len, NULL, NULL, NULL) != CG_OK) {
        printf("Bail out! no sample casebook\n");
        exit(1);
    }
    return book;
}

/* The most urgent incident. */
static cg_incident *first_of(const cg_casebook *book) {
    cg_incidents *queue = NULL;
    cg_incident *incident = NULL;
    cg_casebook_incidents(book, &queue, NULL);
    cg_incidents_at(queue, 0, &incident, NULL);
    cg_incidents_free(queue);
    return incident;
}

static void versions(void) {
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", CG_VERSION_MAJOR, CG_VERSION_MINOR, CG_VERSION_PATCH);
    ok(equal(cg_version(), expected), "library and header have one version");
    ok(cg_abi_version() == CG_ABI_VERSION, "library and header have one ABI");
}

static void names(void) {
    ok(equal(cg_status_name(CG_OK), "ok") && equal(cg_status_name(CG_ERR_NOT_FOUND), "not_found") &&
           equal(cg_status_name(CG_ERR_INTERNAL), "internal"),
       "statuses have names");
    ok(equal(cg_status_name(999), "") && equal(cg_status_name(-1), ""), "a number that is no status has no name");
    ok(equal(cg_verdict_name(CG_VERDICT_CLEAN), "noThreatsFound") &&
           equal(cg_verdict_name(CG_VERDICT_MALICIOUS), "malicious") && equal(cg_verdict_name(CG_VALUE_OTHER), ""),
       "verdicts have names");
    ok(equal(cg_severity_name(CG_SEVERITY_HIGH), "high") && equal(cg_severity_name(77), ""), "severities have names");
    ok(equal(cg_incident_status_name(CG_INCIDENT_AWAITING_ACTION), "awaitingAction"), "incident statuses have names");
    ok(equal(cg_fact_kind_name(CG_FACT_ALERT), "alert") && equal(cg_fact_kind_name(CG_FACT_ALERT_PART), "alertPart") &&
           equal(cg_fact_kind_name(CG_FACT_RETRACTION), "retraction") &&
           equal(cg_fact_kind_name(CG_FACT_EVENT), "event") &&
           equal(cg_fact_kind_name(CG_FACT_ACTION_REPORT), "actionReport") && equal(cg_fact_kind_name(8), ""),
       "kinds of facts have names");
}

static void errors(void) {
    cg_casebook *book = NULL;
    cg_casebook *untouched = NULL;
    cg_error *error = NULL;
    const char bad[] = "\xff\xfe";

    ok(cg_casebook_new(TEXT("{\n  \"corelate\": {}\n}"), &untouched, &error) == CG_ERR_INVALID_ARGUMENT,
       "a policy with an unknown name is refused");
    ok(untouched == NULL, "a failed call writes no result");
    ok(cg_error_code(error) == CG_ERR_INVALID_ARGUMENT, "the error has the code of its call");
    ok(holds(cg_error_message(error).ptr, cg_error_message(error).len, "corelate"), "the message names the culprit");
    ok(cg_error_line(error) == 2 && cg_error_column(error) > 0, "the error has line and column");
    ok(cg_error_record(error) == 0 && cg_error_path(error).len == 0 && cg_error_source(error).len == 0,
       "what is not known of its place is empty");
    ok(holds(cg_error_text(error).ptr, cg_error_text(error).len, "line 2"), "the text has place and message");
    cg_error_free(error);

    error = (cg_error *)&count;
    ok(cg_casebook_new(NULL, 0, &book, &error) == CG_OK && error == NULL, "success sets the error to NULL");
    ok(cg_casebook_ingest_file(book, TEXT("no/such/file.jsonl"), NULL, NULL, &error) == CG_ERR_IO &&
           equal(cg_error_source(error), "no/such/file.jsonl"),
       "a missing file is an I/O error with its path");
    cg_error_free(error);
    ok(cg_casebook_decide(book, bad, 2, NULL, &error) == CG_ERR_INVALID_ARGUMENT &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "UTF-8"),
       "bad UTF-8 is refused");
    cg_error_free(error);
    ok(cg_casebook_decide(book, NULL, 5, NULL, &error) == CG_ERR_INVALID_ARGUMENT,
       "NULL with a length is refused");
    cg_error_free(error);
    ok(cg_casebook_decide(book, "x", (size_t)-1, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a length beyond memory is refused");
    ok(cg_casebook_decide(book, TEXT("{\"decision\":\"join\""), NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "nobody has to ask for the error");
    ok(cg_error_code(NULL) == CG_OK && cg_error_message(NULL).len == 0 && cg_error_message(NULL).ptr != NULL &&
           cg_error_text(NULL).len == 0 && cg_error_help(NULL).len == 0 && cg_error_source(NULL).len == 0 &&
           cg_error_path(NULL).len == 0 && cg_error_record(NULL) == 0 && cg_error_line(NULL) == 0 &&
           cg_error_column(NULL) == 0,
       "no error is an empty error");
    cg_casebook_free(book);
}

static void nulls(void) {
    cg_casebook *book = sample();
    cg_incident *incident = first_of(book);
    cg_casebook *other = NULL;
    cg_incidents *list = NULL;
    cg_incident *one = NULL;
    cg_ingest_options *options = NULL;
    cg_buffer buffer = {NULL, 0, 0};
    cg_str text = {NULL, 0};
    cg_status bad = CG_ERR_INVALID_ARGUMENT;

    ok(cg_casebook_new(NULL, 0, NULL, NULL) == bad && cg_casebook_ingest(NULL, "", 0, "", 0, NULL, NULL, NULL) == bad &&
           cg_casebook_ingest_file(NULL, "", 0, NULL, NULL, NULL) == bad &&
           cg_casebook_add_indicators(NULL, "", 0, "", 0, NULL, NULL) == bad &&
           cg_casebook_add_indicator(NULL, "", 0, NULL, NULL) == bad &&
           cg_casebook_decide(NULL, "", 0, NULL, NULL) == bad && cg_casebook_retract(NULL, "", 0, NULL, NULL) == bad,
       "no casebook: changes");
    ok(cg_casebook_as_of(NULL, 0, &other, NULL) == bad && cg_casebook_save(NULL, "x", 1, NULL) == bad &&
           cg_casebook_save_buffer(NULL, 0, &buffer, NULL) == bad &&
           cg_casebook_fact(NULL, 0, NULL, NULL, NULL, NULL) == bad &&
           cg_casebook_find_fact(NULL, "", 0, NULL, NULL, NULL, NULL) == bad &&
           cg_casebook_alert_json(NULL, "", 0, &text, NULL) == bad &&
           cg_casebook_explain_json(NULL, "", 0, "", 0, &buffer, NULL) == bad &&
           cg_casebook_entity_json(NULL, "", 0, "", 0, &buffer, NULL) == bad &&
           cg_casebook_graph_json(NULL, "", 0, &buffer, NULL) == bad &&
           cg_casebook_queue_json(NULL, &buffer, NULL) == bad && cg_casebook_to_json(NULL, &buffer, NULL) == bad &&
           cg_casebook_policy_json(NULL, &buffer, NULL) == bad && cg_casebook_incidents(NULL, &list, NULL) == bad &&
           cg_casebook_incident(NULL, "", 0, &one, NULL) == bad && cg_casebook_fact_count(NULL) == 0,
       "no casebook: questions");
    ok(cg_casebook_as_of(book, 0, NULL, NULL) == bad && cg_casebook_save_buffer(book, 0, NULL, NULL) == bad &&
           cg_casebook_alert_json(book, "", 0, NULL, NULL) == bad &&
           cg_casebook_explain_json(book, "", 0, "", 0, NULL, NULL) == bad &&
           cg_casebook_graph_json(book, "", 0, NULL, NULL) == bad && cg_casebook_queue_json(book, NULL, NULL) == bad &&
           cg_casebook_to_json(book, NULL, NULL) == bad && cg_casebook_policy_json(book, NULL, NULL) == bad &&
           cg_casebook_incidents(book, NULL, NULL) == bad && cg_casebook_incident(book, "", 0, NULL, NULL) == bad &&
           cg_casebook_load(NULL, 0, NULL, 0, NULL, NULL, NULL) == bad &&
           cg_casebook_load_bytes(NULL, 0, NULL, 0, NULL, NULL, NULL) == bad,
       "no place for the result");
    ok(cg_ingest_options_new(NULL, NULL) == bad && cg_ingest_options_set_format(NULL, "", 0, NULL) == bad &&
           cg_ingest_options_set_threads(NULL, 2, NULL) == bad &&
           cg_ingest_options_set_progress(NULL, NULL, NULL, NULL) == bad && cg_report_json(NULL, &buffer, NULL) == bad &&
           cg_incidents_at(NULL, 0, &one, NULL) == bad && cg_incident_json(NULL, &buffer, NULL) == bad &&
           cg_incident_text(NULL, &buffer, NULL) == bad && cg_incident_json(incident, NULL, NULL) == bad &&
           cg_incident_text(incident, NULL, NULL) == bad,
       "no options, report, list, incident");
    ok(other == NULL && list == NULL && one == NULL && options == NULL && buffer.ptr == NULL && text.ptr == NULL,
       "none of these wrote a result");
    ok(cg_incidents_len(NULL) == 0 && cg_incident_id(NULL).len == 0 && cg_incident_title(NULL).len == 0 &&
           cg_incident_tenant_id(NULL).len == 0 && cg_incident_assigned_to(NULL).len == 0 &&
           cg_incident_severity(NULL) == CG_VALUE_OTHER && cg_incident_status(NULL) == CG_VALUE_OTHER &&
           cg_incident_score(NULL) == 0.0 && cg_incident_first_activity(NULL) == CG_NO_TIME &&
           cg_incident_last_activity(NULL) == CG_NO_TIME && cg_incident_tag_count(NULL) == 0 &&
           cg_incident_tag(NULL, 0).len == 0 && cg_incident_stages_observed(NULL) == 0 &&
           cg_incident_stages_total(NULL) == 0 && cg_incident_progress(NULL) == 0 &&
           cg_incident_furthest_stage(NULL).len == 0 && cg_incident_alert_count(NULL) == 0 &&
           cg_incident_alert_id(NULL, 0).len == 0 && cg_incident_entity_count(NULL) == 0 &&
           cg_incident_entity_id(NULL, 0).len == 0,
       "accessors of no incident");
    ok(cg_report_format(NULL).len == 0 && cg_report_records(NULL) == 0 && cg_report_alerts(NULL) == 0 &&
           cg_report_new_facts(NULL) == 0 && cg_report_duplicates(NULL) == 0 && cg_report_problem_count(NULL) == 0 &&
           cg_report_more_problems(NULL) == 0 && cg_report_problem_message(NULL, 0).len == 0 &&
           cg_report_problem_code(NULL, 0).len == 0 && cg_report_problem_path(NULL, 0).len == 0 &&
           cg_report_problem_record(NULL, 0) == 0,
       "accessors of no report");
    {
        size_t end = (size_t)-1;
        ok(cg_incident_alert_id(incident, end).len == 0 && cg_incident_alert_title(incident, end).len == 0 &&
               cg_incident_alert_severity(incident, end) == CG_VALUE_OTHER &&
               cg_incident_alert_time(incident, end) == CG_NO_TIME &&
               cg_incident_alert_reason(incident, end).len == 0 && cg_incident_alert_repeats(incident, end) == 0 &&
               cg_incident_alert_fact(incident, end).len == 0 && cg_incident_entity_id(incident, end).len == 0 &&
               cg_incident_entity_kind(incident, end).len == 0 && cg_incident_entity_name(incident, end).len == 0 &&
               cg_incident_entity_verdict(incident, end) == CG_VALUE_OTHER &&
               cg_incident_entity_score(incident, end) == 0.0 &&
               cg_incident_entity_remediation(incident, end).len == 0 &&
               cg_incident_entity_because(incident, end).len == 0,
           "accessors past the end");
    }
    cg_casebook_free(NULL);
    cg_incident_free(NULL);
    cg_incidents_free(NULL);
    cg_error_free(NULL);
    cg_report_free(NULL);
    cg_ingest_options_free(NULL);
    cg_buffer_free(NULL);
    cg_buffer_free(&buffer);
    ok(1, "NULL may be freed");
    cg_incident_free(incident);
    cg_casebook_free(book);
}

static void ingest(void) {
    cg_casebook *book = NULL;
    cg_report *report = NULL;
    cg_report *again = NULL;
    cg_ingest_options *options = NULL;
    cg_error *error = NULL;
    cg_buffer json;
    cg_str alerts = cg_sample_alerts();
    cg_str indicators = cg_sample_indicators();
    cg_fact_id fact;
    cg_fact_id twice;

    cg_casebook_new(NULL, 0, &book, NULL);
    ok(cg_casebook_ingest(book, TEXT("sample"), alerts.ptr, alerts.len, NULL, &report, NULL) == CG_OK &&
           cg_report_alerts(report) > 0 && cg_report_records(report) == cg_report_alerts(report) &&
           cg_report_new_facts(report) == cg_report_alerts(report) && cg_report_duplicates(report) == 0 &&
           cg_report_problem_count(report) == 0 && equal(cg_report_format(report), "graph-alerts"),
       "the sample comes in");
    ok(cg_casebook_fact_count(book) == cg_report_new_facts(report), "every new fact counts");

    ok(cg_ingest_options_new(&options, NULL) == CG_OK &&
           cg_ingest_options_set_format(options, TEXT("graph-alerts"), NULL) == CG_OK &&
           cg_ingest_options_set_threads(options, 2, NULL) == CG_OK,
       "options");
    ok(cg_ingest_options_set_format(options, TEXT("csv"), &error) == CG_ERR_FORMAT && cg_error_code(error) == CG_ERR_FORMAT,
       "a format that does not exist");
    cg_error_free(error);
    ok(cg_casebook_ingest(book, TEXT("again"), alerts.ptr, alerts.len, options, &again, NULL) == CG_OK &&
           cg_report_new_facts(again) == 0 && cg_report_duplicates(again) == cg_report_new_facts(report),
       "the same again changes nothing");
    cg_ingest_options_free(options);
    cg_report_free(again);
    cg_report_free(report);

    ok(cg_casebook_ingest(book, TEXT("bad"), TEXT("{\"id\":\"x\"}\n\xff\n[1]\n"), NULL, &report, NULL) == CG_OK &&
           cg_report_problem_count(report) > 0,
       "bad records are problems, not failures");
    ok(cg_report_problem_message(report, 0).len > 0 && cg_report_problem_code(report, 0).len > 0 &&
           cg_report_problem_path(report, 0).len > 0 && cg_report_problem_record(report, 0) == 1 &&
           cg_report_more_problems(report) == 0 && cg_report_problem_message(report, 99).len == 0,
       "a problem has code, message and place");
    ok(cg_report_json(report, &json, NULL) == CG_OK && holds(json.ptr, json.len, "\"problems\":[{"), "a report as JSON");
    cg_buffer_free(&json);
    ok(json.ptr == NULL && json.len == 0, "a freed buffer is empty");
    cg_report_free(report);

    ok(cg_casebook_add_indicators(book, TEXT("feed"), indicators.ptr, indicators.len, &report, NULL) == CG_OK &&
           cg_report_new_facts(report) > 0,
       "indicators come in");
    cg_report_free(report);
    ok(cg_casebook_add_indicator(book, TEXT("{\"kind\":\"dns\",\"value\":\"evil.example\",\"verdict\":\"malicious\"}"),
                                 &fact, NULL) == CG_OK &&
           strlen(fact.hex) == 64,
       "one indicator, and its id");
    ok(cg_casebook_add_indicator(book, TEXT("{\"kind\":\"dns\",\"value\":\"evil.example\",\"verdict\":\"malicious\"}"),
                                 &twice, NULL) == CG_OK &&
           strcmp(fact.hex, twice.hex) == 0,
       "the same indicator is the same fact");
    ok(cg_casebook_add_indicator(book, TEXT("{\"kind\":\"nonsense\",\"value\":\"x\",\"verdict\":\"malicious\"}"), NULL,
                                 NULL) == CG_ERR_INVALID_ARGUMENT,
       "an indicator of no kind");
    cg_casebook_free(book);
}

struct watch {
    uint64_t calls;
    uint64_t stop_at;
    uint64_t last;
    cg_casebook *book;
    cg_status inside;
};

static int32_t watching(void *user_data, uint64_t bytes) {
    struct watch *watch = user_data;
    watch->calls++;
    watch->last = bytes;
    if (watch->book) {
        watch->inside = cg_casebook_decide(watch->book, "{}", 2, NULL, NULL);
        if (watch->inside == CG_ERR_INVALID_ARGUMENT) {
            cg_incidents *none = NULL;
            watch->inside = cg_casebook_incidents(watch->book, &none, NULL);
        }
    }
    return watch->calls == watch->stop_at ? CG_STOP : CG_CONTINUE;
}

/* Many alerts, one a line. */
static char *many(size_t *len) {
    size_t i, used = 0, room = 2000 * 128;
    char *text = malloc(room);
    for (i = 0; i < 2000; i++) {
        used += (size_t)snprintf(text + used, room - used,
                                 "{\"id\":\"a%lu\",\"title\":\"t\",\"createdDateTime\":\"2026-03-12T09:00:00Z\","
                                 "\"evidence\":[]}\n",
                                 (unsigned long)i);
    }
    *len = used;
    return text;
}

static void progress(void) {
    cg_casebook *book = NULL;
    cg_ingest_options *options = NULL;
    cg_report *report = NULL;
    cg_error *error = NULL;
    struct watch watch = {0, 0, 0, NULL, CG_OK};
    size_t len = 0;
    char *text = many(&len);

    cg_casebook_new(NULL, 0, &book, NULL);
    cg_ingest_options_new(&options, NULL);
    cg_ingest_options_set_progress(options, watching, &watch, NULL);
    watch.book = book;
    watch.stop_at = 2;
    ok(cg_casebook_ingest(book, TEXT("many"), text, len, options, &report, &error) == CG_ERR_CANCELLED &&
           cg_error_code(error) == CG_ERR_CANCELLED && report == NULL && watch.calls == 2,
       "the callback stops an ingest");
    ok(watch.inside == CG_ERR_INVALID_ARGUMENT, "a callback cannot call back into its casebook");
    ok(cg_casebook_fact_count(book) > 0 && cg_casebook_fact_count(book) < 2000, "what was read is kept");
    cg_error_free(error);
    watch.stop_at = 0;
    ok(cg_casebook_ingest(book, TEXT("many"), text, len, options, &report, NULL) == CG_OK &&
           cg_casebook_fact_count(book) == 2000 && watch.last > 65536,
       "it can be taken up again");
    cg_report_free(report);
    watch.calls = 0;
    cg_ingest_options_set_progress(options, NULL, NULL, NULL);
    ok(cg_casebook_ingest(book, TEXT("many"), text, len, options, NULL, NULL) == CG_OK && watch.calls == 0,
       "a callback can be taken away");
    cg_ingest_options_free(options);
    cg_casebook_free(book);
    free(text);
}

static void incidents(void) {
    cg_casebook *book = sample();
    cg_incidents *queue = NULL;
    cg_incident *incident = NULL;
    cg_incident *other = NULL;
    cg_incident *same = NULL;
    cg_error *error = NULL;
    cg_buffer json;
    cg_str text;
    size_t i, reasons = 0, malicious = 0, named = 0;

    ok(cg_casebook_incidents(book, &queue, NULL) == CG_OK && cg_incidents_len(queue) >= 2, "there are incidents");
    ok(cg_incidents_at(queue, 0, &incident, NULL) == CG_OK && cg_incidents_at(queue, 1, &other, NULL) == CG_OK &&
           cg_incident_score(incident) >= cg_incident_score(other) && cg_incident_score(incident) <= 100.0,
       "the most urgent comes first");
    ok(cg_incidents_at(queue, cg_incidents_len(queue), &same, &error) == CG_ERR_INVALID_ARGUMENT && same == NULL,
       "there is none past the end");
    cg_error_free(error);
    ok(cg_casebook_queue_json(book, &json, NULL) == CG_OK && json.ptr[0] == '[' && holds(json.ptr, json.len, "\"score\":"),
       "the queue as JSON");
    cg_buffer_free(&json);
    ok(cg_casebook_alert_json(book, cg_incident_alert_id(incident, 0).ptr, cg_incident_alert_id(incident, 0).len, &text,
                              NULL) == CG_OK &&
           text.len > 0 && text.ptr[0] == '{',
       "an alert as JSON, borrowed");
    ok(cg_casebook_explain_json(book, cg_incident_id(incident).ptr, cg_incident_id(incident).len,
                                cg_incident_entity_id(incident, 0).ptr, cg_incident_entity_id(incident, 0).len, &json,
                                NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"opinions\":["),
       "the worst entity explained");
    cg_buffer_free(&json);
    ok(cg_casebook_entity_json(book, cg_incident_id(incident).ptr, cg_incident_id(incident).len,
                               cg_incident_entity_id(incident, 0).ptr, cg_incident_entity_id(incident, 0).len, &json,
                               NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"aliases\":["),
       "what is known of the worst entity");
    cg_buffer_free(&json);
    ok(cg_casebook_graph_json(book, cg_incident_id(incident).ptr, cg_incident_id(incident).len, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"nodes\":[") && holds(json.ptr, json.len, "\"edges\":["),
       "the graph as JSON");
    cg_buffer_free(&json);
    ok(cg_casebook_to_json(book, &json, NULL) == CG_OK && json.ptr[json.len - 1] == '\n' &&
           holds(json.ptr, json.len, "casegraph.queue/1"),
       "everything as JSON");
    cg_buffer_free(&json);
    ok(cg_casebook_policy_json(book, &json, NULL) == CG_OK && holds(json.ptr, json.len, "\"nearMisses\":20"),
       "the policy as JSON");
    cg_buffer_free(&json);

    /* What follows uses snapshots alone. */
    cg_casebook_free(book);
    cg_incidents_free(queue);
    cg_incident_free(other);
    ok(cg_incident_id(incident).len > 0 && cg_incident_title(incident).len > 0 && cg_incident_tenant_id(incident).ptr,
       "an incident outlives its list and its casebook");
    ok(cg_incident_severity(incident) == CG_SEVERITY_HIGH && cg_incident_status(incident) == CG_INCIDENT_IN_PROGRESS &&
           cg_incident_assigned_to(incident).len == 0 && cg_incident_tag_count(incident) == 0,
       "severity and status");
    ok(cg_incident_first_activity(incident) > 0 &&
           cg_incident_first_activity(incident) < cg_incident_last_activity(incident),
       "first and last activity");
    ok(cg_incident_stages_observed(incident) > 3 &&
           cg_incident_stages_observed(incident) <= cg_incident_stages_total(incident) &&
           cg_incident_progress(incident) > 0 && cg_incident_progress(incident) <= 100 &&
           cg_incident_furthest_stage(incident).len > 0,
       "kill chain");
    for (i = 0; i < cg_incident_alert_count(incident); i++) {
        reasons += cg_incident_alert_reason(incident, i).len > 0;
        named += cg_incident_alert_id(incident, i).len > 0 && cg_incident_alert_title(incident, i).len > 0 &&
                 cg_incident_alert_fact(incident, i).len == 64 && cg_incident_alert_severity(incident, i) >= 0 &&
                 cg_incident_alert_time(incident, i) >= cg_incident_first_activity(incident);
    }
    ok(named == cg_incident_alert_count(incident) && named > 3, "every alert has its line");
    ok(reasons + 3 >= named && reasons > 0, "alerts say why they are here");
    named = 0;
    for (i = 0; i < cg_incident_entity_count(incident); i++) {
        malicious += cg_incident_entity_verdict(incident, i) == CG_VERDICT_MALICIOUS;
        named += cg_incident_entity_id(incident, i).len > 0 && cg_incident_entity_kind(incident, i).len > 0 &&
                 cg_incident_entity_name(incident, i).len > 0 && cg_incident_entity_because(incident, i).len > 0 &&
                 cg_incident_entity_remediation(incident, i).len > 0 && cg_incident_entity_score(incident, i) <= 1.0;
    }
    ok(named == cg_incident_entity_count(incident) && named > 3, "every entity has its line");
    ok(malicious > 0 && cg_incident_entity_verdict(incident, 0) == CG_VERDICT_MALICIOUS &&
           cg_incident_entity_score(incident, 0) > 0.5,
       "the worst verdict comes first");
    ok(cg_incident_json(incident, &json, NULL) == CG_OK && holds(json.ptr, json.len, "\"killChain\":{"), "as JSON");
    cg_buffer_free(&json);
    ok(cg_incident_text(incident, &json, NULL) == CG_OK && !holds(json.ptr, json.len, "\x1b"), "as a page of text");
    cg_buffer_free(&json);
    cg_incident_free(incident);

    book = sample();
    ok(cg_casebook_incident(book, TEXT("no such alert"), &incident, &error) == CG_ERR_NOT_FOUND &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "no such alert"),
       "an incident that is not there");
    cg_error_free(error);
    incident = first_of(book);
    ok(cg_casebook_explain_json(book, cg_incident_id(incident).ptr, cg_incident_id(incident).len, TEXT("ip:address:192.0.2.250"),
                                &json, NULL) == CG_ERR_NOT_FOUND,
       "an entity that is not there");
    cg_incident_free(incident);
    cg_casebook_free(book);
}

static void decisions(void) {
    cg_casebook *book = sample();
    cg_casebook *past = NULL;
    cg_incident *incident = first_of(book);
    cg_fact_id assigned;
    cg_fact_id found;
    cg_error *error = NULL;
    cg_str json;
    int32_t kind = -1;
    size_t position = 0, before = cg_casebook_fact_count(book);
    char text[1024];

    snprintf(text, sizeof text,
             "{\"decision\":\"assign\",\"to\":\"ada@alderfinch.example\",\"by\":\"ada\","
             "\"at\":\"2026-03-12T09:00:00Z\",\"alerts\":[\"%.*s\"]}",
             (int)cg_incident_id(incident).len, cg_incident_id(incident).ptr);
    ok(cg_casebook_decide(book, TEXT(text), &assigned, NULL) == CG_OK, "a decision");
    ok(cg_incident_assigned_to(incident).len == 0, "a snapshot stays as it was");
    cg_incident_free(incident);
    incident = first_of(book);
    ok(equal(cg_incident_assigned_to(incident), "ada@alderfinch.example"), "the decision stands");
    cg_incident_free(incident);

    ok(cg_casebook_fact(book, before, &kind, &found, &json, NULL) == CG_OK && kind == CG_FACT_DECISION &&
           strcmp(found.hex, assigned.hex) == 0 && holds(json.ptr, json.len, "\"decision\":\"assign\""),
       "the decision is the newest fact");
    ok(cg_casebook_find_fact(book, TEXT(assigned.hex), &position, &kind, &json, NULL) == CG_OK && position == before,
       "a fact is found by its id");
    ok(cg_casebook_find_fact(book, TEXT("abc"), NULL, NULL, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "what is no id finds nothing");
    ok(cg_casebook_fact(book, before + 1, &kind, NULL, NULL, &error) == CG_ERR_INVALID_ARGUMENT, "no fact past the end");
    cg_error_free(error);
    ok(cg_casebook_fact(book, (size_t)-1, NULL, NULL, NULL, NULL) == CG_ERR_INVALID_ARGUMENT, "no fact far past the end");

    snprintf(text, sizeof text, "{\"fact\":\"%s\",\"by\":\"ada\",\"reason\":\"mistake\"}", assigned.hex);
    ok(cg_casebook_retract(book, TEXT(text), &found, NULL) == CG_OK && strcmp(found.hex, assigned.hex) != 0,
       "a retraction is a fact of its own");
    incident = first_of(book);
    ok(cg_incident_assigned_to(incident).len == 0, "what was retracted no longer counts");
    cg_incident_free(incident);
    ok(cg_casebook_find_fact(book, TEXT(found.hex), NULL, &kind, NULL, NULL) == CG_OK && kind == CG_FACT_RETRACTION,
       "and is told from the others");

    ok(cg_casebook_as_of(book, before + 1, &past, NULL) == CG_OK && cg_casebook_fact_count(past) == before + 1,
       "the casebook as it was");
    cg_casebook_free(book);
    incident = first_of(past);
    ok(equal(cg_incident_assigned_to(incident), "ada@alderfinch.example"), "where the decision still stands");
    cg_incident_free(incident);
    ok(cg_casebook_as_of(past, before + 2, &book, NULL) == CG_ERR_INVALID_ARGUMENT, "no past that never was");
    cg_casebook_free(past);

    book = sample();
    ok(cg_casebook_decide(book, TEXT("{\"decision\":\"join\",\"by\":\"ada\",\"at\":\"2026-03-12T09:00:00Z\","
                                     "\"alerts\":[\"nobody\"]}"),
                          NULL, NULL) == CG_ERR_NOT_FOUND,
       "a decision about nothing known");
    ok(cg_casebook_retract(book,
                           TEXT("{\"fact\":\"0000000000000000000000000000000000000000000000000000000000000000\","
                                "\"by\":\"ada\"}"),
                           NULL, NULL) == CG_ERR_NOT_FOUND,
       "a retraction of nothing known");
    ok(cg_casebook_decide(book, TEXT("{\"decision\":\"dance\"}"), NULL, &error) == CG_ERR_INVALID_ARGUMENT &&
           cg_error_line(error) == 1,
       "a decision that is none");
    cg_error_free(error);
    cg_casebook_free(book);
}

static void saving(const char *folder) {
    cg_casebook *book = sample();
    cg_casebook *loaded = NULL;
    cg_buffer log, tail, damage, before, after;
    cg_error *error = NULL;
    char path[4096];

    snprintf(path, sizeof path, "%s/casegraph-test.log", folder);
    ok(cg_casebook_save(book, TEXT(path), &error) == CG_OK, "a log is saved");
    cg_error_free(error);
    ok(cg_casebook_load(TEXT(path), NULL, 0, &loaded, &damage, NULL) == CG_OK && damage.len == 2 &&
           memcmp(damage.ptr, "[]", 2) == 0,
       "and loaded, undamaged");
    cg_buffer_free(&damage);
    cg_casebook_to_json(book, &before, NULL);
    cg_casebook_to_json(loaded, &after, NULL);
    ok(before.len == after.len && memcmp(before.ptr, after.ptr, before.len) == 0, "and tells the same");
    cg_buffer_free(&after);
    cg_casebook_free(loaded);
    remove(path);
    ok(cg_casebook_load(TEXT(path), NULL, 0, &loaded, NULL, &error) == CG_ERR_IO && equal(cg_error_source(error), path),
       "a log that is not there");
    cg_error_free(error);
    ok(cg_casebook_save(book, TEXT("no/such/folder/x"), NULL) == CG_ERR_IO, "a place that is not there");

    cg_casebook_save_buffer(book, 0, &log, NULL);
    cg_casebook_save_buffer(book, 5, &tail, NULL);
    ok(log.len > tail.len && memcmp(log.ptr + log.len - tail.len, tail.ptr, tail.len) == 0, "a log can be continued");
    cg_buffer_free(&tail);
    log.ptr[log.len / 2] ^= 1;
    ok(cg_casebook_load_bytes(log.ptr, log.len, NULL, 0, &loaded, &damage, NULL) == CG_OK &&
           cg_casebook_fact_count(loaded) == cg_casebook_fact_count(book) - 1 &&
           holds(damage.ptr, damage.len, "\"offset\":"),
       "a damaged log gives its sound facts and tells the damage");
    cg_buffer_free(&damage);
    cg_casebook_free(loaded);
    loaded = NULL;
    log.ptr[0] = 'X';
    ok(cg_casebook_load_bytes(log.ptr, log.len, NULL, 0, &loaded, &damage, &error) == CG_ERR_LOG && loaded == NULL &&
           cg_error_code(error) == CG_ERR_LOG,
       "what is no log is refused");
    cg_error_free(error);
    ok(cg_casebook_load_bytes(log.ptr, log.len, TEXT("7"), &loaded, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "what is no policy is refused");
    cg_buffer_free(&log);
    cg_buffer_free(&before);
    cg_casebook_free(book);
}

static void limits(void) {
    cg_casebook *book = NULL;
    cg_str alerts = cg_sample_alerts();
    cg_error *error = NULL;
    cg_casebook_new(TEXT("{\"limits\":{\"facts\":3}}"), &book, NULL);
    ok(cg_casebook_ingest(book, TEXT("sample"), alerts.ptr, alerts.len, NULL, NULL, &error) == CG_ERR_LIMIT &&
           cg_casebook_fact_count(book) == 3,
       "a full casebook says so and keeps what it has");
    cg_error_free(error);
    cg_casebook_free(book);
}

static void any_order(void) {
    cg_casebook *book = sample();
    cg_incidents *queue = NULL;
    cg_incident *first = NULL;
    cg_incident *again = NULL;
    cg_error *error = NULL;
    cg_casebook_incidents(book, &queue, NULL);
    cg_incidents_at(queue, 0, &first, NULL);
    cg_incidents_at(queue, 0, &again, NULL);
    cg_casebook_incident(book, TEXT("?"), NULL, &error);
    cg_incident_free(first);
    cg_casebook_free(book);
    ok(cg_incident_id(again).len > 0 && cg_incidents_len(queue) > 0 && cg_error_message(error).len > 0,
       "handles are freed in any order");
    cg_incidents_free(queue);
    ok(cg_incident_title(again).len > 0, "the last one still holds");
    cg_incident_free(again);
    cg_error_free(error);
}

int main(int argc, char **argv) {
    versions();
    names();
    errors();
    nulls();
    ingest();
    progress();
    incidents();
    decisions();
    saving(argc > 1 ? argv[1] : ".");
    limits();
    any_order();
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
