// The table, and the rows that are written here because sessions themselves carry them out.
#include "xproto/extensions.hpp"

#include <algorithm>

namespace xproto {

constinit const transfer_extension pipe_extension{
    option::pipe, "PIPE", "99.3.1", {.known = true, .trusted = true}, std::nullopt, on_and_off, codes::options_set, {},
};

constexpr code_entry now_codes[] = {
    {codes::now_set, "now-set", "Go ahead at once."},
    {codes::now_too_large, "now-too-large", "Too large to be sent without permission."},
};

constinit const transfer_extension now_extension{
    option::now, "NOW", "99.3.2", {.trusted = true}, option::pipe, on_and_off, codes::now_set, now_codes,
};

constexpr code_entry zstd_codes[] = {
    {codes::zstd_set, "zstd-set", "Chunks may be compressed."},
    {codes::zstd_broken, "zstd-broken", "Not what was said to be compressed."},
};

constinit const transfer_extension zstd_extension{
    option::zstd, "ZSTD",     "99.3.3",        {.known = true, .trusted = true},
    option::pipe, on_and_off, codes::zstd_set, zstd_codes,
};

constinit const transfer_extension duplex_extension{
    option::duplex, "DUPLEX",   "99.3.4",           {.known = true, .trusted = true},
    option::pipe,   on_and_off, codes::options_set, {},
};

constinit const transfer_extension split_extension{
    option::split, "SPLIT",    "99.3.5",           {.known = true, .trusted = true},
    std::nullopt,  on_and_off, codes::options_set, {},
};

constinit const transfer_extension stat_extension{
    option::stat, "STAT", "99.3.6", {.known = true, .trusted = true}, std::nullopt, on_and_off, codes::options_set, {},
};

namespace {
constexpr std::array<std::string_view, 1> on{"ON"};
} // namespace

constinit const transfer_extension tls_extension{
    option::tls, "TLS", "99.3.10", {.anybody = true}, std::nullopt, on, codes::options_set, {},
};

constinit const transfer_extension urg_extension{
    option::urg, "URG", "99.3.12", {.known = true, .trusted = true}, std::nullopt, on_and_off, codes::options_set, {},
};

namespace {

constexpr std::array known_rows{
    &pipe_extension, &now_extension,   &zstd_extension, &duplex_extension, &split_extension,
    &stat_extension, &trace_extension, &tls_extension,  &urg_extension,
};

// Rows with the same object identifier are one row.
template <class Row> void replace(std::vector<Row>& rows, const Row& row)
{
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) { return other.oid == row.oid; });
    if (same == rows.end())
        rows.push_back(row);
    else
        *same = row;
}

template <class Row> void take_out(std::vector<Row>& rows, std::string_view oid)
{
    std::erase_if(rows, [&](const Row& row) { return row.oid == oid; });
}

} // namespace

std::span<const transfer_extension* const> known_transfer_extensions()
{
    return known_rows;
}

const extension_table& core_extensions()
{
    static const extension_table core = [] {
        extension_table table;
        table.install(pipe_extension);
        return table;
    }();
    return core;
}

void extension_table::install(const transfer_extension& row)
{
    replace(transfer_, row);
}

void extension_table::install(const delivery_extension& row)
{
    replace(delivery_, row);
}

void extension_table::install(const recipient_extension& row)
{
    replace(recipient_, row);
}

void extension_table::remove(std::string_view oid)
{
    take_out(transfer_, oid);
    take_out(delivery_, oid);
    take_out(recipient_, oid);
}

const transfer_extension* extension_table::find(option id) const
{
    const auto found =
        std::find_if(transfer_.begin(), transfer_.end(), [&](const transfer_extension& row) { return row.id == id; });
    return found == transfer_.end() ? nullptr : &*found;
}

const transfer_extension* extension_table::find_option(std::string_view word) const
{
    const auto found = std::find_if(transfer_.begin(), transfer_.end(),
                                    [&](const transfer_extension& row) { return row.word == word; });
    return found == transfer_.end() ? nullptr : &*found;
}

const delivery_extension* extension_table::find_delivery(std::string_view oid) const
{
    const auto found =
        std::find_if(delivery_.begin(), delivery_.end(), [&](const delivery_extension& row) { return row.oid == oid; });
    return found == delivery_.end() ? nullptr : &*found;
}

option_set extension_table::open_to_anybody() const
{
    option_set options;
    for (const auto& row : transfer_) options.set(row.id, row.offered.anybody);
    return options;
}

option_set extension_table::offered_to(standing peer) const
{
    option_set options;
    for (const auto& row : transfer_) options.set(row.id, row.offered.includes(peer));
    return options;
}

option_set extension_table::workable(option_set wanted) const
{
    option_set options;
    for (const auto& row : transfer_)
        options.set(row.id, wanted.has(row.id) && (!row.needs || (wanted.has(*row.needs) && find(*row.needs))));
    return options;
}

std::string_view extension_table::text_of(const result_code& code) const
{
    for (const auto& row : transfer_)
        for (const auto& own : row.codes)
            if (own.code == code) return own.text;
    return xproto::text_of(code);
}

std::optional<object_error> extension_table::refuse(const std::vector<extension>& found) const
{
    std::string unknown;
    for (const auto& one : found)
        if (one.critical && !find_delivery(one.oid)) unknown += (unknown.empty() ? "" : ", ") + one.oid;
    if (!unknown.empty())
        return object_error{codes::critical_extension, "envelope/extensions", "not known here: " + unknown};
    for (const auto& one : found) {
        const auto* row = one.critical ? find_delivery(one.oid) : nullptr;
        if (row == nullptr || row->refuse == nullptr) continue;
        if (auto why = row->refuse(one)) return why;
    }
    return std::nullopt;
}

} // namespace xproto
