/* One scenario through the C face; the other faces print the same bytes. Its argument is the folder with
   rules.yml, events.jsonl and response.jsonl. */
#include <casegraph.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(s) (s), strlen(s)

static cg_error *error = NULL;

static void must(cg_status status) {
    if (status != CG_OK) {
        cg_str why = cg_error_text(error);
        fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
        exit(1);
    }
}

static void print(const char *ptr, size_t len, const char *end) {
    fwrite(ptr, 1, len, stdout);
    fputs(end, stdout);
}

static void print_buffer(cg_buffer *buffer, const char *end) {
    print(buffer->ptr, buffer->len, end);
    cg_buffer_free(buffer);
}

/* A whole file, in memory that the caller frees. */
static char *file(const char *folder, const char *name, size_t *len) {
    char path[4096];
    char *text = malloc(65536);
    FILE *input;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    input = fopen(path, "rb");
    if (input == NULL || text == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    *len = fread(text, 1, 65536, input);
    fclose(input);
    return text;
}

/* All rules. */
static cg_rules *all(const char *folder) {
    cg_rules_builder *builder = NULL;
    cg_rules *set = NULL;
    size_t len;
    char *yaml = file(folder, "rules.yml", &len);
    must(cg_rules_builder_new(&builder, &error));
    must(cg_rules_builder_add_text(builder, TEXT("rules.yml"), yaml, len, &error));
    must(cg_rules_builder_with_placeholder(builder, TEXT("admins"), TEXT("ada"), &error));
    must(cg_rules_builder_with_placeholder(builder, TEXT("admins"), TEXT("carl"), &error));
    must(cg_rules_builder_build(builder, &set, &error));
    cg_rules_builder_free(builder);
    free(yaml);
    return set;
}

/* Some of them. */
static cg_rules *some(const cg_rules *set) {
    cg_rules *chosen = NULL;
    must(cg_rules_select(set, TEXT("{\"tags\":[\"attack.discovery\"],\"minLevel\":\"high\"}"), &chosen, &error));
    return chosen;
}

static void print_facts(const cg_casebook *book) {
    size_t i;
    for (i = 0; i < cg_casebook_fact_count(book); i++) {
        cg_fact_id fact;
        int32_t kind;
        must(cg_casebook_fact(book, i, &kind, &fact, NULL, &error));
        printf("%lu ", (unsigned long)i);
        print(cg_fact_kind_name(kind).ptr, cg_fact_kind_name(kind).len, " ");
        print(fact.hex, strlen(fact.hex), "\n");
    }
}

static void print_queue(const cg_casebook *book) {
    cg_buffer json;
    must(cg_casebook_queue_json(book, &json, &error));
    print_buffer(&json, "\n");
}

static void rules(const char *folder) {
    static const char *const explained[] = {"whoami", "0b7f2f0e-9a44-4f0e-8a5d-3f1f5b6f2c02", "Names of elsewhere"};
    cg_rules *set = all(folder);
    cg_rules *chosen = some(set);
    cg_matcher *matcher = NULL;
    cg_buffer json;
    size_t len, i;
    char *events;
    char *event;
    char *end;

    must(cg_rules_json(set, &json, &error));
    print_buffer(&json, "\n");
    must(cg_rules_problems_json(set, &json, &error));
    print_buffer(&json, "\n");
    must(cg_rules_json(chosen, &json, &error));
    cg_rules_free(chosen);
    print_buffer(&json, "\n");

    must(cg_matcher_new(set, &matcher, &error));
    must(cg_matcher_with_profile(matcher, &error));
    events = file(folder, "events.jsonl", &len);
    for (event = events; event < events + len; event = end + 1) {
        const uint32_t *numbers;
        size_t count;
        end = memchr(event, '\n', (size_t)(events + len - event));
        must(cg_matcher_matches(matcher, event, (size_t)(end - event), &numbers, &count, &error));
        for (i = 0; i < count; i++) {
            printf("%lu ", (unsigned long)numbers[i]);
        }
        printf("\n");
        for (i = 0; i < sizeof explained / sizeof *explained; i++) {
            must(cg_rules_explain_json(set, TEXT(explained[i]), event, (size_t)(end - event), &json, &error));
            print_buffer(&json, "\n");
        }
    }
    free(events);
    must(cg_matcher_profile_json(matcher, &json, &error));
    print_buffer(&json, "\n");
    cg_matcher_free(matcher);
    cg_rules_free(set);
}

static void events(const char *folder) {
    const char *device = "device:fqdn:ws-7.example.com";
    cg_rules *set = all(folder);
    cg_rules *chosen = some(set);
    cg_casebook *book = NULL;
    cg_casebook *loaded = NULL;
    cg_casebook *past = NULL;
    cg_report *report = NULL;
    cg_incidents *queue = NULL;
    cg_incident *first = NULL;
    cg_buffer json, log;
    cg_str id;
    size_t len;
    char *data = file(folder, "events.jsonl", &len);

    must(cg_casebook_new(NULL, 0, &book, &error));
    must(cg_casebook_set_rules(book, set, &error));
    must(cg_casebook_ingest(book, TEXT("events.jsonl"), data, len, NULL, &report, &error));
    free(data);
    printf("%lu %lu %lu %lu %lu %lu %lu\n", (unsigned long)cg_report_records(report),
           (unsigned long)cg_report_events(report), (unsigned long)cg_report_matches(report),
           (unsigned long)cg_report_unknown_events(report), (unsigned long)cg_report_unheld_events(report),
           (unsigned long)cg_report_new_facts(report), (unsigned long)cg_report_duplicates(report));
    cg_report_free(report);
    print_queue(book);
    must(cg_casebook_incidents(book, &queue, &error));
    must(cg_incidents_at(queue, 0, &first, &error));
    cg_incidents_free(queue);
    id = cg_incident_id(first);
    must(cg_casebook_timeline_json(book, id.ptr, id.len, NULL, 0, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_timeline_json(book, id.ptr, id.len, TEXT(device), &json, &error));
    print_buffer(&json, "\n");
    cg_incident_free(first);
    must(cg_casebook_impact_json(book, chosen, &json, &error));
    print_buffer(&json, "\n");
    print_facts(book);

    must(cg_casebook_save_buffer(book, 0, &log, &error));
    must(cg_casebook_load_bytes(log.ptr, log.len, NULL, 0, &loaded, NULL, &error));
    cg_buffer_free(&log);
    must(cg_casebook_set_rules(loaded, set, &error));
    must(cg_casebook_as_of(loaded, cg_casebook_fact_count(loaded), &past, &error));
    must(cg_casebook_to_json(past, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_set_rules(loaded, chosen, &error));
    print_queue(loaded);
    cg_rules_free(set);
    cg_rules_free(chosen);
    cg_casebook_free(book);
    cg_casebook_free(loaded);
    cg_casebook_free(past);
}

/* The id of the first action of a kind: it stands right before the kind. */
static void id_of(const cg_buffer *response, const char *kind, char id[17]) {
    char needle[64];
    size_t i, size;
    snprintf(needle, sizeof needle, "\",\"action\":\"%s\"", kind);
    size = strlen(needle);
    id[0] = 0;
    for (i = 16; i + size <= response->len; i++) {
        if (memcmp(response->ptr + i, needle, size) == 0) {
            memcpy(id, response->ptr + i - 16, 16);
            id[16] = 0;
            return;
        }
    }
}

static const char *listed(const char *id) {
    static char list[32];
    snprintf(list, sizeof list, "[\"%s\"]", id);
    return list;
}

static const char *author(const char *by, const char *at, const char *reason) {
    static char json[256];
    snprintf(json, sizeof json, "{\"by\":\"%s\",\"at\":\"2026-03-%s:00Z\",\"reason\":\"%s\",\"roles\":[\"responder\"]}",
             by, at, reason);
    return json;
}

static char late[1024];

static int32_t edr(void *user_data, const cg_action_request *request, cg_action_reply *reply) {
    (void)user_data;
    reply->outcome = CG_OUTCOME_COMPLETED;
    if (request->perform.len == 8 && memcmp(request->perform.ptr, "blockUrl", 8) == 0) {
        const char *message = "the proxy is busy", *at = "2026-03-10T11:05:00Z";
        snprintf(late, sizeof late,
                 "{\"key\":\"%.*s\",\"action\":\"blockUrl\",\"entity\":\"%.*s\",\"alert\":\"%.*s\",\"outcome\":\"failed\","
                 "\"by\":\"edr\",\"at\":\"2026-03-10T12:00:00Z\",\"message\":\"the proxy says no\"}",
                 (int)request->key.len, request->key.ptr, (int)request->entity_id.len, request->entity_id.ptr,
                 (int)request->incident.len, request->incident.ptr);
        reply->outcome = CG_OUTCOME_WAITING;
        reply->message = message;
        reply->message_len = strlen(message);
        reply->at = at;
        reply->at_len = strlen(at);
    }
    return CG_CONTINUE;
}

/* A whole response: some actions are approved, one is rejected, one expires, one is carried out and taken back, one
   fails; and the incident is resolved. */
static void present(const cg_casebook *book) {
    static const char *const pictures[] = {"kill-chain", "process-tree"};
    static const char *const formats[] = {"markdown", "dot"};
    cg_case_file *file = NULL;
    cg_casebook *other = NULL;
    cg_error *error = NULL;
    cg_buffer text = {0}, left_out = {0};
    must(cg_casebook_case_file(book, TEXT("r1"), TEXT("2026-03-20T09:00:00Z"), &file, &error));
    for (size_t i = 0; i < 2; i++) {
        must(cg_case_file_picture(file, TEXT(pictures[i]), NULL, 0, &text, &error));
        print_buffer(&text, "\n");
    }
    for (size_t i = 0; i < 2; i++) {
        must(cg_case_file_export(file, TEXT(formats[i]), &text, &left_out, &error));
        print_buffer(&text, "\n");
        print_buffer(&left_out, "\n");
    }
    cg_case_file_free(file);
    must(cg_casebook_pseudonymised(book, TEXT("sixteen bytes, or more"), &other, &error));
    print_queue(other);
    cg_casebook_free(other);
}

static void respond(const char *folder) {
    cg_casebook *book = NULL;
    cg_incident *incident = NULL;
    cg_buffer json;
    char file_id[17], url_id[17], ip_id[17];
    size_t len;
    char *alert = file(folder, "response.jsonl", &len);
    must(cg_casebook_new(NULL, 0, &book, &error));
    must(cg_casebook_ingest(book, TEXT("response.jsonl"), alert, len, NULL, NULL, &error));
    free(alert);
    must(cg_casebook_response_json(book, TEXT("r1"), TEXT("2026-03-10T09:00:00Z"), &json, &error));
    id_of(&json, "quarantineFile", file_id);
    id_of(&json, "blockUrl", url_id);
    id_of(&json, "blockIp", ip_id);
    print_buffer(&json, "\n");
    must(cg_casebook_approve(book, TEXT("r1"), TEXT(listed(file_id)), TEXT(author("ada", "10T10:00", "not ours")), &error));
    must(cg_casebook_approve(book, TEXT("r1"), TEXT(listed(url_id)), TEXT(author("ben", "10T10:00", "not ours")), &error));
    must(cg_casebook_reject(book, TEXT("r1"), TEXT(listed(ip_id)), TEXT(author("ada", "10T10:01", "a partner")), &error));
    must(cg_casebook_pending_requests_json(book, TEXT("2026-03-10T11:00:00Z"), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_execute(book, TEXT("2026-03-10T11:00:00Z"), TEXT("edr"), edr, NULL, NULL, &error));
    must(cg_casebook_report(book, TEXT(late), NULL, &error));
    must(cg_casebook_undo(book, TEXT("r1"), TEXT(listed(file_id)), TEXT(author("cem", "10T13:00", "wanted for the audit")),
                          &error));
    must(cg_casebook_pending_requests_json(book, TEXT("2026-03-10T13:30:00Z"), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_execute(book, TEXT("2026-03-10T13:30:00Z"), TEXT("edr"), edr, NULL, NULL, &error));
    must(cg_casebook_resolve(book, TEXT("r1"), TEXT(author("ada", "10T14:00", "done")), NULL, &error));
    must(cg_casebook_response_json(book, TEXT("r1"), TEXT("2026-03-20T09:00:00Z"), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_action_centre_json(book, TEXT("2026-03-20T09:00:00Z"), NULL, 0, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_action_centre_csv(book, TEXT("2026-03-20T09:00:00Z"), NULL, 0, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_plan_json(book, TEXT("r1"), TEXT("2026-03-10T09:00:00Z"), &json, &error));
    print_buffer(&json, "\n");
    present(book);
    must(cg_casebook_incident(book, TEXT("r1"), &incident, &error));
    must(cg_incident_json(incident, &json, &error));
    print_buffer(&json, "\n");
    cg_incident_free(incident);
    must(cg_actions_json(&json, &error));
    print_buffer(&json, "\n");
    print_facts(book);
    cg_casebook_free(book);
}

int main(int argc, char **argv) {
    const char *policy = "{\"correlate\":{\"nearMisses\":5}}";
    const char *entity = "ip:address:203.0.113.188";
    cg_casebook *book = NULL;
    cg_str alerts = cg_sample_alerts();
    cg_str indicators = cg_sample_indicators();
    cg_incidents *queue = NULL;
    cg_incident *first = NULL;
    cg_incident *incident = NULL;
    cg_casebook *loaded = NULL;
    cg_buffer log, json;
    cg_fact_id tag;
    char id[256];
    char decision[1024];

    must(cg_casebook_new(TEXT(policy), &book, &error));
    must(cg_casebook_ingest(book, TEXT("sample"), alerts.ptr, alerts.len, NULL, NULL, &error));
    must(cg_casebook_add_indicators(book, TEXT("sample-indicators"), indicators.ptr, indicators.len, NULL, &error));

    must(cg_casebook_incidents(book, &queue, &error));
    must(cg_incidents_at(queue, 0, &first, &error));
    snprintf(id, sizeof id, "%.*s", (int)cg_incident_id(first).len, cg_incident_id(first).ptr);
    cg_incident_free(first);
    cg_incidents_free(queue);

    snprintf(decision, sizeof decision,
             "{\"decision\":\"assign\",\"to\":\"ada@alderfinch.example\",\"by\":\"ada\","
             "\"at\":\"2026-03-12T09:00:00Z\",\"alerts\":[\"%s\"]}",
             id);
    must(cg_casebook_decide(book, TEXT(decision), NULL, &error));
    must(cg_casebook_decide(book,
                            TEXT("{\"decision\":\"setVerdict\",\"entity\":\"ip:address:203.0.113.188\","
                                 "\"verdict\":\"malicious\",\"by\":\"ada\",\"at\":\"2026-03-12T09:05:00Z\","
                                 "\"reason\":\"known exit node\"}"),
                            NULL, &error));
    snprintf(decision, sizeof decision,
             "{\"decision\":\"tag\",\"tag\":\"phish\",\"by\":\"ada\",\"at\":\"2026-03-12T09:06:00Z\","
             "\"alerts\":[\"%s\"]}",
             id);
    must(cg_casebook_decide(book, TEXT(decision), &tag, &error));
    snprintf(decision, sizeof decision, "{\"fact\":\"%s\",\"by\":\"ada\",\"reason\":\"wrong incident\"}", tag.hex);
    must(cg_casebook_retract(book, TEXT(decision), NULL, &error));

    must(cg_casebook_save_buffer(book, 0, &log, &error));
    must(cg_casebook_load_bytes(log.ptr, log.len, TEXT(policy), &loaded, NULL, &error));
    cg_buffer_free(&log);
    cg_casebook_free(book);

    must(cg_casebook_to_json(loaded, &json, &error));
    print_buffer(&json, "");
    must(cg_casebook_incident(loaded, TEXT(id), &incident, &error));
    must(cg_incident_json(incident, &json, &error));
    cg_incident_free(incident);
    print_buffer(&json, "\n");
    must(cg_casebook_explain_json(loaded, TEXT(id), TEXT(entity), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_graph_json(loaded, TEXT(id), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_what_if_json(loaded, TEXT("[{\"policy\":{\"correlate\":{\"threshold\":0.6}}}]"), NULL, &json,
                                  &error));
    print_buffer(&json, "\n");
    must(cg_casebook_diff_json(loaded, TEXT("{\"facts\":10}"), NULL, NULL, 0, NULL, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_counterfactual_json(loaded, TEXT(id), TEXT(entity), TEXT("noThreatsFound"), 50, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_similar_json(loaded, TEXT(id), 3, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_activity_json(loaded, TEXT(id), NULL, 0, &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_activity_json(loaded, TEXT(id), TEXT("{\"origins\":[\"person\"],\"since\":\"2026-03-12T09:01:00Z\"}"), &json,
                                   &error));
    print_buffer(&json, "\n");
    must(cg_casebook_user_priority_json(loaded, TEXT(id), TEXT("user:upn:mira.halvorsen@alderfinch.example"), &json, &error));
    print_buffer(&json, "\n");
    must(cg_casebook_asset_risk_json(loaded, TEXT(id), TEXT("device:fqdn:alf-lt-0417.corp.alderfinch.example"), &json,
                                     &error));
    print_buffer(&json, "\n");
    print_facts(loaded);
    cg_casebook_free(loaded);
    rules(argc > 1 ? argv[1] : ".");
    events(argc > 1 ? argv[1] : ".");
    respond(argc > 1 ? argv[1] : ".");
    return 0;
}
