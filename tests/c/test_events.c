/* Raw events and rules in a casebook, as C programs use them. One line per check; fails if any fails. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

static const char *const RULES = "title: Shell of a word processor\n"
                                 "id: 11111111-1111-4111-8111-111111111111\n"
                                 "logsource: {category: process_creation, product: windows}\n"
                                 "detection:\n"
                                 "  selection: {ParentImage|endswith: '\\writer.exe', Image|endswith: '\\cmd.exe'}\n"
                                 "  condition: selection\n"
                                 "level: high\n"
                                 "---\n"
                                 "title: Program in a public folder\n"
                                 "logsource: {category: network_connection, product: windows}\n"
                                 "detection:\n"
                                 "  selection: {Image|contains: '\\Users\\Public\\'}\n"
                                 "  condition: selection\n"
                                 "level: medium\n";

#define SYSMON(id, host, second) \
    "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":" id ",\"Computer\":\"" host \
    ".example.com\",\"UtcTime\":\"2026-03-02 09:00:" second ".000\","
#define PROCESS(number, image) \
    "\"ProcessGuid\":\"{0a1b2c3d-0000-69a5-1000-000000000" number "}\",\"ProcessId\":" number ",\"Image\":\"" image "\""
#define PARENT(number, image) \
    ",\"ParentProcessGuid\":\"{0a1b2c3d-0000-69a5-1000-000000000" number "}\",\"ParentProcessId\":" number \
    ",\"ParentImage\":\"" image "\"}\n"
#define WRITER "C:\\\\Office\\\\writer.exe"
#define SHELL "C:\\\\Windows\\\\System32\\\\cmd.exe"
#define DROPPED "C:\\\\Users\\\\Public\\\\a.exe"

/* A writer starts a shell, which starts what calls home; a bystander; and a record of nothing known. */
static const char *const EVENTS =
    SYSMON("1", "ws-17", "20") PROCESS("200", WRITER) PARENT("100", "C:\\\\Windows\\\\explorer.exe")
    SYSMON("1", "ws-17", "30") PROCESS("300", SHELL) PARENT("200", WRITER)
    SYSMON("1", "ws-17", "40") PROCESS("400", DROPPED) PARENT("300", SHELL)
    SYSMON("3", "ws-17", "50") PROCESS("400", DROPPED) ",\"DestinationIp\":\"203.0.113.50\",\"Initiated\":true}\n"
    SYSMON("1", "ws-18", "55") PROCESS("900", SHELL) PARENT("901", SHELL)
    "{\"what\":\"is this\"}\n";
static const char *const DEVICE = "device:fqdn:ws-17.example.com";

static cg_rules *both(void) {
    cg_rules_builder *builder = NULL;
    cg_rules *rules = NULL;
    if (cg_rules_builder_new(&builder, NULL) != CG_OK ||
        cg_rules_builder_add_text(builder, TEXT("rules.yml"), TEXT(RULES), NULL) != CG_OK ||
        cg_rules_builder_strict(builder, NULL) != CG_OK || cg_rules_builder_build(builder, &rules, NULL) != CG_OK) {
        printf("Bail out! no rules\n");
        exit(1);
    }
    cg_rules_builder_free(builder);
    return rules;
}

static cg_rules *high(const cg_rules *rules) {
    cg_rules *some = NULL;
    cg_rules_select(rules, TEXT("{\"minLevel\":\"high\"}"), &some, NULL);
    return some;
}

static cg_casebook *empty(const char *policy) {
    cg_casebook *book = NULL;
    if (cg_casebook_new(TEXT(policy), &book, NULL) != CG_OK) {
        printf("Bail out! no casebook\n");
        exit(1);
    }
    return book;
}

/* A casebook with both rules and the events. */
static cg_casebook *sample(void) {
    cg_casebook *book = empty("");
    cg_rules *rules = both();
    if (cg_casebook_set_rules(book, rules, NULL) != CG_OK ||
        cg_casebook_ingest(book, TEXT("events"), TEXT(EVENTS), NULL, NULL, NULL) != CG_OK) {
        printf("Bail out! no sample casebook\n");
        exit(1);
    }
    cg_rules_free(rules);
    return book;
}

/* Id of the first alert of the most urgent incident. */
static void first_id(const cg_casebook *book, char *id, size_t size) {
    cg_incidents *queue = NULL;
    cg_incident *incident = NULL;
    cg_casebook_incidents(book, &queue, NULL);
    cg_incidents_at(queue, 0, &incident, NULL);
    snprintf(id, size, "%.*s", (int)cg_incident_id(incident).len, cg_incident_id(incident).ptr);
    cg_incident_free(incident);
    cg_incidents_free(queue);
}

