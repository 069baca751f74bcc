/* One scenario through the C face; the other faces print the same bytes. */
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

int main(void) {
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
    size_t i;

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
    for (i = 0; i < cg_casebook_fact_count(loaded); i++) {
        cg_fact_id fact;
        int32_t kind;
        must(cg_casebook_fact(loaded, i, &kind, &fact, NULL, &error));
        printf("%lu ", (unsigned long)i);
        print(cg_fact_kind_name(kind).ptr, cg_fact_kind_name(kind).len, " ");
        print(fact.hex, strlen(fact.hex), "\n");
    }
    cg_casebook_free(loaded);
    return 0;
}
