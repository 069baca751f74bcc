// Case files, pages, pictures and exports, as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

using casegraph::Casebook;
using casegraph::CaseFile;

static_assert(!std::is_copy_constructible_v<CaseFile> && std::is_nothrow_move_constructible_v<CaseFile>);
static_assert(std::is_nothrow_move_assignable_v<CaseFile>);

static const char *const ALERT =
    R"({"id":"a1","title":"Beacon","detectorId":"d","serviceSource":"s","severity":"high","firstActivityDateTime":)"
    R"("2026-03-10T08:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","hostName":"pc-1",)"
    R"("mdeDeviceId":"d1"},{"@odata.type":"#microsoft.graph.security.ipEvidence","ipAddress":"192.0.2.7","verdict":)"
    R"("malicious"}]})";
static const char *const AT = "2026-03-20T09:00:00Z";

static bool is_page(const std::string &text) {
    return text.rfind("<!DOCTYPE html>", 0) == 0;
}

static Casebook incident() {
    Casebook book;
    book.ingest("alerts", ALERT);
    return book;
}

/// Its case file, without the casebook.
static CaseFile filed() {
    const Casebook book = incident();
    ok(thrown([&] { book.case_file("x"); }) == CG_ERR_NOT_FOUND, "an unknown alert is not found");
    ok(thrown([&] { book.case_file("a1", "now"); }) == CG_ERR_INVALID_ARGUMENT, "a time has an offset");
    ok(book.case_file("a1", AT).page().find("2026-03-20") != std::string::npos, "a case file is as of a time");
    return book.case_file("a1");
}

static void pages(const std::string &folder) {
    const Casebook book = incident();
    ok(is_page(book.queue_page()), "the queue is a page");
    const std::string path = folder + "/pages-of-cpp";
    ok(book.save_pages(path) == 1, "the incident has a page in a folder");
    std::ifstream index(path + "/index.html");
    std::string line;
    std::getline(index, line);
    ok(is_page(line), "and the queue is its index");
    ok(book.save_pages(path, AT) == 1, "as of a time too");
    ok(thrown([&] { book.save_pages(path + "/index.html"); }) == CG_ERR_IO, "a file is no folder");
    ok(thrown([&] { book.save_pages(path, "now"); }) == CG_ERR_INVALID_ARGUMENT, "a time of pages has an offset");
}

static void pictures(const CaseFile &file) {
    for (const char *name : {"kill-chain", "alert-timeline", "entity-graph", "process-tree"}) {
        ok(thrown([&] { file.picture(name); }) == 0, name);
    }
    ok(thrown([&] { file.picture("proof", "ip:address:192.0.2.7"); }) == 0, "proof");
    ok(thrown([&] { file.picture("proof"); }) == CG_ERR_INVALID_ARGUMENT, "a picture of a proof needs an entity");
    ok(thrown([&] { file.picture("portrait"); }) == CG_ERR_INVALID_ARGUMENT, "another picture is refused");
}

static void exports(const CaseFile &file) {
    const auto formats = casegraph::export_formats();
    ok(std::count(formats.begin(), formats.end(), "stix") == 1, "formats are listed");
    ok(!formats.empty() && std::all_of(formats.begin(), formats.end(),
                                       [&](std::string_view format) {
                                           const std::string left_out = file.export_as(format).left_out_json;
                                           return left_out.front() == '[' && left_out.back() == ']';
                                       }),
       "each of them can be had, and tells what it leaves out");
    ok(thrown([&] { file.export_as("papyrus"); }) == CG_ERR_FORMAT, "another format is refused");
}

int main(int argc, char **argv) {
    CaseFile file = filed();
    const std::string page = file.page();
    ok(is_page(page), "a case file outlives its casebook");
    const CaseFile moved = std::move(file);
    std::string beside;
    std::thread other([&] { beside = moved.page(); });
    const std::string here = moved.page();
    other.join();
    ok(here == page && beside == page, "and is shared between threads");
    pages(argc > 1 ? argv[1] : ".");
    pictures(moved);
    exports(moved);
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
