// The readers and writers of each syntax. Readers append to `out`, and return false for what is not of their syntax;
// writers return false for items that they cannot write. view.hpp and write.hpp are the way in.
#pragma once

#include "mapping/view/field_writer.hpp"
#include "mapping/view/view.hpp"

namespace mapping::view {

bool read_text(std::string_view text, items& out);
bool write_text(field_writer& out, const items& what);
bool is_plain_text(std::string_view text);

bool read_addresses(std::string_view text, items& out);
bool write_addresses(field_writer& out, const items& what);
bool are_plain_addresses(std::string_view text);

bool read_date(std::string_view text, items& out);
bool write_date(field_writer& out, const items& what);
bool is_plain_date(std::string_view text);

bool read_ids(std::string_view text, items& out);
bool write_ids(field_writer& out, const items& what);
bool are_plain_ids(std::string_view text);

bool read_keywords(std::string_view text, items& out);
bool write_keywords(field_writer& out, const items& what);
bool are_plain_keywords(std::string_view text);

bool read_parameters(std::string_view text, items& out);
bool write_parameters(field_writer& out, const items& what);
bool are_plain_parameters(std::string_view text);

bool read_tags(std::string_view text, items& out);
bool write_tags(field_writer& out, const items& what);
bool are_plain_tags(std::string_view text);

bool read_results(std::string_view text, items& out);
bool write_results(field_writer& out, const items& what);
bool are_plain_results(std::string_view text);

bool read_spf(std::string_view text, items& out);
bool write_spf(field_writer& out, const items& what);

bool read_list_id(std::string_view text, items& out);
bool write_list_id(field_writer& out, const items& what);
bool is_plain_list_id(std::string_view text);

bool read_uris(std::string_view text, items& out);
bool write_uris(field_writer& out, const items& what);
bool are_plain_uris(std::string_view text);

// Are all items of this kind, and is there one?
bool are_all(const items& what, kind wanted);

} // namespace mapping::view
