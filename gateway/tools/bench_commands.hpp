// The parts of `isthmus bench`, one file each.
#pragma once

namespace CLI {
class App;
}

namespace gateway::tools {

void add_bench_smtp(CLI::App& bench, int& result);     // an SMTP load generator
void add_bench_sink(CLI::App& bench, int& result);     // an SMTP server that counts
void add_bench_xproto(CLI::App& bench, int& result);   // an xproto load generator
void add_bench_relay(CLI::App& bench, int& result);    // any relay, measured
void add_bench_path(CLI::App& bench, int& result);     // two gateways of our own, measured
void add_bench_sessions(CLI::App& bench, int& result); // what sessions cost in memory

} // namespace gateway::tools
