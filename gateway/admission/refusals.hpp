// Why mail was not taken, in the words of the counters: the list of the reasons that pre-transfer filtering knows
// (docs/operating.md).
#pragma once

#include "gateway/admission/rules.hpp"
#include "gateway/metrics/metrics.hpp"
#include "xproto/result_code.hpp"

namespace gateway::admission {

metrics::refusal reason_of(subject about);
// Of what a check of the protocol itself answers.
metrics::refusal reason_of(const xproto::result_code& code);

} // namespace gateway::admission
