/* Case files, pages, pictures and exports, as C programs use them. One line per check; fails if any fails. */
#include "check.h"

static const char *const ALERT =
    "{\"id\":\"a1\",\"title\":\"Beacon\",\"detectorId\":\"d\",\"serviceSource\":\"s\",\"severity\":\"high\","
    "\"firstActivityDateTime\":\"2026-03-10T08:00:00Z\",\"evidence\":[{\"@odata.type\":"
    "\"#microsoft.graph.security.deviceEvidence\",\"hostName\":\"pc-1\",\"mdeDeviceId\":\"d1\"},{\"@odata.type\":"
    "\"#microsoft.graph.security.processEvidence\",\"processId\":7,\"processCreationDateTime\":"
    "\"2026-03-10T07:00:00Z\",\"mdeDeviceId\":\"d1\",\"imageFile\":{\"fileName\":\"beacon.exe\"}},{\"@odata.type\":"
    "\"#microsoft.graph.security.ipEvidence\",\"ipAddress\":\"192.0.2.7\",\"verdict\":\"malicious\"}]}\n";
#define ADDRESS TEXT("ip:address:192.0.2.7")
#define AT "2026-03-20T09:00:00Z"

static int has(const cg_buffer *out, const char *part) {
    return holds(out->ptr, out->len, part);
}

static int begins(const cg_buffer *out, const char *start) {
    return out->len >= strlen(start) && memcmp(out->ptr, start, strlen(start)) == 0;
}

static int same(const cg_buffer *one, const cg_buffer *other) {
    return one->len == other->len && memcmp(one->ptr, other->ptr, one->len) == 0;
}

