// One extension is known: the error report.
#include "gateway/intake/extensions.hpp"

#include "mapping/report/error_report_xml.hpp"
#include "xproto/codes.hpp"

namespace gateway::intake {

std::optional<xproto::object_error> refuse_extensions(const xproto::envelope& message)
{
    for (const auto& extension : message.extensions) {
        if (!extension.critical) continue;
        if (extension.oid != mapping::report_extension_oid)
            return xproto::object_error{xproto::codes::critical_extension, "envelope/extensions",
                                        "critical extension " + extension.oid + " is not known"};
        if (auto report = mapping::read_error_report(extension.content); !report) return std::move(report).error();
    }
    return std::nullopt;
}

} // namespace gateway::intake
