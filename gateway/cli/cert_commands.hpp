// The commands below `isthmus cert` that have files of their own.
#pragma once

namespace CLI {
class App;
}

namespace gateway::cli {

void add_cert_verify(CLI::App& cert, int& result);
void add_cert_publish(CLI::App& cert, int& result);
void add_cert_renew(CLI::App& cert, int& result);

} // namespace gateway::cli