static void case_files(const cg_casebook *book, cg_case_file **file) {
    cg_case_file *later = NULL, *none = NULL;
    cg_buffer page = {0}, again = {0};
    ok(cg_casebook_case_file(book, TEXT("a1"), NULL, 0, file, NULL) == CG_OK && *file != NULL,
       "that has a case file");
    ok(cg_casebook_case_file(book, TEXT("a1"), TEXT(AT), &later, NULL) == CG_OK, "as of a time too");
    ok(cg_casebook_case_file(book, TEXT("x"), NULL, 0, &none, NULL) == CG_ERR_NOT_FOUND,
       "an unknown alert is not found");
    ok(cg_casebook_case_file(book, TEXT("a1"), TEXT("now"), &none, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a time has an offset");
    ok(cg_casebook_case_file(NULL, TEXT("a1"), NULL, 0, &none, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_case_file(book, TEXT("a1"), NULL, 0, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "there is a casebook, and a place for the result");
    ok(none == NULL, "after a failure nothing is written");
    ok(cg_case_file_page(*file, &page, NULL) == CG_OK && begins(&page, "<!DOCTYPE html>"), "it makes a page");
    ok(cg_case_file_page(*file, &again, NULL) == CG_OK && same(&page, &again), "the same each time");
    cg_buffer_free(&again);
    ok(cg_case_file_page(later, &again, NULL) == CG_OK && has(&again, "2026-03-20") && !has(&page, "2026-03-20"),
       "and another for another time");
    cg_buffer_free(&page);
    cg_buffer_free(&again);
    cg_case_file_free(later);
    cg_case_file_free(NULL);
}

static void pages(const cg_casebook *book, const char *folder) {
    char path[4096], beside[4200];
    char start[16] = {0};
    size_t written = 0;
    cg_buffer page = {0};
    cg_error *error = NULL;
    FILE *index;
    ok(cg_casebook_queue_page(book, &page, NULL) == CG_OK && begins(&page, "<!DOCTYPE html>") &&
           has(&page, "href=\"incident-"),
       "the queue is a page with links");
    cg_buffer_free(&page);
    snprintf(path, sizeof path, "%s/pages-of-c", folder);
    ok(cg_casebook_save_pages(book, TEXT(path), NULL, 0, &written, NULL) == CG_OK && written == 1,
       "pages are written to a folder");
    snprintf(beside, sizeof beside, "%s/index.html", path);
    index = fopen(beside, "rb");
    ok(index != NULL && fread(start, 1, 15, index) == 15 && strcmp(start, "<!DOCTYPE html>") == 0,
       "the queue's as its index");
    if (index != NULL) {
        fclose(index);
    }
    ok(cg_casebook_save_pages(book, TEXT(path), TEXT(AT), NULL, NULL) == CG_OK,
       "anew in their place, and nobody need ask how many");
    ok(cg_casebook_save_pages(book, TEXT(beside), NULL, 0, &written, &error) == CG_ERR_IO &&
           equal(cg_error_source(error), beside),
       "a file is no folder");
    cg_error_free(error);
    ok(cg_casebook_save_pages(book, TEXT(path), TEXT("now"), NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a time of pages has an offset");
    ok(cg_casebook_save_pages(NULL, TEXT(path), NULL, 0, NULL, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_casebook_queue_page(NULL, &page, NULL) == CG_ERR_INVALID_ARGUMENT && page.ptr == NULL,
       "no casebook, no pages");
}

static void pictures(const cg_case_file *file) {
    static const char *const names[] = {"kill-chain", "alert-timeline", "entity-graph", "process-tree"};
    cg_buffer svg = {0};
    cg_error *error = NULL;
    size_t i, drawn = 0;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        drawn += cg_case_file_picture(file, TEXT(names[i]), NULL, 0, &svg, NULL) == CG_OK;
        cg_buffer_free(&svg);
    }
    ok(drawn == 4, "pictures are drawn");
    ok(cg_case_file_picture(file, TEXT("proof"), ADDRESS, &svg, NULL) == CG_OK,
       "also that of a proof");
    cg_buffer_free(&svg);
    ok(cg_case_file_picture(file, TEXT("proof"), NULL, 0, &svg, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_case_file_picture(file, TEXT("proof"), TEXT(""), &svg, NULL) == CG_ERR_INVALID_ARGUMENT,
       "which needs an entity");
    ok(cg_case_file_picture(file, TEXT("portrait"), NULL, 0, &svg, &error) == CG_ERR_INVALID_ARGUMENT &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "`kill-chain`"),
       "for another name the names are told");
    cg_error_free(error);
    ok(cg_case_file_picture(NULL, TEXT("kill-chain"), NULL, 0, &svg, NULL) == CG_ERR_INVALID_ARGUMENT &&
           svg.ptr == NULL && cg_case_file_picture(file, TEXT("kill-chain"), NULL, 0, NULL, NULL) ==
                                  CG_ERR_INVALID_ARGUMENT,
       "there is a case file, and a place for the picture");
}

static void exports(const cg_case_file *file) {
    cg_buffer out = {0}, left_out = {0};
    cg_error *error = NULL;
    size_t i, formats = cg_export_format_count(), made = 0;
    int stix = 0;
    for (i = 0; i < formats; i++) {
        cg_str name = cg_export_format_name(i);
        stix += equal(name, "stix");
        made += cg_case_file_export(file, name.ptr, name.len, &out, &left_out, NULL) == CG_OK &&
                begins(&left_out, "[") && left_out.ptr[left_out.len - 1] == ']';
        cg_buffer_free(&out);
        cg_buffer_free(&left_out);
    }
    ok(formats > 0 && made == formats && stix == 1, "every format that is listed can be had");
    ok(cg_export_format_name(formats).len == 0, "past the end is none");
    ok(cg_case_file_export(file, TEXT("stix"), &out, NULL, NULL) == CG_OK && out.ptr != NULL,
       "nobody need ask what is left out");
    cg_buffer_free(&out);
    ok(cg_case_file_export(file, TEXT("papyrus"), &out, &left_out, &error) == CG_ERR_FORMAT &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "`navigator`"),
       "for another format the formats are told");
    cg_error_free(error);
    ok(cg_case_file_export(NULL, TEXT("stix"), &out, &left_out, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_case_file_export(file, TEXT("stix"), NULL, &left_out, NULL) == CG_ERR_INVALID_ARGUMENT &&
           out.ptr == NULL && left_out.ptr == NULL,
       "there is a case file, and a place for the export");
}

static void pseudonyms(const cg_casebook *book) {
    cg_casebook *other = NULL;
    cg_buffer queue = {0};
    ok(cg_casebook_pseudonymised(book, TEXT("sixteen bytes key"), &other, NULL) == CG_OK &&
           cg_casebook_queue_page(other, &queue, NULL) == CG_OK && !holds((const char *)queue.ptr, queue.len, "pc-1"),
       "under pseudonyms no machine has its name");
    cg_buffer_free(&queue);
    cg_casebook_free(other);
    other = NULL;
    ok(cg_casebook_pseudonymised(book, TEXT("short"), &other, NULL) == CG_ERR_INVALID_ARGUMENT && other == NULL &&
           cg_casebook_pseudonymised(NULL, TEXT("sixteen bytes key"), &other, NULL) == CG_ERR_INVALID_ARGUMENT,
       "a key is long, and a casebook one");
}

int main(int argc, char **argv) {
    cg_casebook *book = NULL;
    cg_case_file *file = NULL;
    cg_buffer page = {0};
    ok(cg_casebook_new(NULL, 0, &book, NULL) == CG_OK &&
           cg_casebook_ingest(book, TEXT("alerts"), TEXT(ALERT), NULL, NULL, NULL) == CG_OK,
       "a casebook with an incident");
    case_files(book, &file);
    pages(book, argc > 1 ? argv[1] : ".");
    pseudonyms(book);
    cg_casebook_free(book);
    ok(cg_case_file_page(file, &page, NULL) == CG_OK && begins(&page, "<!DOCTYPE html>"),
       "a case file outlives its casebook");
    cg_buffer_free(&page);
    ok(cg_case_file_page(NULL, &page, NULL) == CG_ERR_INVALID_ARGUMENT &&
           cg_case_file_page(file, NULL, NULL) == CG_ERR_INVALID_ARGUMENT,
       "there is a case file, and a place for the page");
    pictures(file);
    exports(file);
    cg_case_file_free(file);
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