/* Do two casebooks say the same? */
static int same(const cg_casebook *one, const cg_casebook *other) {
    cg_buffer a = {NULL, 0, 0}, b = {NULL, 0, 0};
    int same = cg_casebook_to_json(one, &a, NULL) == CG_OK && cg_casebook_to_json(other, &b, NULL) == CG_OK &&
               a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
    cg_buffer_free(&a);
    cg_buffer_free(&b);
    return same;
}

/* Number of incidents; alerts of the first. */
static size_t incidents(const cg_casebook *book, size_t *alerts) {
    cg_incidents *queue = NULL;
    cg_incident *incident = NULL;
    size_t len;
    *alerts = 0;
    if (cg_casebook_incidents(book, &queue, NULL) != CG_OK) {
        return (size_t)-1;
    }
    len = cg_incidents_len(queue);
    if (cg_incidents_at(queue, 0, &incident, NULL) == CG_OK) {
        *alerts = cg_incident_alert_count(incident);
    }
    cg_incident_free(incident);
    cg_incidents_free(queue);
    return len;
}

static void ingest(void) {
    cg_casebook *book = empty("");
    cg_rules *rules = both();
    cg_report *report = NULL;
    cg_ingest_options *options = NULL;
    cg_buffer json;
    cg_str text;
    int32_t kind = -1;
    size_t alerts;

    ok(cg_casebook_ingest(book, TEXT("events"), TEXT(EVENTS), NULL, &report, NULL) == CG_OK &&
           cg_report_events(report) == 0 && cg_report_matches(report) == 0 && cg_report_problem_count(report) == 6,
       "without rules events are problems");
    cg_report_free(report);

    ok(cg_casebook_set_rules(book, rules, NULL) == CG_OK, "rules are set");
    cg_rules_free(rules);
    ok(cg_casebook_ingest(book, TEXT("events"), TEXT(EVENTS), NULL, &report, NULL) == CG_OK &&
           equal(cg_report_format(report), "events") && cg_report_records(report) == 6 &&
           cg_report_events(report) == 6 && cg_report_alerts(report) == 0 && cg_report_problem_count(report) == 0,
       "events are taken in, although the set was freed");
    ok(cg_report_matches(report) == 2 && cg_report_unknown_events(report) == 1 && cg_report_unheld_events(report) == 0,
       "matches and events of no known logsource are counted");
    ok(cg_report_new_facts(report) == 4 && cg_casebook_fact_count(book) == 4, "what is around a match stays");
    ok(cg_report_json(report, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"events\":6,\"matches\":2,\"unknownEvents\":1,\"unheldEvents\":0,"),
       "the report as JSON has the same counts");
    cg_buffer_free(&json);
    cg_report_free(report);
    ok(incidents(book, &alerts) == 1 && alerts == 2, "matches become one incident");
    ok(cg_casebook_fact(book, 0, &kind, NULL, &text, NULL) == CG_OK && kind == CG_FACT_EVENT &&
           holds(text.ptr, text.len, "\"ParentImage\""),
       "a kept event is a fact");

    cg_ingest_options_new(&options, NULL);
    ok(cg_ingest_options_set_format(options, TEXT("events"), NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("again"), TEXT(EVENTS), options, &report, NULL) == CG_OK &&
           cg_report_new_facts(report) == 0 && cg_report_duplicates(report) == 4 && cg_report_events(report) == 6,
       "a second time adds nothing, also by the name of the format");
    cg_ingest_options_free(options);
    cg_report_free(report);
    cg_casebook_free(book);

    book = empty("{\"rules\":{\"heldBytes\":1}}");
    rules = both();
    cg_casebook_set_rules(book, rules, NULL);
    cg_rules_free(rules);
    ok(cg_casebook_ingest(book, TEXT("events"), TEXT(EVENTS), NULL, &report, NULL) == CG_OK &&
           cg_report_unheld_events(report) == 2,
       "events that could not wait for a match are counted");
    cg_report_free(report);
    cg_casebook_free(book);
    ok(cg_report_events(NULL) == 0 && cg_report_matches(NULL) == 0 && cg_report_unknown_events(NULL) == 0 &&
           cg_report_unheld_events(NULL) == 0,
       "counts of no report");
}

