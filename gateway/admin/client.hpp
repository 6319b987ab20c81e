// The other end of the administration API: how commands talk to the running daemon. Blocks, with a time limit.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gateway::admin {

struct response {
    unsigned status = 0; // HTTP: 200, 404, ...
    std::string body;
};

// One request over the daemon's Unix socket. An error when no daemon answers there: no such file, connection refused,
// no answer in time. `patience` is for each wait, not for the whole.
boost::system::result<response> request(const std::filesystem::path& socket, std::string_view method,
                                        std::string_view target,
                                        std::chrono::seconds patience = std::chrono::seconds(30));

// As request(), by GET, for answers of any size: the body of a 200 is handed to `take` in pieces and stays out of the
// response. `take` returns false to give up, which is reported as operation_canceled.
boost::system::result<response> download(const std::filesystem::path& socket, std::string_view target,
                                         const std::function<bool(std::string_view)>& take,
                                         std::chrono::seconds patience = std::chrono::seconds(30));

} // namespace gateway::admin
