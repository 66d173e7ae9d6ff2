// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhctl jobs, job-wait, job-cancel
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/exit_status.h"
#include "rpc/error_object.h"
#include "rpc/messages_json.h"

#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/Validators.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct JobOptions {
    std::string job;
    std::optional<double> timeout_seconds;
};

/// Once it is known, with its domid.
std::string subject_of(const rpc::JobStatus& job) {
    const bool has_domain =
        job.result && job.result->contains("name") && job.result->contains("domid");
    if (!has_domain) return job.subject;
    return fmt::format("name={} domid={}", job.result->at("name").dump(),
                       job.result->at("domid").dump());
}

std::string row_of(const rpc::JobStatus& job) {
    const std::string stage = job.total == 0 || job.state != "running"
                                  ? ""
                                  : fmt::format("  {}/{} {}", job.done, job.total, job.stage);
    return fmt::format("{} {:<9} {:>8.3f} s  {} {}{}", job.job, job.state,
                       static_cast<double>(job.elapsed_us) / 1e6, job.method, subject_of(job),
                       stage);
}

void run_jobs(Context& context) {
    const auto answer = context.daemon.call("job.list", nlohmann::json::object());
    if (context.json) return print_json(context, answer);
    for (const auto& job : read_as<rpc::JobListResult>("job.list", answer).jobs)
        print_line(context, row_of(job));
}

/// What the call would have printed and exited with, had it not been a job.
void run_job_wait(const JobOptions& options, Context& context) {
    rpc::JobWaitParams params;
    params.job = options.job;
    if (options.timeout_seconds)
        params.timeout_ms = static_cast<std::uint64_t>(*options.timeout_seconds * 1000);
    const auto answer = context.daemon.call("job.wait", params);
    const auto job = read_as<rpc::JobStatus>("job.wait", answer);
    if (context.json) print_json(context, answer);
    if (job.error) throw rpc::from_error_object(*job.error);
    if (!context.json) print_line(context, row_of(job));
}

void run_job_cancel(const JobOptions& options, Context& context) {
    const auto answer = context.daemon.call("job.cancel", rpc::JobParams{options.job});
    if (context.json) print_json(context, answer);
}

} // namespace

void setup_jobs(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        app.add_subcommand("jobs", "List the jobs under way and the last that have ended");
    add_examples(*sub, kJobs, {"pvhctl jobs"});
    sub->callback([&context] { run_jobs(context); });
}

void setup_job_wait(::CLI::App& app, Context& context) {
    auto options = std::make_shared<JobOptions>();
    ::CLI::App* sub = app.add_subcommand("job-wait", "Wait until a job has ended");
    sub->add_option("JOB", options->job, "What create --job printed")->required();
    sub->add_option("--timeout", options->timeout_seconds, "Give up after so many seconds")
        ->check(::CLI::Range(0.0, 31536000.0))
        ->type_name("SECONDS");
    sub->footer("Fails as the call itself would have, if the job has failed.");
    add_examples(*sub, kJobs, {"pvhctl job-wait \"$(pvhctl create --job web.cfg)\""});
    sub->callback([options, &context] { run_job_wait(*options, context); });
}

void setup_job_cancel(::CLI::App& app, Context& context) {
    auto options = std::make_shared<JobOptions>();
    ::CLI::App* sub = app.add_subcommand("job-cancel", "Ask a job to end, undone");
    sub->add_option("JOB", options->job, "What create --job printed")->required();
    sub->footer("A build ends after the stage it is at, and nothing of it remains; so does a core\n"
                "dump. Other jobs are too short to be cancelled. How it ended tells job-wait.");
    add_examples(*sub, kJobs, {"pvhctl job-cancel 3b6a8f8e-24f1-4c0a-9d1e-0c5b7f1c2d3e"});
    sub->callback([options, &context] { run_job_cancel(*options, context); });
}

} // namespace pvh::cli