static void other_rules(void) {
    cg_casebook *book = sample();
    cg_casebook *fresh = sample();
    cg_rules *rules = both();
    cg_rules *some = high(rules);
    cg_buffer json = {NULL, 0, 0};
    cg_error *error = NULL;
    size_t alerts;

    ok(cg_rules_unselected(some) == 1 && cg_rules_unselected(rules) == 0 && cg_rules_unselected(NULL) == 0,
       "a set knows how many rules its choice left out");
    ok(cg_casebook_impact_json(book, some, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "{\"incidentsBefore\":1,\"incidentsAfter\":1,\"newAlerts\":[],\"goneAlerts\":[{") &&
           holds(json.ptr, json.len, "\"title\":\"Program in a public folder\"") && same(book, fresh),
       "what other rules would change, which changes nothing");
    cg_buffer_free(&json);
    ok(cg_casebook_impact_json(book, rules, &json, NULL) == CG_OK && holds(json.ptr, json.len, "\"incidents\":[]}"),
       "the same rules would change nothing");
    cg_buffer_free(&json);
    ok(cg_casebook_set_rules(book, some, NULL) == CG_OK && incidents(book, &alerts) == 1 && alerts == 1,
       "other rules judge the kept events anew");
    ok(cg_casebook_set_rules(book, NULL, &error) == CG_ERR_INVALID_ARGUMENT &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "`rules`") &&
           incidents(book, &alerts) == 1 && alerts == 1,
       "no rules are refused, and the old ones stay");
    cg_error_free(error);
    ok(cg_casebook_set_rules(book, rules, NULL) == CG_OK && same(book, fresh), "and back");
    ok(cg_casebook_set_rules(NULL, rules, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_impact_json(NULL, rules, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_impact_json(book, NULL, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_impact_json(book, rules, NULL, NULL) == CG_ERR_INVALID_ARGUMENT && json.ptr == NULL,
       "NULL is refused");
    cg_rules_free(some);
    cg_rules_free(rules);
    cg_casebook_free(book);
    cg_casebook_free(fresh);
}

static void timelines(void) {
    cg_casebook *book = sample();
    cg_buffer json = {NULL, 0, 0};
    cg_buffer whole = {NULL, 0, 0};
    char id[256];

    first_id(book, id, sizeof id);
    ok(cg_casebook_timeline_json(book, TEXT(id), NULL, 0, &whole, NULL) == CG_OK &&
           holds(whole.ptr, whole.len, "\"kind\":\"event\"") &&
           holds(whole.ptr, whole.len, "\"title\":\"network connection: 203.0.113.50\"") &&
           holds(whole.ptr, whole.len, "\"title\":\"Program in a public folder\",\"severity\":\"medium\"") &&
           holds(whole.ptr, whole.len, "\"leftOut\":0}"),
       "a timeline has events and alerts");
    ok(cg_casebook_timeline_json(book, TEXT(id), "", 0, &json, NULL) == CG_OK && json.len == whole.len &&
           memcmp(json.ptr, whole.ptr, whole.len) == 0,
       "an empty entity is none");
    cg_buffer_free(&json);
    ok(cg_casebook_timeline_json(book, TEXT(id), TEXT("ip:address:203.0.113.50"), &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "Program in a public folder") && !holds(json.ptr, json.len, "word processor"),
       "with an entity only what concerns it");
    cg_buffer_free(&json);
    ok(cg_casebook_timeline_json(book, TEXT(id), TEXT(DEVICE), &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "\"device\":\"ws-17\"") && !holds(json.ptr, json.len, "ws-18"),
       "with a device its events");
    cg_buffer_free(&json);
    cg_buffer_free(&whole);
    ok(cg_casebook_timeline_json(book, TEXT("nobody"), NULL, 0, &json, NULL) == CG_ERR_NOT_FOUND &&
           cg_casebook_timeline_json(book, TEXT(id), TEXT("device:host:nowhere"), &json, NULL) == CG_ERR_NOT_FOUND &&
           cg_casebook_timeline_json(book, TEXT(id), TEXT("nonsense"), &json, NULL) == CG_ERR_INVALID_ARGUMENT,
       "what is not there, and what is no entity");
    ok(cg_casebook_timeline_json(NULL, TEXT(id), NULL, 0, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_timeline_json(book, NULL, 3, NULL, 0, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_timeline_json(book, TEXT(id), NULL, 3, &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_timeline_json(book, TEXT(id), NULL, 0, NULL, NULL) == CG_ERR_INVALID_ARGUMENT && json.ptr == NULL,
       "NULL is refused");
    cg_casebook_free(book);
}

static void saving(void) {
    cg_casebook *book = sample();
    cg_casebook *other = NULL;
    cg_rules *rules = both();
    cg_buffer log;
    size_t alerts;

    ok(cg_casebook_as_of(book, cg_casebook_fact_count(book), &other, NULL) == CG_OK && same(book, other),
       "the past has the rules");
    ok(cg_casebook_ingest(other, TEXT("events"), TEXT(EVENTS), NULL, NULL, NULL) == CG_OK && same(book, other),
       "and takes in events");
    cg_casebook_free(other);
    cg_casebook_save_buffer(book, 0, &log, NULL);
    ok(cg_casebook_load_bytes(log.ptr, log.len, NULL, 0, &other, NULL, NULL) == CG_OK &&
           cg_casebook_fact_count(other) == 4 && incidents(other, &alerts) == 0,
       "a log holds events, and no rules");
    ok(cg_casebook_set_rules(other, rules, NULL) == CG_OK && same(book, other), "with them it says the same");
    cg_buffer_free(&log);
    cg_rules_free(rules);
    cg_casebook_free(other);
    cg_casebook_free(book);
}

struct meddler {
    cg_casebook *book;
    cg_rules *rules;
    cg_status set, asked;
};

static int32_t meddle(void *given, uint64_t bytes) {
    struct meddler *meddler = given;
    cg_buffer json;
    (void)bytes;
    meddler->set = cg_casebook_set_rules(meddler->book, meddler->rules, NULL);
    meddler->asked = cg_casebook_impact_json(meddler->book, meddler->rules, &json, NULL);
    return CG_CONTINUE;
}

static void at_once(void) {
    struct meddler meddler = {sample(), both(), CG_OK, CG_OK};
    cg_casebook *fresh = sample();
    cg_ingest_options *options = NULL;
    size_t i, len = strlen(EVENTS), times = 131072 / len;
    char *many = malloc(len * times);
    for (i = 0; i < times; i++) {
        memcpy(many + i * len, EVENTS, len);
    }
    cg_ingest_options_new(&options, NULL);
    cg_ingest_options_set_progress(options, meddle, &meddler, NULL);
    ok(cg_casebook_ingest(meddler.book, TEXT("many"), many, len * times, options, NULL, NULL) == CG_OK &&
           meddler.set == CG_ERR_INVALID_ARGUMENT && meddler.asked == CG_ERR_INVALID_ARGUMENT &&
           same(meddler.book, fresh),
       "rules are not set in the middle of an ingest");
    free(many);
    cg_ingest_options_free(options);
    cg_rules_free(meddler.rules);
    cg_casebook_free(meddler.book);
    cg_casebook_free(fresh);
}

struct share {
    const cg_casebook *book;
    const cg_rules *rules;
    const char *id;
    int good;
};

static void *ask(void *given) {
    struct share *share = given;
    cg_buffer json;
    int i;
    for (i = 0; i < 4; i++) {
        if (cg_casebook_timeline_json(share->book, TEXT(share->id), TEXT(DEVICE), &json, NULL) == CG_OK) {
            share->good += holds(json.ptr, json.len, "word processor");
            cg_buffer_free(&json);
        }
        if (cg_casebook_impact_json(share->book, share->rules, &json, NULL) == CG_OK) {
            share->good += holds(json.ptr, json.len, "public folder");
            cg_buffer_free(&json);
        }
    }
    return NULL;
}

static void threads(void) {
    cg_casebook *book = sample();
    cg_rules *rules = both();
    cg_rules *some = high(rules);
    pthread_t workers[4];
    struct share shares[4];
    char id[256];
    int i, good = 0;
    first_id(book, id, sizeof id);
    for (i = 0; i < 4; i++) {
        shares[i].book = book;
        shares[i].rules = some;
        shares[i].id = id;
        shares[i].good = 0;
        if (pthread_create(&workers[i], NULL, ask, &shares[i]) != 0) {
            printf("Bail out! no thread\n");
            exit(1);
        }
    }
    for (i = 0; i < 4; i++) {
        pthread_join(workers[i], NULL);
        good += shares[i].good;
    }
    ok(good == 4 * 4 * 2, "threads ask one casebook, and share one set");
    cg_rules_free(some);
    cg_rules_free(rules);
    cg_casebook_free(book);
}

/* A library that is built without event log files says what reads them. */
static void event_logs(void) {
    cg_casebook *book = NULL;
    cg_report *report = NULL;
    cg_str message;
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("log.evtx"), "ElfFile\0 and so on", 18, NULL, &report, NULL) == CG_OK &&
           cg_report_problem_count(report) == 1,
       "an event log file is a problem");
    message = cg_report_problem_message(report, 0);
    ok(holds(message.ptr, message.len, "feature `evtx`"), "that names the feature");
    cg_report_free(report);
    cg_casebook_free(book);
}

int main(void) {
    event_logs();
    ingest();
    other_rules();
    timelines();
    saving();
    at_once();
    threads();
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
